"""What makes a model folder the model that it is: all that it says but for its history."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

HISTORY = ("lineage",)
"""Keys of ``model.json`` that tell where a model comes from and what became of it, and change no score."""


def identity(raw: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of a ``model.json`` (which names its files' checksums) without its history.

    Two folders of one identity rank alike. The reading checksum covers less: models that share it share their states,
    but may blend them differently.
    """
    content = {name: value for name, value in raw.items() if name not in HISTORY}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
