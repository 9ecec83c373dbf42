"""Requests as Ollama's own API takes them (``/api/chat``): https://docs.ollama.com/api; ``reply`` reads its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OLLAMA_PATHS = ("/api/chat",)
_OPTIONS = {"temperature": "temperature", "max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
_LEFT_OUT = ("n", *_OPTIONS)
"""What it has no word for (it gives one answer), or has among its ``options``."""


def as_ollama(body: Mapping[str, Any]) -> dict[str, Any]:
    """A chat completion's body for Ollama's own API."""
    options = {name: body[ours] for ours, name in _OPTIONS.items() if ours in body}
    own = body.get("options")
    asked = {name: value for name, value in body.items() if name not in _LEFT_OUT}
    return {"stream": False} | asked | {"options": options | (dict(own) if isinstance(own, Mapping) else {})}
