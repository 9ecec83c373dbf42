"""What a search makes of documents, kept beside their states: a process that is new to a product makes nothing anew."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rerank_parts import Listed, ids, told
from test_rerank_learnt import Learnt, search, shop

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin import Reranker, Student
from endcap.plugin.blend.document_words import WordsMemory, packed, unpacked, words_of
from endcap.plugin.bounded_source import MAX_BYTES
from endcap.plugin.content_memory import Records, keep
from endcap.plugin.deadline import Deadline
from endcap.plugin.search.search_model import SearchModels
from endcap.plugin.source_keys import SourceKeys, UntitledKey
from endcap.plugin.states.fill import fill
from endcap.plugin.states.read_ahead import document_memories
from endcap.plugin.states.store import StateStore

TEXT = st.text(max_size=60) | st.sampled_from(
    ["usb-c cable 2 x 5 m, no adapter", "3 pack of 6 mugs", "sugar free WH-1000XM4 case for Sony", "½ kg, unsalted"]
)
PRODUCTS = st.builds(Product, st.just("1"), TEXT, TEXT, TEXT, TEXT, st.dictionaries(TEXT, TEXT, max_size=4))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    opened = StateStore.open(tmp_path)
    yield opened
    opened.close()


@given(PRODUCTS)
def test_words_are_the_same_when_they_were_packed(product: Product) -> None:
    """Whatever a product says."""
    words = words_of(product)
    assert unpacked(packed(words)) == words


def test_a_new_process_reads_nothing_again(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first search keeps keys and words; then one in another re-ranker finds them, and orders the same."""
    with_words = search(settings={"states": store})
    first = Reranker(shop(), Learnt(), states=store, deadline_ms=60_000)
    first.search(body={"query": {"match": {"title": "usb cable"}}})
    assert first.wait()

    def made(*_: Any, **__: Any) -> None:
        raise AssertionError("a product was read again")

    student = Learnt()
    monkeypatch.setattr(student, "text", made)
    monkeypatch.setattr("endcap.plugin.blend.document_words.words_of", made)
    again = search(student=student, settings={"states": store})
    assert told(again) == ("reranked", None)
    assert ids(again) == ids(with_words)
    assert again["ext"]["rerank"]["blend"] == "learnt"


def test_what_is_read_in_advance_is_found_by_a_search(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """``fill`` keeps keys and words of documents as endcap writes them."""
    student = Student.load()
    products = [
        Product(str(n), f"usb cable {n} m", attributes={"mpn": f"UC-{n}00"}, extra={"sku": n}) for n in range(3)
    ]
    fill(store, student, products)
    model = SearchModels(student, None, None, None).current()
    assert model.words is not None
    records = Records(store)
    sources = [product.to_mapping() for product in products]
    monkeypatch.setattr(FieldMap, "product", lambda *_, **__: pytest.fail("a document was read again"))
    assert model.sources.values(sources, records) == [student.key(student.text(product)) for product in products]
    assert [words.numbers for words in model.words.values(sources, records)] == [{f"uc{n}00", f"{n}"} for n in range(3)]
    assert not records.fresh


@pytest.mark.parametrize("record", [b"", b"\xff", b"[]", b"null", b'["a"]'])
def test_a_broken_record_is_made_anew(store: StateStore, record: bytes) -> None:
    """It costs time, and no search."""
    source = {"title": "usb cable"}
    words = WordsMemory()
    keep([words], store, [source])
    key = words._key(words._digest(source) or b"")
    assert store.get([key]) == [packed(words_of(Product("", "usb cable")))]
    store.put([(key, record)])
    assert WordsMemory().values([source], Records(store)) == [words_of(Product("", "usb cable"))]


def test_records_are_those_of_the_same_reading(store: StateStore) -> None:
    """Other languages, another map or another model have records of their own."""
    source = {"title": "Lampen", "name": "cables"}
    student = Student.load()
    named = FieldMap.parse("title=name")
    memories = [WordsMemory(), WordsMemory(languages=("de",)), WordsMemory(named), SourceKeys(student, named)]
    memories += [SourceKeys(student, FieldMap()), SourceKeys(Learnt(), FieldMap())]
    assert keep(memories, store, [source]) == len(memories)
    assert keep(memories, store, [source]) == 0
    again = WordsMemory(named).values([source], Records(store))
    assert again[0].title == " cable "


def test_a_store_is_told_what_is_still_needed(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it deletes no records of products that are there."""
    told_of: list[bytes] = []
    monkeypatch.setattr(StateStore, "needed", lambda _, keys: told_of.extend(keys), raising=False)
    for expected in (0, 2):
        keep(document_memories(Student.load()), store, [{"title": "lamp"}])
        assert len(told_of) == expected


def test_keys_of_untitled_and_empty_documents(store: StateStore) -> None:
    """A document without a title, and one that says nothing, are known again as such."""
    sources = [{"brand": "acme"}, {"price": 3}, {"title": "lamp"}]
    student = Student.load()
    keep(document_memories(student), store, sources)
    untitled, nothing, titled = SourceKeys(student, FieldMap()).values(sources, Records(store))
    assert isinstance(untitled, UntitledKey)
    assert nothing is None
    assert titled == student.key(student.text(Product("", "lamp")))


@pytest.mark.parametrize("languages", [(), ("de",), ("any",), ("en", "fr")])
def test_documents_are_read_as_in_a_search(languages: Sequence[str]) -> None:
    """In the same languages, with the same fields."""
    student = Student.load()
    model = SearchModels(student, None, None, None, languages=languages or None).current()
    _, words = document_memories(student, languages=languages)
    assert isinstance(words, WordsMemory)
    assert model.words is not None
    assert words.languages == model.words.languages
    assert words.fields == model.words.fields


MANY = 300_000


@pytest.mark.parametrize(
    "source",
    [
        {"attributes": {f"k{i}": "v" for i in range(MANY)}},
        {"attributes": [{"name": f"k{i}", "value": "v"} for i in range(MANY)]},
        {"attributes": {"a": {"b": {f"k{i}": "v" for i in range(MANY)}}}},
        {"extra": {f"k{i}": "v" for i in range(MANY)}, "category": ["a"] * MANY},
        {"description": "2 x 3 m, no cable for " * MANY, "title": "usb cable " * MANY},
    ],
)
def test_a_huge_document_takes_no_longer_than_a_page(source: dict[str, Any]) -> None:
    """Only its beginning is read, for words and for the key."""
    student = Student.load()
    memories = document_memories(student)
    for memory in memories:
        memory.value({"title": "usb cable, no adapter", "attributes": {"length": "2 x 3 m"}})
    began = time.process_time()
    for memory in memories:
        memory.value({"title": "kettle", **source})
    assert time.process_time() - began < 0.25  # 5 s and more, where all of it is read


def test_what_lies_behind_the_bound_is_not_read() -> None:
    """The words of a document that is just as large as may be, and of one that goes on, are the same."""
    text = "usb cable " * (MAX_BYTES // 10)
    memory = WordsMemory()
    assert memory.value({"title": "hub", "description": text}) == memory.value(
        {"title": "hub", "description": text + "without adapter " * MANY}
    )


@given(st.lists(st.dictionaries(st.sampled_from(["a", "a.b", "c"]), st.none() | st.integers(0, 2), max_size=3)))
@settings(max_examples=50)
def test_documents_that_differ_in_what_is_read_are_told_apart(parts: list[dict[str, Any]]) -> None:
    """Where a map's paths lead into objects, or are names with dots."""
    memory = WordsMemory(FieldMap.parse("title=t.a,brand=t.a.b,category=u.c|t.c"))
    sources = [source for part in parts for source in ({"t": part}, {"u": part, "t.a": "x"}, {"t": [part]})]
    by_digest: dict[bytes | None, Any] = {}
    for source in sources:
        assert by_digest.setdefault(memory._digest(source), memory.product(source)) == memory.product(source)


def test_a_search_without_time_for_words_says_so() -> None:
    """It is partial, by the plain blend, with a reason that is counted, and tells for how many there was time."""
    now = [0.0]

    class Slow(Learnt):
        """Scores take all the time there is."""

        def score_batches(self, query: str, items: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
            yield from super().score_batches(query, items)
            now[0] += 10

    target: Listed = shop()
    reranker = Reranker(target, Slow(), deadline_ms=5_000, clock=lambda: now[0])
    body = {"query": {"match": {"title": "cable"}}, "ext": {"rerank": {"query_context": {"query_text": "usb cable"}}}}
    said = reranker.search(body=body)["ext"]["rerank"]
    assert (said["status"], said["reason"], said["blend"], said["scored"]) == ("partial", "plain_blend", "plain", 4)
    assert said["detail"] == "there was time to compare the words of 1 of 4 products"
    assert reranker.outcomes == {"partial:plain_blend": 1}


def test_the_deadline_is_looked_at_after_each_document() -> None:
    """Values of as many as there was time for, and no more."""
    looks = iter(range(100))
    memory, deadline = WordsMemory(), Deadline.start(3_500, lambda: float(next(looks)))
    sources = [{"title": f"cable {n}"} for n in range(9)]
    assert 0 < len(memory.values(sources, None, deadline.expired)) < 9
