"""A shop's first recipe: what can be found out of its catalogue and judgments, and the file that says it."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from endcap.errors import InputError
from endcap.index.datasets.sources import DATASETS
from endcap.index.home import home
from endcap.index.judgments.id_match import match_ids
from endcap.index.judgments.judgments import Judgments, whole
from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.readers.reading import Reading
from endcap.language.detection import LANGUAGES, evidence
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.registry_files import name_folder
from endcap.plugin.model.text import TEXT_FIELDS
from endcap.plugin.search.catalogue_language import CatalogueSample
from endcap.plugin.search.seen_languages import Seen
from endcap.progress import Watch, unwatched

FEWEST = 20
"""Judged queries that tell products apart; with fewer neither teaching nor measuring says anything."""
YES_AND_NO = "0-1"
"""Where ratings say only yes and no, 1 is the best there is, and not hardly relevant."""
PUBLISHED: Mapping[str, tuple[str, str]] = {
    "chorus": ("", "Broad_Query_Set_rated.csv"),
    "esci-us": ("ubi_ecommerce_products.json.gz", "esci_us_judgments.json"),
}
"""The public shops that the shipped student was taught by: catalogue and judgments in their folders."""


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """What there is to say of a shop before its first recipe is written."""

    name: str
    catalogue: Path
    judgments: Path
    reading: Reading
    grades: str
    """What ratings are worth; ``0-1`` also where nobody said so, but no rating is above 1."""
    judgments_format: str
    products: int
    filled: Mapping[str, int]
    """How many products have each field of the text."""
    foreign: str
    """A sentence, where most products are in a language that the shipped student does not know."""
    language: str
    """That language, by ISO 639-1; empty where it is none of those that are told apart."""
    judged: Judgments
    unknown: str
    """A sentence on judged products that the catalogue lacks; empty where all are known."""
    queries: int
    """Those with products of two grades, one of them relevant: they teach, and they are measured."""
    pairs: int
    """Judged products of these."""
    shown: tuple[Product, ...] = ()
    """Judged products, to see how fast they are read."""
    unknown_ids: float | None = None
    """What was allowed of these; goes into the recipe."""
    published: Mapping[str, Path] | None = None
    """Folders of public shops to be taught beside it."""
    beside: int = 0
    """Judged products of these."""


def shop_facts(
    catalogue: Path,
    judgments: Path,
    *,
    name: str = "",
    reading: Reading | None = None,
    grades: str = "",
    unknown_ids: float | None = None,
    judgments_format: str = "",
    watch: Watch = unwatched,
) -> ShopFacts:
    """Read both files and look at them. Raises ``InputError`` where they can't be taught by, saying what is lacking."""
    if not catalogue.exists():
        raise InputError(f"{catalogue}: there is no such file or folder. Name the catalogue first, then the judgments.")
    reading = reading or Reading()
    judged = read_judgments(judgments, judgments_format or None, grades=grades, watch=watch)
    if not grades and {grade for of_query in judged.grades.values() for grade in of_query.values()} == {0, 1}:
        grades = YES_AND_NO
        judged = read_judgments(judgments, judgments_format or None, grades=grades)
    wanted = {product for products in judged.grades.values() for product in products}
    sample, ids, filled, shown = CatalogueSample(), set[str](), Counter[str](), list[Product]()
    with watch(f"Reading {catalogue.name}", None) as advance:
        for product in sample.watch(reading.products(catalogue)):
            ids.add(product.id)
            filled.update(field for field in TEXT_FIELDS if getattr(product, field))
            if product.id in wanted and len(shown) < 500:
                shown.append(product)
            advance(len(ids))
    matched = match_ids(judged.grades, lambda some: ids & set(some), ids)
    unknown = matched.check(f"{judgments}, judged on {catalogue}", unknown_ids)
    known = {
        query: {product: grade for product, grade in products.items() if product in ids}
        for query, products in judged.grades.items()
    }
    telling = [of_query for of_query in known.values() if len(set(map(whole, of_query.values()))) > 1]
    if len(telling) < FEWEST:
        raise InputError(
            f"{judgments}: {len(telling)} of {len(known)} judged queries have products of two grades, and a shop's own "
            f"student takes at least {FEWEST}: with fewer it can't be taught, nor can it be seen whether it is better. "
            "Judge more queries, good and bad products of each (docs/judging.md); until then use the student that "
            "comes with endcap."
        )
    own_name, shipped = name or _name(catalogue), read_model()
    name_folder(own_name)
    foreign = sample.warning(shipped) or ""
    return ShopFacts(
        name=own_name,
        catalogue=catalogue,
        judgments=judgments,
        reading=reading,
        grades=grades,
        judgments_format=judgments_format,
        products=len(ids),
        filled=dict(filled),
        foreign=foreign,
        language=_language(sample, shipped.languages) if foreign else "",
        judged=judged,
        unknown=unknown,
        queries=len(telling),
        pairs=sum(map(len, telling)),
        shown=tuple(shown),
        unknown_ids=unknown_ids,
    )


def _language(sample: CatalogueSample, known: tuple[str, ...]) -> str:
    seen = Seen(is_sample=True)
    seen.add(evidence(sample.texts, known))
    return next((code for code, name in LANGUAGES.items() if name == seen.language), "")


def _name(catalogue: Path) -> str:
    """A name for the shop: the file's, or, where files are called so everywhere, the folder's."""
    stem = catalogue.resolve().name.split(".")[0]
    if stem.lower() in ("catalogue", "catalog", "products", "product", "export", "items", "data"):
        stem = catalogue.resolve().parent.name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._") or "my-shop"


def published_folders() -> dict[str, Path]:
    """Public shops that were fetched here, by name."""
    start = Path(os.environ.get("ENDCAP_DATASETS") or home() / "datasets")
    return {name: start / name for name, files in PUBLISHED.items() if all((start / name / f).exists() for f in files)}


def with_published(facts: ShopFacts, folders: Mapping[str, Path]) -> ShopFacts:
    """The same, to be taught together with these public shops."""
    files = (path / PUBLISHED[name][1] for name, path in folders.items())
    return replace(facts, published=dict(folders), beside=sum(read_judgments(file).n_judgments for file in files))


def recipe_text(facts: ShopFacts, folder: Path) -> str:
    """The recipe as it stands in a file of ``folder``; paths within it are relative."""
    own = {"name": "shop", "catalogue": _path(facts.catalogue, folder), "judgments": _path(facts.judgments, folder)}
    way = asdict(facts.reading) | {"fields": str(facts.reading.fields)}
    way |= {"grades": facts.grades, "judgments_format": facts.judgments_format}
    own |= {key: value for key, value in way.items() if value and (key, value) != ("variants", "merge")}
    shops = [own]
    for name, path in (facts.published or {}).items():
        catalogue, judgments = PUBLISHED[name]
        shops.append({"name": name, "catalogue": str(path / catalogue), "judgments": str(path / judgments)})
    tables = "\n".join("[[shops]]\n" + "".join(f"{k} = {_toml(v)}\n" for k, v in shop.items()) for shop in shops)
    base, student, gate = SHIPPED, TAUGHT_ON, OWN_QUERIES if facts.published else ""
    if facts.published and not facts.foreign:
        base, student = UNTAUGHT.format(text=_shipped_text()), TAUGHT_TOGETHER
    if facts.foreign:
        known = f'languages = ["{facts.language}"]\nvocabulary = 60_000' if facts.language else "languages = []"
        base = MULTILINGUAL.replace("LANGUAGES", known)
    licences = "".join(f"{name} = {_toml(DATASETS[name].licence)}\n" for name in facts.published or {})
    allowed = "" if facts.unknown_ids is None else f"unknown_ids = {facts.unknown_ids:g}\n"
    text = HEAD.format(name=_toml(facts.name), base=base, shops=tables, unknown_ids=allowed, student=student, gate=gate)
    return text + f"\n[licenses]\n{licences}" * bool(licences)


def _shipped_text() -> str:
    """What the shipped student reads of a product and of a query, as lines of a recipe."""
    recipe = asdict(read_model().text)
    return "\n".join(f"text.{name} = {_toml_value(value)}" for name, value in recipe.items() if value not in ("", ()))


def _path(path: Path, folder: Path) -> str:
    path, folder = path.resolve(), folder.resolve()
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _toml_value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml_value(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    return _toml(value) if isinstance(value, str) else str(value)


def _toml(text: str) -> str:
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c for c in text.replace("\\", "\\\\"))
    return '"' + escaped.replace('"', '\\"') + '"'


SHIPPED = 'base = "shipped"                 # the student that comes with endcap: taught on, not anew'
UNTAUGHT = """# What the student that comes with endcap was taught from: taught anew, by all these judgments together.
base = "BAAI/bge-small-en-v1.5"
license = "MIT"
state_dtype = "int8"
blend_weight = 0.8
{text}"""
TAUGHT_ON = """frozen_layers = 8                # of 12: with so few judgments the words stay as they are
epochs = 1.0
learning_rate = 5e-5
evaluations = 0
stay_near = 0.5                  # the mean of the weights before and after"""
TAUGHT_TOGETHER = """epochs = 1.0
learning_rate = 7e-5
evaluations = 0"""
OWN_QUERIES = """shops = ["shop"]                 # the public shops' queries teach, and decide nothing
"""
MULTILINGUAL = """# The student that comes with endcap does not know this shop's language: this one reads a hundred.
base = "intfloat/multilingual-e5-small"
license = "MIT"
pooling = "mean"
state_dtype = "int8"
blend_weight = 0.6
LANGUAGES
text.fields = ["title", "brand", "category", "description", "attributes"]
text.max_chars = { description = 200, attributes = 150 }
text.whole = ["description", "attributes"]
text.max_product_tokens = 64
text.max_query_tokens = 64
text.query_prefix = "query: "
text.product_prefix = "passage: \""""
HEAD = """# Written by `endcap distill init`. docs/distillation.md says what else a recipe can have.
name = {name}
{base}

{shops}
[split]
test = 0.0                       # all judged queries teach; the gate measures each by a student that has not seen it
dev = 0.0
folds = 3
{unknown_ids}
[student]
{student}

[blend]
learnt = false
folds = true                     # students that have not seen a third of the queries each, for the gate

[gate]
{gate}margin_int8 = 0.05               # beside fp32, on queries that it was taught: what it knows by heart is no loss
most = 0.02                      # nDCG@10 that may be lost where so few queries can't tell less from chance
"""
