"""Judgments collected in the storefront: nothing is lost, and all can be undone."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judgment_parts import GRADE, read_back, store

from endcap.errors import EndcapError, InputError
from endcap.index.judgments.events import Event, read_events
from endcap.index.judgments.reader import read_judgments
from endcap.storefront.judgment_store import JudgmentStore

CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("give"), st.sampled_from("ab"), st.sampled_from("xy"), st.none() | GRADE, st.sampled_from("jk")
        ),
        st.tuples(st.just("undo"), st.sampled_from("jk")),
        st.just(("reopen",)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(CHANGES)
def test_undo_goes_back_change_by_change(changes: list[Any]) -> None:
    """Undo restores what was before a judge's last change, again and again, whoever else judges and whoever reopens."""
    made = store()
    history: dict[str, list[dict[tuple[str, str], int]]] = {"j": [{}], "k": [{}]}
    for change in changes:
        if change[0] == "reopen":
            made = JudgmentStore(made.path)
        elif change[0] == "give":
            _, query, product, grade, judge = change
            now = {pair: value for pair, value in history[judge][-1].items() if pair != (query, product)}
            now |= {} if grade is None else {(query, product): grade}
            if now != history[judge][-1]:
                history[judge].append(now)
            assert made.give(query, product, grade, judge) == len(now)
        else:
            undone = made.undo(change[1])
            assert (undone is None) == (len(history[change[1]]) == 1)
            if undone:
                before, now = history[change[1]].pop(), history[change[1]][-1]
                assert undone.grade == now.get(undone.pair)
                assert before.get(undone.pair) != undone.grade
        for judge, states in history.items():
            assert made.count(judge) == len(states[-1])
            for query in "ab":
                assert made.grades_of(query, judge) == {p: grade for (q, p), grade in states[-1].items() if q == query}


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        (("", "p", 1, "anna"), "'query' is empty"),
        (("  \n", "p", 1, "anna"), "'query' is empty"),
        (("a\x00b", "p", 1, "anna"), r"'query' has the character U\+0000"),
        (("a\rb", "p", 1, "anna"), r"'query' has the character U\+000D"),
        (("a\x85b", "p", 1, "anna"), r"'query' has the character U\+0085"),
        (("half \ud83d", "p", 1, "anna"), r"'query' has the character U\+D83D"),
        (("q" * 1001, "p", 1, "anna"), "the query has 1,001 characters; at most 1,000"),
        ((7, "p", 1, "anna"), "'query' is 7. Give a text"),
        (("q", " ", 1, "anna"), "'product' is empty"),
        (("q", "a\nb", 1, "anna"), r"'product' has the character U\+000A"),
        (("q", "é" * 257, 1, "anna"), "the product's id has 514 bytes; at most 512"),
        (("q", None, 1, "anna"), "'product' is None"),
        (("q", "p", 1, ""), "'judge' is empty"),
        (("q", "p", 1, "an\x1bna"), r"'judge' has the character U\+001B"),
        (("q", "p", 1, "a" * 101), "the judge's name has 101 characters"),
        (("q", "p", 4, "anna"), "the grade is 4. Give 0, 1, 2 or 3, or null"),
        (("q", "p", -1, "anna"), "the grade is -1"),
        (("q", "p", 2.0, "anna"), "the grade is 2.0"),
        (("q", "p", True, "anna"), "the grade is True"),
        (("q", "p", "2", "anna"), "the grade is '2'"),
    ],
)
def test_what_is_no_judgment_is_refused(given_: Any, says: str) -> None:
    """A wrong event is refused in words that name the field, and nothing is written."""
    made = store()
    with pytest.raises(InputError, match=says):
        made.give(*given_)
    assert made.events() == []


def test_a_half_line_is_ridden_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a crash left at the end is no judgment, in the store and in the reader, and does not spoil what follows."""
    made = store(tmp_path / "shop.jsonl")
    made.give("kettle", "k1", 3, "anna")
    whole = made.path.read_bytes()
    line = Event("kettle", "caf\u00e9", 2, "anna", "2026-11-28T09:30:00Z").line()
    for cut in range(1, len(line) - 1):
        made.path.write_bytes(whole + line[:cut])
        assert read_judgments(made.path).grades == {"kettle": {"k1": 3}}
        opened = JudgmentStore(made.path)
        assert opened.grades_of("kettle", "anna") == {"k1": 3}
        opened.give("kettle", "k2", 1, "anna")
        assert [event.product for event in read_events(made.path)] == ["k1", "k2"]
    assert "half a line at its end" in caplog.text


def test_a_last_line_without_a_line_feed_is_kept(tmp_path: Path) -> None:
    """A whole judgment that an editor has left without a line feed is one, to the store as to the reader."""
    made = store(tmp_path / "shop.jsonl")
    for product in ("k1", "k2"):
        made.give("kettle", product, 3, "anna")
    made.path.write_bytes(made.path.read_bytes().rstrip(b"\n"))
    opened = JudgmentStore(made.path)
    assert opened.grades_of("kettle", "anna") == read_judgments(made.path).grades["kettle"] == {"k1": 3, "k2": 3}
    opened.give("kettle", "k3", 1, "anna")
    assert [event.product for event in read_events(made.path)] == ["k1", "k2", "k3"]


def test_a_file_that_an_editor_has_changed_is_read_anew(tmp_path: Path) -> None:
    """A grade changed in the open file counts at once, also where the size is the same, and can be given back."""
    made = store(tmp_path / "shop.jsonl")
    for product in ("k1", "k2"):
        made.give("kettle", product, 3, "anna")
    changed = made.path.read_text().replace('"k1","grade":3', '"k1","grade":0')
    for text in (changed, "\ufeff" + changed.replace("\n", "\r\n")):
        with made.path.open("r+", newline="") as file:  # in its place, as some editors write
            file.truncate(0)
            file.write(text)
        assert made.grades_of("kettle", "anna") == {"k1": 0, "k2": 3} == read_judgments(made.path).grades["kettle"]
        made.give("kettle", "k1", 3, "anna")
        assert read_judgments(made.path).grades["kettle"] == {"k1": 3, "k2": 3}, "it was said to be saved"
        assert made.damaged == 0


def test_a_damaged_line_costs_that_line_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A line that is no event is passed over and counted by the store; the strict reader names it."""
    made = store(tmp_path / "shop.jsonl")
    made.give("kettle", "k1", 3, "anna")
    with made.path.open("ab") as file:
        file.write(b"\0\0\0\n{}\n")
    opened = JudgmentStore(made.path)
    assert opened.give("kettle", "k2", 2, "anna") == 2
    assert opened.damaged == 1
    assert "is no judgment and passed over" in caplog.text
    assert opened.grades() == {"kettle": {"k1": 3, "k2": 2}}
    with pytest.raises(InputError, match=r"shop\.jsonl"):
        read_events(made.path)
    assert read_back(opened, "jsonl").grades == opened.grades()


WRITER = """
import sys
from pathlib import Path
from endcap.storefront.judgment_store import JudgmentStore
store = JudgmentStore(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    store.give("kettle", f"{sys.argv[2]}-{n}", n % 4, sys.argv[2])
    print(n, flush=True)
"""


def writer(path: Path, judge: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), judge, str(count)], stdout=subprocess.PIPE, text=True
    )


def test_what_was_told_to_be_saved_survives_a_kill(tmp_path: Path) -> None:
    """Writers are killed again and again: each judgment that was confirmed is there, and the file stays whole."""
    path = tmp_path / "shop.jsonl"
    confirmed = set()
    for round in range(4):
        process = writer(path, f"judge{round}", 100_000)
        assert process.stdout
        for _ in range(25 + 10 * round):
            confirmed.add(f"judge{round}-{int(process.stdout.readline())}")
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        confirmed |= {f"judge{round}-{int(line)}" for line in rest.splitlines(keepends=True) if line.endswith("\n")}
        process.wait()
    made = JudgmentStore(path)
    assert confirmed <= {event.product for event in made.events()}
    assert made.damaged == 0
    assert made.give("kettle", "last", 3, "anna") == 1
    assert len(read_events(path)) == len(made.events())


def test_threads_and_processes_share_a_file(tmp_path: Path) -> None:
    """Two processes and four threads judge at once, through stores of their own and one that is shared: all is there,
    and a store sees what others have given and undone."""
    path = tmp_path / "shop.jsonl"
    shared, watching = JudgmentStore(path), JudgmentStore(path)
    processes = [writer(path, name, 50) for name in ("one", "two")]

    def judge(name: str) -> None:
        for n in range(25):
            shared.give("kettle", f"{name}-{n}", n % 4, name)
            shared.undo(name) if n % 5 == 4 else None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(judge, ["a", "b", "c", "d"]))
    assert [process.wait(60) for process in processes] == [0, 0]
    for made in (shared, watching, JudgmentStore(path)):
        assert {name: made.count(name) for name in ("one", "two", "a", "b", "c", "d")} == {
            "one": 50, "two": 50, "a": 20, "b": 20, "c": 20, "d": 20,
        }  # fmt: skip
        assert made.damaged == 0
    assert len(read_events(path)) == 2 * 50 + 4 * 30


def test_a_file_in_the_place_of_another_is_read_anew(tmp_path: Path) -> None:
    """Where the file was replaced or emptied, as from a backup, the store says what is in it now."""
    made = store(tmp_path / "shop.jsonl")
    made.give("kettle", "k1", 3, "anna")
    other = store(tmp_path / "other.jsonl")
    other.give("tea", "t1", 2, "bob")
    other.path.replace(made.path)
    assert (made.count("anna"), made.count("bob")) == (0, 1)
    made.path.write_bytes(b"")
    assert made.events() == []


def test_a_judgment_that_can_not_be_written_is_not_there(tmp_path: Path) -> None:
    """A full disk, or a file of a size that may not grow, is an error that says so; the file and the store are as
    they were."""
    program = f"""
import resource, signal, sys
from pathlib import Path
from endcap.storefront.judgment_store import JudgmentStore
from endcap.errors import EndcapError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = JudgmentStore(Path({str(tmp_path / "shop.jsonl")!r}))
store.give("kettle", "k1", 3, "anna")
size = store.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, resource.RLIM_INFINITY))
try:
    store.give("kettle", "k2", 3, "anna")
except EndcapError as error:
    print(error)
assert store.path.stat().st_size == size and store.count("anna") == 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert store.give("kettle", "k2", 3, "anna") == 2
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "judgments can't be kept there (File too large). Nothing was saved." in ran.stdout
    (tmp_path / "file").write_text("")
    with pytest.raises(EndcapError, match="judgments can't be kept there"):
        JudgmentStore(tmp_path / "file" / "shop.jsonl")
