"""A first run of a model that was just loaded: does it score at all, and as it did where it was measured?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from endcap.errors import InputError, ModelError
from endcap.plugin.blend.limits import checked_weight, checked_window
from endcap.plugin.model.student import Student

QUERIES = ("running shoes for women", "usb c charger 20w")
PRODUCTS = (
    "Women's running shoes, light, size 7",
    "USB-C charger 20 W, fast charging, white",
    "Leather shoe polish, black, 50 ml",
    "Cotton bed sheet, king size",
    "USB cable, type A to micro USB, 2 m",
)
TOLERANCE = 0.1
"""Int8 kernels of other CPUs round otherwise; a score may differ by this part of the widest gap between two scores."""


def smoke_scores(student: Student) -> list[list[float]]:
    """Scores of a few fixed products for a few fixed queries, (queries, products); read in advance, then scored."""
    states = student.encode(PRODUCTS)
    return [[float(score) for score in student.score(query, states)] for query in QUERIES]


def check_student(student: Student) -> None:
    """Raise ``ModelError`` where a student can't serve: no finite scores, all alike, or not those that the gate saw.

    The gate's are in ``lineage.gate.smoke`` of ``model.json``; without them only the rest is checked.
    """
    info = student.info
    try:
        checked_window(info.window, "window")
        checked_weight(info.blend_weight, "blend_weight")
        scores = np.array(smoke_scores(student), dtype=np.float64)
    except InputError as error:
        raise ModelError(f"{info.folder}: {error}") from error
    if not np.isfinite(scores).all():
        raise ModelError(f"{info.folder} gives scores that are no finite numbers.")
    if (np.ptp(scores, axis=1) == 0).any():
        raise ModelError(f"{info.folder} gives all products the same score: its weights are not those of a student.")
    expected = _recorded_scores(info.raw)
    if expected is None:
        return
    if expected.shape != scores.shape:
        raise ModelError(f"{info.folder}: the gate recorded scores of shape {expected.shape}, expected {scores.shape}.")
    off, gap = float(np.abs(scores - expected).max()), float(np.ptp(expected))
    if not off <= TOLERANCE * gap:
        raise ModelError(
            f"{info.folder} scores otherwise than where it was measured: off by {off:.3g}, where {TOLERANCE * gap:.3g} "
            "may come from another CPU. Export it again, and compare on this machine with `endcap models check`."
        )


def _recorded_scores(raw: Mapping[str, Any]) -> np.ndarray | None:
    try:
        return np.array(raw["lineage"]["gate"]["smoke"], dtype=np.float64)
    except (KeyError, TypeError):
        return None
    except ValueError as error:
        raise ModelError(f"model.json: lineage.gate.smoke is no table of numbers: {error}.") from None
