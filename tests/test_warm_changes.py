"""``endcap warm`` reads what was written since the last run, and deletes states that nothing needs: on real servers."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from endcap.cli.main import run
from endcap.index.opensearch.client import connect
from endcap.index.product import Product
from endcap.index.settings import IndexSettings
from endcap.plugin import Student
from endcap.plugin.states.store import StateStore

COUNT = 40


class Shop:
    """An index of two shards, and what ``endcap warm`` says of it."""

    def __init__(self, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.url, self.capsys = url, capsys
        self.client: OpenSearch = connect(IndexSettings(name="x", engine="opensearch", url=url))
        self.name = f"endcap-test-changes-{uuid.uuid4().hex[:8]}"
        self.make()

    def make(self) -> None:
        body = {"settings": {"number_of_shards": 2, "number_of_replicas": 0, "refresh_interval": -1}}
        self.client.indices.create(index=self.name, body=body)
        self.write({str(i): f"Lamp {i}" for i in range(COUNT)})

    def write(self, titles: dict[str, str]) -> None:
        """Not refreshed."""
        lines: list[Any] = []
        for id, title in titles.items():
            lines += [{"index": {"_id": id}}, {"title": title}]
        self.client.bulk(body="".join(json.dumps(line) + "\n" for line in lines), index=self.name)

    def arguments(self, *more: str) -> list[str]:
        return ["warm", "--index", self.name, "--url", self.url, "--fields", "title=title", *more]

    def warm(self, *more: str) -> str:
        self.capsys.readouterr()
        assert run(self.arguments(*more)) == 0
        return self.capsys.readouterr().out


@pytest.fixture(params=["opensearch", "opensearch_2"])
def shop(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Shop]:
    made = Shop(request.getfixturevalue(request.param), capsys)
    yield made
    made.client.indices.delete(index=made.name, ignore_unavailable=True)
    made.client.close()


def states(home: Path, titles: list[str]) -> list[bytes | None]:
    student = Student.load()
    with closing(StateStore.open(home / "states")) as store:
        return store.get([student.key(student.text(Product("x", title))) for title in titles])


def test_only_what_was_written_since_is_read(shop: Shop, endcap_home: Path) -> None:
    """Written, changed and not yet refreshed documents are read, and no others; ``--all`` reads all; deleted ones are
    no trouble."""
    assert f"Read {COUNT} products" in shop.warm()
    assert "Read 0 changed products" in shop.warm()
    shop.write({"3": "Another lamp", "new": "A new lamp"})
    shop.client.delete(index=shop.name, id="4")
    out = shop.warm()
    assert "Read 2 changed products" in out
    assert "2 new, 0 were there already" in out
    assert None not in states(endcap_home, ["Another lamp", "A new lamp", "Lamp 5"])
    assert "Read 0 changed products" in shop.warm("--slices", "5")
    assert f"Read {COUNT} products" in shop.warm("--all")


def test_what_makes_the_numbers_worthless_reads_all(shop: Shop, endcap_home: Path) -> None:
    """Another map, states that were deleted, and another index of the same name: all is read again."""
    shop.warm()
    assert f"Read {COUNT} products" in shop.warm("--fields", "title=title,brand=title")
    assert f"Read {COUNT} products" in shop.warm()
    (endcap_home / "states" / "states.db").unlink()
    assert f"{COUNT} new" in shop.warm()
    assert "Read 0 changed products" in shop.warm()
    shop.client.indices.delete(index=shop.name)
    shop.make()
    assert f"Read {COUNT} changed products" in shop.warm()
    (endcap_home / "warm" / f"{shop.name}.read.json").write_text('{"schema": 1, "identity": 7, "done": [')
    assert f"Read {COUNT} products" in shop.warm()


def test_an_alias_whose_filter_changes_reads_all(shop: Shop) -> None:
    """A document that an alias shows from now on was not written, and yet is read."""
    alias, index = f"{shop.name}-alias", shop.name
    for ids, read in (([1, 2], "Read 2 products"), ([1, 2, 3], "Read 3 changed products")):
        add = {"index": index, "alias": alias, "filter": {"ids": {"values": ids}}}
        shop.client.indices.update_aliases(body={"actions": [{"add": add}]})
        shop.client.indices.refresh(index=index)
        shop.name = alias
        assert read in shop.warm()
        assert "Read 0 changed products" in shop.warm()
        shop.name = index


SLOWLY = """
import sys
import endcap.plugin.states.fill as fill
from endcap.cli.main import main
fill.CHUNK_PRODUCTS = 8
main(sys.argv[1:])
"""


def test_a_killed_reading_of_changes_goes_on(shop: Shop, endcap_home: Path) -> None:
    """Killed while it reads changes, and run again after more were written: nothing is left out."""
    shop.warm()
    shop.write({str(i): f"Garden hose {i}" for i in range(COUNT - 10)})
    checkpoint = endcap_home / "warm" / f"{shop.name}.json"
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, *shop.arguments()], env={**os.environ})
    end = time.monotonic() + 60
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < json.loads(checkpoint.read_text())["note"]["read"] < COUNT - 10
    shop.write({"later": "Written later"})
    assert f"Read {COUNT - 10} changed products" in shop.warm()
    assert "Read 1 changed products" in shop.warm()
    assert None not in states(endcap_home, ["Written later", *(f"Garden hose {i}" for i in range(COUNT - 10))])


def test_states_in_the_documents_are_written_for_changes(shop: Shop) -> None:
    """``--vectors`` reads what was written since: its own updates once more, then only what others write."""
    assert f"{COUNT} of {COUNT} documents" in shop.warm("--vectors", "states")
    assert f"0 of {COUNT} changed documents" in shop.warm("--vectors", "states")
    shop.write({"3": "Another lamp"})
    assert "1 of 1 changed documents" in shop.warm("--vectors", "states")
    assert f"0 of {COUNT} documents" in shop.warm("--vectors", "states", "--all")


def test_states_that_nothing_needs_are_deleted(shop: Shop, endcap_home: Path) -> None:
    """``--prune`` deletes the states of products and models that are gone, keeps those of all products that are there,
    however old, and the room is used again; later runs read changes as before."""
    shop.warm()
    file = endcap_home / "states" / "states.db"
    with closing(StateStore.open(endcap_home / "states")) as store:
        store.put((os.urandom(32), os.urandom(1000)) for _ in range(5000))  # of another model, or of products gone
    size = file.stat().st_size
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE states SET day = day - 31")
    with closing(StateStore.open(endcap_home / "states")) as store:
        store.put([(bytes(32), b"made yesterday")])
    shop.write({"3": "Another lamp"})
    out = shop.warm("--prune", "30")
    assert "Deleted 5,003 states" in out  # with the old lamp's, and two records of what was read of it
    assert None not in states(endcap_home, ["Another lamp", *(f"Lamp {i}" for i in range(COUNT) if i != 3)])
    assert states(endcap_home, ["Lamp 3"]) == [None]
    assert file.stat().st_size < size / 10
    assert "Read 0 changed products" in shop.warm()
    with closing(StateStore.open(endcap_home / "states")) as store:
        assert store.get([bytes(32)]) == [b"made yesterday"]
