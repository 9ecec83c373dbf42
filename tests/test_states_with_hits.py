"""States that come with the hits: used as those of a store are, never stale, never of another model, never shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from document_states_parts import COUNT, MAP, Shop
from rerank_parts import Memory

from endcap.cli.main import run
from endcap.index.field_map import FieldMap
from endcap.plugin import Reranker, Student

FIELDS = FieldMap.parse(MAP)
BODY: dict[str, Any] = {"query": {"match": {"name": "lamp"}}, "size": 40}


class Counting(Student):
    """The shipped student, which counts the texts that it reads."""

    read = 0

    def encode_texts(self, texts: Sequence[str]) -> Iterator[list[tuple[int, bytes]]]:
        self.read += len(texts)
        yield from super().encode_texts(texts)


@pytest.fixture(scope="module")
def student() -> Counting:
    return Counting.load()


@pytest.fixture(params=["opensearch_2", "opensearch"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """An index whose documents have their states: with vectors where the server has k-NN."""
    has_knn = request.param == "opensearch_2"
    made = Shop(request.getfixturevalue(request.param), "vectors" if has_knn else "states", knn=has_knn)
    assert run(made.arguments()) == 0
    yield made
    made.close()


def reranker(shop: Shop, student: Student, **options: Any) -> Reranker:
    return Reranker(shop.client, student, fields=FIELDS, deadline_ms=60_000, **{"states": "index", **options})


def ranking(reply: dict[str, Any]) -> list[tuple[str, float]]:
    return [(hit["_id"], hit["student_score"]) for hit in reply["hits"]["hits"]]


def test_nothing_is_read_again(shop: Shop, student: Counting) -> None:
    """With states in the index nothing is encoded, whatever ``_source`` asks for, and the ranking is that of a search
    that reads all; also where a store is given."""
    plain = Reranker(shop.client, student, fields=FIELDS, deadline_ms=60_000, states=Memory())
    for source in (None, ["sku"], {"excludes": ["endcap"]}, False):
        body = BODY if source is None else {**BODY, "_source": source}
        student.read = 0
        reply = reranker(shop, student).search(index=shop.index, body=body)
        assert student.read == 0
        assert reply["ext"]["rerank"]["scored"] == COUNT - 2
        without = plain.search(index=shop.index, body={**body, "_source": {"excludes": ["endcap"]}})
        assert ranking(reply) == ranking(without)
    student.read = 0
    Reranker(shop.client, student, fields=FIELDS, deadline_ms=60_000, states=Memory()).search(
        index=shop.index, body=BODY
    )
    assert student.read == 0


def test_a_stale_or_foreign_state_is_not_used(shop: Shop, student: Counting) -> None:
    """A document whose text has changed since, whose state is another model's, another document's or no state at all
    is read again, and scores as it should."""
    source = shop.sources()
    changes: dict[str, dict[str, Any]] = {
        "1": {"name": "Lamp with a dimmer"},
        "2": {"endcap": {"model": "0" * 16}},
        "5": {"endcap": source["6"]["endcap"] | {"key": source["5"]["endcap"]["key"], "vector": None}},
        "7": {"endcap": {"state": "AAAA", "vector": None}},
        "8": {"endcap": {"key": "nothing"}},
    }
    for id, change in changes.items():
        shop.client.update(index=shop.index, id=id, body={"doc": change}, refresh=True)
    student.read = 0
    reply = reranker(shop, student).search(index=shop.index, body=BODY)
    assert student.read == len(changes)
    states_of_all = Reranker(shop.client, student, fields=FIELDS, deadline_ms=60_000, states=Memory())
    expected = states_of_all.search(index=shop.index, body={**BODY, "_source": {"excludes": ["endcap"]}})
    assert ranking(reply) == ranking(expected)


@pytest.mark.parametrize("junk", [7, "text", [], {"vector": "x"}, {"key": 3, "model": [], "state": {}, "vector": {}}])
def test_whatever_stands_there_costs_no_search(student: Counting, junk: Any) -> None:
    """A field ``endcap`` of somebody else's, or one that is broken, is no state and no error."""
    documents = [{"title": f"lamp {i}", "endcap": junk} for i in range(3)]

    class Listed:
        def search(self, *, index: Any = None, body: Any = None) -> dict[str, Any]:
            hits = [
                {"_index": "i", "_id": str(i), "_score": 3.0 - i, "_source": dict(d)} for i, d in enumerate(documents)
            ]
            return {"hits": {"total": {"value": 3, "relation": "eq"}, "max_score": 3.0, "hits": hits}}

    search = Reranker(Listed(), student, deadline_ms=60_000, states="index")
    reply = search.search(body={"query": {"match": {"title": "lamp"}}})
    assert reply["ext"]["rerank"]["status"] == "reranked"
    shown = [hit["_source"].get("endcap") for hit in reply["hits"]["hits"]]
    is_state = isinstance(junk, dict) and "key" in junk
    assert shown == [None if is_state else junk] * 3


def test_the_reply_does_not_show_it(shop: Shop, student: Counting) -> None:
    """Re-ranked, passed through, by a second request, or inside of ``collapse``: documents are shown without their
    state, unless ``_source`` asks for it by name."""
    search = reranker(shop, student)
    inner = {"collapse": {"field": "sku.keyword", "inner_hits": {"name": "same"}}}
    for more in ({}, {"sort": ["_doc"]}, {"size": 3, "highlight": {"fields": {"name": {}}}}, inner):
        hits = search.search(index=shop.index, body={**BODY, **more})["hits"]["hits"]
        assert hits
        assert all("endcap" not in hit["_source"] for hit in hits)
        for hit in hits if "collapse" in more else ():
            assert all("endcap" not in one["_source"] for one in hit["inner_hits"]["same"]["hits"]["hits"])
    for source in (["name", "endcap"], {"includes": ["endcap.key"]}):
        hits = search.search(index=shop.index, body={**BODY, "_source": source})["hits"]["hits"]
        assert all(hit["_source"]["endcap"]["key"] for hit in hits)
    [hit] = search.search(index=shop.index, body={**BODY, "size": 1}, _source_includes="endcap.model")["hits"]["hits"]
    assert hit["_source"] == {"endcap": {"model": student.info.checksum[:16]}}
