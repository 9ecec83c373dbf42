"""Hybrid search and candidates by meaning as rows of an evaluation, on a small shop, with the shipped student."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from evaluation_parts import GRADES, WINDOW, evaluated, of, products

from endcap.evaluate.catalogue_vectors import catalogue_vectors
from endcap.evaluate.evaluation import END_TO_END, POOL
from endcap.evaluate.hybrid import joined_candidates
from endcap.evaluate.open_catalogue import Opened, open_catalogue
from endcap.evaluate.systems import (
    BLEND,
    DENSE,
    HYBRID,
    HYBRID_COSINE,
    RULES,
    Candidates,
    StudentWithStates,
    ranked,
    search,
)
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.blend.plain import student_share
from endcap.plugin.model.student import Student
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.states.document_states import model_name, states_matrix
from endcap.plugin.states.store import StateStore

ADDED = 4


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture
def states(endcap_home: Path) -> Iterator[StateStore]:
    store = StateStore.open()
    yield store
    store.close()


@pytest.fixture
def opened(endcap_home: Path, student: Student) -> Opened:
    engine = EmbeddedEngine("small")
    engine.load(products())
    made = student.encode(products())
    keys = [student.key(student.text(product)) for product in products()]
    engine.put_vectors(model_name(student.info), [p.id for p in products()], keys, states_matrix(student, made))
    save_settings(IndexSettings("small", dense=ADDED))
    return open_catalogue("small")


def test_the_rows_are_there_end_to_end(opened: Opened, student: Student, states: StateStore) -> None:
    """Each order that finds candidates by meaning is a row, compared with the others; in the pool there are none."""
    result = evaluated(opened, student, states, baseline=student, dense=ADDED)
    whole, pool = of(result, END_TO_END), of(result, POOL)
    assert [system.name for system in whole.systems][-4:] == [RULES, HYBRID_COSINE, HYBRID, DENSE]
    assert f"{ADDED} candidates by meaning" in result.about.rules  # as the settings say
    assert whole.system(HYBRID_COSINE).values == whole.system(HYBRID).values  # one model in both places
    assert not {HYBRID, DENSE} & {system.name for system in pool.systems}
    for better, base in ((BLEND, HYBRID), (DENSE, BLEND), (DENSE, HYBRID_COSINE)):
        assert whole.difference(better, base, "nDCG@10") is not None
    assert result.about.dense == ADDED
    assert [system.name for system in of(evaluated(opened, student, states), END_TO_END).systems][-1] == RULES


def test_the_dense_order_is_what_the_middleware_shows(opened: Opened, student: Student, states: StateStore) -> None:
    """The window with its neighbours has the order that a search with ``dense`` has."""
    catalogue = catalogue_vectors(opened.shop, StudentWithStates(student, states))
    assert len(catalogue.products) == len(products())
    reranker = Reranker(opened.shop.engine, student, WINDOW, 60_000, 0.6, states=states, dense=ADDED)
    scorer, added = StudentWithStates(student, states), 0
    for query in GRADES:
        clause = opened.shop.engine.text_query(query)
        reply = reranker.search(index=opened.index, body={"query": clause, "size": 2 * WINDOW})
        if "words without a meaning" in reply["ext"]["rerank"].get("detail", ""):
            continue  # a search that finds nothing shows nothing that is no nearer than that
        listed, scores = search(opened.shop, {"query": clause}, WINDOW)
        window = joined_candidates(
            Candidates(query, tuple(listed), np.array(scores)), catalogue.nearest(query, ADDED)[0]
        )
        ours = ranked(window, scorer.scores(window), student_share(query, 0.6))
        assert [hit["_id"] for hit in reply["hits"]["hits"]][: len(ours)] == ours[: 2 * WINDOW]
        added += reply["ext"]["rerank"]["added"]
    assert added > 0
    reranker.close()
