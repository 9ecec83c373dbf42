"""JSON in which judgments stand in lists or objects of any names.

``{query: {product: grade}}`` as ranx and pytrec_eval have it, ``{"judgments": [...]}``, a query with a list of its
products, an engine's hits.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from endcap.index.judgments.columns import NAMES, RATERS, given, id_of, is_number, letters, named, own_names, product_of
from endcap.index.judgments.format_record import JudgmentFormat, Rating, Ratings
from endcap.index.judgments.json_parts import json_documents
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.query_texts import BESIDE, find_query_texts

WRAPPERS = {
    *("judgments", "judgements", "judgmentratings", "judgmentlist", "ratings", "qrels", "data", "results", "items"),
    *("records", "rows", "hits", "source", "queries", "documents", "docs", "products", "relevance", "grades", "labels"),
}
"""What holds judgments and is no query itself, but where numbers alone are in it; without case and marks."""
QUERIES = {"query", "querytext", "userquery", "searchquery", "searchterm"}
OF_PRODUCTS = {"title", "name", "price", "description", "brand", "category"}
"""What catalogues have, whose products may have ids and ratings, too."""
_NUMBERED = re.compile(rb'\{?\s*"(?:[^"\\]|\\.)*"\s*:\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*"?[-+]?\d+(?:\.\d*)?"?\s*[,}]')
_KEY = re.compile(rb'"((?:[^"\\]|\\.){1,40})"\s*:')
MAX_DEPTH = 30
SCALARS = (str, int, float)


def nested(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """All judgments of a document, or of one a line. A key is the query where nothing else names it."""
    beside = queries is not None or any((path.parent / name).is_file() for name in BESIDE)
    texts = find_query_texts([path.parent], path, queries) if beside else {}

    def rows() -> Iterator[Rating | RowError]:
        for place, document in json_documents(path):
            if isinstance(document, RowError):
                yield document
            else:
                yield from ratings_in(document, place, texts)

    return Ratings(rows(), query_ids=texts)


def ratings_in(
    part: Any, place: str, texts: Mapping[str, str], query: str = "", *, named_so: bool = False, depth: int = 0
) -> Iterator[Rating | RowError]:
    """The ratings of a part of a document; its ``query`` is the key above it, or what a part around it names so."""
    if depth > MAX_DEPTH:
        yield RowError(place, "nested too deeply", f"it is nested more than {MAX_DEPTH} times.")
    elif isinstance(part, list):
        for at, item in enumerate(part):
            yield from ratings_in(item, f"{place}[{at}]", texts, query, named_so=named_so, depth=depth + 1)
    elif isinstance(part, Mapping):
        names = {name: key for name, key in own_names(part).items() if not any(map(str.isdigit, key))}
        own = part.get(names.get("query", ""))
        if isinstance(own, SCALARS):
            query, named_so = texts.get(id_of(own), id_of(own)), True
        product = part.get(names.get("docid", ""))
        if isinstance(part.get("hit"), Mapping) and "rating" in part:  # the answer of a ranking evaluation
            product = part["hit"].get("_id")
        if isinstance(product, Mapping) and product_of(product):  # an object of the product's fields
            product = product_of(product)
        if "rating" in names and isinstance(product, SCALARS):
            rater = named(part, RATERS)
            rating = part[names["rating"]]
            yield Rating(place, query, id_of(product), given(rating), id_of(part[rater]) if rater else "")
            return
        inner = {name: value for name, value in part.items() if isinstance(value, (Mapping, list))}
        for name, value in inner.items():
            is_wrapper = letters(name) in WRAPPERS and (bool(query) or not _is_graded(value))
            inside = query if named_so or is_wrapper else texts.get(name, name)
            within = f"{place}.{name[:60]}"
            yield from ratings_in(value, within, texts, inside, named_so=named_so, depth=depth + 1)
        if not inner and not all(name.startswith("_") for name in part):  # what a bulk file says of documents
            if not query:
                yield RowError(place, "no query", f"no query is named above {', '.join(part)[:200]}.")
            elif "docid" in names or isinstance(own, SCALARS):
                yield RowError(place, "no rating", f"no product with its rating, only {', '.join(part)[:200]}.")
            else:
                yield from (Rating(f"{place}.{name[:60]}", query, name, given(value)) for name, value in part.items())


def _is_graded(value: Any) -> bool:
    """Whether it holds products with numbers alone: then its name is a query, also where wrappers are called so."""
    if not isinstance(value, Mapping):
        return False
    grades = [grade for grade in value.values() if given(grade) is not None]
    return bool(grades) and all(isinstance(grade, SCALARS) and is_number(grade) for grade in grades)


def _fits(start: bytes) -> bool:
    start = start.lstrip()
    if start[:1] not in (b"{", b"["):
        return False
    keys = {letters(key.decode(errors="replace")) for key in _KEY.findall(start)}
    if _NUMBERED.match(start) and not keys & OF_PRODUCTS:
        return True
    if keys & QUERIES and (_NUMBERED.search(start) or keys & set(NAMES["rating"])):
        return True
    is_rated = bool(keys & set(NAMES["docid"])) and bool(keys & set(NAMES["rating"]))
    return is_rated and not keys & OF_PRODUCTS


_KNOWN_BY = "JSON of queries with products and their grades, such as {query: {product: grade}}"
FORMATS = (JudgmentFormat("nested", nested, _KNOWN_BY, 90, by_lines=_fits),)
