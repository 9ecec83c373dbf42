"""Imports go one way, and serving never needs the training libraries."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings, save_settings

MAY_IMPORT = {
    "language": {"language"},
    "index": {"index"},
    "plugin": {"language", "index", "plugin"},
    "evaluate": {"index", "plugin", "evaluate"},
    "distill": {"language", "index", "plugin", "evaluate", "distill"},
    "demo": {"language", "index", "plugin", "evaluate", "demo"},
    "storefront": {"index", "plugin", "evaluate", "storefront"},
    "cli": {"index", "plugin", "evaluate", "distill", "demo", "storefront", "cli"},
}
SERVING = ["language", "index", "plugin", "evaluate", "demo", "storefront", "cli"]
PLUGIN_ORDER = ["ground", "blend", "model", "states", "search", "top"]
"""The floors of the plugin: each imports itself and those before it."""
PLUGIN_TOP = {"__init__", "bench"}
"""Single files of the plugin that use its rooms; the others are the ground floor."""
TRAINING_LIBRARIES = {"onnx", "optimum", "sentence_transformers", "torch", "transformers"}


def sources(room: str) -> list[Path]:
    """All source files of a room, in the checkout or in the installed wheel: wherever it is imported from."""
    spec = importlib.util.find_spec(f"endcap.{room}")
    assert spec is not None
    assert spec.origin is not None
    return sorted(Path(spec.origin).parent.rglob("*.py"))


def imports(tree: ast.AST, path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported in a module, at its top or in its functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import; write it from endcap"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_imports_go_one_way(room: str) -> None:
    """A room imports itself and the rooms below it: {language, index} <- plugin <- evaluate <- all but cli <- cli."""
    wrong = []
    for path in sources(room):
        for line, name in imports(ast.parse(path.read_text()), path):
            package, _, rest = name.partition(".")
            other = rest.partition(".")[0]
            if package == "endcap" and other in MAY_IMPORT and other not in MAY_IMPORT[room]:
                wrong.append(f"{path}:{line}: {name}")
    assert not wrong


def package_modules() -> dict[str, Path]:
    """All modules of the package by dotted name."""
    spec = importlib.util.find_spec("endcap")
    assert spec is not None
    assert spec.origin is not None
    root = Path(spec.origin).parent
    files = [(path, path.name) for path in root.glob("*.py")]
    modules = {"endcap" if name == "__init__.py" else f"endcap.{name[:-3]}": path for path, name in files}
    for room in MAY_IMPORT:
        folder = root / room
        for path in sources(room):
            parts = path.resolve().relative_to(folder.resolve()).with_suffix("").parts
            modules[".".join(["endcap", room, *(part for part in parts if part != "__init__")])] = path
    return modules


def imported_modules(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The package's modules that a module names in an import, at its top, in a function or for a type checker."""
    names = {imported for _, imported in imports(ast.parse(path.read_text()), path)}
    # "from a import b" names the module a.b, or something in the module a.
    return {each if each in known else each.rpartition(".")[0] for each in names} & known.keys() - {name}


def test_no_circle_of_imports() -> None:
    """No module needs itself on a way through others, imports inside functions and for type checkers included."""
    known = package_modules()
    try:
        TopologicalSorter({name: imported_modules(name, path, known) for name, path in known.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def plugin_floor(name: str) -> int:
    """The floor of a module of the plugin."""
    first, _, rest = name.removeprefix("endcap.plugin").lstrip(".").partition(".")
    room = first if rest or first in PLUGIN_ORDER else "top" if (first or "__init__") in PLUGIN_TOP else "ground"
    return PLUGIN_ORDER.index(room)


def test_the_plugins_rooms_import_only_downwards() -> None:
    """ground floor <- blend <- model <- states <- search <- what uses them all."""
    known = package_modules()
    plugin = {name: path for name, path in known.items() if f"{name}.".startswith("endcap.plugin.")}
    wrong = [
        f"{name}: {imported}"
        for name, path in plugin.items()
        for imported in imported_modules(name, path, known) & plugin.keys()
        if plugin_floor(imported) > plugin_floor(name)
    ]
    assert not wrong


@pytest.mark.parametrize("room", SERVING)
def test_serving_does_not_name_the_training_libraries(room: str) -> None:
    """No module of a serving room imports a training library, not even inside a function."""
    wrong = [
        f"{path}:{line}: {name}"
        for path in sources(room)
        for line, name in imports(ast.parse(path.read_text()), path)
        if name.partition(".")[0] in TRAINING_LIBRARIES
    ]
    assert not wrong


def test_the_command_line_imports_training_only_where_it_is_used() -> None:
    """A module of the command line imports endcap.distill inside a function, never at its top."""
    wrong = [
        f"{path}:{line}: {name}"
        for path in sources("cli")
        for statement in ast.parse(path.read_text()).body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for line, name in imports(statement, path)
        if name.startswith("endcap.distill")
    ]
    assert not wrong


def test_serving_runs_without_the_training_libraries() -> None:
    """All serving modules import, and the shipped student scores, with none of the training libraries loaded."""
    modules = sorted(
        ".".join(["endcap", room, *path.relative_to(sources(room)[0].parent).with_suffix("").parts])
        for room in SERVING
        for path in sources(room)
        if path.stem not in ("__init__", "__main__")
    )
    program = f"""
import importlib, sys
for name in {modules!r}:
    importlib.import_module(name)
from endcap.plugin import Student
scores = Student.load().score("usb c charger", ["USB-C charger 20 W", "garden hose"])
assert scores[0] > scores[1], scores
print(*sorted({TRAINING_LIBRARIES!r} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == []


def test_ones_own_index_is_shown_without_the_demo(endcap_home: Path) -> None:
    """Who opens an index of their own in the storefront loads no module of the demo shop."""
    EmbeddedEngine("mine").load([Product("k1", "Kettle"), Product("k2", "Garden hose")])
    save_settings(IndexSettings("mine"))
    program = f"""
import sys
from pathlib import Path
from endcap.cli.storefront import open_behaviour
from endcap.cli.storefront_shop import open_shown_shop
from endcap.index.settings import IndexSettings
from endcap.plugin.model.folder import default_folder
from endcap.storefront.app import make_app
from endcap.storefront.judgment_store import JudgmentStore
shop = open_shown_shop(IndexSettings("mine"), None, "mine", None, "", default_folder(), None)
make_app(shop, JudgmentStore(Path({str(endcap_home)!r}) / "judgments.jsonl"), open_behaviour(shop, "mine", True, None))
assert shop.products == 2, shop
shop.close()
print(*(name for name in sys.modules if name.startswith("endcap.demo")))
"""
    environment = {**os.environ, "ENDCAP_HOME": str(endcap_home)}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert "endcap.demo" not in run.stdout
