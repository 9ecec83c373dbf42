"""Copies a model folder with other parts in its ``model.json``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from endcap.distill.files import write_json, write_whole
from endcap.distill.model_card import model_card
from endcap.plugin.model import ModelInfo, read_model


def model_copy(source: Path, out: Path, **parts: Any) -> ModelInfo:
    """Copy a model folder to ``out`` with these parts of ``model.json`` (``blend``, ``lineage``), and a card that tells
    them. Raises ``ModelError`` where that makes no model."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(source, out)
    raw = json.loads((out / "model.json").read_text(encoding="utf-8"))
    write_json(out / "model.json", raw | parts)
    info = read_model(out)
    card = model_card(info)
    write_whole(out / "README.md", lambda file: file.write(card.encode("utf-8", "surrogatepass")))
    return info
