"""What to judge next: where the orders disagree, from the head and the tail of the log, and nothing twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from endcap.cli.main import run as endcap
from endcap.distill.judging_plan import LOOKED_AT, disagreement, drawn_queries, worth_of_more
from endcap.index.judgments.reader import read_judgments


def test_disagreement_is_of_the_first_ten() -> None:
    ids = [f"p{n}" for n in range(30)]
    assert disagreement([ids, ids]) == 0
    assert disagreement([ids, ids[:10][::-1] + ids[10:]]) == 0
    assert disagreement([ids, ids[::-1]]) == 1
    assert disagreement([ids, ids[5:]]) == pytest.approx(0.5)
    assert disagreement([ids, ids, ids[::-1]]) == pytest.approx(2 / 3)


def test_the_log_gives_its_head_and_a_draw_of_its_tail() -> None:
    """What is judged already is left out in any form of its words, and the most frequent come first."""
    words = np.random.default_rng(1).choice(list("abcdefghijklmnopqrstuvwxyz"), (900, 12))
    counts = {"".join(row): 900 - n for n, row in enumerate(words)} | {"Red Shoes": 5_000, "kettle": 4_000}
    drawn = drawn_queries(counts, ["red shoe"])
    assert "Red Shoes" not in drawn
    assert list(drawn.values()) == sorted(drawn.values(), reverse=True)
    assert len(drawn) == LOOKED_AT
    assert list(drawn)[:3] == ["kettle", *list(counts)[:2]]
    assert min(drawn.values()) < 200
    assert drawn == drawn_queries(counts, ["red shoe"])


def test_more_is_worth_less_and_less_and_nothing_is_promised() -> None:
    mean, low, high = worth_of_more(50, 50, 0.02, -0.01, 0.05)
    assert 0 < mean < 0.02
    assert low < 0 < high
    assert worth_of_more(500, 50, 0.02, -0.01, 0.05)[0] < mean


def test_the_plan_is_a_file_to_be_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Filled in, it is read as judgments; a file that is there, with grades perhaps, is left alone."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "home"))
    (tmp_path / "products.jsonl").write_text(
        "".join(
            f'{{"id": "p{n}", "title": "steel kettle number {n} {"red" if n % 3 else "blue"}"}}\n' for n in range(40)
        )
    )
    (tmp_path / "ratings.csv").write_text("query,docid,rating\nblue kettle,p0,3\nblue kettle,p1,0\n")
    (tmp_path / "log.txt").write_text("kettle\nred kettle\nblue kettles\nsteel\nnothing here\n")
    (tmp_path / "a.toml").write_text(
        'name = "a"\nbase = "shipped"\n[[shops]]\nname = "s"\ncatalogue = "products.jsonl"\njudgments = "ratings.csv"\n'
    )
    words = ["distill", "plan", str(tmp_path / "a.toml"), "--to", str(tmp_path / "next.csv"), "--products", "6"]
    assert endcap(words) == 2
    assert "name a query log with --log" in capsys.readouterr().err
    assert endcap([*words, "--log", str(tmp_path / "log.txt")]) == 0
    said = capsys.readouterr().out
    assert "3 queries, 18 products to grade" in said
    assert "can be said when" in said
    lines = (tmp_path / "next.csv").read_text().splitlines()
    assert {line.split(",")[0] for line in lines[1:]} == {"kettle", "red kettle", "steel"}
    (tmp_path / "next.csv").write_text("\n".join([lines[0], *(line.replace(",,", ",2,") for line in lines[1:])]))
    assert read_judgments(tmp_path / "next.csv").n_judgments == 18
    assert endcap([*words, "--log", str(tmp_path / "log.txt")]) == 2
    assert "is there already" in capsys.readouterr().err
