"""What an index is in, by what was seen of it, and what that makes of a window: foreign, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from endcap.language.detection import Evidence, name_of
from endcap.language.word_languages import CODES
from endcap.plugin.blend.plain import FloatArray

# All thresholds were set by ``benchmarks/language_shops.py``, and are shares of texts where nothing else is said.
FOREIGN = 0.48
"""From this share of texts in another language on, those in the student's own taken away, a search is not re-ranked."""
ASSUMED_HITS = 2.0
"""So many hits are taken to be in no language: fewer hits say less."""
SURE_WORDS = 6
"""Fewer foreign words than so, however often, may be names."""
INDEX_WEIGHT = 1.5
"""What is known of an index counts so much more than the window,"""
SURE_HITS = 25.0
"""as far as more than so many products were seen of it."""
CLEAR, CLEAR_WORDS = 0.8, 8
"""A window as foreign as that, by so many different words, is one whatever the index is in."""
FEW_OWN, SOME_OWN = 0.02, 0.12
"""A sample with no more texts than so in the student's own language"""
FOREIGN_ALONE, FOREIGN_MOSTLY = 0.35, 0.6
"""is in another language from these shares on."""
LEAST_WORDS = 2
"""Not by one foreign word, which may be a name."""
FEW, FOREIGN_OF_FEW = 10, 0.25
"""Of so few products in all a smaller share is enough, or a single word."""
OWN = -0.2
"""A sample as clearly as that in the student's own language settles what its windows are in."""
PRESENT_WORDS, PRESENT_SHARE, MANY_WORDS = 6, 0.45, 10
"""By so many different words, and so many for each text in it, or by many, products in another language are known from
names, which stand in many titles."""
PRESENT_TEXTS = 0.04
"""At least so many of the texts are in it, too: words of many languages stand in long titles."""
PARTLY, PARTLY_OWN = 0.35, 0.25
"""Where the index has such products, a window of as many of them and no more own ones is foreign."""
ASKED = 0.5
"""Where the query's words speak for their language, too, it is foreign whatever it finds."""
MOSTLY_OWN = 0.5
"""From this share of own products on, a window of an index in another language may be the student's."""
NAMED_WORDS = 4
"""By so many words in a window without one of the student's own, a query of that language is one anywhere."""
FAMILIAR_HITS = 100
"""An index of which nothing was sampled is known when so many hits were seen of it."""
MAX_SEEN = 20_000.0
"""When so many hits were seen of an index, half of them are forgotten: it may change its language."""


@dataclass
class Seen:
    """What was seen of an index's texts, as ``Evidence`` has it, summed. Of a sample, what it means is worked out once:
    nothing may be added to it after that."""

    sums: FloatArray = field(default_factory=lambda: np.zeros(len(CODES) + 1))
    words: FloatArray = field(default_factory=lambda: np.zeros(len(CODES) + 1))
    texts: FloatArray = field(default_factory=lambda: np.zeros(len(CODES) + 1))
    own: float = 0.0
    count: float = 0.0
    script: str = ""
    is_sample: bool = False
    """Whether the texts were drawn from the whole index, and are not what searches have found."""

    def add(self, found: Evidence) -> None:
        """Count new evidence in."""
        keep = 1.0 if self.count < MAX_SEEN else 0.5
        self.sums, self.texts = keep * (self.sums + found.sums), keep * (self.texts + found.texts)
        self.own, self.count = keep * (self.own + found.own), keep * (self.count + found.count)
        self.words = np.maximum(self.words, found.words)
        self.script = found.script or self.script

    @property
    def shares(self) -> FloatArray:
        """How many more texts are in each other language than in the student's own, float64 (25,), -1 to 1."""
        return self.sums / (self.count + ASSUMED_HITS * (not self.is_sample) or 1.0)

    @cached_property
    def foreign(self) -> int | None:
        """The column of the other language that the index is in; None where it is in none, or that isn't clear."""
        shares, own = self.shares, self.own / (self.count or 1.0)
        is_named = self.words >= LEAST_WORDS
        if self.count <= FEW and not own:
            told = ((shares >= FOREIGN_OF_FEW) & is_named) | ((shares >= FOREIGN) & (self.words > 0))
        else:
            least = FOREIGN_ALONE if own <= FEW_OWN else FOREIGN_MOSTLY if own <= SOME_OWN else np.inf
            told = (shares >= least) & is_named
        # Where texts may be in several, it is the one that most of their words are of.
        likeliest = np.where(told, shares + np.minimum(self.words, 500) / 1_000, -np.inf)
        return int(likeliest.argmax()) if told.any() else None

    @cached_property
    def present(self) -> np.ndarray:
        """Which other languages some products are in, whatever most are in, bool (25,)."""
        by_few = (self.words >= PRESENT_WORDS) & (self.words >= PRESENT_SHARE * self.texts)
        is_some = (self.texts >= PRESENT_TEXTS * self.count) & (self.texts > 0)
        return is_some & (by_few | (self.words >= MANY_WORDS))

    @cached_property
    def is_own(self) -> bool:
        """Whether the index is in the student's own language, so that a window need not be looked at."""
        return bool(self.is_sample and self.count and self.shares.max() <= OWN and not self.present.any())

    @property
    def language(self) -> str:
        """The other language that the index is in, in words; "" where there is none."""
        return "" if self.foreign is None else name_of(self.foreign, self.script)


def together(samples: Sequence[Seen]) -> Seen:
    """What several indexes are in that are searched at once."""
    return Seen(
        sums=np.sum([seen.sums for seen in samples], axis=0),
        words=np.max([seen.words for seen in samples], axis=0),
        texts=np.sum([seen.texts for seen in samples], axis=0),
        own=sum(seen.own for seen in samples),
        count=sum(seen.count for seen in samples),
        script=next((seen.script for seen in samples if seen.script), ""),
        is_sample=True,
    )


def foreign_column(seen: Seen, window: Evidence, asked: Evidence, is_known: bool, in_doubt: bool) -> int | None:
    """The column of the other language that a window is in; None where it is in none, or that can't be told.

    ``asked`` is what the query says, ``is_known`` whether it has words of the student's own language. ``in_doubt``: the
    index is not known, so that a window is foreign as soon as more speaks for another language than for the own one.
    """
    raw, own = window.sums / max(1, window.count), window.own / max(1, window.count)
    if seen.is_sample and seen.foreign is not None:
        # English queries that find English products of a German shop are for a student of English.
        return None if is_known and own >= MOSTLY_OWN and raw.max() <= 0 else seen.foreign
    damped = window.sums / (window.count + ASSUMED_HITS)
    # Few words, however often they stand in the window, may be names that the query has asked for.
    damped = np.where(damped > 0, damped * np.minimum(1, window.words / SURE_WORDS), damped)
    present = seen.present if seen.is_sample else np.zeros(len(damped), dtype=bool)
    weight = 0.0 if present.any() else INDEX_WEIGHT * seen.count / (seen.count + SURE_HITS)
    shares = (damped + weight * seen.shares) / (1 + weight)
    foreign = ((damped >= CLEAR) & (window.words >= CLEAR_WORDS)) | (shares >= FOREIGN)
    foreign |= present & (asked.words > 0) & (asked.sums >= ASKED)
    if not is_known and own <= PARTLY_OWN:
        foreign |= present & (raw >= PARTLY)
        in_own = seen.is_sample and seen.shares.max() <= OWN  # else it may be a shop of names
        foreign |= in_own & (asked.words > 0) & (raw >= CLEAR) & (window.words >= NAMED_WORDS) & (own == 0)
    if in_doubt and seen.count < FAMILIAR_HITS:
        foreign |= raw > 0
    return int(np.where(foreign, shares, -np.inf).argmax()) if foreign.any() else None
