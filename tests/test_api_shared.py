"""What requests of the API share: a text is read once for all of them, and its tokens are counted for each."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest
from api_parts import DOCUMENTS, QUERY, CountingStudent, Running, api
from tokenizers import Tokenizer

from endcap.plugin import Student
from endcap.plugin.model.folder import TOKENIZER
from endcap.plugin.states.store import StateStore
from endcap.serve.api.flights import Flights

STUDENT = Student.load(threads=1)
TEXTS = [f"USB-C charger number {place}, white" for place in range(30)]


def tokens(*texts: str) -> int:
    """By the tokenizer itself; no text here is longer than the model reads."""
    tokenizer = Tokenizer.from_file(str(STUDENT.info.folder / TOKENIZER))
    return sum(len(tokenizer.encode(text).ids) for text in texts)


def used(running: Running, path: str, body: Any) -> Any:
    reply = running.post(path, body)
    assert reply.status == 200, reply.data
    return reply.json()["usage"]


def test_tokens_are_counted_also_of_what_was_read_before(tmp_path: Path) -> None:
    """The query's and each document's, whoever has read it: this request, another, or `endcap warm` into the store."""
    recipe = STUDENT.info.text
    store = StateStore.open(tmp_path / "states")
    store.put([(STUDENT.key(STUDENT.text(TEXTS[0])), STUDENT.encode(TEXTS[:1])[0])])
    of_documents = tokens(*(STUDENT.text(text) for text in DOCUMENTS))
    total = tokens(recipe.query_prefix + QUERY) + of_documents
    with api(tmp_path, store=store) as running:
        for path in ("/v1/rerank", "/v2/rerank", "/v1/rerank"):
            reply = running.post(path, {"query": QUERY, "documents": DOCUMENTS}).json()
            assert reply["usage"] == {"prompt_tokens": total, "total_tokens": total}
            assert reply["meta"]["tokens"] == {"input_tokens": total}
            assert reply["meta"]["billed_units"] == {"search_units": 1}
        tei = running.post("/rerank", {"query": QUERY, "texts": DOCUMENTS})
        assert tei.headers["x-compute-tokens"] == str(total)
        assert used(running, "/v1/embeddings", {"input": DOCUMENTS})["prompt_tokens"] == of_documents
        queries = used(running, "/v1/embeddings", {"input": [QUERY, QUERY], "input_type": "query"})
        assert queries["total_tokens"] == 2 * tokens(recipe.query_prefix + QUERY)
        assert used(running, "/v1/embeddings", {"input": TEXTS[0]})["total_tokens"] == tokens(STUDENT.text(TEXTS[0]))
        assert running.student.read == len(DOCUMENTS)
        # One that is longer than the model reads counts for what is read.
        long = used(running, "/v1/embeddings", {"input": "charger " * 5000})
        assert long["total_tokens"] == recipe.max_product_tokens
        units = running.post("/v2/rerank", {"query": "a", "documents": ["b"] * 101}).json()["meta"]["billed_units"]
        assert units == {"search_units": 2}
    store.close()


class SlowStudent(CountingStudent):
    """Takes 20 ms for each text, and knows which it has read."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.seen: list[str] = []

    def encode_texts(self, texts: Any) -> Iterator[list[tuple[int, bytes]]]:
        self.seen += texts
        time.sleep(0.02 * len(texts))
        yield from super().encode_texts(texts)


def test_several_requests_of_the_same_texts_read_each_once(tmp_path: Path) -> None:
    """At the same time, in another order, in another form: all have all scores, and no text was read twice."""
    student = SlowStudent.load(threads=1)
    bodies = [TEXTS, TEXTS[::-1], TEXTS[10:], TEXTS[:20], TEXTS]
    with api(tmp_path, student, threads=2) as running, ThreadPoolExecutor(5) as threads:
        asked = [threads.submit(running.post, "/v2/rerank", {"query": QUERY, "documents": body}) for body in bodies]
        replies = [each.result().json() for each in asked]
        assert [len(reply["results"]) for reply in replies] == [30, 30, 20, 20, 30]
        assert replies[0]["results"] == replies[4]["results"]
        assert sorted(student.seen) == sorted(STUDENT.text(text) for text in TEXTS)
        assert 'endcap_api_texts_total{was="read"} 30.0' in running.metrics.text().decode()


def test_who_waits_for_a_client_that_goes_reads_on_by_itself(tmp_path: Path) -> None:
    """One client hangs up in the middle: the other, which had the same texts, has its answer all the same."""
    student = SlowStudent.load(threads=1)
    body = orjson.dumps({"query": QUERY, "texts": TEXTS})
    with api(tmp_path, student, threads=2) as running, ThreadPoolExecutor(1) as threads:
        host, port = running.url.removeprefix("http://").split(":")
        client = socket.create_connection((host, int(port)))
        head = f"POST /rerank HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        client.sendall(head.encode() + b"\r\n\r\n" + body)
        time.sleep(0.1)
        other = threads.submit(running.post, "/rerank", body)
        time.sleep(0.1)
        client.close()
        assert len(other.result().json()) == 30
        # What was under way for the client that has gone may have been begun again: a text a thread.
        assert len(student.seen) <= 32


class Failing(SlowStudent):
    """Fails at its first text."""

    def encode_texts(self, texts: Any) -> Iterator[list[tuple[int, bytes]]]:
        if not self.seen:
            self.seen += texts
            time.sleep(0.1)
            raise RuntimeError("a fault")
        yield from super().encode_texts(texts)


def test_one_request_s_fault_is_not_another_s(tmp_path: Path) -> None:
    """The one whose reading fails is told so; who waited for it tries for itself."""
    with api(tmp_path, Failing.load(threads=1), threads=2) as running, ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(running.post, "/rerank", {"query": QUERY, "texts": TEXTS[:1]}) for _ in range(3)]
        assert sorted(each.result().status for each in asked) == [200, 200, 500]


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_flight_is_one(gone: int) -> None:
    """Whichever of three is cancelled, the others have what was made, and it was made at most once more."""

    async def run() -> tuple[int, list[Any]]:
        flights, made = Flights[int](), 0

        async def make() -> int:
            nonlocal made
            made += 1
            await asyncio.sleep(0.02)
            return 7

        tasks = [asyncio.create_task(flights.get(b"k", lambda: None, make)) for _ in range(3)]
        await asyncio.sleep(0.01)
        tasks[gone].cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        return made, results

    made, results = asyncio.run(run())
    assert made <= 2
    assert [result for place, result in enumerate(results) if place != gone] == [7, 7]
    assert isinstance(results[gone], asyncio.CancelledError)
