"""A student is fed the same tokens in training and in serving, whatever a product looks like."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.split.run import JUDGED, PRODUCTS, product_row
from endcap.distill.work.files import write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import product_text, query_text

BASES = ("sentence-transformers/all-MiniLM-L6-v2", "BAAI/bge-small-en-v1.5", "intfloat/e5-small-v2")
TEXT = replace(read_recipe("default").text, query_prefix="query: ", product_prefix="passage: ", max_query_tokens=12)

PIECES = (
    "USB-C Ladekabel 2 m",
    "👩‍👩‍👧‍👦 🇩🇪 ❤️",
    "كابل شحن سريع",
    "מטען \u200f\u202eabc\u202c",
    "充电线 充電器 ケーブル 케이블",
    "<p>Best &amp; <b>new</b><br/>&#8364; 5</p><script>x()</script>",
    "\x00\x07\x1b[31mred\x1b[0m\u0085\u2028\u2029\ufeff",
    "half \ud83d and \udc4d",
    "Ǆ ﬁ ½ ﷺ Å Å ß İ ı",
    "é́̂̃" * 9,
    "a" * 3000,
    "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 4,
    "[CLS] [SEP] [PAD] [MASK] [UNK] ##ing",
    "ﾊﾝｶｸ　　full　width ＡＢＣ",
    "1,5 l / 1.5 L; 3×4 cm; 12\" 7'; €19.99; -40 °C",
    "नमस्ते ไทยไม่มีช่องว่าง",
    " \t\r\n ",
    "",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓀀 \U0010ffff \ue000",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    8.0,
    1e300,
    [],
    ["a", None, ["b", 2]],
    {"en": "x", "de": 5},
    10**40,
)


def odd_products(count: int = 1000, seed: int = 8) -> Iterator[dict[str, Any]]:
    """Products as a shop's documents may be: fields missing, empty, of any type and length."""
    draw = random.Random(seed)

    def text() -> Any:
        if draw.random() < 0.15:
            return draw.choice(VALUES)
        return draw.choice((" ", "", "\n", ". ")).join(draw.choices(PIECES, k=draw.randint(1, 4)))

    yield {"id": "huge", "title": "Lamp", "description": "So wide a lamp. " * 650_000}
    yield {"id": "none"}
    for n in range(2, count):
        product: dict[str, Any] = {name: text() for name in ("title", "brand", "category", "description")}
        product["attributes"] = {draw.choice(PIECES): text() for _ in range(draw.randint(0, 4))}
        if draw.random() < 0.3:
            product["attributes"] = draw.choice((None, [], "loose", ["a: b"], [{"name": "Width", "value": 5}], 7))
        for name in draw.sample(sorted(product), draw.randint(0, 3)):
            del product[name]
        yield {"id": f"p{n}", **product}


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], Product]]:
    """Each product as an engine gives its document back, and as training has it after the split stage's file."""
    raw = [json.loads(json.dumps(product)) for product in odd_products()]
    work = Work(tmp_path_factory.mktemp("work"))
    rows = [product_row("s", FieldMap().product(product)) for product in raw]
    write_rows(work.stage("split") / "products.parquet", PRODUCTS, rows)
    for name in ("judged.parquet", "pairs.parquet"):
        write_rows(work.stage("split") / name, JUDGED, [])
    kept = read_data(work).products["s"]
    return [(product, kept[product["id"]]) for product in raw]


def student_of(base: str, shape: str, folder: Path) -> tuple[Student, Any]:
    """A tiny model with a base's own tokenizer, exported, and the same model as training loads it."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertModel

    from endcap.distill.export.export import build_model
    from endcap.distill.student.tower import Tower

    tokenizer = AutoTokenizer.from_pretrained(base)
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        num_labels=1,
    )
    model = (BertModel if shape == "bi-encoder" else BertForSequenceClassification)(config)
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    recipe = Recipe("tiny", str(folder / "base"), "none", shape=shape, precision="fp32", text=TEXT)
    return Student(build_model(recipe, folder / "model")), Tower.load(folder / "base", shape=shape)


def spied(student: Student, name: str, told: Callable[..., Any]) -> None:
    """Have what a student's model is given for ``name`` told as well."""
    model = student._model
    method = getattr(model, name)

    def spy(*given: Any) -> Any:
        told(*given)
        return method(*given)

    setattr(model, name, spy)


@pytest.mark.parametrize("base", BASES)
def test_a_bi_encoder_reads_the_same_tokens(base: str, tmp_path: Path, products: list[tuple[dict, Product]]) -> None:
    """A thousand odd products, and their titles as queries: what reaches the graph is what training makes of them."""
    student, tower = student_of(base, "bi-encoder", tmp_path)
    served: list[list[int]] = []
    spied(student, "_vector", served.append)
    for raw, _ in products:
        student.encode([raw])
    texts = [product_text(product, TEXT) for _, product in products]
    assert served == tower.tokens(texts, TEXT.max_product_tokens)
    assert max(map(len, served)) == TEXT.max_product_tokens
    assert len({tuple(ids) for ids in served}) > 900
    served.clear()
    [state] = student.encode(["Lamp"])
    served.clear()
    # By what is read of them: a student remembers recent queries.
    queries = {query_text(product.title[:500], TEXT): product.title[:500] for _, product in products}
    for query in queries.values():
        student.score(query, [state])
    assert served == tower.tokens(list(queries), TEXT.max_query_tokens)
    assert len(queries) > 350


@pytest.mark.parametrize("base", BASES)
def test_a_cross_encoder_reads_the_same_tokens(base: str, tmp_path: Path, products: list[tuple[dict, Product]]) -> None:
    """Query and product together: the same ids, and the same of them are the query's."""
    student, tower = student_of(base, "cross-encoder", tmp_path)
    served: list[tuple[list[int], int]] = []
    spied(student, "_logits", lambda rows, first: served.extend((row, first) for row in rows))
    for n, (raw, product) in enumerate(products):
        query = products[-1 - n][1].title[:500]
        student.score(query, student.encode([raw]))
        text = product_text(product, TEXT)
        fed = tower.pair_tokens(query, [text], TEXT)
        assert [(list(map(int, ids)), first) for ids, first in served] == fed
        served.clear()
