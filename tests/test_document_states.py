"""States in the documents of an index that is there: OpenSearch 2.19 with k-NN, and OpenSearch 3 without it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from document_states_parts import COUNT, MAP, Shop, brings_state, document
from model_parts import variant

from endcap.cli.main import run
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.documents import Documents
from endcap.index.opensearch.read_index import stream_hits
from endcap.index.opensearch.state_mapping import add_state_field
from endcap.plugin.model.student import Student
from endcap.plugin.states.document_states import document_states, model_name, query_numbers, state_field
from endcap.plugin.states.fill_documents import StateWriter
from endcap.plugin.states.store import StateStore

READABLE = COUNT - 2
FIELDS = FieldMap.parse(MAP)


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture(params=["opensearch_2", "opensearch"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """Vectors where the server has k-NN, else states."""
    has_knn = request.param == "opensearch_2"
    made = Shop(request.getfixturevalue(request.param), "vectors" if has_knn else "states", knn=has_knn)
    yield made
    made.close()


@pytest.fixture
def vector_shop(opensearch_2: str) -> Iterator[Shop]:
    made = Shop(opensearch_2, "vectors", knn=True)
    yield made
    made.close()


def hits_of(shop: Shop) -> list[Any]:
    source = [*FIELDS.source_fields(), "endcap"]
    with closing(stream_hits(shop.client, shop.index, source, url=shop.url)) as hits:
        return list(hits)


def writer(shop: Shop, student: Student, store: StateStore) -> StateWriter:
    add_state_field(shop.client, shop.index, state_field(student, shop.kept), shop.url)
    source = [*FIELDS.source_fields(), "endcap"]
    return StateWriter(Documents(shop.client, shop.url, source), store, student, FIELDS, shop.kept)


def test_states_are_written_once(shop: Shop, student: Student, capsys: pytest.CaptureFixture[str]) -> None:
    """Each document with text gets the state of it and keeps all else; a second run writes nothing; what has changed
    or come since is written by the third."""
    assert run(shop.arguments()) == 0
    assert f"to {READABLE:,} of {COUNT:,} documents" in capsys.readouterr().out
    for id, source in shop.sources().items():
        assert {name: value for name, value in source.items() if name != "endcap"} == document(int(id))
        assert brings_state(student, source) == (int(id) not in (3, 4))
    before = shop.versions()
    assert run(shop.arguments()) == 0
    out = capsys.readouterr().out
    assert f"to 0 of {READABLE:,} changed documents" in out  # by the first run itself
    assert f"{READABLE:,} had theirs already" in out
    assert shop.versions() == before
    shop.client.update(index=shop.index, id="7", body={"doc": {"name": "Another lamp"}})
    shop.add(range(COUNT, COUNT + 3))
    assert not brings_state(student, shop.sources()["7"])
    assert run(shop.arguments()) == 0
    assert "to 4 of 4 changed documents" in capsys.readouterr().out
    assert brings_state(student, shop.sources()["7"])


def test_neighbours_are_found(vector_shop: Shop, student: Student) -> None:
    """A ``knn`` clause finds the documents, scored by (1 + cosine) / 2 of the two states, under filters."""
    assert run(vector_shop.arguments()) == 0
    vector = query_numbers(student, "green lamp")
    clause = {"vector": vector, "k": 5, "filter": {"term": {"endcap.model": student.info.checksum[:16]}}}
    body = {"query": {"knn": {"endcap.vector": clause}}, "_source": ["name"], "size": 5}
    hits = vector_shop.client.search(index=vector_shop.index, body=body)["hits"]["hits"]
    assert len(hits) == 5
    [found] = student.vectors(student.encode([FIELDS.product(document(int(hits[0]["_id"])))]))
    cosine = found @ student.query_vector("green lamp")
    assert hits[0]["_score"] == pytest.approx((1 + cosine) / 2, abs=2e-3)
    clause["filter"] = {"term": {"endcap.model": "another"}}
    assert vector_shop.client.search(index=vector_shop.index, body=body)["hits"]["hits"] == []


def test_what_others_write_meanwhile_stays(shop: Shop, student: Student) -> None:
    """A document that was changed after it had been read is read again: its state is that of its text of now, and
    nothing else of it is touched. What was deleted stays deleted, and a newer state stays."""
    with closing(StateStore.open()) as store:
        states = writer(shop, student, store)
        hits = hits_of(shop)
        shop.client.update(index=shop.index, id="5", body={"doc": {"name": "Kettle", "price": 9}})
        shop.client.update(index=shop.index, id="6", body={"doc": {"sku": "new"}})
        shop.client.delete(index=shop.index, id="8")
        [own] = document_states(student, [FIELDS.product(document(9))], shop.kept)
        shop.client.update(index=shop.index, id="9", body={"doc": {"endcap": own}})
        version = shop.client.get(index=shop.index, id="9")["_version"]
        report = states.write(hits, lambda done: None)
    assert (report.read, report.gone, report.already, report.busy, report.refused) == (COUNT, 1, 1, 0, 0)
    assert report.written == READABLE - 2
    sources = shop.sources()
    assert (sources["5"]["name"], sources["5"]["price"], sources["6"]["sku"]) == ("Kettle", 9, "new")
    assert "8" not in sources
    assert shop.client.get(index=shop.index, id="9")["_version"] == version
    assert all(brings_state(student, source) for id, source in sources.items() if id not in ("3", "4"))


def test_no_write_of_others_is_lost(shop: Shop, student: Student) -> None:
    """While states are written, another process counts up in the same documents: every count is there at the end."""
    stopped, counts = threading.Event(), dict.fromkeys(map(str, range(10)), 0)

    def count_up() -> None:
        while not stopped.is_set():
            for id in counts:
                shop.client.update(
                    index=shop.index, id=id, body={"doc": {"count": counts[id] + 1}}, retry_on_conflict=9
                )
                counts[id] += 1

    thread = threading.Thread(target=count_up)
    thread.start()
    try:
        with closing(StateStore.open()) as store:
            report = writer(shop, student, store).write(hits_of(shop), lambda done: None)
    finally:
        stopped.set()
        thread.join()
    sources = shop.sources()
    assert {id: sources[id]["count"] for id in counts} == counts
    assert report.written + report.busy == READABLE
    assert sum(brings_state(student, source) for source in sources.values()) == report.written


def test_documents_that_are_routed(shop: Shop, student: Student) -> None:
    """A document that lies on another shard than its id says is found there, also where it is read again."""
    for n in range(6):
        shop.client.index(index=shop.index, id=f"r{n}", body=document(10 + n), routing=f"way {n}", refresh=True)
    with closing(StateStore.open()) as store:
        states, hits = writer(shop, student, store), hits_of(shop)
        for n in range(3):
            shop.client.update(index=shop.index, id=f"r{n}", body={"doc": {"name": f"Kettle {n}"}}, routing=f"way {n}")
        report = states.write(hits, lambda done: None)
    assert (report.gone, report.written) == (0, READABLE + 6)
    sources = shop.sources()
    assert all(brings_state(student, sources[f"r{n}"]) for n in range(6))


def test_another_model_rewrites(
    shop: Shop, student: Student, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With another model all is written again, and neither takes the other's states for its own."""
    other = Student.load(title_only(student, tmp_path))
    assert run(shop.arguments()) == 0
    assert run(shop.arguments("--model", str(other.info.folder))) == 0
    assert f"to {READABLE:,} of {COUNT:,}" in capsys.readouterr().out.split("Wrote")[-1]
    sources = [source for id, source in shop.sources().items() if id not in ("3", "4")]
    assert all(brings_state(other, source) for source in sources)
    assert not any(brings_state(student, source) for source in sources)


def test_two_models_side_by_side(vector_shop: Shop, student: Student, tmp_path: Path) -> None:
    """While one model's states take the place of another's, a search finds the documents of its own model alone."""
    other = Student.load(title_only(student, tmp_path))
    halves: dict[str, Student] = {}
    with closing(StateStore.open()) as store:
        for one, parity in ((student, 0), (other, 1)):
            hits = [hit for hit in hits_of(vector_shop) if int(hit["_id"]) % 2 == parity]
            writer(vector_shop, one, store).write(hits, lambda done: None)
            halves |= {hit["_id"]: one for hit in hits}
    vector_shop.sources()
    for one in (student, other):
        by = {"term": {"endcap.model": model_name(one.info)}}
        clause = {"vector": query_numbers(one, "green lamp"), "k": COUNT, "filter": by}
        body = {"query": {"knn": {"endcap.vector": clause}}, "size": COUNT}
        found = vector_shop.client.search(index=vector_shop.index, body=body)["hits"]["hits"]
        assert len(found) == COUNT // 2 - 1
        assert all(halves[hit["_id"]] is one and brings_state(one, hit["_source"]) for hit in found)


def test_states_become_vectors(vector_shop: Shop, student: Student, tmp_path: Path) -> None:
    """Where states were kept first, vectors come beside them; and where states are to be kept of another model, its
    vectors go."""
    arguments = vector_shop.arguments()
    assert run([*arguments[:-1], "states"]) == 0
    assert set(vector_shop.sources()["1"]["endcap"]) == {"model", "key", "state"}
    assert run(arguments) == 0
    sources = vector_shop.sources()
    assert len(sources["1"]["endcap"]["vector"]) == 384
    assert all(brings_state(student, source) for id, source in sources.items() if id not in ("3", "4"))
    assert run([*arguments[:-1], "states", "--model", str(title_only(student, tmp_path))]) == 0
    assert vector_shop.sources()["1"]["endcap"].get("vector") is None


def title_only(student: Student, folder: Path) -> Path:
    """A model folder whose student reads titles alone: another model, with states of the same size."""
    raw = json.loads((student.info.folder / "model.json").read_text())
    return variant(folder / "m", "other", text={**raw["text"], "fields": ["title"]})


SLOWLY = """
import sys
import endcap.plugin.states.fill_documents as fill
from endcap.cli.main import main
fill.CHUNK_PRODUCTS = 4
main(sys.argv[1:])
"""


def test_a_killed_run_goes_on(
    shop: Shop, student: Student, endcap_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After SIGKILL the next run goes on where the first was, and at its end every document has its state, written
    once, or twice where the kill came between the writing and the note of it."""
    checkpoint = endcap_home / "warm" / f"{shop.index}.{shop.kept}.json"
    process = subprocess.Popen(
        [sys.executable, "-c", SLOWLY, *shop.arguments("--per-second", "20")], env={**os.environ}
    )
    end = time.monotonic() + 100
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    read = json.loads(checkpoint.read_text())["note"]["read"]
    assert 0 < read < COUNT
    assert run(shop.arguments()) == 0
    captured = capsys.readouterr()
    assert f"Going on after the {read} documents" in captured.err
    assert f"of {COUNT:,} documents" in captured.out
    assert all(brings_state(student, source) for id, source in shop.sources().items() if id not in ("3", "4"))
    assert set(shop.versions().values()) <= {1, 2}
    assert not checkpoint.exists()
