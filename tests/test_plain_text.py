"""Texts of catalogues without HTML, entities and stand-ins for missing values."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.plain_text import MAX_MARKED_UP, is_missing, plain_text
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.plugin import Reranker, Student
from endcap.plugin.blend.document_words import WordsMemory, words_of
from endcap.plugin.model.text import TextRecipe, product_text

NO_MARKUP = ["size < 5", "a<b", "5 > 3", "a < b > c", "if <b and c> d", "<3", "R&D", "AT&T", "H&M &co", "wash&degrease"]
NO_MARKUP += [
    "<non-stick> pan",
    "Q&acute angle",
    "&",
    "<",
    "<<<",
    "a & b",
    "<For iPhone 5> case",
    "<送料無料> USB",
    "Fish&Chips;",
    "&;",
    "<b",
    "x <= y",
]

MARKED_UP = [
    ("<b>USB</b> cable", "USB cable"),
    ("USB<br/>cable<BR>2&nbsp;m", "USB cable 2 m"),
    ("<strong>Size</strong>M", "Size M"),
    ("m<sup>2</sup> H<sub>2</sub>O water<wbr>proof Kabel&shy;salat", "m2 H2O waterproof Kabelsalat"),
    ('<a href="https://x.example/?a>b">link</a><img src=x alt="5 > 3"/>', "link"),
    ("<p class='a'\n id=b>soft</p\n><hr noshade><input disabled>", "soft"),
    ("Tom &amp; Jerry&#39;s &#x27;best&#x27; &euro;5 &AMP; &quot;x&quot", "Tom & Jerry's 'best' €5 & \"x\""),
    ("&lt;p&gt;Soft &amp;amp; warm&lt;/p&gt;", "Soft & warm"),
    ("&amp;amp;amp;lt;br&amp;amp;amp;gt;soft &amp;lt; 5", "soft < 5"),
    ("a<!-- b --><!--[if mso]>c<![endif]-->d<!-- cut", "a d"),
    ("<script type='x'>if (a<b) {}</script>a<STYLE>p{b:c}</STYLE >b<style>i{c", "a b"),
    ("Boho <style> dress", "Boho dress"),
    ("<![CDATA[<p>soft</p>]]><?xml version='1.0'?><!DOCTYPE html>warm", "soft warm"),
    ("<o:p></o:p><my-box class='x'>soft</my-box></unknown>", "soft"),
    ('soft <a href="https://x.exa', "soft"),
    ("soft </stro", "soft"),
    ("soft<my-box/>warm", "soft warm"),
    ("soft<br", "soft"),
    ('<img src="broken>soft', "soft"),
    ("<div><div>a</div", "a"),
    ("<my-box>soft</my-box> <product>lamp</product>", "soft lamp"),
    ("caf&eacute au lait, gr&uuml;n, Stra&szlig e", "café au lait, grün, Straß e"),
    ("&#0;&#xD800;&#99999999;", "\ufffd\ufffd&#99999999;"),
]


@pytest.mark.parametrize("text", NO_MARKUP)
def test_what_is_no_markup_stays(text: str) -> None:
    """Less-than signs, ampersands and words in angle brackets are text."""
    assert plain_text(text) == text


@pytest.mark.parametrize(("text", "plain"), MARKED_UP)
def test_markup_is_gone(text: str, plain: str) -> None:
    """What a browser would show is left, also where the markup is escaped, broken or cut."""
    assert plain_text(text) == plain


def test_lines_stay_lines_where_they_are_asked_for() -> None:
    """The items of a list are no sentence: what one lacks says nothing of the next."""
    text = "<ul><li>No <b>straw</b></li><li>BPA</li></ul>safe<br>and sound"
    assert plain_text(text, "\n") == "No straw\nBPA\nsafe\nand sound"


SIGNS = ["<", ">", "&", ";", "/", "=", '"', "'", "!--", "--", "]]>", "\n", "&lt;", "&amp;", "&#", "39;", "amp;", "gt;"]
PIECES = st.sampled_from([*SIGNS, "b", "p", "br", "a", "sup", "script", "style", "nbsp", "<b>", "</p>", "href", "x"])


@given(st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=8).map(" ".join) | st.text())
def test_doing_it_again_changes_nothing(text: str) -> None:
    """Any text is read, and a text that was read is read as it is; without the signs of markup it is untouched."""
    for line_end in (" ", "\n"):
        plain = plain_text(text, line_end)
        assert plain_text(plain, line_end) == plain
    assert ("<" in text or "&" in text) or plain_text(text) is text


@pytest.mark.parametrize(
    "piece",
    ["<", "<a ", "<a b=", "&amp;", "&", "<!--", "<script>", "<style>{", '<a"', "</", "<b " + 99 * " ", '<a b="c" '],
)
def test_no_text_takes_long(piece: str) -> None:
    """The time grows with the length, whatever the text is made of; and of a huge one only a part is looked through."""
    text = piece * (MAX_MARKED_UP * 2 // len(piece))
    began = time.process_time()
    plain_text(text)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "N/A",
        "n/a",
        "N.A.",
        "#N/A",
        "null",
        "(null)",
        "undefined",
        "nan",
        "NaN",
        "\u200b",
        "\u200b \ufeff",
        "\\N",
    ],
)
@pytest.mark.parametrize("around", ["{}", " {} "])
def test_missing(text: str, around: str) -> None:
    """Programs and people write in many ways that there is nothing."""
    assert is_missing(around.format(text))


@pytest.mark.parametrize("text", [".", "-", "--", "—", "...", "…", "/", "?", "。", "_", "- -", "Not available"])
def test_marks_say_nothing(text: str) -> None:
    """A value of punctuation alone is none."""
    assert is_missing(text)


@pytest.mark.parametrize(
    "text", ["no", "0", "NAN", "Nan", "NA", "None", "Unknown", "✓", "+", "★★★", "❤", "a", "-5", "n/a jacket"]
)
def test_not_missing(text: str) -> None:
    """A number, a sign that means something and a name are values."""
    assert not is_missing(text)


def test_the_blend_reads_the_same_words() -> None:
    """Tags and entities are no words of a hit for the blend, whatever index it comes from."""
    marked = {
        "title": "<b>USB&nbsp;cable</b>",
        "brand": "N/A",
        "description": "&lt;li&gt;no straw&lt;/li&gt;<li>soft</li>",
    }
    plain = Product("", "USB cable", description="no straw\nsoft")
    assert WordsMemory().value(marked) == words_of(plain)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_a_catalogue_is_searched_without_its_markup(tmp_path: Path, kind: str) -> None:
    """Whatever reads it: no tag, no entity and no stand-in is found, the words are, and the student reads no others."""
    rows = [
        {"id": "1", "title": "<strong>Red</strong>&nbsp;lamp", "brand": "N/A", "description": "<p>Soft &amp; warm</p>"},
        {"id": "2", "title": "Red lamp", "brand": "", "description": "Soft & warm"},
    ]
    path = tmp_path / f"shop.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif kind == "csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    engine = EmbeddedEngine("shop")
    engine.load(read_products(path))
    for word in ("strong", "nbsp", "amp", "p", "N/A"):
        assert not engine.search(body={"query": engine.text_query(word)})["hits"]["hits"], word
    found = engine.search(body={"query": engine.text_query("red lamp warm")})["hits"]["hits"]
    assert len({hit["_score"] for hit in found}) == 1
    assert len({product_text(hit["_source"], TextRecipe()) for hit in found}) == 1
    reply = Reranker(engine, Student.load(), deadline_ms=60_000).search(
        body={"query": engine.text_query("red lamp warm")}
    )
    assert [hit["_id"] for hit in reply["hits"]["hits"]] == ["1", "2"]
    assert len({hit["student_score"] for hit in reply["hits"]["hits"]}) == 1
