"""Rankings of other systems beside ours, and ours written as theirs: with the traps of TREC's format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import pytrec_eval
from evaluation_parts import GRADES, write_catalogue, write_judgments
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.cli.main import main
from endcap.errors import InputError
from endcap.evaluate.trec_run import Run, read_run, write_run

JUDGED = ["red shoes", "lamp", "12"]
IDS = {"q1": "red shoes", "q2": "lamp"}


def read(folder: Path, text: str, ids: dict[str, str] | None = IDS) -> Run:
    (folder / "other.run").write_text(text)
    return read_run(folder / "other.run", JUDGED, ids)


def test_the_score_decides_and_ties_are_the_rank_s(tmp_path: Path) -> None:
    """What stands otherwise in the file than it counts is said."""
    text = "q1 Q0 c 3 1.5 bm25\nq1 Q0 a 1 1.5 bm25\nq1 Q0 b 2 9 bm25\nq1 Q0 a 4 0.1 bm25\nq9 Q0 a 1 1 bm25\n"
    found = read(tmp_path, text)
    assert (found.name, found.rankings) == ("bm25", {"red shoes": ["b", "a", "c"]})
    assert found.notes == (
        "run bm25: 1 rows name a product again for a query: its best place counts",
        "run bm25: 1 rows have the score of the one before: of these the smaller rank comes first",
        "run bm25: in 1 queries the ranks contradict the scores: the scores decide",
        "run bm25: 1 of its queries were not judged, such as 'q9'",
        "run bm25: 2 judged queries are not in it and score 0, such as 'lamp', '12'",
    )


@pytest.mark.parametrize(
    "text",
    [
        "red shoes Q0 sku 7 1 2.5 my system\n",
        "red shoes\tQ0\tsku 7\t1\t2.5\tmy system\n",
        "Red  Shoes\tQ0\tsku 7\t1\t2.5\tmy system\n",
        "# run of November\nq1 Q0 sku 7 1 2.5 my system\n",
        "q1\tQ0\tsku 7\t1.0\t2.5e0\tmy system\n",
    ],
)
def test_blanks_in_ids_and_texts_for_ids(text: str, tmp_path: Path) -> None:
    found = read(tmp_path, text)
    assert (found.name, found.rankings) == ("my system", {"red shoes": ["sku 7"]})


def test_a_number_may_be_an_id_or_a_text(tmp_path: Path) -> None:
    """Ids go before texts where both are known."""
    assert read(tmp_path, "12 Q0 a 1 1 x\n").rankings == {"12": ["a"]}
    assert read(tmp_path, "12 Q0 a 1 1 x\n", {"12": "lamp"}).rankings == {"lamp": ["a"]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("q1 Q0 a 1\n", "line 1: 4 columns; a line of a run has 6"),
        ("q1 Q0 a one 2 x\n", "rank 'one' and score '2' should be numbers"),
        ("q1 Q0 a 1 nan x\n", "the score 'nan' is no finite number"),
        ("q7 Q0 a 1 2 x\n", r"none of its 1 queries was judged \('q7'; judged were 'red shoes', 'lamp'"),
        ("", "there is no ranking in it"),
    ],
)
def test_what_is_no_run_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        read(tmp_path, text)


@settings(deadline=None, max_examples=25)
@given(
    st.dictionaries(st.sampled_from(JUDGED), st.lists(st.integers(0, 99).map(str), min_size=1, unique=True), min_size=1)
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rankings: dict[str, list[str]]) -> None:
    """With ids that are known and with numbers, and as trec_eval reads it."""
    folder = tmp_path_factory.mktemp("runs")
    assert len(write_run(folder / "a.run", rankings, "ours")) == 2
    assert read_run(folder / "a.run", JUDGED).rankings == rankings
    ids = {f"q{n}": query for n, query in enumerate(JUDGED)}
    assert write_run(folder / "b.run", rankings, "ours", ids) == [folder / "b.run"]
    assert read_run(folder / "b.run", JUDGED, ids).rankings == rankings
    with (folder / "b.run").open() as file:
        parsed = pytrec_eval.parse_run(file)
    for id, scores in parsed.items():
        assert sorted(scores, key=scores.__getitem__, reverse=True) == rankings[ids[id]]


def test_a_run_is_a_row_beside_ours(tmp_path: Path, endcap_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ours, written and scored as another's, is as good as ours; a perfect one is better; unknown ids are refused."""
    line = ["evaluate", str(write_catalogue(tmp_path)), "--judgments", str(write_judgments(tmp_path)), "--dense", "0"]
    ours, report = tmp_path / "ours.run", tmp_path / "report.json"
    with pytest.raises(SystemExit, match="0"):
        main([*line, "--setting", "end-to-end", "--write-run", str(ours)])
    assert f"Wrote {ours}" in capsys.readouterr().out
    best = {q: sorted(judged, key=lambda p: -judged[p]) for q, judged in GRADES.items()}
    write_run(tmp_path / "best.run", best, "best")
    page = tmp_path / "page.html"
    runs = ["--run", str(ours), "--run", str(tmp_path / "best.run"), "--html", str(page)]
    with pytest.raises(SystemExit, match="0"):
        main([*line, *runs, "--json", str(report)])
    for setting in json.loads(report.read_text())["settings"]:
        means = {system["name"]: system["means"]["nDCG@10"] for system in setting["systems"]}
        own = next(name for name in means if name.startswith("endcap"))
        assert means["best"] == max(means.values())
        if setting["name"] == "end-to-end":
            assert means[own] == pytest.approx(means["blend"])
        assert {(d["better"], d["base"]) for d in setting["differences"]} >= {("blend", "best"), ("best", "engine")}
    assert "run best" in page.read_text()
    write_run(tmp_path / "wrong.run", {q: [f"sku-{p}" for p in order] for q, order in best.items()}, "wrong")
    with pytest.raises(SystemExit, match="2"):
        main([*line, "--run", str(tmp_path / "wrong.run")])
    assert "ranked products (100.0 %) name products that the catalogue lacks" in capsys.readouterr().err


def test_two_systems_of_one_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "two.run").write_text("q Q0 a 1 2 one\nq Q0 b 1 2 two\n")
    with pytest.raises(InputError, match=r"holds runs of 2 systems \('one', 'two'\)"):
        read_run(tmp_path / "two.run", ["q"])
    (tmp_path / "none.run").write_text("\n")
    with pytest.raises(InputError, match="there is no ranking in it"):
        read_run(tmp_path / "none.run", ["q"])


@pytest.mark.parametrize(
    "text",
    ['{"q": {"b": 1.5, "a": 2}}', "qid\tQ0\tdocno\trank\tscore\ttag\nq\tQ0\ta\t1\t2.0\tours\nq\tQ0\tb\t2\t1.0\tours\n"],
)
def test_runs_of_ranx_and_with_named_columns(text: str, tmp_path: Path) -> None:
    (tmp_path / "ours.run").write_text(text)
    found = read_run(tmp_path / "ours.run", ["q"])
    assert (found.name, found.rankings) == ("ours", {"q": ["a", "b"]})


def test_queries_that_are_spelled_otherwise_are_refused(tmp_path: Path) -> None:
    """They would score 0, and ours would look better; a run of a part of the queries is said to be one."""
    judged = {f"Q{n:02}": f"words {n}" for n in range(20)}
    lines = [f"{id if n < 12 else id.lower()} Q0 a 1 1 x\n" for n, id in enumerate(judged)]
    (tmp_path / "a.run").write_text("".join(lines))
    with pytest.raises(
        InputError, match=r"8 of 20 judged queries are not in it.*Likely small letters in place of capitals"
    ):
        read_run(tmp_path / "a.run", list(judged.values()), judged)
    found = read_run(tmp_path / "a.run", list(judged.values()), judged, most=0.5)
    assert len(found.rankings) == 12
    (tmp_path / "a.run").write_text("".join(lines[:5]))
    assert "15 judged queries are not in it" in read_run(tmp_path / "a.run", list(judged.values()), judged).notes[0]


def test_distances_ranks_given_twice_and_queries_that_are_one(tmp_path: Path) -> None:
    found = read(tmp_path, "q1 Q0 a 1 0.1 x\nq1 Q0 b 2 0.5 x\n")
    assert found.rankings["red shoes"] == ["b", "a"]
    assert "in 1 queries the scores rise with the rank, as distances do" in found.notes[0]
    found = read(tmp_path, "q1 Q0 a 1 2 x\nq1 Q0 b 1 1 x\n")
    assert "in 1 queries several products have one rank" in found.notes[0]
    found = read(tmp_path, "lamp\tQ0\ta\t1\t1\tx\nLamp\tQ0\tb\t1\t9\tx\n")
    assert found.rankings["lamp"] == ["a"]
    assert "1 queries are the same as another of it and left out, such as 'Lamp'" in found.notes[0]
