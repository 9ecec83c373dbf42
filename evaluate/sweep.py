"""What other weights of the student and other windows would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from endcap.evaluate.measures import Grades, NamedMeasure, mean, score
from endcap.evaluate.results import SweepPoint
from endcap.evaluate.systems import Candidates, ranked_by_blend
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.plain import FloatArray

SWEPT_WEIGHTS = tuple(step / 10 for step in range(11))
SWEPT_WINDOWS = (20, 50, 100, 200, 500)


def sweep(
    window: int | None,
    wide: Sequence[Candidates],
    scores: Sequence[FloatArray],
    grades: Grades,
    measure: NamedMeasure,
    words: WordsMemory,
) -> Iterator[SweepPoint]:
    """What other weights and windows would do, with the plain blend."""
    for size in _windows(window, wide):
        narrow = [(hits.head(size or len(mine)), mine[:size]) for hits, mine in zip(wide, scores, strict=True)]
        for weight in SWEPT_WEIGHTS:
            order = {hits.query: ranked_by_blend(hits, (mine, None), weight, None, words) for hits, mine in narrow}
            yield SweepPoint(weight, size, mean(score(order, grades, [measure])[measure.name]))


def _windows(window: int | None, wide: Sequence[Candidates]) -> list[int | None]:
    if window is None:
        return [None]
    most = max(len(hits.products) for hits in wide)
    # A window wider than the longest list of hits is that list again.
    sizes = sorted({*SWEPT_WINDOWS, window})
    return [size for i, size in enumerate(sizes) if i == 0 or sizes[i - 1] < most]
