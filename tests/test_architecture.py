"""Imports go one way, and serving never needs the training libraries."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
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
    "serve": {"index", "plugin", "serve"},
    "cli": {"index", "plugin", "evaluate", "distill", "demo", "storefront", "serve", "cli"},
}
SERVING = ["language", "index", "plugin", "evaluate", "demo", "storefront", "serve", "cli"]
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
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings
from endcap.plugin.model.folder import default_folder
from endcap.storefront.app import make_app
from endcap.storefront.judgment_store import JudgmentStore
shop = open_shown_shop(IndexSettings("mine"), None, "mine", Reading(), default_folder(), None)
make_app(shop, JudgmentStore(Path({str(endcap_home)!r}) / "judgments.jsonl"), open_behaviour(shop, "mine", True, None))
assert shop.products == 2, shop
shop.close()
print(*(name for name in sys.modules if name.startswith("endcap.demo")))
"""
    environment = {**os.environ, "ENDCAP_HOME": str(endcap_home)}
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert "endcap.demo" not in run.stdout
