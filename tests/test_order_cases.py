"""The table of searches with two products each (``order_cases.csv``): which comes first, by words and by the model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from endcap.demo.catalogue import products
from endcap.errors import InputError
from endcap.evaluate.order_cases import CaseWindow, OrderCase, case_windows, read_cases, table_products
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.plugin import Reranker, Student
from endcap.plugin.blend.learnt import LearntBlend, Term
from endcap.plugin.states.store import StateStore

TABLE = Path(__file__).with_name("order_cases.csv")
CASES = read_cases(TABLE)
SHARE_RIGHT = 0.95
EACH = 20
"""One in so many products of the generated shop stands beside those of the table."""
HEARD = LearntBlend.plain(0.8)
"""The plain blend, in which amounts, denials and numbers are heard."""


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedEngine:
    """A shop with the table's products and others."""
    engine = EmbeddedEngine("cases", tmp_path_factory.mktemp("home"))
    engine.load([*table_products(CASES), *islice(products(), None, None, EACH)])
    return engine


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StateStore]:
    with closing(StateStore.open(tmp_path_factory.mktemp("states"))) as store:
        yield store


@pytest.fixture(scope="module")
def windows(engine: EmbeddedEngine, student: Student, states: StateStore) -> list[CaseWindow]:
    return case_windows(CASES, Shop(engine), StudentWithStates(student, states))


def told(case: OrderCase) -> str:
    return f"{case.language} {case.query}: {case.first.title!r} before {case.second.title!r}"


def test_the_table() -> None:
    """At least 300 cases of several kinds, none twice, in four languages."""
    assert len({(case.query, case.first.title) for case in CASES}) == len(CASES) >= 300
    assert {case.language for case in CASES} == {"en", "de", "es", "fr"}
    assert len({case.kind for case in CASES}) >= 8


def test_readings_tell_the_two_apart(windows: list[CaseWindow]) -> None:
    """A plain blend with weights for amounts, denials and numbers has nearly all cases right, in each language."""
    wrong = [each.case for each in windows if each.margin(HEARD) <= 0]
    assert len(wrong) <= (1 - SHARE_RIGHT) * len(CASES), "\n".join(map(told, wrong))
    for language in ("de", "es", "fr"):
        count = sum(case.language == language for case in CASES)
        assert sum(case.language == language for case in wrong) <= 0.07 * count, "\n".join(map(told, wrong))


def test_they_do_where_nothing_else_is_found(engine: EmbeddedEngine, student: Student, states: StateStore) -> None:
    """The two products alone, whose scores are as far apart as can be: both may be for the wrong one."""
    alone = case_windows(CASES, Shop(engine), StudentWithStates(student, states), others=0)
    assert {len(each.values) for each in alone} <= {0, 1, 2}  # what the engine does not find is wrong
    wrong = [each.case for each in alone if each.margin(HEARD) <= 0]
    assert len(wrong) <= (1 - SHARE_RIGHT) * len(CASES), "\n".join(map(told, wrong))


def test_readings_are_needed(windows: list[CaseWindow]) -> None:
    """Without them, many are wrong: the table is no easy one."""
    deaf = LearntBlend((Term("student", (0.6,)), Term("engine", (0.4,))))
    assert sum(each.margin(deaf) <= 0 for each in windows) > 2 * (1 - SHARE_RIGHT) * len(CASES)


def test_the_shipped_model_has_nearly_all_right(engine: EmbeddedEngine, student: Student, states: StateStore) -> None:
    """The English cases, through the middleware."""
    english = [case for case in CASES if case.language == "en"]
    reranker = Reranker(engine, student, deadline_ms=60_000, states=states)
    wrong = []
    for case in english:
        body = {"query": engine.text_query(case.query), "size": 100, "_source": False}
        found = [hit["_id"] for hit in reranker.search(body=body)["hits"]["hits"]]
        places = {identifier: place for place, identifier in enumerate(found)}
        if places.get(case.first.id, len(found)) >= places.get(case.second.id, len(found)):
            wrong.append(case)
    reranker.close()
    assert len(wrong) <= (1 - SHARE_RIGHT) * len(english), "\n".join(map(told, wrong))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line should be kind;language;query;first;second"),
        ("kind;language;query;first;second\nsize;en;tea;Tea", "line 2: 'size;en;tea;Tea' should have 5 cells"),
        ("kind;language;query;first;second\nsize;en;;Tea;Pot", "none empty"),
    ],
)
def test_a_table_with_a_mistake_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The message has the line, and what it should be."""
    path = tmp_path / "cases.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_cases(path)
