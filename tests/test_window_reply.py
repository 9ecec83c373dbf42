"""A window's reply whose documents are read when somebody looks into them: the same reply, and the same answers."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.field_map import FieldMap
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.search.languages import Languages
from endcap.plugin.unread_source import Recent, UnreadSource
from endcap.serve.proxy.window_reply import read_window

HEAD = '{"took":3,"timed_out":false,"_shards":{"total":1,"failed":0},"hits":'
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS | st.just("_index"), JSON, max_size=4)
HITS = st.fixed_dictionaries(
    {"_index": TEXTS, "_id": TEXTS, "_score": st.none() | st.integers(0, 9) | st.floats(0, 1e9), "_source": OBJECTS},
    optional={"sort": st.lists(JSON), "_routing": TEXTS, "fields": OBJECTS, "inner_hits": OBJECTS},
)
REPLIES = st.fixed_dictionaries(
    {
        "took": st.integers(0, 99),
        "timed_out": st.booleans(),
        "_shards": OBJECTS,
        "hits": st.fixed_dictionaries({"total": JSON, "max_score": JSON, "hits": st.lists(HITS, max_size=4)}),
    },
    optional={"aggregations": OBJECTS, "suggest": OBJECTS},
)


def plain(reply: Any, sort: bool = False) -> Any:
    """A reply whose documents are read, as JSON shows them."""
    return orjson.dumps(reply, default=dict, option=orjson.OPT_SORT_KEYS if sort else 0)


def window(*sources: str, more: str = "") -> bytes:
    hits = ",".join(
        f'{{"_index":"i","_id":"{n}","_score":1.0,"_source":{text}{more}}}' for n, text in enumerate(sources)
    )
    return f'{HEAD}{{"total":{{"value":2}},"max_score":1.0,"hits":[{hits}]}}}}'.encode()


@given(REPLIES)
def test_the_reply_is_the_same(reply: Any) -> None:
    """Whatever stands in it, and in whatever order."""
    text = orjson.dumps(reply)
    assert plain(read_window(text), sort=True) == plain(orjson.loads(text), sort=True)


@pytest.mark.parametrize("more", ["", ',"aggregations":{"b":{"buckets":[]}}', ',"suggest":{},"aggregations":{}'])
def test_the_bytes_are_the_same(more: str) -> None:
    """Keys stand in the order in which OpenSearch writes them."""
    text = window('{"b":1,"a":"\u00e9"}', "{}")[:-1] + more.encode() + b"}"
    assert plain(read_window(text)) == plain(orjson.loads(text))


@pytest.mark.parametrize("source", ['{"title":"a \\u00e9 \\"x\\" }{"}', '{"n":1.50,"m":1e3,"k":-0.0}', "{ }", "{}"])
def test_documents_are_left_unread(source: str) -> None:
    """They are mappings, empty where they hold nothing."""
    hit = read_window(window(source))["hits"]["hits"][0]
    assert type(hit["_source"]) is UnreadSource
    assert dict(hit["_source"]) == orjson.loads(source)
    assert bool(hit["_source"]) == bool(orjson.loads(source))


@pytest.mark.parametrize(
    "text",
    [
        window('{"title":"a","endcap":{"model":"m"}}'),
        window('{"title":"a"}', more=',"sort":[1]'),
        window('{"title":"a"}', more=',"matched_queries":["q"]'),
        *(window('{"title":"a"}', text) for text in ("null", "[]", "[1]", "5", '"x"')),
        b'{"error":{"type":"x"},"status":400}',
        b"[]",
        b"3",
    ],
)
def test_others_are_read_at_once(text: bytes) -> None:
    """Documents with states, hits with more in them, documents that are none or deep, and what is no reply."""
    assert read_window(text) == orjson.loads(text)


@pytest.mark.parametrize(
    "text", [b"", b"{", window("{")[:-3], window('{"a":tru}'), window('{"a":"X"}').replace(b"X", b"\xff")]
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    """Also in a document that nobody would have looked into."""
    with pytest.raises(ValueError):
        read_window(text)


def test_a_deep_document_is_read_at_once() -> None:
    deep = read_window(window('{"x":' + '{"a":' * 970 + "1" + "}" * 970 + "}"))["hits"]["hits"][0]["_source"]
    assert type(deep) is dict


def test_a_changed_document_is_another_one() -> None:
    """What is known of a document is found by its bytes, and so not after a change."""
    memory, languages = WordsMemory(), Languages(FieldMap())
    for title in ("usb cable", "hdmi cable", "usb cable"):
        source = UnreadSource(orjson.dumps({"title": title, "price": 3}))
        assert memory.value(source) == memory.value({"title": title})
        assert languages._text(source) == f"{title}\n"


def test_a_known_document_is_not_read() -> None:
    """Neither for its words nor for its language."""
    memory, languages, raw = WordsMemory(), Languages(FieldMap()), orjson.dumps({"title": "usb cable"})
    wanted = memory.value(UnreadSource(raw)), languages._text(UnreadSource(raw))
    again = UnreadSource(raw)
    assert (memory.value(again), languages._text(again)) == wanted
    assert again._read is None


def test_the_memory_is_bounded() -> None:
    """The last ones are remembered."""
    memory = Recent[int](10)
    for n in range(100):
        memory.put(bytes([n]), n)
        assert memory.get(bytes([n])) == n
        assert len(memory._young) + len(memory._old) <= 10
    assert memory.get(bytes([98])) == 98
    assert memory.get(bytes([3])) is None
