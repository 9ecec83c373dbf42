"""The diffs of CONTRIBUTING.md: each adds one thing, which is known by being there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def apply_diff(diff: str, folder: Path) -> None:
    """Put a new file where the diff says, or its lines behind what they follow there."""
    for name, body in re.findall(r"^\+\+\+ b/(\S+)\n((?:[ +-](?!\+\+ b/|-- a/).*\n|\+\n)+)", diff, flags=re.MULTILINE):
        path, lines = folder / name, body.splitlines()
        added = [line[1:] for line in lines if line.startswith("+")]
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(added) + "\n")
            continue
        text = path.read_text()
        if removed := [line[1:] for line in lines if line.startswith("-")]:
            # What is replaced stands last in the diff; what comes before it goes before it.
            place = text.index(removed[0])
            text = text[:place] + "\n".join(added) + text[place + len(removed[0]) :]
        elif kept := [line[1:] for line in lines if line.startswith(" ")]:
            place = text.index(kept[0]) + len(kept[0]) + 1
            text = text[:place] + "\n".join(added) + "\n" + text[place:]
        else:
            place = text.index("\n@feature(") + 1
            text = text[:place] + "\n".join(added) + "\n" + text[place:]
        path.write_text(text)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's sources with all diffs applied."""
    folder = tmp_path_factory.mktemp("contributed")
    for path in (ROOT / "endcap").iterdir():
        if path.is_symlink():
            shutil.copytree(ROOT / path.name, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
            (folder / "endcap").mkdir(exist_ok=True)
            (folder / "endcap" / path.name).symlink_to(folder / path.name)
        elif path.suffix in (".py", ".typed"):
            (folder / "endcap").mkdir(exist_ok=True)
            shutil.copyfile(path, folder / "endcap" / path.name)
    diffs = re.findall(r"^```diff\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert len(diffs) > 6
    for diff in diffs:
        apply_diff(diff, folder)
    return folder


KNOWN = {
    "a command": "from endcap.cli.main import run; run(['count', '--help'])",
    "a file type": "from endcap.index.readers.known_formats import FORMAT_NAMES; assert 'blocks' in FORMAT_NAMES",
    "an owner's layout": "from endcap.index.readers.known_formats import OWNERS; assert 'museum' in OWNERS",
    "a measure's words": "from endcap.evaluate.measure_words import meaning; assert 'satisfies' in meaning('ERR@10')",
    "a member": """
from endcap.distill.teacher.member_classes import member_class
assert member_class("title-start").__name__ == "TitleStartMember"
""",
    "a loss": "from endcap.distill.losses import LOSSES; assert 'pointwise-mse' in LOSSES",
    "a feature": """
import numpy as np
from endcap.index.product import Product
from endcap.plugin.blend.document_words import words_of
from endcap.plugin.blend.features import FEATURES, features
values = features("mug", [words_of(Product("1", "Blue mug"))], np.zeros(1), np.ones(1))
assert values[0, FEATURES.index("short_title")] == 0.5
""",
    "a stage": "from endcap.distill.stages.stage import stages; assert 'words' in stages()",
}


@pytest.mark.parametrize("what", KNOWN)
def test_what_a_diff_adds_is_known(what: str, checkout: Path) -> None:
    """No other file has to be touched."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    run = subprocess.run(
        [sys.executable, "-c", KNOWN[what]], capture_output=True, text=True, env=environment, cwd=checkout
    )
    assert run.returncode == 0, run.stderr
    assert "Error" not in run.stderr
