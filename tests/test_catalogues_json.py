"""Products in JSON as APIs, engines and databases give them: in lists, by their ids, in pages, in MongoDB's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.readers import files
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.formats import json_records
from endcap.index.readers.rejects import Rejects

KETTLE, CUP = {"title": "Kettle"}, {"title": "Cup"}
WHOLES: dict[str, Any] = {
    "an object of ids": {"1": KETTLE, "2": CUP},
    "an object of ids in an object": {"status": "ok", "products": {"1": KETTLE, "2": CUP}, "next": {"page": 2}},
    "Solr": {"responseHeader": {"status": 0, "params": {"q": "*:*", "fl": ["id"]}},
             "response": {"numFound": 2, "start": 0, "docs": [{"id": "1", **KETTLE}, {"id": "2", **CUP}]}},
    "GraphQL": {"data": {"products": {"pageInfo": {"hasNextPage": False}, "edges": [
        {"cursor": "a", "node": {"id": "1", **KETTLE}}, {"cursor": "b", "node": {"id": "2", **CUP}}]}}},
    "JSON:API": {"data": [{"type": "products", "id": "1", "attributes": KETTLE, "links": {}},
                          {"type": "products", "id": "2", "attributes": CUP}]},
    "hits with fields": {"took": 3, "hits": {"hits": [{"_index": "s", "_id": "1", "fields": {"title": ["Kettle"]}},
                                                      {"_index": "s", "_id": "2", "fields": {"title": ["Cup"]}}]}},
    "an engine's answer with aggregations": {"aggregations": {"b": {"buckets": [{"key": "x", "n": {"v": [1]}}]}},
                                             "hits": {"hits": [{"_id": "1", "_source": KETTLE},
                                                               {"_id": "2", "_source": CUP}]}},
    "MongoDB": [{"_id": {"$oid": "1"}, **KETTLE}, {"_id": {"$numberLong": "2"}, **CUP}],
}  # fmt: skip


def read(path: Path) -> tuple[list[tuple[str, str]], Rejects]:
    rejects = Rejects()
    return [(p.id, p.title) for p in read_products(path, on_error="skip", rejects=rejects)], rejects


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", WHOLES)
def test_products_are_found(name: str, indent: int | None, tmp_path: Path) -> None:
    """Whatever is around them, the products are read, with their ids; each is a row."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(WHOLES[name], indent=indent))
    products, rejects = read(path)
    assert products == [("1", "Kettle"), ("2", "Cup")]
    assert (rejects.rows, rejects.counts.total()) == (2, 0)


@pytest.mark.parametrize("between", ["", "\n", ",\n"])
@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("kind", ["products", "data", "by id", "arrays"])
def test_pages(kind: str, indent: int | None, between: str, tmp_path: Path) -> None:
    """An API's pages are all read, a page a line or however they are laid out; what is beside them is none."""
    rows: list[list[dict[str, Any]]] = [
        [{"id": str(n), "title": f"Cup {n}"}, {"id": str(n + 1), "title": "Pot", "d": {"x": []}}] for n in (1, 3, 5)
    ]
    beside = {"total": 6, "next": {"id": "9", "title": "x"}, "facets": [{"id": "8", "title": "x"}]}
    pages: dict[str, list[Any]] = {
        "products": [{"products": page, **beside} for page in rows],
        "data": [{"data": {"items": page, **beside}} for page in rows],
        "by id": [{"status": 1, "products": {row["id"]: row for row in page}, "next": {"page": 2}} for page in rows],
        "arrays": rows,
    }
    if kind == "by id" and indent is None and between == "\n":
        return  # lines of objects are records
    path = tmp_path / "a.json"
    path.write_text(between.join(json.dumps(page, indent=indent) for page in pages[kind]))
    products, rejects = read(path)
    assert [id for id, _ in products] == list("123456")
    assert (rejects.rows, rejects.counts) == (6, {})


@pytest.mark.parametrize("indent", [None, 1])
def test_pages_of_any_size(indent: int | None, tmp_path: Path) -> None:
    """A page is no record, and may be larger than one; the last may be empty."""
    rows = [[{"id": str(k + n), "title": "Cup", "x": "x" * 9000} for n in range(150)] for k in (0, 200, 400)]
    pages = [json.dumps({"products": page, "total": 3}, indent=indent) for page in (*rows, [])]
    (tmp_path / "a.json").write_text("\n".join(pages))
    products, rejects = read(tmp_path / "a.json")
    assert (len(products), rejects.counts, rejects.rows) == (450, {}, 450)


def test_an_empty_page_between(tmp_path: Path) -> None:
    """Of pages in lines, one without products is no product; a product with an empty list is one."""
    pages = [[{"id": "1", "title": "Cup"}], [], [{"id": "2", "title": "Pot", "products": []}]]
    (tmp_path / "a.json").write_text("\n".join(json.dumps({"products": page, "page": 1}) for page in pages))
    products, rejects = read(tmp_path / "a.json")
    assert (products, rejects.rows) == ([("1", "Cup"), ("2", "Pot")], 2)


def test_many_pages(tmp_path: Path) -> None:
    """However many there are, none goes deeper than the one before."""
    (tmp_path / "a.json").write_text("".join(json.dumps({"data": [{"id": n, "title": "x"}]}) for n in range(3000)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_records, "LOOKED_AT", 60)
        assert len(read(tmp_path / "a.json")[0]) == 3000


def test_a_page_that_breaks_off(tmp_path: Path) -> None:
    """A second page without its end is named; so is a record behind a page that is not whole."""
    ends = (
        '{"products": [{"id": 2, "title": "Pot"}, {"i',
        '{"products": [{"id": 2, "title": "Pot"},',
        '{"id": 2, "tit',
    )
    for end in ends:
        (tmp_path / "a.json").write_text('{"products": [{"id": 1, "title": "Cup"}]}' + end)
        products, rejects = read(tmp_path / "a.json")
        assert products == [("1", "Cup"), ("2", "Pot")][: 1 + ("Pot" in end)]
        assert rejects.counts == {"truncated file": 1}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("second", ["items", "documents", "by id"])
@pytest.mark.parametrize("pages", [1, 2])
def test_a_second_list_is_a_fault(second: str, indent: int | None, pages: int, tmp_path: Path) -> None:
    """Of two lists in an object it is not known which has the products: the first is read, the other named."""
    others = [{"id": "3", "title": "C"}, {"id": "4", "title": "D"}]
    value: Any = {"c": {"title": "C"}, "d": {"title": "D"}} if second == "by id" else others
    beside = {"total": 3, "products" if second == "by id" else second: value}
    texts = [json.dumps({"results": [{"id": str(n), "title": "A"}], **beside}, indent=indent) for n in range(pages)]
    (tmp_path / "a.json").write_text("\n".join(texts))
    products, rejects = read(tmp_path / "a.json")
    assert [id for id, _ in products] == [str(n) for n in range(pages)]
    if not (second == "by id" and indent is None and pages == 2):  # in lines only lists are pages
        assert rejects.counts == {"broken JSON": pages}


COLUMNS: dict[str, Any] = {
    "pandas": {"id": {"0": 101, "1": 102}, "title": {"0": "A", "1": "B"}, "price": {"0": 1.5, "1": None}},
    "one row": {"id": {"0": 101}, "title": {"0": "A"}},
    "rows with names": {"title": {"101": "A", "102": "B"}, "price": {"101": 1.5, "102": 2}},
    "lists": {"id": [101, 102], "title": ["A", "B"]},
    "lists, the title first": {"title": ["A", "B"], "id": [101, 102], "price": [1, 2]},
    "split": {"columns": ["id", "title"], "index": [0, 1], "data": [[101, "A"], [102, "B"]]},
    "split without an index": {"columns": ["id", "title"], "data": [[101, "A"], [102, "B"]]},
    "a large one": {"id": {str(n): n for n in range(200_000)}, "title": {str(n): "x" for n in range(200_000)}},
}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_are_no_product(name: str, indent: int | None, tmp_path: Path) -> None:
    """What pandas writes by columns is refused with how to write it, and is not one product of all rows."""
    (tmp_path / "a.json").write_text(json.dumps(COLUMNS[name], indent=indent))
    with pytest.raises(InputError, match=r'by columns.*orient="records", lines=True'):
        read(tmp_path / "a.json")


INNER = st.dictionaries(st.sampled_from(["name", "id", "title", "slug"]), st.text(max_size=5), max_size=3)
FIELDS = st.dictionaries(st.sampled_from(["brand", "category", "maker", "made", "seo", "images"]), INNER, max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(FIELDS, FIELDS, st.sampled_from([None, 1]), st.integers(1, 3), st.booleans())
def test_objects_in_a_product_are_no_products(
    tmp_path: Path, before: dict[str, Any], after: dict[str, Any], indent: int | None, count: int, listed: bool
) -> None:
    """A record is one product, whichever objects with names stand before its own id and title."""
    rows = [{**before, "id": str(n), "title": "Mug", **after} for n in range(count)]
    texts = [json.dumps(row, indent=indent) for row in rows]
    (tmp_path / "a.json").write_text(json.dumps(rows, indent=indent) if listed else "\n".join(texts))
    assert read(tmp_path / "a.json")[0] == [(str(n), "Mug") for n in range(count)]


@pytest.mark.parametrize("others", [{}, {"price": 3, "artikelnr": 7}])
def test_a_product_without_usual_names_is_one(others: dict[str, Any], tmp_path: Path) -> None:
    """Its objects are fields by their names, too."""
    (tmp_path / "a.json").write_text(json.dumps({"brand": {"name": "Acme"}, "category": {"name": "Mugs"}, **others}))
    with pytest.raises(InputError, match="its fields are brand, category"):
        read(tmp_path / "a.json")


def test_values_of_mongodb(tmp_path: Path) -> None:
    """Numbers and dates in its extended JSON are values; an id of the shop's own goes before the database's."""
    path = tmp_path / "a.jsonl"
    record = {"_id": {"$oid": "5f"}, "id": {"$numberInt": "7"}, "title": "Cup", "price": {"$numberDecimal": "9.50"},
              "attributes": {"weight": {"$numberDouble": "2.5"}}, "at": {"$date": "2026-01-01T00:00:00Z"}}  # fmt: skip
    path.write_text(json.dumps(record))
    (cup,) = read_products(path)
    assert (cup.id, cup.price, cup.attributes) == ("7", 9.5, {"weight": "2.5"})
    assert cup.extra == {"_id": "5f", "at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("record", [{"items": [{"x": 1}], "id": "1", "title": "Set"},
                                    {"name": {"en": "Set"}, "id": "1", "title": "Set"},
                                    {"id": "1", "title": "Set", "type": "x", "attributes": {"a": "1"}}])  # fmt: skip
def test_a_product_is_no_list(record: dict[str, Any], tmp_path: Path) -> None:
    """Fields that are called as lists are, or hold objects, stay fields, in one record and in many."""
    path = tmp_path / "a.jsonl"
    for count in (1, 2):
        path.write_text("".join(json.dumps({**record, "id": str(n)}) + "\n" for n in range(count)))
        assert [id for id, _ in read(path)[0]] == [str(n) for n in range(count)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.dictionaries(st.text(min_size=1, max_size=9).filter(str.strip), st.text(max_size=40), min_size=2, max_size=9),
    st.integers(1, 50),
    st.booleans(),
)
def test_objects_by_id_in_any_pieces(tmp_path: Path, texts: dict[str, str], size: int, whole: bool) -> None:
    """However the file is cut into pieces, each name is its product's id; a file that breaks off is said to."""
    rows = {name: {"title": f"t{text}", "d": {"x": [text]}} for name, text in texts.items()}
    text = json.dumps(rows, ensure_ascii=False)
    (tmp_path / "a.json").write_text(text if whole else text[:-1], encoding="utf-8", errors="replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "CHUNK_BYTES", size)
        try:
            products, rejects = read(tmp_path / "a.json")
        except InputError:  # ids such as "nan", or none
            return
    assert rejects.rows == len(products) + rejects.counts.total() == len(rows) + (not whole)
    assert {id for id, _ in products} <= set(rows)
    assert len(products) + rejects.counts["missing id"] + rejects.counts["duplicate id"] >= len(rows) * whole
