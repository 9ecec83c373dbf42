"""The first searches of a process: what language an index is in is asked of the index itself, on every engine."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from opensearchpy import AsyncOpenSearch, OpenSearch
from rerank_parts import fill_index, ids, unique
from serve_parts import until
from shops_in_languages import products, queries

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin.model.student import Student
from endcap.plugin.search.language_samples import LOST_S, REMEMBERED_S, RETRY_S, SIZE, LanguageSamples
from endcap.plugin.search.languages import Languages
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.search.target import Target, completed, target_of

SPANISH_TECH = """Samsung smartphone negro
Sony auriculares negro
Philips Smart TV negro
Lenovo tablet gris
Braun teclado plata
Sony altavoz bluetooth azul
Lenovo portátil Full HD gris
Bosch disco duro negro
Sony ratón gaming
Philips tablet""".splitlines()
MAPPING = {"properties": {"title": {"type": "text"}}}


HELD_S = 20.0
"""So long a sample hangs that nobody lets go on."""


class Spy:
    """A client that counts its requests, and may fail or hang where it is asked for a sample."""

    def __init__(self, client: Any, error: Exception | None = None) -> None:
        self._client, self._error = client, error
        self.searches = self.samples = 0
        self.may = threading.Event()
        self.may.set()

    def search(self, *, index: Any = None, body: Any = None, **params: Any) -> Any:
        if "function_score" not in str(body):
            self.searches += 1
            return self._client.search(index=index, body=body, **params)
        self.samples += 1
        self.may.wait(HELD_S)
        if self._error is not None:
            raise self._error
        return self._client.search(index=index, body=body, **params)


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def cluster(request: pytest.FixtureRequest) -> Iterator[tuple[OpenSearch, dict[str, str]]]:
    """A client, and the names of an English, a German and a Spanish index that endcap has not loaded."""
    client = OpenSearch(request.getfixturevalue(request.param))
    shops = {"en": titles("en"), "de": titles("de"), "es": [f"{title} {n}" for n in range(6) for title in SPANISH_TECH]}
    names = {language: unique(f"langs-{language}") for language in shops}
    for language, shop in shops.items():
        fill_index(client, names[language], [{"title": title} for title in shop], MAPPING)
    yield client, names
    for name in names.values():
        client.indices.delete(index=name)
    client.close()


def titles(language: str, count: int = 120) -> list[str]:
    return [product.title for product in products(language, count)]


def searched(client: Any, student: Student, text: str, index: Any = None, **options: Any) -> Mapping[str, Any]:
    """The reply to a process's first search."""
    reranker = Reranker(client, student, **{"deadline_ms": 60_000, **options})
    reply = reranker.search(index=index, body={"query": {"match": {"title": text}}, "size": 10})
    reranker.close()
    return dict(reply)


def told(reply: Mapping[str, Any]) -> tuple[str, str | None]:
    return reply["ext"]["rerank"]["status"], reply["ext"]["rerank"]["reason"]


def test_first_searches_of_others_indices(cluster: tuple[OpenSearch, dict[str, str]], student: Student) -> None:
    """By titles alone, also where half of the words are English, each as the first of a process."""
    client, names = cluster
    for text in ("tablet", "Smart TV", "bluetooth", "sony", "gaming"):
        reply = searched(client, student, text, names["es"])
        assert told(reply) == ("skipped", "language"), text
        assert ids(reply) == ids(client.search(index=names["es"], body={"query": {"match": {"title": text}}}))
    assert told(searched(client, student, queries("de")[0], names["de"])) == ("skipped", "language")
    for text in (*queries("en")[:3], "samsung", "bosch"):
        assert told(searched(client, student, text, names["en"])) == ("reranked", None), text


def test_several_indices_and_an_alias_that_turns(cluster: tuple[OpenSearch, dict[str, str]], student: Student) -> None:
    """Hits say which index they are from; what an alias has turned to is asked for anew."""
    client, names = cluster
    both = f"{names['en']},{names['de']}"
    assert told(searched(client, student, "samsung lamp", both))[1] != "language"
    assert told(searched(client, student, "wasserkocher", both)) == ("skipped", "language")
    alias = unique("langs-alias")
    client.indices.put_alias(index=names["en"], name=alias)
    reranker = Reranker(client, student, deadline_ms=60_000)
    body = {"query": {"match": {"title": "samsung"}}, "size": 10}
    assert told(reranker.search(index=alias, body=body)) == ("reranked", None)
    turned = [{"remove": {"index": names["en"], "alias": alias}}, {"add": {"index": names["de"], "alias": alias}}]
    client.indices.update_aliases(body={"actions": turned})
    assert told(reranker.search(index=alias, body=body)) == ("skipped", "language")
    client.indices.delete_alias(index=names["de"], name=alias)


def test_one_small_request(cluster: tuple[OpenSearch, dict[str, str]], student: Student) -> None:
    """For each index and process; none where nobody asks for the language."""
    client, names = cluster
    spy = Spy(client)
    reranker = Reranker(spy, student, deadline_ms=60_000)
    for text in queries("en")[:4]:
        reranker.search(index=names["en"], body={"query": {"match": {"title": text}}})
    assert (spy.searches, spy.samples) == (4, 1)
    for options, extra in (({"languages": "any"}, {}), ({}, {"language": "en"})):
        spy = Spy(client)
        body = {"query": {"match": {"title": "lamp"}}, "ext": {"rerank": extra}}
        Reranker(spy, student, deadline_ms=60_000, **options).search(index=names["en"], body=body)
        assert (spy.searches, spy.samples) == (1, 0)


def test_asyncio(cluster: tuple[OpenSearch, dict[str, str]], student: Student) -> None:
    """Many first searches at once, in one event loop after another, with one re-ranker."""
    client, names = cluster
    host = client.transport.hosts[0]

    async def searches() -> list[Any]:
        async with AsyncOpenSearch(f"http://{host['host']}:{host['port']}") as asynchronous:
            reranker = Reranker(asynchronous, student, deadline_ms=60_000)
            body = {"query": {"match": {"title": "samsung tablet lamp"}}}
            return list(await asyncio.gather(*(reranker.search(index=names[n], body=body) for n in ("es", "en") * 3)))

    for _ in range(2):
        replies = asyncio.run(searches())
        assert [told(reply)[0] for reply in replies] == ["skipped", "reranked"] * 3


def test_an_index_that_gives_no_sample(cluster: tuple[OpenSearch, dict[str, str]], student: Student) -> None:
    """It fails no search: what is clearly English is re-ranked, what may be Spanish is not, and it is asked once."""
    client, names = cluster
    spy = Spy(client, error=ValueError("not allowed"))
    reranker = Reranker(spy, student, deadline_ms=60_000)
    for language, text, outcome in (("en", "red lamp", "reranked"), ("es", "tablet", "skipped")):
        for _ in range(2):
            reply = reranker.search(index=names[language], body={"query": {"match": {"title": text}}})
            assert told(reply)[0] == outcome
    assert spy.samples == 2


def test_a_sample_that_is_late(cluster: tuple[OpenSearch, dict[str, str]], student: Student) -> None:
    """The search ends in its time, in the engine's order where it may be in another language; later ones know."""
    client, names = cluster
    spy = Spy(client)
    reranker = Reranker(spy, student, deadline_ms=600)
    body = {"query": {"match": {"title": "tablet"}}, "size": 10}
    spy.may.clear()
    began = time.monotonic()
    assert told(reranker.search(index=names["es"], body=body))[0] != "reranked"
    assert time.monotonic() - began < 0.8 * LOST_S
    spy.may.set()
    until(lambda: told(reranker.search(index=names["es"], body=body)) == ("skipped", "language"))
    assert spy.samples == 1


def test_embedded_engines_keep_apart_and_load_anew(student: Student) -> None:
    """Searches without an index's name, of two engines; and another catalogue in the place of the first."""
    german, english = EmbeddedEngine("german"), EmbeddedEngine("english")
    german.load(Product(str(n), title) for n, title in enumerate(titles("de")))
    english.load(Product(str(n), title) for n, title in enumerate(titles("en")))
    rerankers = [Reranker(engine, student, deadline_ms=60_000) for engine in (german, english)]
    body = {"query": {"match": {"title": "samsung"}}}
    assert [told(each.search(body=body))[0] for each in rerankers] == ["skipped", "reranked"]
    german.load(Product(str(n), title) for n, title in enumerate(titles("en")))
    english.load(Product(str(n), title) for n, title in enumerate(titles("de")))
    assert [told(each.search(body=body))[0] for each in rerankers] == ["reranked", "skipped"]


@pytest.mark.parametrize("count", [1, 4, SIZE, 5 * SIZE + 3])
def test_an_embedded_sample_is_from_all_over_the_catalogue(count: int) -> None:
    """All of a small one; of a larger one, also its last products."""
    engine = EmbeddedEngine("sampled")
    engine.load(Product(str(n), f"Product {n}") for n in range(count))
    places = [int(hit["_id"]) for hit in engine.sample_hits(SIZE)]
    assert len(places) == len(set(places)) == pytest.approx(min(count, SIZE), abs=5)
    assert max(places) >= 0.9 * (count - 1)


def test_when_it_is_asked_again(student: Student) -> None:
    """After an hour; after a minute where nothing came, without waiting for it; never at every search."""

    class Client:
        def __init__(self) -> None:
            self.asked, self.hits, self.may = 0, list[dict[str, Any]](), threading.Event()
            self.may.set()

        def search(self, *, index: Any, body: Any, **params: Any) -> Any:
            self.asked += 1
            answer = {"hits": {"hits": self.hits}}
            self.may.wait(HELD_S)
            return answer

    client, now = Client(), [0.0]
    target: Target = target_of(client)
    samples = LanguageSamples(Languages(FieldMap()), clock=lambda: now[0])
    hits = [{"_index": "shop-1", "_source": {"title": title}} for title in titles("de", 30)]

    def known(patience_ms: float = 5_000) -> bool:
        return completed(samples.known(target, "shop", {}, hits, ("en",), patience_ms))

    assert [known(), known()] == [False, False]
    assert client.asked == 1
    now[0] = RETRY_S + 1
    client.may.clear()
    began = time.monotonic()
    assert not known(HELD_S * 1e3)
    assert time.monotonic() - began < 0.8 * LOST_S  # an engine that gave nothing is not waited for
    client.may.set()
    assert client.asked == 2
    client.hits, now[0] = hits, 2 * (RETRY_S + 1)
    until(known)
    asked = client.asked
    now[0] += REMEMBERED_S / 2
    assert known()
    assert client.asked == asked
    now[0] += REMEMBERED_S
    assert known(0)  # what is known holds until there is something newer
    until(lambda: client.asked > asked)
    assert client.asked == asked + 1
    assert LOST_S < RETRY_S
