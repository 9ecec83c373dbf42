"""A made-up shop whose grades follow from words, split for the teacher's tests, and tiny random models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from endcap.distill.recipe.settings import MemberRecipe, Recipe, SplitRecipe, TeacherRecipe
from endcap.distill.stages.split.run import JUDGED, PRODUCTS
from endcap.distill.teacher.member import MemberSpec
from endcap.distill.work.files import write_rows
from endcap.distill.work.folder import Work
from endcap.index.product import Product
from endcap.plugin.model.text import TextRecipe

KINDS = ("shoe", "lamp", "kettle", "cable", "chair", "phone")
COLOURS = ("red", "blue", "green", "black")
SIZE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def shop() -> tuple[dict[str, Product], dict[str, dict[str, int]]]:
    """Products, and grades by query: 3 for kind and colour, 2 for the kind, 1 for the colour, 0 for neither."""
    pairs = [(colour, kind) for kind in KINDS for colour in COLOURS]
    products = {f"{c}-{k}": Product(id=f"{c}-{k}", title=f"{c} {k}", brand=f"{k} works") for c, k in pairs}
    grades = {f"{c} {k}": {p: 2 * (p.endswith(f"-{k}")) + p.startswith(f"{c}-") for p in products} for c, k in pairs}
    return products, grades


def write_split(
    work: Work,
    products: dict[str, Product],
    grades: dict[str, dict[str, int]],
    folds: int = 2,
    dev: int = 4,
    **odd: Any,
) -> None:
    """What the split stage would have written: query i is of fold i % folds, every ``dev``-th is a dev query."""
    folder = work.stage("split")
    rows = [{"shop": "s", "id": p.id, "product": json.dumps(p.to_mapping())} for p in products.values()]
    write_rows(folder / "products.parquet", PRODUCTS, rows)
    judged = [
        {
            "shop": "s",
            "query": query,
            "product_id": product,
            "grade": grade,
            "part": "dev" if dev and i % dev == 0 else "train",
            "fold": i // 2 % folds,
            "votes": None,
        }
        | odd
        for i, (query, told) in enumerate(grades.items())
        for product, grade in told.items()
    ]
    write_rows(folder / "judged.parquet", JUDGED, judged)
    write_rows(folder / "pairs.parquet", JUDGED, [])


def recipe(*members: MemberRecipe, folds: int = 2, smoothing: float = 0.1) -> Recipe:
    """A recipe of a teacher with these members."""
    return Recipe(
        name="tiny",
        base="none",
        license="none",
        text=TextRecipe(max_product_tokens=16, max_query_tokens=8),
        split=SplitRecipe(folds=folds),
        teacher=TeacherRecipe(members=members, smoothing=smoothing),
    )


def member_spec(folder: Path, member: MemberRecipe, text: TextRecipe | None = None, folds: int = 2) -> MemberSpec:
    """A teacher's first member, its folder under ``folder``."""
    return MemberSpec(folder, f"0-{member.kind}", member, text or TextRecipe(), folds)


def bert(folder: Path, *, dropout: float = 0.1) -> Path:
    """A small random BERT with the shipped tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    from endcap.plugin.model.folder import default_folder

    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(7)
    config = BertConfig(vocab_size=len(tokenizer), initializer_range=0.2, hidden_dropout_prob=dropout, **SIZE)
    BertModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def decoder(folder: Path, kind: str, spread: float = 0.02) -> Path:
    """A small random Llama or Qwen2 with a byte-level tokenizer of its own: Llama's begins a text, Qwen's does not.

    ``spread`` is the weights' standard deviation: at .2 tokens see each other, as in a model that has learnt something.
    """
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {letter: n for n, letter in enumerate(["<s>", "</s>", *letters])}
    fast = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    fast.decoder = decoders.ByteLevel()
    if kind == "llama":
        fast.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=fast, bos_token="<s>", eos_token="</s>")
    torch.manual_seed(7)
    size = SIZE | {"vocab_size": len(vocabulary), "num_key_value_heads": 1, "bos_token_id": 0, "eos_token_id": 1}
    size |= {"initializer_range": spread}
    made = LlamaForCausalLM(LlamaConfig(**size)) if kind == "llama" else Qwen2ForCausalLM(Qwen2Config(**size))
    made.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
