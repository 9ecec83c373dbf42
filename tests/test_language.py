"""Shop English is read once: what every reader takes for a unit, a plural, a negation and a slip."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.demo.query_words import query_words, unit_spellings
from endcap.distill.generate.product_facts import CatalogueWords, ProductFacts
from endcap.distill.generate.product_parts import ProductParts
from endcap.distill.generate.query_kinds import kind_of
from endcap.distill.generate.vocabulary import learn
from endcap.distill.leaks.normal_form import normal_form
from endcap.index.product import Product
from endcap.language.amounts import Amount, amounts_out
from endcap.language.languages import LANGUAGES
from endcap.language.misspellings import DOUBLED, DROPPED, SWAPPED, long_words, slip
from endcap.language.model_numbers import is_model_number, model_numbers_in
from endcap.language.negations import has_negation, negations_out
from endcap.language.plurals import singular, stem
from endcap.language.quantities import Quantity, quantities_in, quantities_out
from endcap.language.small_words import STOP_WORDS, without_joining_ends
from endcap.language.text import normalised, tokens, words_in
from endcap.language.units import CONVERSIONS, UNIT_BY_SPELLING, UNIT_BY_SYMBOL, UNITS, times
from endcap.plugin.blend.document_words import words_of
from endcap.plugin.blend.query_words import QueryWords

ROUTER = Product("1", "Norvik 5g router", brand="Norvik", category="Computers > Routers")


def test_5g_is_a_network_everywhere() -> None:
    """To the blend, to queries that are generated and to grades; with a blank it is five grams."""
    vocabulary = learn([ROUTER])
    assert QueryWords.from_text("5g router").amounts == ()
    assert "5g" in QueryWords.from_text("5g router").words
    assert words_of(ROUTER).amounts == ()
    assert ProductParts.of(ROUTER, vocabulary).quantities == []
    assert ProductFacts.of(ROUTER, CatalogueWords.of([ROUTER])).quantities == frozenset()
    assert kind_of("5g router", vocabulary) != "unit"
    assert kind_of("5 g gold", vocabulary) == "unit"
    assert quantities_in("5 g gold") == [Quantity(5, "g")]


def test_lens_has_one_singular_everywhere() -> None:
    """One and many are one word to the blend, to a catalogue's types, and to the leak guard."""
    assert singular("lens") == singular("lenses") == "lens"
    assert stem("lens") == stem("lenses")
    assert normal_form("lens for camera") == normal_form("lenses for cameras")
    shop = [Product(str(n), f"Norvik lens {n} mm", category="Cameras > Lenses") for n in range(20)]
    assert learn(shop).types_of(shop[0])[0] == "lenses"
    assert words_of(shop[0]).category == " lens "


@pytest.mark.parametrize("spelling", sorted(UNIT_BY_SPELLING))
def test_a_unit_has_one_meaning(spelling: str) -> None:
    """However it is written, all that read it take it for the same; the leak guard, too."""
    unit = UNIT_BY_SPELLING[spelling]
    if spelling == "floz":  # written with a blank
        spelling = "fl oz"
    assert quantities_out(f"lamp 7 {spelling} red")[0] == [Quantity(7, unit.symbol)]
    assert QueryWords.from_text(f"lamp 7 {spelling} red").amounts == (Amount.of(Quantity(7, unit.symbol)),)
    if spelling.isalpha():
        assert normal_form(f"lamp 7 {spelling}") == normal_form(f"7 {unit.symbol} lamp")


def test_units_are_listed_once() -> None:
    """No spelling of two units; a base is its own base, of the same dimension, and whole in the larger one."""
    signs = [sign for unit in UNITS for sign in unit.signs]
    for language in LANGUAGES.values():
        spellings = [*signs, *(spelling for each in language.units.values() for spelling in each)]
        assert len(spellings) == len(set(spellings)), language.name
        assert language.units.keys() <= UNIT_BY_SYMBOL.keys()
    for unit in UNITS:
        base = UNIT_BY_SYMBOL[unit.base]
        assert (base.base, base.dimension) == (base.symbol, unit.dimension)
        assert times(unit.symbol, base.symbol) == int(times(unit.symbol, base.symbol))
    for large, small in CONVERSIONS:
        assert UNIT_BY_SYMBOL[large].dimension == UNIT_BY_SYMBOL[small].dimension


def test_what_the_demo_writes_is_read() -> None:
    """Each unit of the demo's searchers is one of the table's, in all of its spellings."""
    for symbol, spellings in query_words().units.items():
        assert {UNIT_BY_SPELLING[spelling] for spelling in spellings} == {UNIT_BY_SPELLING[symbol.lower()]}
    for value in ("0.8 l", "2 m", "1 kg", '43"', "500 ml", "128 GB"):
        wanted = quantities_in(value)[0].value
        assert {round(q.value / wanted, 2) for form in unit_spellings(value) for q in quantities_in(form)} == {1.0}


def test_amounts_in_other_words() -> None:
    """A pack of six is six; one piece is what anything is; amounts in a base unit are one text."""
    assert quantities_in("Pack of 6") == quantities_in("6 pcs") == [Quantity(6, "pack")]
    assert quantities_in("1 piece") == []
    texts = ("1 kg", "1000 g", "1,000 grams", "1 Kilogram")
    assert {q.in_base_unit() for text in texts for q in quantities_in(text)} == {"1000 g"}


@pytest.mark.parametrize(
    ("query", "negates"),
    [
        ("bottle without straw", True),
        ("bpa-free bottle", True),
        ("topf ohne deckel", True),
        ("black free standing mirror", False),
        ("free shipping", False),
        ("novel", False),
    ],
)
def test_negations_are_read_once(query: str, negates: bool) -> None:
    """What counts as a negation for a query's kind is what the blend reads as one, and other languages' words."""
    assert has_negation(query) == negates
    assert bool(negations_out(query)[0]) <= negates


def test_tokens_are_what_people_type() -> None:
    """Hyphens and plurals stay in tokens; compared words have neither."""
    assert tokens("USB-C Cable(s), women's C++") == ["usb-c", "cable", "women's", "c++"]
    assert words_in(normalised("USB-C Cables")) == ["usb", "c", "cable"]
    assert without_joining_ends(["for", "the", "kettle", "with"]) == ["kettle"]
    assert is_model_number("tn-2110")
    assert not is_model_number("20gb")
    assert model_numbers_in("tn-2110") == {"tn2110", "2110"}
    assert "without" in STOP_WORDS


@given(st.text(alphabet="ab1-/._ é²", max_size=30))
def test_model_numbers_are_runs_with_a_digit(text: str) -> None:
    """Words that marks join, of which one has a digit: as one, and each part that is no word alone."""
    found = set[str]()
    for run in re.findall(r"[^\W_]+(?:[-/._][^\W_]+)*", text):
        parts = re.findall(r"[^\W_]+", run)
        if re.search(r"\d", run):
            found |= {"".join(parts), *(part for part in parts if not part.isalpha())}
    assert model_numbers_in(text) == found


def test_a_long_text_is_read_once() -> None:
    """Twice as many words take twice as long, and not four times: 200,000 of them are read within a second."""
    start = time.process_time()
    assert model_numbers_in("a-" * 200_000) == model_numbers_in("a." * 200_000) == frozenset()
    assert model_numbers_in("a" * 400_000) == frozenset()
    assert time.process_time() - start < 1


def test_a_number_has_no_plural() -> None:
    """ "VMC-15FS" is not "VMC-15F"."""
    assert words_in("vmc-15fs c5220ks cables") == ["vmc", "15fs", "c5220ks", "cable"]


def test_slips() -> None:
    """A letter lost, doubled or swapped, never the first one, and none in short words or numbers."""
    assert [slip("steel", kind, 1) for kind in (DROPPED, DOUBLED, SWAPPED)] == ["seel", "stteel", "setel"]
    assert slip("steel", SWAPPED, 4) == "stele"
    assert long_words(["desk", "kettle", "1000xm4"]) == [1]


@given(st.text(max_size=40))
def test_any_text_will_do(text: str) -> None:
    """Nothing of this room fails, and what is taken out of a text is not taken out again."""
    rest = normalised(text)
    for reader in (quantities_out, negations_out, amounts_out):
        reader(rest)
    assert isinstance(has_negation(text), bool)
    assert all(map(singular, words_in(rest)))
    assert all(stem(word) for word in words_in(rest))
