"""What a window and a blend weight may be, in a model folder, an argument or a request."""

from __future__ import annotations

import math
from typing import Any

from endcap.errors import InputError
from endcap.index.settings import MAX_DENSE

MAX_WINDOW = 10_000


def checked_window(value: Any, name: str) -> int:
    """A window in candidates; ``InputError`` where the value is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_WINDOW:
        raise InputError(f"{name} is {value!r}; it should be a whole number of candidates, 1 to {MAX_WINDOW}.")
    return value


def checked_dense(value: Any, name: str) -> int:
    """How many candidates by meaning may join a window; ``InputError`` where the value is none."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_DENSE:
        raise InputError(f"{name} is {value!r}; it should be a whole number of products, 0 (none) to {MAX_DENSE}.")
    return value


def checked_weight(value: Any, name: str) -> float:
    """A blend weight; ``InputError`` where the value is none."""
    if not is_finite(value) or not 0 <= value <= 1:
        raise InputError(
            f"{name} is {value!r}; it should be a number from 0 (the engine's order) to 1 (the student's)."
        )
    return float(value)


def is_finite(value: Any) -> bool:
    """Whether the value is a finite number; a truth value is no number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
