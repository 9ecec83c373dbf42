"""A running service follows the registry: no search fails, none mixes two models, and what is broken is refused."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evaluation_parts import GRADES, products
from model_parts import pretended, variant

from endcap.errors import InputError, ModelError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.plugin import Reranker, Student
from endcap.plugin.model.folder import default_folder
from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.registry import current_folder, promote, rollback
from endcap.plugin.model.smoke_test import check_student, smoke_scores
from endcap.plugin.states.background import BackgroundStates
from endcap.plugin.states.store import StateStore

QUERIES = list(GRADES)[:6]
TITLES = {"text": {**json.loads((default_folder() / "model.json").read_text())["text"], "fields": ["title"]}}
CHANGES: dict[str, dict[str, Any]] = {
    "a": {"blend": {"weight": 0.9, "window": 20}},
    "b": {"blend": {"weight": 0.3, "window": 7}, "state": {"dtype": "float16", "shape": [384]}, **TITLES},
    "c": {"blend": {"weight": 1.0, "window": 20}, "score": {"scale": -1.0, "offset": 0.0}},
}
"""Three models that differ in what they read, in their scores, blends and windows."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {name: variant(folder / name, name, **changes) for name, changes in CHANGES.items()}


@pytest.fixture
def engine() -> EmbeddedEngine:
    engine = EmbeddedEngine("shop")
    engine.load(products())
    return engine


def page(reply: Mapping[str, Any]) -> tuple[Any, ...]:
    """All of a reply that tells which model made it."""
    said = reply["ext"]["rerank"]
    return said["model"], said["window"], *((hit["_id"], round(hit["_score"], 6)) for hit in reply["hits"]["hits"])


def search(reranker: Reranker, query: str) -> Mapping[str, Any]:
    reply: Mapping[str, Any] = reranker.search(index="shop", body={"query": {"match": {"title": query}}, "size": 10})
    return reply


def pages_of(engine: EmbeddedEngine, folder: Path, states: StateStore) -> dict[str, tuple[Any, ...]]:
    """What each query's page is with this model alone."""
    with closing(Reranker(engine, Student.load(folder), deadline_ms=60_000, states=states)) as alone:
        return {query: page(search(alone, query)) for query in QUERIES}


def test_searches_while_models_change(models: Mapping[str, Path], engine: EmbeddedEngine, tmp_path: Path) -> None:
    """Threads search while models are promoted and rolled back: each page is wholly that of one promoted model."""
    with closing(StateStore.open(tmp_path / "expected")) as states:
        expected = {name: pages_of(engine, folder, states) for name, folder in models.items()}
    assert all(len({expected[name][query] for name in models}) == 3 for query in QUERIES)
    promote(models["a"], "shop", "begin")
    live = LiveStudent("shop", check_every_s=0.001)
    ended, seen, wrong = threading.Event(), set[str](), list[object]()

    def searching(reranker: Reranker) -> int:
        count = 0
        while not ended.is_set():
            for query in QUERIES:
                reply = search(reranker, query)
                found = page(reply)
                seen.add(found[0])
                count += 1
                if reply["ext"]["rerank"]["status"] != "reranked" or found != expected[found[0]][query]:
                    wrong.append((query, found, reply["ext"]["rerank"]))
        return count

    with (
        closing(StateStore.open(tmp_path / "states")) as states,
        closing(Reranker(engine, live, deadline_ms=60_000, states=states)) as reranker,
        ThreadPoolExecutor(4) as pool,
    ):
        searches = [pool.submit(searching, reranker) for _ in range(4)]
        try:
            for name in "bcbccbcb":
                promote(models[name], "shop", name)
                assert live.wait(60)
                time.sleep(0.05)
                rollback("shop")
                assert live.wait(60)
        finally:
            ended.set()
        assert all(each.result() > 0 for each in searches)
    assert wrong == []
    assert seen == {"a", "b", "c"}
    assert (live.refused, live.problem) == (0, None)
    assert live.reloads >= 12


def test_a_state_is_kept_under_its_own_models_key(models: Mapping[str, Path], tmp_path: Path) -> None:
    """What is read after the reply is read by the model whose search asked for it, also where another is in use."""
    one, two = Student.load(models["a"]), Student.load(models["b"])
    product = Product("1", "Running shoes")
    with closing(StateStore.open(tmp_path / "states")) as states:
        background = BackgroundStates(states)
        background.add(one, [(one.key(one.text(product)), product)])
        background.add(two, [(two.key(two.text(product)), product)])
        assert background.wait(30)
        background.close()
        for student in (one, two):
            assert states.get([student.key(student.text(product))]) == student.encode([product])
    assert one.encode([product]) != two.encode([product])


def test_a_promoted_model_is_picked_up_on_use(models: Mapping[str, Path]) -> None:
    """Without a call but those of searches; and not looked for more often than asked."""
    promote(models["a"], "shop", "begin")
    now = [100.0]
    live = LiveStudent("shop", check_every_s=5.0, clock=lambda: now[0])
    promote(models["b"], "shop", "better")
    now[0] += 4.9
    assert live.info.name == "a"
    assert live._loading is None
    now[0] += 0.2
    _until(lambda: live.info.name == "b")
    assert live.status() == {
        "name": "shop",
        "version": current_folder("shop").name,
        "model": "b",
        "checksum": live.info.checksum,
        "reloads": 1,
        "refused": 0,
        "problem": None,
    }
    states = live.pinned().encode(["Kettle", "Phone"])
    np.testing.assert_array_equal(
        live.pinned().score("kettle", states), Student.load(models["b"]).score("kettle", states)
    )


def _until(condition: Any) -> None:
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.005)


def _flipped(folder: Path, where: int) -> None:
    path = folder / "onnx" / "model.onnx"
    content = bytearray(path.read_bytes())
    content[where] ^= 0xFF
    path.write_bytes(content)


def test_a_broken_model_is_refused(
    models: Mapping[str, Path], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """One that has changed on the disk, or whose files can't be loaded: the one in use stays, and says why; the next
    promotion is tried again."""
    promote(models["a"], "shop", "begin")
    live = LiveStudent("shop", check_every_s=0.0)
    rotten = promote(models["b"], "shop", "will rot")
    _flipped(rotten, 5_000)
    with caplog.at_level(logging.WARNING, logger="endcap.live"):
        assert live.wait(30)
    assert live.info.name == "a"
    assert live.refused == 1
    assert "the copy is broken" in str(live.problem)
    assert "the one in use stays" in caplog.text
    assert live.wait(30)
    assert live.refused == 1  # not tried again and again
    promote(pretended(tmp_path / "pretended", "x"), "shop", "a model in name only")
    assert live.wait(30)
    assert (live.info.name, live.refused) == ("a", 2)
    assert "is no tokenizer" in str(live.problem)
    promote(models["c"], "shop", "sound")
    assert live.wait(30)
    assert (live.info.name, live.refused, live.problem) == ("c", 2, None)


def test_a_service_does_not_start_with_a_broken_model(models: Mapping[str, Path]) -> None:
    """Nothing promoted, or something broken: an error, unless a student is given to begin with."""
    with pytest.raises(InputError, match="no model named 'shop'"):
        LiveStudent("shop")
    live = LiveStudent("shop", until=Student.load(models["a"]), check_every_s=0.0)
    assert live.info.name == "a"
    assert live.status()["version"] is None
    _flipped(promote(models["b"], "shop", "first"), 5_000)
    assert live.wait(30)
    assert (live.info.name, live.refused) == ("a", 1)
    with pytest.raises(ModelError, match="the copy is broken"):
        LiveStudent("shop")


class Scores(Student):
    """A student whose scores are given, whatever it is asked."""

    def __init__(self, folder: Path, value: float) -> None:
        super().__init__(Student.load(folder).info)
        self.value = value

    def score(self, query: str, items: Any) -> np.ndarray:
        return np.full(5, self.value, dtype=np.float32)


@pytest.mark.parametrize(("value", "said"), [(np.nan, "no finite numbers"), (0.5, "the same score")])
def test_scores_that_are_none(models: Mapping[str, Path], value: float, said: str) -> None:
    """NaN, or one score for everything, is not a student."""
    with pytest.raises(ModelError, match=said):
        check_student(Scores(models["a"], value))


def test_scores_must_be_those_that_the_gate_saw(models: Mapping[str, Path], tmp_path: Path) -> None:
    """A model that scores otherwise than where it was measured (another CPU, another runtime) is refused."""
    import shutil

    smoke = smoke_scores(Student.load(models["a"]))
    for off, said in ((0.0, None), (0.001, None), (0.5, "scores otherwise than where it was measured")):
        folder = tmp_path / str(off)
        shutil.copytree(models["a"], folder)
        raw = json.loads((folder / "model.json").read_text())
        raw["lineage"] = {"gate": {"smoke": [[score + off for score in scores] for scores in smoke]}}
        (folder / "model.json").write_text(json.dumps(raw))
        if said is None:
            check_student(Student.load(folder))
        else:
            with pytest.raises(ModelError, match=said):
                check_student(Student.load(folder))


def test_a_forked_worker_follows_too(models: Mapping[str, Path]) -> None:
    """Forked while another thread looked at the pointer, a worker still picks up what is promoted."""
    promote(models["a"], "shop", "begin")
    live = LiveStudent("shop", check_every_s=0.0)
    live._lock.acquire()
    reads, writes = os.pipe()

    def work() -> None:
        live.wait(30)
        os.write(writes, live.info.name.encode())

    promote(models["b"], "shop", "better")
    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join(60)
    assert os.read(reads, 10) == b"b"
