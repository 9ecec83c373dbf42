"""The labels stage: the same labels whoever makes them, and however often they were begun."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import ray
import stand_in_teacher
from stand_in_teacher import PAIRS, QUERIES, FromFile, StandIn, fill_work, recipe

from endcap.distill.labels.logit import score, soft_target
from endcap.distill.stages.labels.run import label
from endcap.distill.stages.split.run import JUDGED, PRODUCTS
from endcap.distill.work.files import read_json, read_rows, write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.errors import InputError
from endcap.progress import unwatched


def labels_of(work: Work) -> dict[str, bytes]:
    """Every output of the stage, by name."""
    return {path.name: path.read_bytes() for path in work.stage("labels").glob("*.*") if path.name != "speed.json"}


def made(folder: Path, **words: int) -> Work:
    work = fill_work(folder)
    label(recipe(**words), work, unwatched, StandIn())
    return work


def rows_of(work: Work) -> list[dict]:
    return [row for path in sorted(work.stage("labels").glob("shard-*")) for row in read_rows(path)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return labels_of(made(tmp_path_factory.mktemp("undisturbed")))


def test_each_pair_has_its_own_label(tmp_path: Path) -> None:
    """Length order within a shard mixes nothing up; the score is that of the probabilities; folds are the query's."""
    work = made(tmp_path)
    rows, products = rows_of(work), read_data(work).products["s"]
    told = {row["query"]: row["made_from"] for row in read_rows(work.stage("queries") / "queries.parquet")}
    for row in rows:
        made_from = {row["query"]: json.loads(told.get(row["query"]) or "null")}
        product = products[row["product_id"]]
        [expected] = StandIn().probabilities([row["query"]], [product], [row["fold"]], made_from)
        np.testing.assert_array_equal(np.float32(row["probabilities"]), expected)
        assert row["score"] == pytest.approx(float(score(expected[None])[0]), abs=1e-6)
    assert len(rows) == 8 * 6 + 600
    folds = {row["query"]: row["fold"] for row in rows}
    assert folds["train want kettle"] == 0
    assert folds["train want shoe"] == 1
    assert folds["kettle number 0"] == -1


def test_judged_pairs_come_first_and_dev_and_test_queries_never(tmp_path: Path) -> None:
    """Pairs of held-out queries, in whatever form, are left out and counted; a judged query keeps its fold."""
    work = fill_work(tmp_path)
    path = work.stage("pairs") / "pairs.parquet"
    odd = ["Trails, want test!", "Dev want: RED", "want train kettles"]
    rows = [{"shop": "s", "query": query, "product_id": "p1", "how": "random"} for query in odd]
    held_out = {row["part"]: row["query"] for row in read_rows(work.stage("split") / "judged.parquet")}
    rows += [{"shop": "s", "query": held_out[part], "product_id": "p5", "how": "random"} for part in ("dev", "test")]
    write_rows(path, PAIRS, read_rows(path) + rows)
    label(recipe(count=10_000), work, unwatched, StandIn())
    queries = [row["query"] for row in rows_of(work)]
    assert all(query.startswith("train want") for query in queries[:48])
    assert not any(query.startswith("train want") for query in queries[48:])
    assert not {"dev", "test"} & {word for query in queries for word in query.casefold().split()}
    assert [row["fold"] for row in rows_of(work) if row["query"] == "want train kettles"] == [0]
    told = read_json(work.stage("labels") / "labels.json")
    assert sum(told["left_out"].values()) == len(rows) - 1
    assert told["generated"]["pairs"] == 601


def test_whole_queries_are_chosen_and_more_only_adds(tmp_path: Path) -> None:
    """The order of the pairs' file changes nothing; a larger count keeps what a smaller one had."""
    work = made(tmp_path / "a", count=207)
    few = rows_of(work)
    assert {sum(row["query"] == query for row in few[48:]) for query in {row["query"] for row in few[48:]}} == {10}
    assert len(few) == 48 + 200
    label(recipe(count=405), work, unwatched, StandIn())
    assert rows_of(work)[: len(few)] == few
    assert read_json(work.stage("labels") / "speed.json")["pairs"] == 200
    other = fill_work(tmp_path / "b")
    path = other.stage("pairs") / "pairs.parquet"
    write_rows(path, PAIRS, read_rows(path)[::-1])
    label(recipe(count=405), other, unwatched, StandIn())
    assert rows_of(other) == rows_of(work)
    assert [len(rows_of(made(tmp_path / "c", count=count))) for count in (0, 4)] == [48, 52]


def test_what_is_known_by_construction_is_a_part_of_the_score(tmp_path: Path) -> None:
    """A known grade counts half; where none is known, the teacher's score stands."""
    work = fill_work(tmp_path, n_queries=0)
    products = {
        f"p{n}": {"id": f"p{n}", "title": title, "category": category}
        for n, (title, category) in enumerate(
            [("red kettle", "Kettles"), ("steel kettle", "Kettles"), ("wool mug", "Mugs"), ("shoe", "Shoes")]
        )
    }
    rows = [{"shop": "s", "id": id, "product": json.dumps(each)} for id, each in products.items()]
    write_rows(work.stage("split") / "products.parquet", PRODUCTS, rows)
    write_rows(work.stage("split") / "judged.parquet", JUDGED, [])
    made = {"red kettle": "made-from", "kettle": "answers", "warm shoes": "engine@10"}
    queries = [
        {
            "shop": "s",
            "query": query,
            "kind": "k",
            "source": "log",
            "made_from": '{"product": "p0"}' if how == "made-from" else None,
        }
        for query, how in made.items()
    ]
    write_rows(work.stage("queries") / "queries.parquet", QUERIES, queries)
    pairs = [
        {"shop": "s", "query": query, "product_id": f"p{n}", "how": how if n == 0 else "random"}
        for query, how in made.items()
        for n in range(4)
    ]
    write_rows(work.stage("pairs") / "pairs.parquet", PAIRS, pairs)
    label(recipe(known_share=0.5), work, unwatched, StandIn())
    rows = rows_of(work)
    grades: dict[str, list[int | None]] = {query: [] for query in made}
    for row in sorted(rows, key=lambda row: row["product_id"]):
        grades[row["query"]].append(row["grade"])
        told = float(score(np.float32(row["probabilities"])[None])[0])
        if row["grade"] is not None:
            told = 0.5 * told + 0.5 * float(score(soft_target(row["grade"], 0.1)[None])[0])
        assert row["score"] == pytest.approx(told, abs=1e-5)
    assert grades == {"red kettle": [3, 2, 0, 0], "kettle": [3, 3, 0, 0], "warm shoes": [None] * 4}
    told = read_json(work.stage("labels") / "labels.json")["known_by_construction"]
    assert told == {"pairs": 8, "queries": 2, "grade": {"0": 4, "2": 1, "3": 3}}


def test_nothing_is_asked_again_where_known_grades_change(tmp_path: Path) -> None:
    """What a teacher said is kept under what it was given; another share is mixed from that."""
    work = made(tmp_path)
    asked = list[int]()
    counting = StandIn(change=lambda found: (asked.append(len(found)), found)[1])
    rows = read_rows(work.stage("pairs") / "pairs.parquet")
    first = {row["query"]: n for n, row in reversed(list(enumerate(rows)))}
    rows = [row | {"how": "answers" if first[row["query"]] == n else "random"} for n, row in enumerate(rows)]
    write_rows(work.stage("pairs") / "pairs.parquet", PAIRS, rows)
    before = [row["score"] for row in rows_of(work)]
    label(recipe(known_share=0.5), work, unwatched, counting)
    assert asked == []
    label(recipe(), work, unwatched, counting)
    assert (asked, [row["score"] for row in rows_of(work)]) == ([], before)


def test_another_teacher_labels_anew(tmp_path: Path) -> None:
    """Labels that are kept are those of the teacher that there is."""
    work = made(tmp_path)
    before = rows_of(work)
    work.finish("teacher", "another")
    label(recipe(), work, unwatched, StandIn(change=lambda found: found[:, ::-1]))
    assert [row["probabilities"][::-1] for row in rows_of(work)] == [row["probabilities"] for row in before]
    assert len(list((work.stage("labels") / "cache").iterdir())) == 1


def test_the_report_counts(tmp_path: Path) -> None:
    """Golden: one query with something good, bad and between, another with bad only."""
    work = fill_work(tmp_path, n_queries=0)
    rows = [{"shop": "s", "query": f"q{n // 3}", "product_id": f"p{n}", "how": "random"} for n in range(6)]
    write_rows(work.stage("pairs") / "pairs.parquet", PAIRS, rows)
    grade = {"p0": 3, "p1": 0, "p2": 1, "p3": 0, "p4": 0, "p5": 0}

    class Known(StandIn):
        def probabilities(self, queries, products, folds, made_from):  # type: ignore[no-untyped-def]
            return np.eye(4)[[grade.get(product.id, 2) for product in products]]

    label(recipe(), work, unwatched, Known())
    told = read_json(work.stage("labels") / "labels.json")["generated"]
    assert told["likeliest_grade"] == {"0": 4, "1": 1, "2": 0, "3": 1}
    assert told["queries_with"] == {"good": 1, "between": 1, "bad": 2, "all three": 1}
    assert told["score_deciles"][0] == pytest.approx(-9.2102, abs=1e-4)  # log(1e-4 / (1 - 1e-4))
    assert (told["pairs"], told["queries"]) == (6, 2)


def test_labels_that_are_all_alike_stop_the_work_early(tmp_path: Path) -> None:
    """A shard of hundreds of pairs that are alike is enough: nobody waits for the rest."""
    alike = StandIn(change=lambda found: np.full_like(found, 0.25))
    work = fill_work(tmp_path)
    with pytest.raises(InputError, match="all alike: the scores of 250 pairs"):
        label(recipe(shard=250), work, unwatched, alike)
    assert not list(work.stage("labels").glob("shard-*"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda found: np.full_like(found, 0.25), "all alike: the scores of 648 pairs are"),
        (lambda found: found * np.nan, "no probabilities"),
        (lambda found: found * 2, "no probabilities"),
        (lambda found: found[:, :3], r"shape \(20, 3\)"),
    ],
)
def test_a_broken_teacher_is_refused(tmp_path: Path, change: Callable[[np.ndarray], np.ndarray], says: str) -> None:
    with pytest.raises(InputError, match=says):
        label(recipe(), fill_work(tmp_path), unwatched, StandIn(change=change))


def test_nothing_to_label_and_unknown_products_are_refused(tmp_path: Path) -> None:
    work = fill_work(tmp_path)
    write_rows(work.stage("pairs") / "pairs.parquet", PAIRS, [{"shop": "s", "query": "q", "product_id": "no"}])
    with pytest.raises(InputError, match="'no' of the pair with 'q' is not in the catalogue of 's'"):
        label(recipe(), work, unwatched, StandIn())
    write_rows(work.stage("split") / "judged.parquet", JUDGED, [])
    with pytest.raises(InputError, match="nothing to label"):
        label(recipe(count=0), work, unwatched, StandIn())


def killed(folder: Path, workers: int, lines: int, wait_s: float) -> int:
    """Run the stage in a process and kill it ``wait_s`` after it has written so many shards; its exit status."""
    command = [sys.executable, "-P", stand_in_teacher.__file__, str(folder), str(workers), "0.05"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        time.sleep(wait_s)
        process.kill()
        return process.wait()


def test_killed_at_ten_random_moments_the_labels_are_the_same(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """Nine kills of a plain loop and one of Ray's driver; then two Ray workers do the rest, and every byte is that of a
    plain loop that nobody disturbed."""
    draw = random.Random(5)
    work = fill_work(tmp_path)
    shards = len([name for name in undisturbed if name.startswith("shard")])
    assert shards == 33
    statuses = [killed(tmp_path, 1, draw.randint(0, 2), draw.random() / 5) for _ in range(4)]
    statuses += [killed(tmp_path, 2, 1, draw.random() / 5)]
    statuses += [killed(tmp_path, 1, draw.randint(0, 1), draw.random() / 5) for _ in range(5)]
    assert statuses == [-signal.SIGKILL] * 10
    ray.cloudpickle.register_pickle_by_value(stand_in_teacher)  # workers can't import it
    done = len(list((work.stage("labels") / "cache").glob("*/*.parquet")))
    assert 3 < done < shards - 2
    label(recipe(workers=2), work, unwatched, StandIn())
    assert labels_of(work) == undisturbed


def test_workers_find_a_teacher_that_is_named_from_where_the_stage_was_begun(
    tmp_path: Path, undisturbed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--work build/shop` means the same for Ray's workers, which are started in another folder."""
    monkeypatch.chdir(tmp_path)
    fill_work(Path("work"))
    Path("teacher").touch()
    ray.cloudpickle.register_pickle_by_value(stand_in_teacher)
    label(recipe(workers=2), Work(Path("work")), unwatched, FromFile(Path("teacher")))
    assert labels_of(Work(Path("work"))) == undisturbed


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:100]), Path.unlink])
@pytest.mark.parametrize("where", ["shard-00001.parquet", "cache"])
def test_damaged_labels_are_made_again(
    tmp_path: Path, undisturbed: dict[str, bytes], damage: Callable[[Path], object], where: str
) -> None:
    """A shard that is not as it was written is put right from what is kept, and what is kept by the teacher."""
    work = made(tmp_path)
    folder = work.stage("labels")
    path = folder / where if where != "cache" else sorted((folder / "cache").rglob("*.parquet"))[1]
    damage(path)
    label(recipe(), work, unwatched, StandIn())
    assert labels_of(work) == undisturbed
