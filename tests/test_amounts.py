"""Amounts as shoppers say them, in each language, and how they compare by size."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.language.amounts import PART, TOTAL, Amount, amounts_out, match
from endcap.language.languages import LANGUAGES
from endcap.language.quantities import Quantity, number_text, quantities_out
from endcap.language.text import normalised
from endcap.language.units import UNIT_BY_SYMBOL, units_by_spelling
from endcap.plugin.blend.query_words import QueryWords

SPELLINGS = sorted(
    (code, spelling)
    for code in LANGUAGES
    for spelling, unit in units_by_spelling((code,)).items()
    if spelling != "floz" and unit.dimension != "count"
)
NUMBERS = st.integers(1, 999) | st.integers(1, 9_999).map(lambda n: n / 100)


def amounts(text: str, language: str = "en") -> list[Amount]:
    """The amounts of a query."""
    return amounts_out(normalised(text), (language,), limits=True)[0]


def matched(asked: str, told: str, language: str = "en") -> float:
    """How well a product's amounts are the first one that is asked for."""
    return round(match(amounts(asked, language)[0], amounts_out(normalised(told), (language,))[0]), 2)


@given(NUMBERS, st.sampled_from(SPELLINGS), st.sampled_from(("", " ")))
def test_what_is_written_is_read(number: float, written: tuple[str, str], blank: str) -> None:
    """A number and a unit, as each language writes them, are that amount, and nothing of them stays in the text."""
    code, spelling = written
    text = number_text(number).replace(".", LANGUAGES[code].numbers.decimal)
    if spelling == "g" and not blank and text in "23456":
        return  # a network
    found, rest = quantities_out(f"x {text}{blank}{spelling} y", (code,))
    assert found == [Quantity(pytest.approx(number), units_by_spelling((code,))[spelling].symbol)]
    assert rest.split() == ["x", "y"]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "half a kilo", [("mass", 0.5)]),
        ("en", "half lb", [("mass", 0.2268)]),
        ("en", "quarter pound", [("mass", 0.1134)]),
        ("en", "one and a half litres", [("volume", 1.5)]),
        ("en", "1½ inch", [("length", 0.0381)]),
        ("en", "1-1/2 in", [("length", 0.0381)]),
        ("en", "a dozen eggs", [("count", 12)]),
        ("en", "half a dozen eggs", [("count", 6)]),
        ("en", "2 dozen eggs", [("count", 24)]),
        ("en", "6-pack", [("count", 6)]),
        ("en", "pack of 6", [("count", 6)]),
        ("en", "twin-pack", [("count", 2)]),
        ("en", "one piece swimsuit", []),
        ("en", "10 in 1 tool", []),
        ("en", "90 x 200 cm", [("length", 0.9), ("length", 2.0)]),
        ("en", "5' x 7' rug", [("length", 1.524), ("length", 2.1336)]),
        ("en", "80's dress", []),
        ("en", "1920x1080", []),
        ("en", "3-in-1 tool", []),
        ("en", "ip3m-943w", []),
        ("en", ".5 oz", [("mass", 0.01417)]),
        ("de", "1.000 g", [("mass", 1.0)]),
        ("de", "1,5 liter", [("volume", 1.5)]),
        ("de", "ein halbes Kilo", [("mass", 0.5)]),
        ("de", "6er-Pack", [("count", 6)]),
        ("de", "10 Stück", [("count", 10)]),
        ("de", "43 Zoll", [("length", 1.0922)]),
        ("es", "medio kilo", [("mass", 0.5)]),
        ("es", "una docena de huevos", [("count", 12)]),
        ("es", "43 pulgadas", [("length", 1.0922)]),
        ("es", "pack de 6", [("count", 6)]),
        ("fr", "un demi-kilo", [("mass", 0.5)]),
        ("fr", "lot de 6", [("count", 6)]),
        ("fr", "43 pouces", [("length", 1.0922)]),
        ("fr", "64 Go", [("data", 64e9)]),
        ("ja", "10 kg", [("mass", 10)]),
    ],
)
def test_amounts_in_words(language: str, text: str, expected: list[tuple[str, float]]) -> None:
    """Numbers in words, packs and sizes; signs of units in any language."""
    assert [(each.dimension, pytest.approx(each.low, rel=1e-3)) for each in amounts(text, language)] == expected


@pytest.mark.parametrize("text", ["2 x 500 g", "2x500g", "500 g x 2", "500g x 2 pack", "twin pack x 500 g"])
def test_a_pack_is_all_of_it_and_each(text: str) -> None:
    """Two of 500 g: two pieces, 1 kg in all, 500 g in each."""
    kilo, half = Amount("mass", 1.0, 1.0, TOTAL), Amount("mass", 0.5, 0.5, PART)
    assert amounts(text) == [Amount("count", 2, 2), kilo, half]


@pytest.mark.parametrize(
    ("language", "text", "low", "high"),
    [
        ("en", "500 g or more", 0.5, math.inf),
        ("en", "dumbbell 10kg+", 10, math.inf),
        ("en", "100ml or less", 0, 0.1),
        ("en", "no bigger than 50 cm", 0, 0.5),
        ("en", "at least 20 l", 20, math.inf),
        ("en", "between 5 and 10 kg", 5, 10),
        ("en", "between 5kg and 10kg", 5, 10),
        ("en", "from 5 to 10 kg", 5, 10),
        ("de", "1 kg oder mehr", 1, math.inf),
        ("de", "zwischen 5 und 10 kg", 5, 10),
        ("es", "1 kg o menos", 0, 1),
        ("es", "entre 5 y 10 kg", 5, 10),
        ("fr", "2 l ou plus", 2, math.inf),
    ],
)
def test_limits_on_either_side(language: str, text: str, low: float, high: float) -> None:
    """Before the amount or behind it, as one amount of that size; and no denial."""
    found = amounts_out(text, (language,), limits=True)[0]
    assert [(each.low, each.high) for each in found] == [(low, high)]
    assert QueryWords.from_text(text, (), (language,)).negations == ()


@pytest.mark.parametrize(
    ("language", "text", "size"),
    [
        ("en", "1 lb 8 oz", 0.6804),
        ("en", "5 ft 6 in", 1.6764),
        ("en", "5'6\"", 1.6764),
        ("en", "6' 6''", 1.9812),
        ("en", "1 m 80 cm", 1.8),
        ("de", "ein Pfund", 0.5),
        ("es", "2 libras", 0.9072),
        ("fr", "une livre", 0.5),
    ],
)
def test_amounts_of_two_units_are_one(language: str, text: str, size: float) -> None:
    found = amounts_out(normalised(text), (language,))[0]
    assert [round(each.low, 4) for each in found] == [size]


def test_a_pint_is_american_or_british() -> None:
    assert matched("milk 2 pints", "milk 1.13 l") == matched("milk 2 pints", "milk 946 ml") == 1
    assert matched("milk 2 pints", "milk 500 ml") < 0


def test_a_bag_of_an_amount_is_no_pack() -> None:
    assert [each.dimension for each in amounts("bag of 5 kg oranges")] == ["mass"]


def test_ranges_and_limits() -> None:
    """All between, all below and all above; a product "up to 5 kg" says 5 kg."""
    assert amounts("5-10 kg") == amounts("5 kg to 10 kg") == amounts("5 bis 10 kg", "de") == [Amount("mass", 5, 10)]
    assert amounts("under 5 kg") == amounts("unter 5 kg", "de") == amounts("moins de 5 kg", "fr")
    assert amounts("under 5 kg") == [Amount("mass", 0, 5)]
    assert amounts("mas de 5 kg", "es") == [Amount("mass", 5, math.inf)]
    assert amounts_out("up to 5 kg")[0] == [Amount("mass", 5, 5)]
    assert amounts("10-5 kg") == [Amount("mass", 5, 5)]  # no range


def test_sizes_are_found_without_their_unit() -> None:
    """ "90 x 200 cm" stays as the word "90x200", which people type."""
    assert amounts_out("mattress 90 x 200 cm")[1].split() == ["mattress", "90x200"]
    assert amounts_out("mattress 90 x 200")[1] == "mattress 90x200"


def test_amounts_compare_by_size() -> None:
    """1 kg first, then two of 500 g, near sizes, and the farther off the later; what says nothing is in between."""
    told = ["1000 g", "2 x 500 g", "950 g", "900 g", "", "500 g", "250 g", "5 g"]
    values = [matched("1kg", each) for each in told]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values)
    assert (values[0], values[1], values[4]) == (1.0, TOTAL, 0.0)
    assert matched("500 g", "2 x 500 g") == PART
    assert matched("under 3 kg", "2.4 kg") == matched("5-10 kg", "8 kg") == matched("10 kg", "5-15 kg") == 1.0
    assert matched("16 oz", "16 fl oz") == matched("16 oz", "16 oz") - 0.1 == TOTAL
    assert matched("16 oz", "32 fl oz") < 0
    assert matched("under 3 kg", "4 kg") > matched("under 3 kg", "9 kg")


@given(*(st.floats(0.001, 1_000) for _ in range(3)))
def test_nearer_is_never_worse(asked: float, one: float, two: float) -> None:
    """By the ratio of sizes, and as much above as below."""
    near, far = sorted((one, two), key=lambda value: abs(math.log(value / asked)))
    wanted = Amount("mass", asked, asked)
    values = [match(wanted, [Amount("mass", value, value)]) for value in (near, far)]
    assert values[0] >= values[1] - 1e-9
    above, below = (match(wanted, [Amount("mass", asked * k, asked * k)]) for k in (3.0, 1 / 3.0))
    assert above == pytest.approx(below)


PIECES = (
    *(
        "2",
        "500",
        "1,5",
        "1.000",
        "1/2",
        "1/0",
        "0",
        "x",
        "×",
        "-",
        "to",
        "bis",
        "kg",
        "g",
        "cm",
        '"',
        "pack",
        "under",
        "5g",
    ),
    *("half", "a", "dozen", "fl oz", "in", "ein", "lot de 6", "pack of", "9" * 12, "½"),
)


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8),
    st.sampled_from(("", " ")),
    st.lists(st.sampled_from((*LANGUAGES, "xx")), max_size=3),
)
def test_any_text_has_amounts_that_compare(pieces: list[str], blank: str, languages: list[str]) -> None:
    """Nothing is raised, and each amount is what is asked for by itself."""
    text, codes = normalised(blank.join(pieces)), tuple(languages)
    found: list[Any] = amounts_out(text, codes, limits=True)[0]
    for each in found:
        assert each.dimension in {unit.dimension for unit in UNIT_BY_SYMBOL.values()}
        assert 0 <= each.low <= each.high
        assert match(each, [each]) in (1.0, TOTAL, PART)
        assert -1 <= match(each, found) <= 1


@pytest.mark.parametrize(
    ("language", "text", "size"),
    [
        ("en", "gallon water jug", 3.785411784),
        ("es", "kilo de arroz", 1.0),
        ("fr", "litre de lait", 1.0),
        ("de", "pfund mehl", 0.5),
    ],
)
def test_a_query_that_begins_with_a_unit_asks_for_one(language: str, text: str, size: float) -> None:
    """Not so in a title, or where it is all that is said."""
    assert [round(each.low, 6) for each in amounts_out(text, (language,), limits=True)[0]] == [round(size, 6)]
    assert not amounts_out(text, (language,))[0]
    assert not amounts_out(text.split()[0], (language,), limits=True)[0]
