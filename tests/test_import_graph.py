"""The house as ``docs/import_graph.py`` reads it from the code, and as ``docs/architecture.md`` tells it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from scripts import script as load_script

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PLUGIN = ["plugin", "plugin/blend", "plugin/model", "plugin/states", "plugin/search"]
"""The plugin's rooms, from the ground up."""


@pytest.fixture(scope="module")
def script() -> Any:
    """The script that draws the graph."""
    return load_script("docs/import_graph.py")


@pytest.fixture(scope="module")
def graph(script: Any) -> Any:
    """What each module imports, inside functions and for type checkers too."""
    return script.module_graph(ROOT)


def test_no_module_imports_itself_by_way_of_others(script: Any, graph: Any) -> None:
    """Among all modules of the package there is no circle of imports."""
    assert len(graph) > 200
    assert script.circles(graph) == []


def test_no_room_imports_itself_by_way_of_others(script: Any, graph: Any) -> None:
    """Among the rooms there is none either."""
    assert script.circles(script.room_graph(graph, ROOT)) == []


def test_a_circle_is_seen(script: Any) -> None:
    """What is asserted above can fail."""
    assert script.circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [{"b", "c"}]
    with pytest.raises(ValueError, match="circle"):
        script.floors({"a": {"b"}, "b": {"a"}})


def test_the_rooms_of_the_plugin_import_only_downwards(script: Any, graph: Any) -> None:
    """protocols, deadline and faults <- blend <- model <- states <- search."""
    rooms = script.room_graph(graph, ROOT)
    for floor, room in enumerate(PLUGIN):
        assert rooms[room].isdisjoint(PLUGIN[floor + 1 :]), room


def test_the_drawing_is_that_of_the_code(script: Any) -> None:
    """The floors in the document are those that the script draws today."""
    (drawing,) = re.findall(r"^```text\n(.*?)^```$", ARCHITECTURE, flags=re.DOTALL | re.MULTILINE)
    assert drawing == script.drawing(ROOT)


def test_what_the_document_names_is_there() -> None:
    """Every file and function of "Where would I change ...?" exists."""
    table = ARCHITECTURE.partition("## Where would I change")[2].partition("\n## ")[0]
    cells = re.findall(r"`([\w./-]+/[\w./-]*)`(?:: ((?:`[^`]+`(?:, )?)+))?", table)
    assert len(cells) > 15
    for path, names in cells:
        place = ROOT / path.replace("NAME", "split")
        assert place.exists(), path
        for name in re.findall(r"`([^`]+)`", names):
            assert re.search(rf"(?<!\w){re.escape(name)}(?!\w)", place.read_text(encoding="utf-8")), f"{path}: {name}"


def test_every_room_is_on_the_map(script: Any, graph: Any) -> None:
    """The map names each room, and nothing that is none."""
    named = set()
    room = ""
    (plan,) = re.findall(r"^```\n(endcap/.*?)^```$", ARCHITECTURE, flags=re.DOTALL | re.MULTILINE)
    for indent, name in re.findall(r"^( *)([a-z]+)/ ", plan, flags=re.MULTILINE):
        room = room if indent else name
        named.add(f"{room}/{name}" if indent else name)
    rooms = {"/".join(name.removesuffix("/*").split("/")[:2]) for name in script.room_graph(graph, ROOT)}
    inner = set(re.findall(r"\b([a-z]+)/", plan))
    assert {name for name in rooms if name not in named and name.rpartition("/")[2] not in inner} == set()
    assert {name for name in named if not (ROOT / name).is_dir()} == set()
