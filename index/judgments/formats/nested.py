"""JSON in which judgments stand in lists or objects of any names.

``{query: {product: grade}}`` as ranx and pytrec_eval have it, ``{query: {product: {"grade": 3}}}``, ``{query: {"3":
[products]}}``, ``{"judgments": [...]}``, a query with a list of its products, an engine's hits, rows as lists.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from endcap.index.judgments.columns import NAMES, RATERS, given, id_of, is_number, letters, named, own_names, product_of
from endcap.index.judgments.format_record import JudgmentFormat, Rating, Ratings, table_rows
from endcap.index.judgments.json_parts import json_documents
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.query_texts import BESIDE, find_query_texts
from endcap.index.judgments.text_source import PARQUET, text_source
from endcap.index.readers.files import head

WRAPPERS = {
    *("judgments", "judgements", "judgmentratings", "judgmentlist", "ratings", "qrels", "data", "results", "items"),
    *("records", "rows", "hits", "source", "queries", "documents", "docs", "products", "relevance", "grades", "labels"),
}
"""What holds judgments and is no query itself, but where numbers alone are in it; without case and marks."""
QUERIES = {"query", "querytext", "userquery", "searchquery", "searchterm"}
OF_PRODUCTS = {"title", "name", "price", "description", "brand", "category"}
"""What catalogues have, whose products may have ids and ratings, too."""
_KEY_OF = r'"(?:[^"\\]|\\.)*"\s*:\s*'
_NUMBER = r'"?[-+]?\d+(?:\.\d*)?"?'
_BESIDE = rf'(?:{_KEY_OF}(?:"(?:[^"\\]|\\.)*"|[-+\w.]+|\{{\s*\}}|\[\s*\])\s*,\s*){{0,9}}'
_GRADED = rf"\{{\s*(?:{_KEY_OF}null\s*,\s*)*{_KEY_OF}{_NUMBER}\s*[,}}]"
_NUMBERED = re.compile(rf"{_KEY_OF}{_GRADED}".encode())
_BEGINS = re.compile(rf'\{{\s*{_BESIDE}(?:"(\w+)"\s*:\s*\{{\s*{_BESIDE})?{_KEY_OF}{_GRADED}'.encode())
_BY_PRODUCT = re.compile(
    rf'\{{\s*{_BESIDE}{_KEY_OF}\{{\s*{_KEY_OF}\{{[^{{}}]{{0,200}}"(\w+)"\s*:\s*(?:null|{_NUMBER})'.encode()
)
_BY_GRADE = re.compile(rf'\{{\s*{_BESIDE}{_KEY_OF}\{{\s*"[0-9]"\s*:\s*\['.encode())
_ROWS = re.compile(rf'\[\s*\[\s*"(?:[^"\\]|\\.)*"\s*,\s*"(?:[^"\\]|\\.)*"\s*,\s*{_NUMBER}\s*\]'.encode())
_PAIRS = re.compile(rf'\[\s*\[\s*"(?:[^"\\]|\\.)*"\s*,\s*{_NUMBER}\s*\]'.encode())
_KEY = re.compile(rb'"((?:[^"\\]|\\.){1,40})"\s*:')
MAX_DEPTH = 30
SCALARS = (str, int, float)
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Above:
    """What stands above a part of a document: the query and the product that are named there (else empty), the two
    nearest keys, and how deep it is."""

    query: str = ""
    product: str = ""
    key: str = ""
    outer: str = ""
    depth: int = 0

    @property
    def asked(self) -> str:
        """The query of grades by product."""
        return self.query or self.key

    def within(self, name: str) -> "Above":
        """For what stands under a key."""
        return replace(self, key=name, outer=self.key, depth=self.depth + 1)

    def deeper(self) -> "Above":
        """For what stands in a list, or under a key that means nothing."""
        return replace(self, depth=self.depth + 1)


def nested(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """All judgments of a document, or of one a line. A key is the query where nothing else names it."""
    beside = queries is not None or any((path.parent / name).is_file() for name in BESIDE)
    texts = find_query_texts([path.parent], path, queries) if beside else {}
    unread = dict[str, None]()

    def rows() -> Iterator[Rating | RowError]:
        is_parquet = head(text_source(path)).startswith(PARQUET)
        for place, document in _parquet_rows(path) if is_parquet else json_documents(path):
            if isinstance(document, RowError):
                yield document
            else:
                yield from ratings_in(document, place, texts, unread=unread)
        if unread:
            more = f" and {len(unread) - SHOWN:,} more" if len(unread) > SHOWN else ""
            found.notes.append(f"values that are no ratings are not read: {', '.join([*unread][:SHOWN])}{more}")

    found = Ratings(rows(), query_ids=texts)
    return found


def _parquet_rows(path: Path) -> Iterator[tuple[object, Any]]:
    """The rows of a Parquet file, which may hold lists and objects."""
    for item in table_rows(path, "parquet"):
        yield (path, item) if isinstance(item, RowError) else item


def _is_nested_table(columns: Sequence[str]) -> bool:
    """A query, and a column of its judgments."""
    names = own_names(columns)
    return "query" in names and "docid" not in names and any(letters(column) in WRAPPERS for column in columns)


def ratings_in(
    part: Any, place: object, texts: Mapping[str, str], above: Above = Above(), unread: dict[str, None] | None = None
) -> Iterator[Rating | RowError]:
    """The ratings of a part of a document. Names of values that are none, beside objects and lists, go to ``unread``;
    what stands where a rating should is a ``RowError``."""
    unread = {} if unread is None else unread
    if above.depth > MAX_DEPTH:
        yield RowError(place, "nested too deeply", f"it is nested more than {MAX_DEPTH} times.")
    elif isinstance(part, list):
        yield from _in_list(part, place, texts, above, unread)
    elif isinstance(part, Mapping):
        yield from _in_object(part, place, texts, above, unread)
    else:
        yield RowError(place, "no rating", f"an object of judgments was expected; here is {str(part)[:80]!r}.")


def _in_list(
    part: list[Any], place: object, texts: Mapping[str, str], above: Above, unread: dict[str, None]
) -> Iterator[Rating | RowError]:
    if (row := _row(part, above)) is not None:
        query, product, value = row
        yield Rating(place, texts.get(query, query), product, given(value))
        return
    are_words = above.query and above.key and letters(above.key) not in WRAPPERS
    if are_words and not any(isinstance(item, (Mapping, list)) for item in part):
        unread[above.key[:60]] = None  # about the query, such as its synonyms
        return
    for at, item in enumerate(part):
        within = f"{place}[{at}]"
        if isinstance(item, (Mapping, list)):
            yield from ratings_in(item, within, texts, above.deeper(), unread)
        else:
            yield RowError(within, "no rating", f"{str(item)[:80]!r} stands alone in a list, without a grade.")


def _row(part: list[Any], above: Above) -> tuple[str, str, Any] | None:
    """Query, product and value of a row that is a list: all three, or the latter two under their query."""
    if not all(isinstance(cell, SCALARS) and not isinstance(cell, bool) for cell in part) or not part:
        return None
    if len(part) == 3 and not above.asked and is_number(part[2]):
        return id_of(part[0]), id_of(part[1]), part[2]
    if len(part) == 2 and above.asked and above.depth > 1 and isinstance(part[0], str) and is_number(part[1]):
        return above.asked, part[0], part[1]
    return None


def _in_object(
    part: Mapping[str, Any], place: object, texts: Mapping[str, str], above: Above, unread: dict[str, None]
) -> Iterator[Rating | RowError]:
    names = {name: key for name, key in own_names(part).items() if not any(map(str.isdigit, key))}
    own = part.get(names.get("query", ""))
    if isinstance(own, SCALARS):
        above = replace(above, query=texts.get(id_of(own), id_of(own)))
    product = part.get(names.get("docid", ""))
    if isinstance(part.get("hit"), Mapping) and "rating" in part:  # the answer of a ranking evaluation
        product = part["hit"].get("_id")
    if isinstance(product, Mapping) and product_of(product):  # an object of the product's fields
        product = product_of(product)
    rating, judge = part.get(names.get("rating", "")), _judge(part)
    if "rating" in names and isinstance(product, SCALARS):
        yield Rating(place, above.asked, id_of(product), given(rating), judge)
        return
    if "rating" in names and "docid" not in names and not isinstance(rating, (Mapping, list)):
        query, of_key = above.query or above.outer, "" if letters(above.key) in WRAPPERS else above.key
        if query and (above.product or of_key):  # what is named above, or the key, is the product
            yield Rating(place, query, above.product or of_key, given(rating), judge)
            return
    if isinstance(product, SCALARS) and above.query:
        above = replace(above, product=id_of(product))
    inner = {name: value for name, value in part.items() if isinstance(value, (Mapping, list))}
    if inner and above.asked and _by_grade(part):
        for grade, products in part.items():
            yield from (Rating(f"{place}.{grade}", above.asked, id_of(each), grade) for each in products)
        return
    values = {name: value for name, value in part.items() if name not in inner}
    if inner and not isinstance(own, SCALARS) and _are_products(part, above):
        for name, value in part.items():
            yield _of_product(f"{place}.{name[:60]}", above.asked, name, value)
        return
    if inner:
        known = {names.get("query"), names.get("docid"), *(name for name in values if name.startswith("_"))}
        unread.update(dict.fromkeys(name[:60] for name in values if name not in known))
    for name, value in inner.items():
        if above.product and letters(name) not in WRAPPERS:  # the product's fields
            unread[name[:60]] = None
            continue
        is_wrapper = letters(name) in WRAPPERS and (bool(above.asked) or not _is_graded(value))
        below = above.deeper() if is_wrapper else above.within(texts.get(name, name))
        below = replace(below, key=name) if is_wrapper and above.query else below
        yield from ratings_in(value, f"{place}.{name[:60]}", texts, below, unread)
    if (
        values and len(values) == len(part) and not all(name.startswith("_") for name in part)
    ):  # those are of bulk files
        yield from _grades(part, place, above, "docid" in names or isinstance(own, SCALARS))


def _judge(part: Mapping[str, Any]) -> str:
    """Who rated; empty where nobody is named."""
    rater = part.get(named(part, RATERS))
    if isinstance(rater, Mapping):
        rater = next((rater[name] for name in ("email", "id", "name") if isinstance(rater.get(name), SCALARS)), None)
    return id_of(rater) if isinstance(rater, SCALARS) else ""


def _grades(part: Mapping[str, Any], place: object, above: Above, is_record: bool) -> Iterator[Rating | RowError]:
    """Products with their grades, where no object or list is among them."""
    if not above.asked:
        yield RowError(place, "no query", f"no query is named above {', '.join(part)[:200]}.")
    elif is_record:
        yield RowError(place, "no rating", f"no product with its rating, only {', '.join(part)[:200]}.")
    else:
        for name, value in part.items():
            yield Rating(f"{place}.{name[:60]}", above.asked, name, given(value))


def _are_products(part: Mapping[str, Any], above: Above) -> bool:
    """Whether an object with grades beside objects and lists holds a query's products: then all in it are products."""
    is_place = above.key and (not above.query or letters(above.key) in WRAPPERS)
    return bool(is_place) and any(is_number(value) for value in part.values() if isinstance(value, SCALARS))


def _of_product(place: object, query: str, product: str, value: Any) -> Rating | RowError:
    """The rating of a product that has a grade, or an object with one."""
    if not isinstance(value, (Mapping, list)):
        return Rating(place, query, product, given(value))
    fields = value if isinstance(value, Mapping) else {}
    name = own_names(fields).get("rating", "")
    if isinstance(fields.get(name, []), (Mapping, list)):
        return RowError(place, "no rating", f"of {product[:80]!r} a grade was expected, as the others have.")
    return Rating(place, query, product, given(fields[name]))


def _by_grade(part: Mapping[str, Any]) -> bool:
    """Whether it is lists of products by their grades."""
    return all(
        is_number(name) and isinstance(value, list) and all(isinstance(each, SCALARS) for each in value)
        for name, value in part.items()
    )


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
    if _NUMBERED.match(start.lstrip(b"{ \t\r\n")) and not keys & OF_PRODUCTS:
        return True
    of_products = OF_PRODUCTS | set(NAMES["docid"])
    begins = None if keys & of_products else _BEGINS.match(start)
    if begins and (not begins[1] or letters(begins[1].decode()) in WRAPPERS):
        return True
    if not keys & of_products and (_BY_GRADE.match(start) or _ROWS.match(start)):
        return True
    by_product = _BY_PRODUCT.match(start)
    if by_product and not keys & OF_PRODUCTS and letters(by_product[1].decode()) in NAMES["rating"]:
        return True
    if keys & QUERIES and (_NUMBERED.search(start) or _PAIRS.search(start) or keys & set(NAMES["rating"])):
        return True
    is_rated = bool(keys & set(NAMES["docid"])) and bool(keys & set(NAMES["rating"]))
    return is_rated and not keys & OF_PRODUCTS


_KNOWN_BY = "JSON of queries with products and their grades, such as {query: {product: grade}}"
FORMATS = (JudgmentFormat("nested", nested, _KNOWN_BY, 90, by_columns=_is_nested_table, by_lines=_fits),)
