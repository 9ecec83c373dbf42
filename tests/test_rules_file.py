"""Rules files: what is wrong is named with its place and a remedy; a changed file is taken over while searches run."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.plugin.rules.file import read_rules, rules_of
from endcap.plugin.rules.live import LiveRules
from endcap.plugin.rules.query_match import KINDS, QueryMatch, compiled, searched_text, searched_words
from endcap.plugin.rules.words import sentences

PIN = {"pin": ["a"]}
BRAND = {"where": {"brand": "Acme"}}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ([], r"rules.toml is \[\]; it should be a table"),
        ({"rule": []}, "rules.toml: the key 'rule' is not known. Did you mean rules?"),
        ({"keep_first": -1}, "rules.toml: keep_first is -1; it should be a whole number, 0 to 10000"),
        ({"rules": {}}, "rules is {}; it should be a list; in TOML each rule begins with [[rules]]"),
        ({"rules": [PIN, {}]}, "rules.toml, rule 2 does nothing. Give it one of pin, boost, "),
        ({"rules": [{"name": "A", "query": 3, **PIN}]}, "rules.toml, rule 1 (A): query is 3; it should be a text"),
        ({"rules": [{"query": "!?", **PIN}]}, "query '!?' has no letter or digit"),
        ({"rules": [{"query": "a", "words": "b", **PIN}]}, "rule 1 has query and words; give one of them"),
        ({"rules": [{"pattern": "(a", **PIN}]}, "pattern '(a' is no regular expression of RE2 (missing ): (a)"),
        ({"rules": [{"pattern": "a(?=b)", **PIN}]}, "pattern 'a(?=b)' is no regular expression of RE2"),
        ({"rules": [{"from": "soon", **PIN}]}, "from is 'soon'; it should be a day such as 2026-11-30"),
        ({"rules": [{"from": "2026-02-02", "until": "2026-02-01", **PIN}]}, "it would never hold"),
        ({"rules": [{"name": "A", **PIN}, {"name": "A", **PIN}]}, "two rules have the name 'A'"),
        ({"rules": [{"pin": []}]}, "rule 1: pin is empty"),
        ({"rules": [{"pin": ["a", "a"]}]}, "rule 1: pin has the product 'a' twice"),
        ({"rules": [{"pin": ["a", {"id": "b", "place": 1}]}]}, "rule 1: pin has place 1 twice"),
        ({"rules": [{"pin": [{"id": "b", "place": 0}]}]}, "pin[0]: place is 0; it should be a whole number, 1 to"),
        ({"rules": [{"pin": [3]}]}, "pin has 3; give ids, or tables"),
        (
            {"rules": [{"boost": {**BRAND, "strength": "huge"}}]},
            "boost: strength is 'huge'; it should be one of slight",
        ),
        ({"rules": [{"boost": {**BRAND, "strength": -1}}]}, "boost: strength is -1; it should be one of slight"),
        ({"rules": [{"boost": {"strength": "some"}}]}, "boost: give either where = { field = value } or ids = [...]"),
        ({"rules": [{"bury": {"where": {}}}]}, "bury.where is empty; give a field and its value"),
        ({"rules": [{"hide": {"where": {"brand": None}}}]}, "hide.where.brand is None; it should be a text, a number"),
        ({"rules": [{"hide": {"where": {"price": {"min": 5, "max": 3}}}}]}, "has min 5 above max 3"),
        (
            {"rules": [{"hide": {"where": {"price": {"max": 9, "mim": 5}}}}]},
            "the key 'mim' is not known. Did you mean min?",
        ),
        (
            {"rules": [{"hide": {"where": {"attributes": {"colour": "red"}}}}]},
            'names as one, in quotes: "attributes.colour".',
        ),
        (
            {"rules": [{"variant": [{"lowest": "price"}, "relevance"]}]},
            "rule 1: variant is [{'lowest': 'price'}, 'rele",
        ),
        ({"rules": [{"pattern": "\ud800", **PIN}]}, "is not valid Unicode"),
        ({"rules": [{"boost": {**BRAND, "strength": 500}}]}, "slight, some, strong, wholly, or a number up to 100"),
        ({"rules": [{"hide": {**BRAND, "strength": "some"}}]}, "hide: the key 'strength' is not known"),
        ({"rules": [{"at_most": {"field": "brand"}}]}, "at_most: count is None; it should be a whole number, 1 to"),
        ({"rules": [{"at_most": {"count": 2}}]}, "at_most: the key field is missing"),
        ({"rules": [{"diverse": "very"}]}, "diverse: strength is 'very'; it should be one of slight, some, strong"),
        ({"rules": [{"variant": "cheapest"}]}, "variant is 'cheapest'; it should be 'relevance', or a table"),
        ({"rules": [{"variant": {"lowest": "price", "highest": "price"}}]}, "has both lowest and highest"),
        ({"signals": {"sold": {}}}, "rules.toml, signal sold: the key field is missing"),
        (
            {"signals": {"sold": {"field": "x", "direction": "left"}}},
            "direction is 'left'; it should be one of up, down",
        ),
        ({"signals": {"sold": {"field": "x", "low": 2, "high": 1}}}, "low 2 is not below high 1"),
        (
            {"signals": {"sold": {"field": "x", "weight": -3}}},
            "weight is -3; it should be one of slight, some, strong, or",
        ),
    ],
)
def test_a_mistake_is_named(raw: Any, message: str) -> None:
    """The message has the file, the rule, the key, the value, and what to do."""
    with pytest.raises(InputError) as raised:
        rules_of(raw, "rules.toml")
    assert message.replace("\\", "") in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("rules.toml", "[[rules]\n", "rules.toml is no TOML"),
        ("rules.json", "{", "rules.json is no JSON"),
        ("rules.json", '{"keep_first": 1, "keep_first": 2}', "the key 'keep_first' stands twice"),
        ("rules.yaml", "rules: []", "ends in '.yaml'; a rules file's name ends in .toml or .json"),
        ("rules.toml", "\udcff", "can't be read"),
        ("rules.toml", "\n", "rules.toml is empty. For no rules at all write"),
    ],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match=message):
        read_rules(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(
    [*KINDS, "name", "pin", "boost", "hide", "at_most", "variant", "diverse", "from", "in_stock_first"]
)


@given(st.dictionaries(keys, json_values, max_size=3), st.dictionaries(st.text(max_size=5), json_values, max_size=2))
def test_any_data_is_rules_or_an_error_with_advice(rule: Any, signals: Any) -> None:
    """Whatever stands in a file, reading it gives rules or one ``InputError``; what was read can be put into words."""
    try:
        rules = rules_of({"rules": [rule], "signals": signals})
    except InputError as error:
        spoken = [str(error)]
    else:
        spoken = list(sentences(rules))
    assert spoken


@pytest.mark.parametrize(
    ("kind", "text", "holds", "not_for"),
    [
        ("query", "USB Cable", ["usb cables", " Usb-cable "], ["usb cable red", "cable usb"]),
        ("words", "usb cable", ["red USB cable 2 m", "usb cables"], ["usb red cable", "musb cable"]),
        ("words", "café", ["the cafe"], ["cafeteria"]),
        ("begins", "usb", ["usb cables", "USBs"], ["a usb"]),
        ("contains", "usb c", ["miniusb cable"], ["usb"]),
        ("pattern", "^usb (cable|hub)$", ["USB hub"], ["usb hubs"]),
        ("pattern", "^Größe  [äé]{1}？$", ["GROSSE e?", "größe ä?"], ["grosse e"]),
    ],
)
def test_for_which_searches_a_rule_holds(kind: str, text: str, holds: list[str], not_for: list[str]) -> None:
    match = QueryMatch.of(kind, [text])
    assert [match.matches(searched_words(each), searched_text(each)) for each in holds] == [True] * len(holds)
    assert [match.matches(searched_words(each), searched_text(each)) for each in not_for] == [False] * len(not_for)


def test_a_range_of_letters_with_accents_is_refused() -> None:
    """Without accents it would be another range; a hyphen between words is none, nor is one of another script."""
    with pytest.raises(ValueError, match="the range 'à-ü'"):
        compiled("gr[à-ü]n")
    assert all(map(compiled, ("café-crème", "[а-я]+", "[a-z]", r"[\]é-]")))


def test_a_pattern_takes_no_time() -> None:
    """What keeps Python's own expressions busy for years is done at once."""
    match, text = QueryMatch.of("pattern", ["(a+)+$", "(a|aa)+b"]), "a" * 2000 + "!"
    began = time.process_time()
    assert not match.matches(searched_words(text), searched_text(text))
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(("days", "holds"), [(-1, False), (0, True), (9, True), (10, False)])
def test_days_are_whole(days: int, holds: bool) -> None:
    """A rule holds from the first minute of its first day to the last one of its last."""
    rules = rules_of({"rules": [{"from": "2026-03-01", "until": "2026-03-10", **PIN}]})
    for at in (datetime(2026, 3, 1, 0, 0), datetime(2026, 3, 1, 23, 59)):
        live = LiveRules(rules, now=lambda at=at: (at + timedelta(days=days)).astimezone())
        assert bool(live.applying(rules, "anything")) == holds
