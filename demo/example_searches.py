"""The dozen searches that ``endcap demo`` shows, with what makes each of them hard.

They were chosen to show different difficulties; with the first student the last two do not gain. The numbers that
follow them are over all queries.
"""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLE_SEARCHES: Mapping[str, str] = {
    "pushchair": "what goes with it carries the same word",
    "cordless drill 18v": "so do batteries and bits",
    "case for aurelo mira 3": "here the accessory is meant, and the model counts",
    "left handed mouse": "a wish that few products name in these words",
    "something to keep coffee hot": "no product is called that",
    "keep cats away from the sofa": "no product is called that, either",
    "decaf coffee beans": "without, not with",
    "dumbbells two kilos": "numbers and units",
    "mouse": "one word, several things",
    "bycicle helmet": "the engine reads one word of two",
    "grumbold crema d48": "an exact model",
    "keyboard without number pad": "without, again",
}
