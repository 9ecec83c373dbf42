"""Model folders for tests: some whose graph is never loaded, and variants of the shipped one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from endcap.distill.work.folder import Work
from endcap.plugin.model.folder import default_folder, file_checksum


def pretended(folder: Path, salt: str, **changes: Any) -> Path:
    """A folder that ``read_model`` takes for whole; its graph is a few bytes, which ``salt`` makes its own."""
    raw = json.loads((default_folder() / "model.json").read_text())
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx" / "model.onnx").write_bytes(b"graph " + salt.encode() + bytes(30_000))
    (folder / "tokenizer.json").write_text("{}")
    files = {name: file_checksum(folder / name) for name in ("onnx/model.onnx", "tokenizer.json")}
    raw.pop("lineage")
    raw |= {"name": f"pretended-{salt}", "files": files, **changes}
    (folder / "model.json").write_text(json.dumps(raw))
    (folder / "README.md").write_text(f"# {salt}\n")
    return folder


def variant(folder: Path, name: str, **changes: Any) -> Path:
    """The shipped student under another name and without its history, with other keys in its ``model.json``."""
    shutil.copytree(default_folder(), folder)
    raw = json.loads((folder / "model.json").read_text())
    raw.pop("lineage")  # its smoke scores are those of the model as it was
    (folder / "model.json").write_text(json.dumps({**raw, "name": name, **changes}))
    return folder


def worst(folder: Path, name: str = "upside-down") -> Path:
    """A student that likes best what fits least."""
    state = {"dtype": "float16", "shape": [384]}  # so that its reading checksum is another, too
    return variant(folder, name, score={"scale": -1.0, "offset": 0.0}, state=state)


def candidate(work: Work, folder: Path, full: Path | None = None) -> None:
    """Put a model where the blend stage leaves the candidate, and its fp32 where the export leaves it."""
    for place, source in ((work.stage("blend") / "model", folder), (work.stage("export") / "fp32", full or folder)):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place)
