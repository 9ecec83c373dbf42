"""Training a student: it learns, it goes on after a kill as if nothing had been, and a test query is refused."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distill_parts import write_base, write_recipe, write_shop

from endcap.distill.recipe.settings import Recipe, StudentRecipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.work.folder import Work
from endcap.distill.work.records import JudgedQuery
from endcap.errors import InputError

STAGES = ("split", "queries", "pairs", "teacher", "labels", "student", "export")
FAST = StudentRecipe(epochs=4, learning_rate=3e-3, evaluations=2, lists_per_step=4, cosine_share=0.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Recipe:
    folder = write_shop(tmp_path_factory.mktemp("shop"))
    found = read_recipe(write_recipe(folder, base), folder)
    return replace(found, student=FAST, pooling="mean", split=replace(found.split, test=0.2, dev=0.2))


def run(recipe: Recipe, folder: Path, until: str = "student") -> Work:
    from endcap.distill.pipeline import run_stages

    work = Work(folder)
    run_stages(recipe, work, STAGES[: STAGES.index(until) + 1])
    return work


def lists_and_texts(recipe: Recipe, folder: Path) -> tuple[Any, Any]:
    """The train queries' lists, by grades alone, and their products' texts."""
    from endcap.distill.student.list_sources import gold_lists, texts_of
    from endcap.distill.work.records import TRAIN, read_data

    data = read_data(run(recipe, folder, "split"))
    train = data.part(TRAIN)
    zero = {(e.shop, e.query): dict.fromkeys(e.grades, 0.0) for e in train}
    gold = gold_lists(train, recipe, zero, data.guard())
    texts = texts_of(data, {(e.shop, p) for e in train for p in e.grades}, recipe.text)
    return gold, texts


@pytest.mark.parametrize("shape", ["bi-encoder", "cross-encoder"])
def test_a_student_learns_from_judgments_and_is_exported(recipe: Recipe, tmp_path: Path, shape: str) -> None:
    """Either shape ends in a model folder that ranks training queries better than the untrained base."""
    from endcap.distill.student.dev_ndcg import tower_ndcg
    from endcap.distill.student.list_sources import texts_of
    from endcap.distill.student.tower import Tower
    from endcap.distill.work.files import read_json
    from endcap.distill.work.records import TRAIN, read_data
    from endcap.plugin.model.student import Student

    work = run(replace(recipe, shape=shape), tmp_path, "export")
    data = read_data(work)
    train = data.part(TRAIN)
    texts = texts_of(data, {(e.shop, p) for e in train for p in e.grades}, recipe.text)
    fresh = Tower.load(recipe.base, shape=shape, pooling="mean")
    taught = Tower.load(work.stage("student") / "weights", shape=shape, pooling="mean")
    before, after = (tower_ndcg(tower, train, texts, recipe.text) for tower in (fresh, taught))
    assert after > before + 0.05
    training = read_json(work.stage("student") / "training.json")
    assert training["gold"]["lists"] == len(train)
    assert len(training["courses"]["0"]["dev"]) == 2
    scores = Student.load(work.stage("export") / "model").score("red shoe", ["Red shoe", "Blue kettle", "Green bag"])
    assert np.isfinite(scores).all()
    assert read_json(work.stage("export") / "parity.json")["max"] < 0.01


def test_a_training_goes_on_as_if_it_had_not_been_stopped(recipe: Recipe, tmp_path: Path) -> None:
    """Stopped after some steps and gone on with from its checkpoint, it ends in the same weights."""
    import torch

    from endcap.distill.student import training as module
    from endcap.distill.student.tower import Tower

    gold, texts = lists_and_texts(recipe, tmp_path)

    class Stop(Exception):
        pass

    def go(checkpoint: Path, stop_at: int | None) -> Tower:
        tower = Tower.load(recipe.base, pooling="mean")

        def measure(tower: Tower) -> float:
            run_state.append(1)
            if stop_at is not None and len(run_state) == stop_at:
                raise Stop
            return float(next(tower.parameters()).sum().detach())

        run_state: list[int] = []
        settings = replace(FAST, evaluations=4, patience=9, text_dropout=0.3)
        module.train_tower(
            tower, gold, [], texts, recipe.text, settings, checkpoint=checkpoint, measure=measure, seed=3
        )
        return tower

    before = module.CHECKPOINT_EVERY_S
    module.CHECKPOINT_EVERY_S = 0.0
    try:
        whole = go(tmp_path / "a.pt", None)
        with pytest.raises(Stop):
            go(tmp_path / "b.pt", 3)
        # A checkpoint holds numbers and tensors alone: what could run code when it is read is not read.
        assert torch.load(tmp_path / "b.pt", weights_only=True)["step"] > 0
        resumed = go(tmp_path / "b.pt", None)
    finally:
        module.CHECKPOINT_EVERY_S = before
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_a_killed_stage_ends_in_the_same_student(recipe: Recipe, tmp_path: Path, base: Path) -> None:
    """SIGKILL in the middle of the stage, with two seeds, and again: the same weights as without."""
    slow = replace(recipe, student=replace(FAST, epochs=12, seeds=(0, 1)))
    whole = run(slow, tmp_path / "whole")
    other = run(slow, tmp_path / "killed", "labels")
    code = (
        "import sys, pickle; from pathlib import Path; from endcap.distill.student import training\n"
        "training.CHECKPOINT_EVERY_S = 0.0\n"
        "from endcap.distill.pipeline import run_stages; from endcap.distill.work.folder import Work\n"
        "run_stages(pickle.loads(Path(sys.argv[1]).read_bytes()), Work(Path(sys.argv[2])), ['student'])"
    )
    import pickle

    (tmp_path / "recipe").write_bytes(pickle.dumps(slow))
    checkpoints = other.stage("student") / "checkpoints"
    for awaited in ("seed-0.pt", "seed-1.pt"):
        process = subprocess.Popen([sys.executable, "-P", "-c", code, str(tmp_path / "recipe"), str(other.folder)])
        deadline = time.monotonic() + 60
        while not (checkpoints / awaited).exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.kill()
        process.wait()
    run(slow, other.folder)
    one, two = (w.stage("student") / "weights/model.safetensors" for w in (whole, other))
    assert one.read_bytes() == two.read_bytes()


def test_a_test_query_among_the_labels_is_refused(recipe: Recipe, tmp_path: Path) -> None:
    """Whatever way it came in, the student's own guard stops it."""
    from endcap.distill.student.list_sources import generated_lists
    from endcap.distill.work.records import TEST, read_data

    data = read_data(run(recipe, tmp_path, "split"))
    query = data.part(TEST)[0].query
    rows = [
        {"shop": "shop", "query": query.upper() + "s", "product_id": f"red-{t}", "fold": -1, "score": float(n)}
        for n, t in enumerate(("shoe", "bag", "lamp"))
    ]
    with pytest.raises(InputError, match="must not be trained on"):
        generated_lists(rows, 8, 0, data.guard())


def test_a_smaller_amount_is_part_of_a_larger_one(recipe: Recipe) -> None:
    """The curve compares amounts of one data set, not different ones."""
    from endcap.distill.leaks.guard import LeakGuard
    from endcap.distill.student.list_sources import generated_lists

    rows = [
        {"shop": "s", "query": f"thing number {q}", "product_id": str(p), "fold": -1, "score": float((q * p) % 7)}
        for q in range(40)
        for p in range(10)
    ]
    few, many = (generated_lists(rows, 8, 0, LeakGuard([]), pairs=n) for n in (80, 240))
    assert sum(len(each.products) for each in few) == 80
    assert [each.query for each in many[: len(few)]] == [each.query for each in few]


def test_a_loss_that_is_no_number_ends_the_training(recipe: Recipe, tmp_path: Path) -> None:
    """Targets that are no numbers are said, not learnt."""
    from endcap.distill.student.tower import Tower
    from endcap.distill.student.training import TrainingFailed, train_tower
    from endcap.distill.student.training_lists import TrainingList

    bad = [TrainingList("s", f"q{n}", ("a", "b"), np.array([np.nan, 1.0], dtype=np.float32)) for n in range(40)]
    texts = {("s", "a"): ("red", "red"), ("s", "b"): ("blue", "blue")}
    with pytest.raises(TrainingFailed, match="learning_rate"):
        train_tower(Tower.load(recipe.base), bad, [], texts, recipe.text, FAST)


def test_averaged_seeds_are_the_mean_of_their_weights(recipe: Recipe, base: Path, tmp_path: Path) -> None:
    """And ``stay_near`` moves the mean back to the base by its share."""
    from endcap.distill.stages.student.run import averaged
    from endcap.distill.student.tower import Tower

    folders = []
    for shift in (0.1, 0.3):
        tower = Tower.load(base)
        for parameter in tower.parameters():
            parameter.data.add_(shift)
        tower.save(tmp_path / str(shift))
        folders.append(tmp_path / str(shift))
    zero = Tower.load(base).state_dict()
    for near, moved in ((0.0, 0.2), (0.25, 0.15)):
        found = averaged(replace(recipe, student=replace(FAST, stay_near=near)), folders).state_dict()
        for name, value in found.items():
            if value.is_floating_point():
                assert np.allclose(value.numpy(), zero[name].numpy() + moved, atol=1e-5), name


def test_frozen_layers_stay(recipe: Recipe) -> None:
    """The embeddings and the lowest layers are the base's after a training."""
    from endcap.distill.student.tower import Tower
    from endcap.distill.student.training import train_tower
    from endcap.distill.student.training_lists import TrainingList

    lists = [TrainingList("s", f"q{n}", ("a", "b"), np.array([2.0, -2.0], dtype=np.float32)) for n in range(20)]
    texts = {("s", "a"): ("red", "red"), ("s", "b"): ("blue", "blue")}
    tower = Tower.load(recipe.base)
    before = {k: v.clone() for k, v in tower.state_dict().items()}
    train_tower(tower, lists, [], texts, recipe.text, replace(FAST, frozen_layers=1))
    changed = {k for k, v in tower.state_dict().items() if not bool((v == before[k]).all())}
    assert changed
    assert not any("embeddings" in k or ".layer.0." in k for k in changed)


def test_the_untrained_cosines_are_read_once(recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All folds and seeds ask for them; another text is another question; test queries have none."""
    from endcap.distill.student import list_sources as student_lists
    from endcap.distill.student.tower import Tower
    from endcap.distill.work.records import TRAIN, read_data

    work = run(recipe, tmp_path, "split")
    data = read_data(work)
    first = student_lists.base_cosines(recipe, work, data)
    assert set(first) == {(each.shop, each.query) for each in data.part(TRAIN)}
    each = data.part(TRAIN)[0]
    tower = Tower.load(recipe.base, pooling="mean")
    texts = student_lists.texts_of(data, {(each.shop, product) for product in each.grades}, recipe.text)
    [query] = tower.encode([each.query], recipe.text.max_query_tokens)
    for product in each.grades:
        [vector] = tower.encode([texts[each.shop, product][0]], recipe.text.max_product_tokens)
        assert first[each.shop, each.query][product] == pytest.approx(float(vector @ query), abs=1e-5)

    def unloadable(*args: object, **settings: object) -> Tower:
        raise AssertionError("read again")

    monkeypatch.setattr(student_lists.Tower, "load", unloadable)
    assert student_lists.base_cosines(recipe, work, data) == first
    with pytest.raises(AssertionError, match="read again"):
        student_lists.base_cosines(replace(recipe, text=replace(recipe.text, max_product_tokens=7)), work, data)


def test_a_new_head_is_the_same_each_time(recipe: Recipe) -> None:
    """For all seeds, and whatever was drawn before: weights of several seeds can be averaged."""
    import torch

    from endcap.distill.student.tower import Tower

    towers = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        towers.append(Tower.load(recipe.base, shape="cross-encoder", pooling="mean"))
        assert torch.initial_seed() == seed
    one, other = (tower.state_dict() for tower in towers)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_measure_that_is_no_number_stops_nothing(recipe: Recipe, tmp_path: Path) -> None:
    """Dev queries that tell no rankings apart: the training goes to its end, with its last weights."""
    from endcap.distill.student.tower import Tower
    from endcap.distill.student.training import train_tower

    gold, texts = lists_and_texts(recipe, tmp_path)
    settings = replace(FAST, patience=1, evaluations=5)
    tower = Tower.load(recipe.base, pooling="mean")
    course = train_tower(tower, gold, (), texts, recipe.text, settings, measure=lambda tower: float("nan"))
    assert course.best_step == course.steps
    assert course.dev == ()


def test_votes_are_learnt_from(recipe: Recipe, tmp_path: Path) -> None:
    """Where people disagree the target lies between their grades; votes that agree are as one grade."""
    from endcap.distill.student.training_lists import gold_list

    grades, near = {"a": 0, "b": 3, "c": 3}, {"a": 0.0, "b": 0.0, "c": 0.0}
    votes = {"a": (1, 0, 0, 1), "b": (0, 0, 0, 5)}
    judged = JudgedQuery("s", "q", grades, "train", 0, votes)
    made = gold_list(judged, near, 0.1, StudentRecipe(cosine_share=0.0))
    a, b, c = made.targets
    assert b == pytest.approx(c)
    assert -1 < a < 0 < b
