"""``endcap judgments from-clicks``: from what visitors did to a file that every command takes."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click_parts import CLICK, event, search, write_lines
from evaluation_parts import GRADES, write_catalogue

from endcap.cli.main import run
from endcap.index.judgments.reader import read_judgments
from endcap.storefront.simulated_users import replay, visit_writer
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import FileSink


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Searches of a small shop in changing orders, by visitors who click by the grades; a third are a robot's."""
    chance, records = random.Random(3), []
    for n in range(2_500):
        query = chance.choice(sorted(GRADES))
        shown = sorted(GRADES[query])
        chance.shuffle(shown)
        records.append(search(str(n), query.upper() if n % 3 == 0 else query, shown, at=n * 60))
        for place, id in enumerate(shown, 1):
            if chance.random() < CLICK[GRADES[query][id]] / place:
                records.append(event(str(n), "click", id, place, at=n * 60 + 20 + place))
    for n in range(1_100):
        records.append(search(f"r{n}", "kettle", ["kettle2"], client="robot", at=n))
        records.append(event(f"r{n}", "click", "kettle2", 1, client_id="robot", at=n))
    return write_lines(tmp_path / "ubi.ndjson", records)


def test_from_clicks_to_an_evaluation(
    endcap_home: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The grades are those by which was clicked, the report says what was left out, and evaluate takes the file."""
    catalogue, made, numbers = write_catalogue(tmp_path), tmp_path / "judgments.csv", tmp_path / "clicks.json"
    arguments = ["--catalogue", str(catalogue), "--write", str(made), "--json", str(numbers), "--widest", "1.2"]
    assert run(["judgments", "from-clicks", str(events), *arguments]) == 0
    said = capsys.readouterr().out
    assert "1,100 searches of clients with too many (robots)" in said
    assert "products that the catalogue lacks, such as 'gone" in said
    assert "are not, being of products that the catalogue lacks" in said
    assert "Clicks favour the order under which they were made" in said
    judgments = read_judgments(made)
    off = [abs(grade - GRADES[q.lower()][p]) for q, of in judgments.grades.items() for p, grade in of.items()]
    assert len(off) > 15
    assert max(off) <= 1  # so few products don't say exactly where grade 3 begins
    assert off.count(0) > 0.7 * len(off)
    assert not {"gone", "gone1", "gone2"} & {p for of in judgments.grades.values() for p in of}
    found = json.loads(numbers.read_text())
    assert found["pairs"]["graded"] == judgments.n_judgments == sum(query["graded"] for query in found["queries"])
    assert run(["evaluate", str(catalogue), "--judgments", str(made), "--dense", "0"]) == 0
    assert "nDCG@10" in capsys.readouterr().out


def test_too_few(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing can be graded no file is written, and the report says what it would take."""
    records = [search("1", "shoe", ["a", "b"]), event("1", "click", "a", 1), event("1", "click", "b", 2)]
    path = write_lines(tmp_path / "ubi.ndjson", records)
    assert run(["judgments", "from-clicks", str(path), "--write", str(tmp_path / "out.csv")]) == 2
    out, err = capsys.readouterr()
    assert "more searches of their query" in out
    assert "no pair can be graded" in err
    assert not (tmp_path / "out.csv").exists()


def test_other_ids(endcap_home: Path, events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A catalogue of other products is refused, with examples of both sides, before anything is written."""
    catalogue = tmp_path / "other.jsonl"
    catalogue.write_text('{"id": "x1", "title": "Kettle"}\n')
    command = ["judgments", "from-clicks", str(events), "--catalogue", str(catalogue), "--write", str(tmp_path / "o")]
    assert run(command) == 2
    assert "the catalogue has ids such as 'x1'" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_the_storefronts_own_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the storefront keeps is read as it lies there; that its visitors were simulated is said."""
    log = UbiLog(FileSink(tmp_path / "ubi"))
    orders = {query: (sorted(of), sorted(of, reverse=True)) for query, of in GRADES.items()}
    replay(orders.__getitem__, GRADES, 1_500, on_visit=visit_writer(log, datetime(2026, 11, 1, tzinfo=UTC)))
    log.close()
    made = tmp_path / "judgments.csv"
    assert run(["judgments", "from-clicks", str(tmp_path / "ubi"), "--write", str(made)]) == 0
    said = capsys.readouterr().out
    assert "all searches are of simulated users" in said
    assert "1,500 searches" not in said.splitlines()[0]
    assert read_judgments(made).n_judgments > 10


@pytest.mark.parametrize("option", ["--write", "--json"])
def test_nothing_is_written_over_what_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str) -> None:
    """Neither a file of events, by whatever name, nor among the files of a folder that the next run would read."""
    (tmp_path / "in").mkdir()
    path = write_lines(tmp_path / "in" / "ubi.ndjson", [search("1", "shoe", ["a"]), event("1", "click", "a", 1)])
    (tmp_path / "link.ndjson").symlink_to(path)
    before = path.read_bytes()
    free = {"--write": tmp_path / "free.csv", "--json": tmp_path / "free.json"}
    for read, file, why in (
        (path, path, "is read, so it is not written over"),
        (path, tmp_path / "link.ndjson", "is read, so it is not written over"),
        (path.parent, path.parent / "out.csv", "the next run would read it too"),
        (path, free["--json" if option == "--write" else "--write"], "both name"),
    ):
        outputs = [str(word) for pair in {**free, option: file}.items() for word in pair]
        assert run(["judgments", "from-clicks", str(read), *outputs]) == 2
        assert why in capsys.readouterr().err
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["in", "link.ndjson", "ubi.ndjson"]
