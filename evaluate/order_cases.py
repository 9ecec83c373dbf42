"""A table of searches with two products each, and which of them comes first: what a merchandiser can read and extend.

It is a CSV file with semicolons: ``kind;language;query;first;second``. A product is a title, or ``title | brand``, or
``title | brand | category``. Each case is searched for in a catalogue that holds all products of the table.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from endcap.errors import InputError
from endcap.evaluate.end_to_end import window_candidates
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates
from endcap.index.product import Product
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.features import features
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import FloatArray
from endcap.progress import Watch, unwatched

COLUMNS = ("kind", "language", "query", "first", "second")


@dataclass(frozen=True, slots=True)
class OrderCase:
    """A search in a language (ISO 639-1), and two products of which ``first`` should stand before ``second``."""

    kind: str
    language: str
    query: str
    first: Product
    second: Product


@dataclass(frozen=True, slots=True)
class CaseWindow:
    """A case's window: its features, float64 (n, k), and where its two products are in it; None: not found."""

    case: OrderCase
    values: FloatArray
    first: int | None
    second: int | None

    def margin(self, learnt: LearntBlend) -> float:
        """By how much a blend's score of the first product is above that of the second; below 0 the order is wrong."""
        if self.first is None:
            return -float("inf")
        if self.second is None:
            return float("inf")
        scores = learnt.contributions(self.values).sum(axis=1)
        return float(scores[self.first] - scores[self.second])


def read_cases(path: Path) -> list[OrderCase]:
    """The table's cases. Raises ``InputError`` where a line is not as it should be."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter=";", quoting=csv.QUOTE_NONE))
    if not lines or tuple(lines[0]) != COLUMNS:
        raise InputError(f"{path}: the first line should be {';'.join(COLUMNS)}.")
    return [_case(path, number, line) for number, line in enumerate(lines[1:], 2) if line]


def _case(path: Path, number: int, line: Sequence[str]) -> OrderCase:
    if len(line) != len(COLUMNS) or not all(cell.strip() for cell in line):
        raise InputError(f"{path}, line {number}: {';'.join(line)!r} should have {len(COLUMNS)} cells, none empty.")
    kind, language, query, first, second = (cell.strip() for cell in line)
    return OrderCase(kind, language, query, _product(f"{number}a", first), _product(f"{number}b", second))


def _product(identifier: str, text: str) -> Product:
    title, brand, category = (*(part.strip() for part in text.split("|", 2)), "", "")[:3]
    return Product(identifier, title, brand=brand, category=category)


def table_products(cases: Sequence[OrderCase]) -> Iterator[Product]:
    """All products of a table, to be loaded into the catalogue that is searched."""
    for case in cases:
        yield from (case.first, case.second)


def case_windows(
    cases: Sequence[OrderCase],
    shop: Shop,
    student: StudentWithStates,
    window: int = 100,
    others: int | None = None,
    watch: Watch = unwatched,
) -> list[CaseWindow]:
    """The cases' windows in a shop that holds the table's products, read in each case's own language.

    With ``others``, so many of the window's other products, the first ones, stand beside the two; 0: the two alone.
    """
    candidates = window_candidates(shop, {case.query for case in cases}, window, watch)
    student.read(list(candidates.values()), watch)
    memories = {language: WordsMemory(languages=(language,)) for language in {case.language for case in cases}}
    return [
        _window(case, _cut(candidates[case.query], case, others), student, memories[case.language]) for case in cases
    ]


def _cut(found: Candidates, case: OrderCase, others: int | None) -> Candidates:
    if others is None:
        return found
    two = [i for i, product in enumerate(found.products) if product.id in (case.first.id, case.second.id)]
    rest = [i for i in range(len(found.products)) if i not in two][:others]
    kept = sorted(two + rest)
    return Candidates(found.query, tuple(found.products[i] for i in kept), found.engine_scores[kept])


def _window(case: OrderCase, found: Candidates, student: StudentWithStates, memory: WordsMemory) -> CaseWindow:
    scores, vectors = student.view(found)
    documents = [memory.value(product.to_mapping()) for product in found.products]
    values = features(case.query, documents, scores, found.engine_scores, vectors, memory.languages)
    places = {product.id: place for place, product in enumerate(found.products)}
    return CaseWindow(case, values, places.get(case.first.id), places.get(case.second.id))
