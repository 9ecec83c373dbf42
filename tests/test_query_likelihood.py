"""Query likelihood as a member: its numbers are those that the model gives each token, whatever is read beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import teacher_parts

from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.pairs import Pairs
from endcap.errors import InputError
from endcap.index.product import Product

KETTLE, LAMP = Product("k", "Red kettle", "Acme"), Product("l", "A lamp of steel and glass for every desk")
QUERIES = ["kettle", "red kettle", "lamp", "kettle", "8"]
BESIDE = [KETTLE, LAMP, LAMP, LAMP, KETTLE]


def by_hand(base: Path, query: str, product: str | None) -> float:
    """Each token's log-probability after all that stands before it, one whole text read for each, without a cache."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model, tokenizer = AutoModelForCausalLM.from_pretrained(base).eval(), AutoTokenizer.from_pretrained(base)
    before = "" if product is None else f"Product: {product}\n"
    before += "A customer finds this product with the search query: "
    values = []
    start, ids = len(tokenizer(before)["input_ids"]), tokenizer(before + query)["input_ids"]
    for n in range(start, len(ids)):
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids[:n]])).logits[0, -1]
        values.append(torch.log_softmax(logits, dim=0)[ids[n]].item())
    return float(np.mean(values))


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
def test_the_mean_log_probability_of_the_querys_tokens(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As computed by hand, also where several queries share what is read of a product, and in batches of any size; the
    gain is what the product adds. A query without a token is not known."""
    from endcap.distill.teacher import likelihood
    from endcap.distill.teacher.members.query_likelihood import MEMBER

    monkeypatch.setattr(likelihood, "bf16_pays", lambda: False)
    base = teacher_parts.decoder(tmp_path / "base", kind)
    member = MEMBER(teacher_parts.member_spec(tmp_path, MemberRecipe("query-likelihood", str(base), max_tokens=64)))
    text = {"k": "Red kettle. Acme", "l": "A lamp of steel and glass for every desk"}
    expected = [by_hand(base, query, text[product.id]) for query, product in zip(QUERIES, BESIDE, strict=True)]
    alone = [by_hand(base, query, None) for query in QUERIES]
    signals = member.signals(Pairs([*QUERIES, ""], [*BESIDE, LAMP]), -1)
    np.testing.assert_allclose(signals[:-1, 0], expected, atol=1e-5)
    np.testing.assert_allclose(signals[:-1, 1], np.array(expected) - alone, atol=1e-5)
    assert np.isnan(signals[-1]).all()
    monkeypatch.setattr(likelihood, "TOKENS_PER_BATCH", 1)
    np.testing.assert_allclose(member.signals(Pairs(QUERIES, BESIDE), 0)[:, 0], expected, atol=1e-5)
    assert member.columns == ("0-query-likelihood likelihood", "0-query-likelihood gain")
    assert member.signals(Pairs([], []), 0).shape == (0, 2)


def test_a_product_is_read_up_to_the_members_tokens(tmp_path: Path) -> None:
    """What stands after them changes nothing; what stands before does."""
    from endcap.distill.teacher.likelihood import QueryLikelihood

    model = QueryLikelihood(str(teacher_parts.decoder(tmp_path / "base", "llama")), 16)
    values = model.of(["lamp"] * 3, ["a lamp of glass, and steel", "a lamp of glass, none", "a lamp with glass"])
    assert values[0] == values[1] != values[2]


def test_a_base_that_is_no_decoder_is_refused(tmp_path: Path) -> None:
    """An encoder, also one with the head of a language model, reads the words that it should guess."""
    from transformers import AutoModelForMaskedLM

    from endcap.distill.teacher.likelihood import QueryLikelihood

    encoder = teacher_parts.bert(tmp_path / "encoder")
    with pytest.raises(InputError, match="left to right"):
        QueryLikelihood(str(encoder), 16)
    AutoModelForMaskedLM.from_pretrained(encoder).save_pretrained(encoder)
    with pytest.raises(InputError, match="left to right"):
        QueryLikelihood(str(encoder), 16)
    with pytest.raises(InputError, match="can't be loaded"):
        QueryLikelihood(str(tmp_path / "nothing"), 16)
