"""A ``settings.json`` that somebody has changed by hand: whatever it says, it is read or refused in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.settings import IndexSettings, list_settings, load_settings, save_settings

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, "a\0b", "\ud800", "x" * 5000, "http://", "any"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
NAMES = [*IndexSettings.__dataclass_fields__, "colour", ""]


def write(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "settings.json").write_text(text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(NAMES), ODD, max_size=3) | ODD, st.text(max_size=4) | st.just("shop"))
def test_whatever_stands_there(endcap_home: Path, data: Any, name: str) -> None:
    """Settings of any kind under any name."""
    write(endcap_home, json.dumps({"schema": 1, "indexes": {name: data}}))
    try:
        found = list_settings()
    except InputError as error:
        message = str(error)
    else:
        message = ""
        save_settings(found[0])
        assert load_settings(name) == found[0]
    assert len(message) < 6_000


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"rules": 7}, "rules 7 (a text)"),
        ({"verify_certs": "no"}, "verify_certs 'no' (true or false)"),
        ({"dense": True}, "dense True (a whole number)"),
        ({"languages": "en"}, "languages 'en' (a list of texts)"),
        ({"budget_ms": "fast"}, "budget_ms 'fast' (a number)"),
        ({"budget_ms": -1}, "budget_ms is -1"),
        ({"name": "other"}, "name"),
        ({"colour": 1}, "colour"),
    ],
)
def test_what_is_wrong_is_named(endcap_home: Path, data: dict[str, Any], message: str) -> None:
    """By its name and its value."""
    write(endcap_home, json.dumps({"schema": 1, "indexes": {"shop": data}}))
    with pytest.raises(InputError) as raised:
        load_settings("shop")
    assert message in str(raised.value)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"schema": 1, "indexes": []}', '{"schema": true, "indexes": {}}', ""])
def test_what_is_no_settings(endcap_home: Path, text: str) -> None:
    """The whole file."""
    write(endcap_home, text)
    with pytest.raises(InputError):
        list_settings()
