"""Patterns that are not looked for where a text has no sign of them: what is read is the same without that."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.demo.catalogue import items
from endcap.language import amounts, negations, quantities
from endcap.language.languages import LANGUAGES, Codes

LANGUAGE_SETS: tuple[Codes, ...] = (("en",), ("de",), ("en", "de", "es", "fr"), ())


class AnyWord(frozenset[str]):
    """A sign of everything is in every text."""

    def isdisjoint(self, other: Any) -> bool:
        return False


def phrases() -> list[str]:
    """What the languages' files say of denials, packs, numbers and units."""
    found = set[str]()
    for language in LANGUAGES.values():
        denials, packs, numbers = language.denials, language.packs, language.numbers
        found.update((*denials.before, *denials.names, *denials.after, *denials.after_last, *denials.named))
        found.update((*(template.replace("N", "6") for template in packs.patterns), *packs.sizes, *numbers.words))
        found.update(
            (*numbers.ranges, *numbers.between, *(each for units in language.units.values() for each in units))
        )
    return sorted(found)


PIECES = st.sampled_from(phrases()) | st.sampled_from(
    [
        "sugar",
        "pan",
        "cable",
        "5",
        "2.5",
        "1/2",
        "10",
        "x",
        "-",
        "5'6\"",
        "90x200",
        ",",
        "\n",
        "sugarless",
        "nonstick",
        "6er",
    ]
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from([" ", "", "-", " - "])), max_size=12).map(
    lambda parts: "".join(piece + gap for piece, gap in parts)
)


def read(text: str, languages: Codes) -> list[Any]:
    denied, positive = negations.negations_out(text, languages)
    return [
        denied,
        positive,
        negations.lacking_in(text, languages),
        negations.prefixes_joined(text, languages),
        amounts.amounts_out(text, languages),
        quantities.quantities_out(text, languages),
    ]


@pytest.fixture(scope="module")
def read_by_patterns() -> Callable[[str, Codes], list[Any]]:
    """The same readings, each pattern looked for in each text."""

    def whole(text: str, languages: Codes) -> list[Any]:
        everywhere = re.compile("")
        with pytest.MonkeyPatch.context() as patch:
            denials = negations._patterns(languages)
            told = {name: AnyWord() for name in ("signs_before", "signs_after", "signs_named")}
            patch.setattr(negations, "_patterns", lambda _: denials._replace(**told))
            sizes = amounts._patterns(languages)._replace(
                may_be_total=everywhere, may_be_spread=everywhere, betweens=("",)
            )
            patch.setattr(amounts, "_patterns", lambda _: sizes)
            packs, named, words = quantities._number_words(languages)
            signs = {"signs": AnyWord()}
            every = packs._replace(sign=everywhere), named._replace(**signs), words._replace(**signs)
            patch.setattr(quantities, "_number_words", lambda _: every)
            patch.setattr(negations, "word_set", lambda text: AnyWord(re.findall(r"[^\W_]+", text)))
            patch.setattr(quantities, "word_set", lambda text: AnyWord(re.findall(r"[^\W_]+", text)))
            return read(text, languages)

    return whole


@given(TEXTS, st.sampled_from(LANGUAGE_SETS))
@settings(max_examples=400, deadline=None)
def test_texts_of_phrases(read_by_patterns: Any, text: str, languages: Codes) -> None:
    """Of all that the languages' files know, in any order."""
    assert read(text, languages) == read_by_patterns(text, languages)


def test_the_generated_shop(read_by_patterns: Any) -> None:
    """Titles and descriptions, in English."""
    for item in items()[::40]:
        text = f"{item.product.title}\n{item.product.description}".lower()
        assert read(text, ("en",)) == read_by_patterns(text, ("en",))
