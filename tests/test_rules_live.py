"""Rules while searches go on: a changed file is taken over as a whole, and thousands of rules cost a search nothing."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rerank_parts import ids, reranker
from rules_parts import rules_file, small_shop

from endcap.plugin.rules import live as live_rules
from endcap.plugin.rules.file import rules_of
from endcap.plugin.rules.live import LiveRules
from endcap.plugin.rules.query_index import QueryIndex
from endcap.plugin.rules.query_match import KINDS, QueryMatch, searched_text, searched_words
from endcap.plugin.rules.rule import Rule

PIN = {"pin": ["a"]}


def settled(path: Path) -> Path:
    """The file as one that was written a while ago."""
    at = time.time_ns() - 5_000_000_000
    os.utime(path, ns=(at, at))
    return path


def test_a_changed_file_is_taken_over_and_a_broken_one_is_not(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No restart: the next search after a second follows the new file; a broken one is told, and the old one stays."""
    engine, now = small_shop(), [0.0]
    path = settled(rules_file(tmp_path, [{"pin": ["p30"]}]))
    live = LiveRules(path, clock=lambda: now[0])
    found = reranker(engine, rules=live)

    def first() -> tuple[str, dict[str, Any]]:
        now[0] += 1.0
        live.current()
        live.wait()
        reply = found.search(index="shop", body={"query": {"match": {"title": "usb"}}})
        return ids(reply)[0], reply["ext"]["rerank"]

    assert first()[0] == "p30"
    settled(rules_file(tmp_path, [{"pin": ["p31"]}]))
    now[0] -= 0.5  # not yet
    assert first()[0] == "p30"
    assert first()[0] == "p31"
    path.write_text("{", encoding="utf-8")
    settled(path)
    with caplog.at_level(logging.WARNING, "endcap.rerank"):
        id, told = first()
    assert (id, live.refused) == ("p31", 1)
    assert "rules.json is no JSON" in told["detail"]
    assert told["status"] == "reranked"
    assert "rules.json is no JSON" in caplog.text
    assert "rules.json is no JSON" in first()[1]["detail"]
    assert live.refused == 1
    path.unlink()
    id, told = first()
    assert (id, live.refused) == ("p31", 2)
    assert "There is no rules file" in told["detail"]
    settled(rules_file(tmp_path, [{"pin": ["p32"]}]))
    id, told = first()
    assert (id, "detail" in told) == ("p32", False)
    assert (found.rules, live.fault) == (live, "")


def test_half_a_file_is_not_taken_over(tmp_path: Path) -> None:
    """What is being written may read as a whole file: it is left until it has been at rest."""
    path, ticks = tmp_path / "rules.toml", iter(range(10**9))
    rule = "[[rules]]\nname = '{}'\npin = ['a']\n"
    path.write_text("".join(map(rule.format, "ab")), encoding="utf-8")
    live = LiveRules(settled(path), clock=lambda: float(next(ticks)))

    def names() -> str:
        live.current()
        live.wait()
        return "".join(each.name for each in live.current().rules)

    for half in ("", rule.format("a"), rule.format("a") + "[[ru"):
        path.write_text(half, encoding="utf-8")
        assert (names(), live.fault) == ("ab", "")
    path.write_text("".join(map(rule.format, "abc")), encoding="utf-8")
    assert names() == "ab"
    settled(path)
    assert names() == "abc"


def test_a_file_that_changes_under_many_threads_is_always_a_whole_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Searches in threads see one file or the other, while it is replaced again and again."""
    monkeypatch.setattr(live_rules, "SETTLED_S", 0.0)
    path = rules_file(tmp_path, [{"name": "0", **PIN}])
    ticks = iter(range(10**9))
    live = LiveRules(path, clock=lambda: float(next(ticks)))
    seen, stop = set[tuple[str, ...]](), threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.add(tuple(rule.name for rule in live.current().rules))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(1, 40):
        new = tmp_path / "new"
        new.write_text(json.dumps({"rules": [{"name": f"{n}{each}", **PIN} for each in "abc"]}), encoding="utf-8")
        new.replace(path)
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    assert live.refused == 0
    assert len(seen) > 2
    assert all(len(names) == 1 or [name[:-1] for name in names] == [names[0][:-1]] * 3 for names in seen)


def test_a_large_file_is_read_while_searches_follow_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No search waits for it longer than it is patient."""
    path, ticks, gate = settled(rules_file(tmp_path, [PIN])), iter(range(10**9)), threading.Event()
    live = LiveRules(path, clock=lambda: float(next(ticks)))
    read = live_rules.read_rules

    def slow(path: str | Path) -> Any:
        gate.wait(30)
        return read(path)

    monkeypatch.setattr(live_rules, "read_rules", slow)
    settled(rules_file(tmp_path, [{"name": f"{n}", **PIN} for n in range(3)]))
    for _ in range(5):
        began = time.monotonic()
        assert len(live.current().rules) == 1
        assert time.monotonic() - began < 10
    gate.set()
    live.wait()
    assert len(live.current().rules) == 3


words = st.sampled_from(["usb", "cable", "cables", "c", "Café", "2", "mini-usb", "ß", "a"])
texts = st.lists(words, min_size=1, max_size=4).map(" ".join)
patterns = st.sampled_from(
    ["^usb", "cables?$", ".", r"\bc\b", "", "^$", "(?i)CAFE", "[0-9]+", "a|b", "^(usb )?cable$", "x*"]
)


@st.composite
def query_matches(draw: st.DrawFn) -> QueryMatch:
    kind = draw(st.sampled_from(["", *KINDS]))
    if not kind:
        return QueryMatch()
    return QueryMatch.of(kind, draw(st.lists(patterns if kind == "pattern" else texts, min_size=1, max_size=3)))


@given(st.lists(query_matches(), max_size=12), texts | st.text(max_size=12))
def test_rules_are_found_as_if_each_was_asked(matches: list[QueryMatch], query: str) -> None:
    said = searched_words(query), searched_text(query)
    assert QueryIndex(matches).found(*said) == [n for n, match in enumerate(matches) if match.matches(*said)]


@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_rules_are_not_asked_one_by_one(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those for another search are not even looked at, so that 5,000 take about as long as five."""
    asked = list[str]()
    monkeypatch.setattr(Rule, "holds_at", lambda rule, now: asked.append(rule.name) or True)
    rules = [{"name": f"{n}", kind: f"usb cable{n}x", **PIN} for n in range(5000)]
    live = LiveRules(rules_of({"rules": rules}))
    held = live.applying(live.current(), "usb cable17x")
    assert [rule.name for rule in held] == asked == ["17"]
