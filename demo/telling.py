"""The dozen searches that ``endcap demo`` shows, with what makes each of them hard.

They were chosen to show different difficulties, two of them such that re-ranking does not help; the numbers after
them are over all queries.
"""

from __future__ import annotations

from collections.abc import Mapping

TELLING: Mapping[str, str] = {
    "smartphone": "accessories carry the same words",
    "tablet with pen": "a tablet for the dishwasher, a pen with ink",
    "coffee without caffeine": "the words say the opposite",
    "something to keep coffee hot": "no product is called that",
    "mouse": "one word, several things",
    "diapers size 4": "other words for the same thing",
    "wool rug large": "a wish in words that no product uses",
    "garden hose 30 m": "sizes and units",
    "mountain bike": "parts and accessories carry the same words",
    "case for aurelo mira 3": "here the accessory is meant, and the model counts",
    "grumbold crema d48": "an exact model: nothing to win",
    "blutooth speeker": "the engine finds nothing, so there is nothing to re-rank",
}
