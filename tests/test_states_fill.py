"""Reading products in advance into the store (``endcap.plugin.states.fill``)."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from endcap.index.product import Product
from endcap.plugin.states import fill as fill_module
from endcap.plugin.states.fill import FillReport, fill
from endcap.plugin.states.store import StateStore


class Reader:
    """A student of four-byte states that counts what it encodes."""

    info = SimpleNamespace(state_bytes=4, fields=("title",), checksum="four bytes")

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def text(self, product: Any) -> str:
        return str(product.title)

    def key(self, text: str) -> bytes:
        return hashlib.sha256(text.encode()).digest()

    def is_cut(self, text: str) -> bool:
        return len(text) > 20

    def state(self, text: str) -> bytes:
        return hashlib.sha256(b"state" + text.encode()).digest()[:4]

    def encode_texts(self, texts: Sequence[str]) -> Iterator[list[tuple[int, bytes]]]:
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for first in range(0, len(order), 3):
            batch = order[first : first + 3]
            self.encoded += [texts[i] for i in batch]
            yield [(i, self.state(texts[i])) for i in batch]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    opened = StateStore.open(tmp_path)
    yield opened
    opened.close()


def products(numbers: Sequence[int]) -> list[Product]:
    return [Product(id=str(i), title=f"lamp {i}" + " long" * (i % 5)) for i in numbers]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fill_module, "CHUNK_PRODUCTS", 10)


def test_every_product_gets_its_own_state(store: StateStore) -> None:
    """After filling, each product's key gives the state of its text."""
    reader, catalogue = Reader(), products(range(37))
    report = fill(store, reader, iter(catalogue))
    texts = [reader.text(product) for product in catalogue]
    assert store.get([reader.key(text) for text in texts]) == [reader.state(text) for text in texts]
    assert (report.read, report.encoded, report.already, report.not_kept) == (37, 37, 0, 0)
    assert report.cut == sum(len(text) > 20 for text in texts)


def test_a_second_run_encodes_only_what_is_new(store: StateStore) -> None:
    """Products that have a state are not encoded again; changed and new ones are."""
    fill(store, Reader(), products(range(30)))
    reader = Reader()
    report = fill(store, reader, products(range(25, 40)))
    assert (report.read, report.encoded, report.already) == (15, 10, 5)
    assert sorted(reader.encoded) == sorted(product.title for product in products(range(30, 40)))


def test_products_of_the_same_text_are_encoded_once(store: StateStore) -> None:
    """Variants whose text is the same share one state."""
    reader = Reader()
    same = [Product(id=str(i), title="lamp") for i in range(25)]
    report = fill(store, reader, same)
    assert reader.encoded == ["lamp"]
    assert (report.read, report.encoded, report.already) == (25, 1, 24)


def test_products_without_a_title_are_counted(store: StateStore) -> None:
    """An empty or blank title is counted: the map may be wrong."""
    assert fill(store, Reader(), [Product("1", ""), Product("2", "  "), Product("3", "lamp")]).without_title == 2


def test_progress_and_commits_tell_the_truth(store: StateStore) -> None:
    """Progress never falls and ends at the count; what a commit reports is in the store."""
    reader, catalogue = Reader(), products(range(34))
    told: list[int] = []
    reports: list[FillReport] = []

    def committed(report: FillReport) -> None:
        reports.append(report)
        keys = [reader.key(reader.text(product)) for product in catalogue[: report.read]]
        assert None not in store.get(keys)

    report = fill(store, reader, catalogue, told.append, on_commit=committed)
    assert told == sorted(told)
    assert told[-1] == 34
    assert [r.read for r in reports] == [10, 20, 30, 34]
    assert reports[0] + FillReport(read=1, encoded=1, seconds=1.5) == FillReport(
        11, 11, 0, 0, 0, reports[0].cut, reports[0].seconds + 1.5
    )
    assert report.read == reports[-1].read


def test_a_state_of_the_wrong_length_is_made_again(store: StateStore) -> None:
    """What another version left under a key, with another length, is replaced."""
    reader = Reader()
    store.put([(reader.key("lamp 0"), b"toolong")])
    report = fill(store, reader, products([0]))
    assert report.encoded == 1
    assert store.get([reader.key("lamp 0")]) == [reader.state("lamp 0")]


def test_a_store_that_keeps_nothing_is_said(tmp_path: Path) -> None:
    """Where states can't be kept, the report says of how many products."""
    (tmp_path / "file").touch()
    store = StateStore.open(tmp_path / "file" / "states")
    report = fill(store, Reader(), products(range(12)))
    assert (report.read, report.encoded, report.not_kept) == (12, 0, 12)
    assert store.get([Reader().key(product.title) for product in products(range(12))]) == [None] * 12
    store.close()


def test_a_killed_fill_goes_on(tmp_path: Path) -> None:
    """A fill that is killed has kept all chunks but its last, and the next run makes only the rest."""
    reader, catalogue = Reader(), products(range(95))
    pid = os.fork()
    if pid == 0:
        store = StateStore.open(tmp_path)
        fill(store, reader, catalogue, lambda done: os.kill(os.getpid(), signal.SIGKILL) if done >= 55 else None)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    store = StateStore.open(tmp_path)
    report = fill(store, reader, catalogue)
    assert (report.read, report.already, report.encoded) == (95, 50, 45)
    store.close()
