"""Lists and objects that a program wrote into a text: as JSON, or as Python and pandas write them."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import orjson

_LONGEST = 1 << 20
_BRACKETS = (("{", "}"), ("[", "]"))


def written_value(text: str) -> Any:
    """The list or object that a text is, as ``["a", "b"]`` or ``{'a': None}``; any other text itself."""
    bare = text.strip()
    if len(bare) > _LONGEST or (bare[:1], bare[-1:]) not in _BRACKETS:
        return text
    try:
        return orjson.loads(bare)
    except orjson.JSONDecodeError:
        pass
    if "'" not in bare and bare not in ("[]", "{}"):
        return text
    try:
        with warnings.catch_warnings(action="ignore", category=SyntaxWarning):
            value = ast.literal_eval(
                bare.replace(": nan", ": None").replace("[nan", "[None").replace(", nan", ", None")
            )
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (list, dict)) else text
