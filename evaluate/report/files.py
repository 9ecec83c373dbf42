"""Reports as files, and results as JSON for other programs; docs/evaluation.md explains the fields."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.files import write_text


def json_ready(value: Any) -> Any:
    """Records, mappings and sequences as JSON-ready data; a number that is not finite becomes None."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: json_ready(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def json_text(value: Any) -> str:
    """The record as JSON text, in ASCII, so that odd characters of a catalogue can't break a reader."""
    return json.dumps(json_ready(value), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def write_report(path: Path, text: str) -> None:
    """Write a report whole or not at all. Raises InputError where the folder is missing or can't be written."""
    try:
        write_text(path, text.encode("utf-8", "replace").decode("utf-8"))
    except OSError as error:
        raise InputError(
            f"{path} can't be written: {error.strerror or error}. Name a file in a folder of yours."
        ) from error
