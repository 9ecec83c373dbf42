"""Pages and products by their ids a line, a first page without any, columns that stand twice, languages that are not
there, feeds that do not declare a prefix, and files that are empty."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.reading import Reading
from endcap.index.readers.rejects import Rejects


def read(tmp_path: Path, name: str, text: str, language: str = "") -> list[Product]:
    (tmp_path / name).write_text(text)
    rejects = Rejects()
    found = list(Reading(language=language).products(tmp_path / name, "skip", rejects))
    assert rejects.rows == rejects.products + rejects.counts.total() + rejects.merged + rejects.left_out
    return found


@pytest.mark.parametrize(
    "text",
    [
        '{"p1": {"title": "A"}}\n{"p2": {"title": "B"}}\n',
        '{"products": {"p1": {"title": "A"}}}\n{"products": {"p2": {"title": "B"}}}\n',
        '{"products": {}}\n{"products": {"p1": {"title": "A"}, "p2": {"title": "B"}}}\n',
        '{"page": 1, "products": []}\n'
        '{"page": 2, "products": [{"id": "p1", "title": "A"}, {"id": "p2", "title": "B"}]}\n',
        '{"products": [], "page": 1}{"products": [{"id": "p1", "title": "A"}, {"id": "p2", "title": "B"}], "page": 2}',
        '{"data": {"items": []}}\n{"data": {"items": [{"id": "p1", "title": "A"}]}}\n{"data": {"items": []}}\n'
        '{"data": {"items": [{"id": "p2", "title": "B"}]}}\n',
    ],
)
def test_pages_a_line(tmp_path: Path, text: str) -> None:
    """Whatever a page looks like, and wherever an empty one stands."""
    found = read(tmp_path, "a.jsonl", text)
    assert [(product.id, product.title) for product in found] == [("p1", "A"), ("p2", "B")]


def test_a_record_with_an_empty_list_is_no_page(tmp_path: Path) -> None:
    """Where no page has products, it is a record, and none is lost."""
    text = '{"number": "7", "label": "Kettle", "items": []}\n{"number": "8", "label": "Pot", "items": []}\n'
    (tmp_path / "a.jsonl").write_text(text)
    rejects = Rejects()
    reading = Reading.of(type("Said", (), {"format": "", "fields": "id=number,title=label", "encoding": "",
                                           "variants": "", "language": ""}))  # fmt: skip
    assert [product.id for product in reading.products(tmp_path / "a.jsonl", "skip", rejects)] == ["7", "8"]
    with pytest.raises(InputError, match="its fields are products"):
        read(tmp_path, "b.jsonl", '{"products": []}\n{"products": []}\n')


PAGES = st.lists(st.lists(st.integers(0, 99), max_size=3), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PAGES, st.booleans(), st.sampled_from(["products", "items"]))
def test_any_pages(tmp_path: Path, pages: list[list[int]], keyed: bool, name: str) -> None:
    """Each product of each page is there once, whichever pages are empty."""
    ids = [f"p{place}-{n}-{each}" for place, page in enumerate(pages) for n, each in enumerate(page)]
    at, lines = 0, []
    for page in pages:
        own, at = ids[at : at + len(page)], at + len(page)
        listed = [{"id": each, "title": each} for each in own]
        lines.append(json.dumps({name: {each: {"title": each} for each in own} if keyed else listed}))
    if not ids:
        with pytest.raises(InputError):
            read(tmp_path, "a.jsonl", "\n".join(lines))
    else:
        assert [product.id for product in read(tmp_path, "a.jsonl", "\n".join(lines))] == ids


def test_columns_that_stand_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The first is read, the others are kept under names of their own, and it is said."""
    with caplog.at_level(logging.WARNING):
        (kettle,) = read(tmp_path, "a.csv", "id,title,image,title,image,image.2\n1,Kettle,a.jpg,Kessel,b.jpg,c.jpg\n")
    assert (kettle.title, kettle.image) == ("Kettle", "a.jpg")
    assert (kettle.extra["title.2"], kettle.extra["image.2"], kettle.extra["image.2.2"]) == ("Kessel", "b.jpg", "c.jpg")
    assert "more than one column is called 'image', 'image.2', 'title'" in caplog.text
    with pytest.raises(InputError, match="column 2 has no name"):
        read(tmp_path, "a.csv", "id,,title\n1,2,3\n")


def test_a_language_that_is_not_there(tmp_path: Path) -> None:
    """Those that are there are named."""
    with pytest.raises(InputError, match=r"Texts are in en, de: read one of these, as in --language en"):
        read(tmp_path, "a.jsonl", '{"id": 1, "title": {"en": "Kettle", "de": "Kessel"}}\n', "fr")


def test_a_prefix_that_is_not_declared(tmp_path: Path) -> None:
    """A feed without ``xmlns:g`` is read, whatever other prefixes it has."""
    item = "<g:id>1</g:id><title>K</title><g:image_link>http://x/1.jpg</g:image_link><c:z>1</c:z><a:y>2</a:y>"
    feed = f'<?xml version="1.0"?><rss xmlns:a="urn:a"><channel><item>{item}</item></channel></rss>'
    (kettle,) = read(tmp_path, "a.xml", feed)
    assert (kettle.id, kettle.title, kettle.image) == ("1", "K", "http://x/1.jpg")


def test_an_old_macs_lines(tmp_path: Path) -> None:
    """Lines that end with CR alone are lines."""
    for name, text in (
        ("a.csv", 'id,title\r1,"Kettle"\r2,Pot\r'),
        ("a.jsonl", '{"id":1,"title":"Kettle"}\r{"id":2,"title":"Pot"}'),
    ):
        (tmp_path / name).write_bytes(text.encode())
        assert [product.title for product in read_products(tmp_path / name)] == ["Kettle", "Pot"]


def test_a_price_in_a_list(tmp_path: Path) -> None:
    """Of one it is the price, of several none."""
    one, several = read(tmp_path, "a.jsonl", '{"id":1,"title":"T","price":[3]}\n{"id":2,"title":"U","price":[3,4]}\n')
    assert (one.price, several.price) == (3, None)


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    """Since a catalogue is read more than once."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="it is a pipe"):
        read_products(tmp_path / "pipe")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.xml", "a", "a.tsv"])
@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_file(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match="the file is empty"):
        read_products(tmp_path / name)
