"""The teacher's training: soft targets, folds that are kept apart, kills, seeds, and judgments that can't teach."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import child_process
import numpy as np
import pytest
import teacher_parts

from endcap.distill.recipe.settings import MemberRecipe, Recipe
from endcap.distill.work.files import read_json
from endcap.distill.work.folder import Work
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.progress import unwatched

FAST = {"epochs": 3, "learning_rate": 2e-3, "head_learning_rate": 5e-3, "batch_size": 16, "max_tokens": 16}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(teacher_parts.bert(tmp_path_factory.mktemp("bert")))


def run(recipe: Recipe, work: Work, **options: float) -> dict[str, object]:
    from endcap.distill.stages.teacher import run as teacher

    teacher.run(recipe, work, unwatched, **options)
    said: dict[str, object] = read_json(work.stage("teacher") / "teacher.json")
    return said


def weights(work: Work, fold: int, member: str = "0-cross-encoder") -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    folder = work.stage("teacher") / "members" / member / "seed-0" / f"fold-{fold}"
    return dict(load_file(folder / "model.safetensors"))


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return set(one) == set(other) and all(np.array_equal(one[name], other[name]) for name in one)


def test_soft_targets_are_learnt(base: str, tmp_path: Path) -> None:
    """Where people's votes are split, the probabilities come to be their shares, and not one grade."""
    from endcap.distill.teacher.classifier import Classifier
    from endcap.distill.teacher.classifier_training import fit_classifier

    member = MemberRecipe("cross-encoder", base, **FAST | {"epochs": 40})
    votes = np.array([[0.5, 0.0, 0.5, 0.0], [0.0, 0.2, 0.0, 0.8]] * 8)
    queries, products = ["red shoe", "blue lamp"] * 8, ["green chair", "black kettle"] * 8
    fit_classifier(member, queries, products, votes, tmp_path / "model", seed=1, checkpoints=tmp_path / "checkpoints")
    told = Classifier(tmp_path / "model", member).probabilities(queries[:2], products[:2])
    np.testing.assert_allclose(told, votes[:2], atol=0.08)
    assert not (tmp_path / "checkpoints").exists()


@pytest.fixture(scope="module")
def memorised(base: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Work, dict[str, int]]:
    """A teacher of queries whose grade can be memorised but not guessed: each of a word of its own, drawn by lot."""
    work = Work(tmp_path_factory.mktemp("memorised"))
    grades = memorisable(work)
    memorise(base, work)
    return work, grades


def memorise(base: str, work: Work) -> None:
    """Run the stage. Nothing can be known of an unseen query here, which else is an error."""
    from endcap.distill.stages.teacher import run as teacher

    member = MemberRecipe("cross-encoder", base, **FAST | {"epochs": 30, "batch_size": 8})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(teacher, "ALIKE", -1.0)
        run(teacher_parts.recipe(member, smoothing=0.0), work)


WORDS = re.findall(
    r"\w+",
    "apple river stone cloud tiger piano bread window garden bottle silver dragon market island castle forest summer "
    "winter engine planet rabbit school doctor mirror",
)


def memorisable(work: Work, flipped_fold: int | None = None) -> dict[str, int]:
    """Write its split; grades of the queries of one fold may be turned around."""
    drawn = np.random.default_rng(0).permutation([0, 3] * (len(WORDS) // 2))
    grade = {word: int(g) for word, g in zip(WORDS, drawn, strict=True)}
    if flipped_fold is not None:
        grade = {word: 3 - g if i // 2 % 2 == flipped_fold else g for i, (word, g) in enumerate(grade.items())}
    products = {f"p{n}": Product(id=f"p{n}", title=f"thing {n}") for n in range(2)}
    teacher_parts.write_split(work, products, {word: dict.fromkeys(products, g) for word, g in grade.items()}, dev=0)
    return grade


def test_a_querys_own_fold_never_taught_it(memorised: tuple[Work, dict[str, int]]) -> None:
    """A grade that can only be memorised is known to the model that saw it, and to the out-of-fold one not at all."""
    from endcap.distill.teacher.ensemble import Teacher
    from endcap.distill.teacher.pairs import Pairs

    work, grades = memorised
    teacher = Teacher.load(work.stage("teacher"))
    [member] = teacher.members()
    queries, told = list(grades), np.array(list(grades.values()))
    fold = np.array([i // 2 % 2 for i in range(len(queries))])
    pairs = Pairs(queries, [Product(id="p0", title="thing 0")] * len(queries))
    by = np.stack([member.signals(pairs, k)[:, 0] for k in (0, 1)])
    seen, unseen = by[1 - fold, np.arange(len(fold))], by[fold, np.arange(len(fold))]
    assert ((seen > 0) == (told == 3)).mean() > 0.95
    assert abs(np.corrcoef(unseen, told)[0, 1]) < 0.45
    kept = np.load(work.stage("teacher") / "signals" / "0-cross-encoder.npy")[::2, 0]
    np.testing.assert_allclose(kept, unseen, atol=1e-3)


def test_a_folds_grades_do_not_touch_its_model(
    memorised: tuple[Work, dict[str, int]], base: str, tmp_path: Path
) -> None:
    """With the grades of fold 0 turned around, the model of fold 0 is the same to the bit; the other one is not."""
    work = Work(tmp_path)
    memorisable(work, flipped_fold=0)
    memorise(base, work)
    assert same(weights(work, 0), weights(memorised[0], 0))
    assert not same(weights(work, 1), weights(memorised[0], 1))


def test_a_pairs_answer_does_not_depend_on_its_neighbours(base: str, tmp_path: Path) -> None:
    """One pair alone and the same pair among others get the same probabilities, in this process and after pickling;
    a judged query is answered by its fold's model, a new one by the mean of all."""
    import pickle

    from endcap.distill.teacher.ensemble import Teacher

    work = Work(tmp_path)
    products, grades = teacher_parts.shop()
    teacher_parts.write_split(work, products, grades)
    members = [MemberRecipe(kind, base, **FAST | {"epochs": 1}) for kind in ("cross-encoder", "cosine", "bi-encoder")]
    said = run(teacher_parts.recipe(*members), work)
    teacher = Teacher.load(work.stage("teacher"))
    some = list(products.values())
    folds = [n % 3 - 1 for n in range(len(some))]
    told = teacher.probabilities(["red shoe"] * len(some), some, folds)
    assert told.dtype == np.float32
    np.testing.assert_allclose(told.sum(axis=1), 1, atol=1e-5)
    other = pickle.loads(pickle.dumps(teacher))
    for n in (0, 1, 2):
        np.testing.assert_allclose(other.probabilities(["red shoe"], [some[n]], [folds[n]])[0], told[n], atol=1e-4)
    assert len(pickle.dumps(teacher)) < 20_000
    by_fold = [teacher.probabilities(["red shoe"], some[:1], [k])[0] for k in (-1, 0, 1)]
    assert not np.allclose(by_fold[1], by_fold[2], atol=1e-6)
    assert said["queries"] == {"train": 18, "dev": 6}
    assert teacher.probabilities([], [], []).shape == (0, 4)


def test_seeds_decide(base: str, tmp_path: Path) -> None:
    """The same seed gives the same weights to the bit, another recipe's seed others."""
    work = [Work(tmp_path / name) for name in "abc"]
    products, grades = teacher_parts.shop()
    fast, cosine = MemberRecipe("cross-encoder", base, **FAST | {"epochs": 1}), MemberRecipe("cosine", base)
    recipe = teacher_parts.recipe(fast, cosine)
    for each, seed in zip(work, (0, 0, 1), strict=True):
        teacher_parts.write_split(each, products, dict(list(grades.items())[:6]))
        run(dataclasses.replace(recipe, seed=seed), each)
    assert same(weights(work[0], 1), weights(work[1], 1))
    assert not same(weights(work[0], 1), weights(work[2], 1))


KILLED = """
import sys
import teacher_parts
from test_teacher import MemberRecipe, Work, killable, run
run(killable(sys.argv[1]), Work(__import__("pathlib").Path(sys.argv[2])), save_every_s=0.0)
"""


def killable(base: str) -> Recipe:
    slow, cosine = MemberRecipe("cross-encoder", base, **FAST | {"epochs": 1}), MemberRecipe("cosine", base)
    return teacher_parts.recipe(slow, cosine)


def test_a_killed_training_goes_on_to_the_same_weights(base: str, tmp_path: Path) -> None:
    """SIGKILL in the middle, with half a checkpoint left behind: the rest is done, and the weights are the same to the
    bit as without the kill."""
    products, grades = teacher_parts.shop()
    killed, whole = Work(tmp_path / "killed"), Work(tmp_path / "whole")
    for work in (killed, whole):
        teacher_parts.write_split(work, products, grades)
    checkpoints = killed.stage("teacher") / "checkpoints"
    command = [sys.executable, "-P", "-c", KILLED, base, str(killed.folder)]
    with subprocess.Popen(command, env=child_process.environment(), start_new_session=True) as child:
        deadline = time.monotonic() + 120
        while not list(checkpoints.glob("*/seed-0-fold-1/checkpoint-[5-9]/whole")):
            assert time.monotonic() < deadline
            assert child.poll() is None, "it was done before it could be killed"
            time.sleep(0.005)
        os.killpg(child.pid, signal.SIGKILL)
    [half] = [checkpoints / "0-cross-encoder" / "seed-0-fold-1" / "checkpoint-500"]
    half.mkdir()
    (half / "trainer_state.json").write_text("{")
    (half / "model.safetensors").write_bytes(b"half")
    shown: dict[str, list[int]] = {}

    @contextmanager
    def watch(title: str, total: int | None) -> Iterator[object]:
        yield shown.setdefault(title, []).append

    from endcap.distill.stages.teacher import run as teacher

    teacher.run(killable(base), killed, watch)  # type: ignore[arg-type]
    assert "Teacher 0-cross-encoder, seed 0, fold 1 of 2" not in shown
    assert shown["Teacher 0-cross-encoder, seed 0, fold 2 of 2"][0] > 5
    run(killable(base), whole)
    for fold in (0, 1):
        assert same(weights(killed, fold), weights(whole, fold))
    told = [read_json(work.stage("teacher") / "teacher.json") for work in (killed, whole)]
    assert told[0]["stacker"] == told[1]["stacker"]


def test_no_number_is_an_error_that_keeps_the_last_good_checkpoint(base: str, tmp_path: Path) -> None:
    """A learning rate that blows the weights up stops the training; the checkpoint that is named is a whole one."""
    from endcap.distill.teacher.classifier_training import fit_classifier

    member = MemberRecipe("cross-encoder", base, **FAST | {"learning_rate": 1e36, "head_learning_rate": 1e36})
    targets = np.tile(np.eye(4), (16, 1))
    with pytest.raises(InputError, match=r"no number at step \d+.*Lower learning_rate \(1e\+36\)") as caught:
        fit_classifier(
            member,
            ["red shoe"] * 64,
            ["blue lamp"] * 64,
            targets,
            tmp_path / "model",
            seed=0,
            checkpoints=tmp_path / "checkpoints",
            save_every_s=0.0,
        )
    assert not (tmp_path / "model").exists()
    good = sorted(path.parent.name for path in tmp_path.glob("checkpoints/*/whole"))
    assert f"kept in {tmp_path / 'checkpoints' / good[-1]}." in str(caught.value)


ALIKE = {"epochs": 1, "learning_rate": 0.0, "head_learning_rate": 0.0}


def test_judgments_and_members_that_can_not_teach(base: str, tmp_path: Path) -> None:
    """Each says what is wrong with it: one grade, one query, a grade that is none, a base that is none, predictions
    that are all alike, no members."""
    products, grades = teacher_parts.shop()
    cosine = MemberRecipe("cosine", base, max_tokens=16)

    def told(name: str, member: MemberRecipe, judged: dict[str, dict[str, int]], folds: int = 2, **odd: object) -> str:
        work = Work(tmp_path / name)
        teacher_parts.write_split(work, products, judged, **odd)
        with pytest.raises(InputError) as caught:
            run(teacher_parts.recipe(member, folds=folds), work)
        return str(caught.value)

    assert "have grade 0" in told("one grade", cosine, {q: dict.fromkeys(g, 0) for q, g in grades.items()})
    assert "1 judged queries" in told("one query", cosine, {"red shoe": grades["red shoe"]})
    assert "has grade 4" in told("grade", cosine, {q: dict.fromkeys(g, 4) for q, g in grades.items()})
    assert "votes must be" in told("votes", cosine, grades, votes=[1.0, 2.0])
    missing = MemberRecipe("cross-encoder", str(tmp_path / "nothing"))
    assert "can't be loaded as a classifier" in told("base", missing, grades)
    assert "can't be loaded" in told("vectors", dataclasses.replace(missing, kind="cosine"), grades)
    one_fold = {"red shoe": grades["red shoe"], "blue lamp": grades["blue lamp"]}
    assert "no judged query is left" in told("fold", MemberRecipe("cross-encoder", base, **FAST), one_fold, dev=0)
    products = {p: dataclasses.replace(product, title="shoe", brand="") for p, product in products.items()}
    assert "would teach nothing" in told("alike", cosine, dict.fromkeys(["apple", "shoe"], grades["red shoe"]))


def test_no_members_is_no_teacher(tmp_path: Path) -> None:
    """The stage passes without members, and says so to whoever asks for labels."""
    from endcap.distill.teacher.ensemble import Teacher

    run(teacher_parts.recipe(), Work(tmp_path))
    with pytest.raises(InputError, match="has no members"):
        Teacher.load(tmp_path / "teacher").probabilities(["q"], [Product(id="1", title="t")], [-1])
