"""``base = "shipped"``: what such a recipe leaves out is as the student that comes with endcap has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from endcap.errors import InputError
from endcap.plugin.model.folder import default_folder

FIXED = ("shape", "pooling")
FIXED_TEXT = ("query_prefix", "product_prefix")
"""What its weights were taught with: they mean nothing with another."""


def with_shipped(file: str, raw: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe's table with all that the shipped student decides, where the table does not.

    Raises ``InputError`` where the table says otherwise of what can't be changed.
    """
    model = json.loads((default_folder() / "model.json").read_text(encoding="utf-8"))
    known: dict[str, Any] = {name: model[name] for name in ("shape", "pooling", "precision", "languages")}
    known |= {"license": model["base"]["license"], "state_dtype": model["state"]["dtype"]}
    known |= {"state_size": model["state"]["shape"][0], "blend_weight": model["blend"]["weight"]}
    known |= {"window": model["blend"]["window"]}
    text = raw.get("text", {})
    of_text = {f"text.{name}": (text, model["text"], name) for name in FIXED_TEXT if isinstance(text, Mapping)}
    for key, (table, of_model, name) in {**{name: (raw, model, name) for name in FIXED}, **of_text}.items():
        if name in table and table[name] != of_model[name]:
            raise InputError(
                f'{file}: {key} = {table[name]!r}, but base = "shipped" was taught with {of_model[name]!r}. Leave the '
                "key out, or name another base."
            )
    merged = {**known, **raw}
    return {**merged, "text": {**model["text"], **text}} if isinstance(text, Mapping) else merged
