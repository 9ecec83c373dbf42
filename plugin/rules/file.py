"""Reads a shop's rules file, TOML or JSON, by one schema: whole, or not at all. ``docs/rules.md`` describes it."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.plugin.blend.limits import is_finite
from endcap.plugin.blend.signals import WEIGHTS, Signal
from endcap.plugin.rules.action_reader import ACTIONS, MAX_STRENGTH, read_action
from endcap.plugin.rules.query_match import KINDS, QueryMatch
from endcap.plugin.rules.rule import NamedAction, Rule, ShopRules
from endcap.plugin.rules.table import Table, shortened
from endcap.plugin.tiers.named_tiers import read_tiers

TOP = ("keep_first", "tiers", "signals", "rules")
MAX_KEPT = 10_000
_SIGNAL = ("field", "direction", "weight", "low", "high", "scale")
_DIRECTIONS = ("up", "down")
_SCALES = ("linear", "log")
_DATES = ("from", "until")


def read_rules(path: str | Path) -> ShopRules:
    """The rules in a file; ``InputError`` names the file, the rule, the key, the value, and what to do."""
    path = Path(path)
    held = _bytes(path)
    source = f"{path} (sha256 {hashlib.sha256(held).hexdigest()[:12]})"
    return rules_of(_content(path, _text(path, held)), path.name, source)


def rules_of(raw: Any, name: str = "rules", source: str = "") -> ShopRules:
    """The rules that plain data means; ``name`` stands in errors, ``source`` in reports."""
    table = Table.read(name, raw)
    table.check_names(TOP)
    kept = table.whole("keep_first", 0, MAX_KEPT) if "keep_first" in table.values else 0
    tiers = read_tiers(table.values["tiers"], f"{name}: tiers") if "tiers" in table.values else None
    listed = table.values.get("rules", [])
    if not isinstance(listed, list):
        table.wrong("rules", "it should be a list; in TOML each rule begins with [[rules]]")
    rules = tuple(_rule(f"{name}, rule {n}", n, each) for n, each in enumerate(listed, 1))
    name_, count = max(Counter(rule.name for rule in rules).items(), key=lambda each: each[1], default=("", 0))
    if count > 1:
        raise InputError(f"{name}: two rules have the name {name_!r}. Give each its own: explain names them.")
    signals = Table.read(f"{name}, signals", table.values.get("signals", {}))
    read = tuple(_signal(f"{name}, signal {each}", each, value) for each, value in signals.values.items())
    return ShopRules(rules, read, kept, tiers, source)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no rules file {path}. Give the path of a .toml or .json file.") from None
    except OSError as error:
        raise InputError(f"The rules file {path} can't be read: {error}. It should be a text file in UTF-8.") from None


def _text(path: Path, held: bytes) -> str:
    try:
        return held.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"The rules file {path} can't be read: {error}. It should be a text file in UTF-8.") from None


def _content(path: Path, text: str) -> Any:
    if not text.strip():  # a full disk, or an editor at work, leaves such files
        raise InputError(f"{path.name} is empty. For no rules at all write rules = [].")
    try:
        if path.suffix.lower() == ".json":
            return json.loads(text, object_pairs_hook=_without_repeats)
        if path.suffix.lower() == ".toml":
            return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        kind = path.suffix[1:].upper()
        raise InputError(f"{path.name} is no {kind}: {error}. Correct it there.") from None
    raise InputError(f"{path.name} ends in {path.suffix!r}; a rules file's name ends in .toml or .json.")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON; of a key that stands there twice only the last would count, unseen."""
    table = dict(pairs)
    if len(table) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(n for n in names if names.count(n) > 1)!r} stands twice in one object")
    return table


def _rule(place: str, number: int, raw: Any) -> Rule:
    table = Table.read(place, raw)
    named = "name" in table.values
    name = table.text("name") if named else f"rule {number}"
    if named:
        table = Table(f"{place} ({name})", raw)
    table.check_names(("name", *KINDS, *_DATES, *ACTIONS))
    actions = tuple(
        NamedAction(key, action)
        for key, value in table.values.items()
        if key in ACTIONS
        for action in read_action(key, f"{table.place}: {key}", value)
    )
    if not actions:
        raise InputError(f"{table.place} does nothing. Give it one of {', '.join(ACTIONS)}.")
    start, end = (_moment(table, key) for key in _DATES)
    if start is not None and end is not None and start >= end:
        raise InputError(f"{table.place}: from {start} is not before until {end}; it would never hold.")
    return Rule(name, _match(table), actions, start, end)


def _match(table: Table) -> QueryMatch:
    kinds = [kind for kind in KINDS if kind in table.values]
    if not kinds:
        return QueryMatch()
    if len(kinds) > 1:
        raise InputError(f"{table.place} has {' and '.join(kinds)}; give one of them, or two rules.")
    try:
        return QueryMatch.of(kinds[0], table.texts(kinds[0]))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{table.place}: {kinds[0]} {shortened(table.values[kinds[0]])} {error}.") from None


def _moment(table: Table, name: str) -> datetime | None:
    """When a rule begins, or the first moment at which it no longer holds: a day is whole, where no zone is given the
    machine's counts."""
    value = table.values.get(name)
    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value) if len(value) == len("2026-11-30") else datetime.fromisoformat(value)
        except ValueError:
            table.wrong(name, "it should be a day such as 2026-11-30, or a moment such as 2026-11-30T18:00:00")
    try:
        if isinstance(value, datetime):
            return value.astimezone()
        if isinstance(value, date):
            day = value + timedelta(days=1) if name == "until" else value
            return datetime.combine(day, time()).astimezone()
    except (OverflowError, OSError, ValueError):  # the year 1, or 9999
        table.wrong(name, "that is too far away; leave it out")
    table.wrong(name, "it should be a day such as 2026-11-30, or a moment such as 2026-11-30T18:00:00")


def _weight(table: Table) -> float:
    weight = table.values.get("weight", "slight")
    if is_finite(weight) and 0 < weight <= MAX_STRENGTH:
        return float(weight)
    if weight not in (words := tuple(WEIGHTS)):
        table.wrong("weight", f"it should be one of {', '.join(words)}, or a number up to {MAX_STRENGTH:g}")
    return WEIGHTS[weight]


def _signal(place: str, name: str, raw: Any) -> Signal:
    table = Table.read(place, raw)
    table.check_names(_SIGNAL)
    low, high = table.number("low"), table.number("high")
    if low is not None and high is not None and low >= high:
        raise InputError(f"{place}: low {low:g} is not below high {high:g}.")
    return Signal(
        name,
        table.text("field"),
        table.choice("direction", _DIRECTIONS, "up") == "up",
        _weight(table),
        low,
        high,
        table.choice("scale", _SCALES, "linear") == "log",
    )
