"""The weights of a shop's signals by its own judgments, for the model as it is: nothing else is taught."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from endcap.distill.blend.signals import taught_signals
from endcap.distill.blend.windows import windows_of
from endcap.errors import InputError
from endcap.evaluate.end_to_end import query_exclusion, window_candidates
from endcap.evaluate.measures import Grades
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.signals import Signal
from endcap.plugin.rules.documents import source_paths
from endcap.progress import Watch, unwatched

FEWEST = 15
"""From so many judged searches on weights are learnt; with fewer, folds of them say nothing."""


def shop_signals(
    shop: Shop, grades: Grades, scorer: StudentWithStates, signals: Sequence[Signal], watch: Watch = unwatched
) -> tuple[tuple[Signal, ...], dict[str, Any]]:
    """Signals with learnt weights, none where they do not prove good, and what folds say: see ``taught_signals``.

    Raises ``InputError`` where too few judged searches tell products apart.
    """
    info = scorer.student.info
    queries = [query for query, judged in grades.items() if query_exclusion(judged) is None]
    wide = window_candidates(with_signals(shop, signals), queries, info.window, watch)
    if len(wide) < FEWEST:
        raise InputError(
            f"{len(wide)} judged searches have a relevant product; weights are learnt from {FEWEST} on. Judge more "
            "searches, or give the signals weights by hand: slight, some or strong."
        )
    scorer.read(list(wide.values()), watch)
    unweighted = [replace(signal, weight=0.0) for signal in signals]
    windows = windows_of("shop", wide, {}, grades, scorer.view, WordsMemory(), unweighted)
    return taught_signals(windows, unweighted, info.blend_weight, info.learnt)


def with_signals(shop: Shop, signals: Sequence[Signal]) -> Shop:
    """The shop whose searches bring what signals read."""
    return replace(shop, also=tuple(source_paths({signal.field for signal in signals}, shop.fields)))
