"""Copies a model folder with other parts in its ``model.json``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from endcap.distill.export.model_card import model_card
from endcap.distill.work.files import write_json, write_stage_text
from endcap.plugin.model.folder import ModelInfo, read_model


def model_copy(source: Path, out: Path, **parts: Any) -> ModelInfo:
    """Copy a model folder to ``out`` with these parts of ``model.json`` (``blend``, ``lineage``), and a card with them.

    Raises ``ModelError`` where that makes no model.
    """
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(source, out)
    raw = json.loads((out / "model.json").read_text(encoding="utf-8"))
    write_json(out / "model.json", raw | parts)
    info = read_model(out)
    write_stage_text(out / "README.md", model_card(info))
    return info
