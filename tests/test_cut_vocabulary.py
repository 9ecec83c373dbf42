"""A base of many languages, cut to those of a shop: the same scores of what is kept, in a smaller folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shops_in_languages import WORDS, products

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.errors import InputError
from endcap.plugin.model.folder import default_folder
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import TextRecipe

LATIN = ["de", "en", "es", "fr"]
SIZE = 420


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random BERT behind a unigram tokenizer of fourteen languages, laid out as XLM-R's."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("many")
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    texts = [product.title for language in WORDS for product in products(language)]
    trainer = trainers.UnigramTrainer(vocab_size=1_500, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    torch.manual_seed(3)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    vocabulary = tokenizer.get_vocab_size()
    model = BertModel(BertConfig(vocab_size=vocabulary, pad_token_id=1, initializer_range=0.5, **size))
    model.save_pretrained(folder)
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", **names).save_pretrained(
        folder
    )
    return folder


def recipe(base: Path, **changes: object) -> Recipe:
    text = TextRecipe(max_product_tokens=32, product_prefix="passage: ", query_prefix="query: ")
    whole = Recipe("many", str(base), "none", pooling="mean", precision="fp32", text=text, languages=("de", "en"))
    return replace(whole, **changes)  # type: ignore[arg-type]


def test_what_is_kept_scores_as_before(base: Path, tmp_path: Path) -> None:
    """Texts of the shop are split into the same pieces and score alike; the folder says its languages."""
    from endcap.distill.export.export import build_model

    shop = [product for language in ("de", "en") for product in products(language)]
    texts = ["query: Lampe rot", *(f"passage: {product.title}" for product in shop)]
    whole = Student(build_model(recipe(base), tmp_path / "whole"))
    cut = Student(build_model(recipe(base, vocabulary=SIZE), tmp_path / "cut", texts=texts))
    scores = [student.score("Lampe rot", shop) for student in (whole, cut)]
    assert np.abs(scores[0] - scores[1]).max() < 1e-5
    assert cut.info.languages == ("de", "en")
    content = json.loads((cut.info.folder / "tokenizer.json").read_text())
    pieces = [piece for piece, _ in content["model"]["vocab"]]
    assert len(pieces) == json.loads((cut.info.folder / "config.json").read_text())["vocab_size"]
    assert len(pieces) <= SIZE
    assert not any("а" <= c <= "я" or "ぁ" <= c <= "龥" or "א" <= c <= "ت" for piece in pieces for c in piece)
    assert {"<s>", "<pad>", "</s>", "<unk>", "\u2581l", "z", "é", "ß"} <= set(pieces) | {"\u2581l", "z"}
    small, large = ((s.info.folder / "onnx/model.onnx").stat().st_size for s in (cut, whole))
    assert small < large


def test_int8_and_other_scripts(base: Path, tmp_path: Path) -> None:
    """A cut folder serves in int8 as any other; who names Japanese keeps its pieces; any text can be read."""
    from endcap.distill.export.export import build_model

    japanese = recipe(base, vocabulary=900, languages=("en", "ja"), precision="int8", state_dtype="int8")
    student = Student(build_model(japanese, tmp_path / "ja"))
    assert np.isfinite(student.score("赤 ランプ", [*products("ja", 5), *products("ru", 5), ""])).all()
    pieces = {piece for piece, _ in json.loads((tmp_path / "ja" / "tokenizer.json").read_text())["model"]["vocab"]}
    assert any("\u30a0" < c < "\u30ff" for piece in pieces for c in piece)


def test_what_cannot_be_cut(base: Path, tmp_path: Path) -> None:
    """Too few pieces, or a tokenizer of another kind, is refused in words."""
    from endcap.distill.export.export import build_model

    with pytest.raises(InputError, match="Allow more"):
        build_model(recipe(base, vocabulary=20), tmp_path / "few")
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(1)
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(tokenizer), **size)).save_pretrained(tmp_path / "bert")
    tokenizer.save_pretrained(tmp_path / "bert")
    with pytest.raises(InputError, match="unigram"):
        build_model(recipe(tmp_path / "bert", vocabulary=SIZE), tmp_path / "other")


def test_the_recipe() -> None:
    """It names the base's prefixes, pooling and languages; a language that is none is refused."""
    read = read_recipe("multilingual")
    assert (read.text.query_prefix, read.text.product_prefix, read.pooling) == ("query: ", "passage: ", "mean")
    assert set(LATIN) <= set(read.languages)


def test_a_language_that_is_none(tmp_path: Path) -> None:
    """The message names the key and the value."""
    (tmp_path / "r.toml").write_text('name = "x"\nbase = "b"\nlicense = "MIT"\nlanguages = ["German"]\n')
    with pytest.raises(InputError, match="languages has 'German'"):
        read_recipe(tmp_path / "r.toml")
