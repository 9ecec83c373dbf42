"""A ``model.json`` that somebody has changed by hand: whatever it says, it is read or refused in words."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import ModelError
from endcap.plugin.model.folder import default_folder, file_checksum, read_model

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([10**400, -1, 0, "../x", "/etc/passwd", "a\0b", "\ud800", "x" * 5000, 1e308, "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default model's ``model.json`` with tiny files: reading does not load them."""
    made = tmp_path_factory.mktemp("model")
    raw = json.loads((default_folder() / "model.json").read_text())
    for name in ("onnx/model.onnx", "tokenizer.json"):
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_text(name)
    raw["files"] = {name: file_checksum(made / name) for name in ("onnx/model.onnx", "tokenizer.json")}
    (made / "original.json").write_text(json.dumps(raw))
    return made


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all values that are named or listed in a document."""
    found = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += places(item, (*at, key))
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_there(folder: Path, data: st.DataObject) -> None:
    """An odd value in any place, one that is missing, or one too many: read, or a ``ModelError``."""
    raw = copy.deepcopy(json.loads((folder / "original.json").read_text()))
    *way, last = data.draw(st.sampled_from(places(raw)))
    parent = raw
    for key in way:
        parent = parent[key]
    match data.draw(st.sampled_from(["odd", "missing", "more"])):
        case "odd":
            parent[last] = data.draw(ODD)
        case "missing":
            del parent[last]
        case "more" if isinstance(parent, dict):
            parent[data.draw(st.text(max_size=9))] = data.draw(ODD)
    try:
        (folder / "model.json").write_text(json.dumps(raw))
    except ValueError:  # more digits than Python writes
        return
    message = "model.json"
    try:
        read_model(folder)
    except ModelError as error:
        message = str(error)
    assert "model.json" in message
    assert len(message) < 2_000


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("name",), 7, "name 7"),
        (("blend", "window"), 2.5, "blend.window 2.5"),
        (("blend", "window"), True, "blend.window True"),
        (("score", "scale"), float("nan"), "score.scale nan"),
        (("score", "scale"), 10**400, "score.scale 1000"),
        (("text", "max_chars"), {"title": "many"}, "text.max_chars"),
        (("text", "max_query_tokens"), 0, "text.max_query_tokens 0"),
        (("text", "fields"), ["title", ["brand"]], "text.fields"),
        (("text", "colour"), 1, "colour"),
        (("state", "shape"), ["384"], "state.shape"),
        (("files", "../../../etc/hostname"), "0", "a path inside the folder"),
        (("files", "a\0b"), "0", "a path inside the folder"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(folder: Path, path: tuple[str, ...], value: Any, message: str) -> None:
    """By its place and its value."""
    raw = json.loads((folder / "original.json").read_text())
    parent = raw
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    (folder / "model.json").write_text(json.dumps(raw))
    with pytest.raises(ModelError) as raised:
        read_model(folder)
    assert message in str(raised.value)


@pytest.mark.parametrize("text", ['{"a":' * 100_000, "[" * 100_000, '{"schema": 1, "x": ' + "[" * 60 + "]" * 60 + "}"])
def test_a_deep_one_is_refused(folder: Path, text: str) -> None:
    """And does not end the process."""
    (folder / "model.json").write_text(text)
    with pytest.raises(ModelError):
        read_model(folder)
