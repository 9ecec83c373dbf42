"""What is read of each language, and that another language is one file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.language import languages
from endcap.language.languages import LANGUAGES, known, read_all, read_language
from endcap.language.negations import forms_of_having, lacking_in, negations_out
from endcap.language.plurals import singular
from endcap.language.text import normalised, words_in
from endcap.plugin.blend.query_words import QueryWords


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "bottle without straw or handle", {"straw", "handle"}),
        ("en", "bottle without straw without lid", {"straw", "lid"}),
        ("en", "no added sugar", {"sugar"}),
        ("en", "shampoo without sulfates and parabens", {"sulfate", "paraben"}),
        ("en", "lotion without fragrance, dye or alcohol", {"fragrance", "dye", "alcohol"}),
        ("en", "no nuts & soy", {"nut", "soy"}),
        ("en", "bottle without straw, blue", {"straw"}),
        ("en", "bottle without straw and blue lid", {"straw"}),
        ("en", "sugar- and fat-free yogurt", {"sugar", "fat"}),
        ("en", "dairy and gluten free cookies", {"dairy", "gluten"}),
        ("en", "vegan and gluten free cookies", {"gluten"}),
        ("en", "salt and vinegar gluten free crisps", {"gluten"}),
        ("en", "gin 0% alcohol", {"alcohol"}),
        ("en", "gin 40% alcohol, 5.0% sugar", set()),
        ("en", "0 sugar cola", {"sugar"}),
        ("en", "mirror w/out frame", {"frame"}),
        ("en", "unscented lotion", {"scent", "fragrance", "perfume"}),
        ("en", "do not disturb sign", set()),
        ("en", "forget me not seeds", set()),
        ("en", "dr no dvd", set()),
        ("en", "feel free perfume", set()),
        ("en", "buy one get one free", set()),
        ("en", "tide free and gentle", set()),
        ("en", "never have i ever", set()),
        ("en", "no. 5 perfume", set()),
        ("de", "Shampoo ohne Silikone und Parabene", {"silikon", "paraben"}),
        ("es", "leche sin azúcar y lactosa", {"azucar", "lactos"}),
        ("fr", "lait sans sucre et lactose", {"sucr", "lactos"}),
        ("en", "gluten-free bread", {"gluten"}),
        ("en", "bulb not e27", {"e27"}),
        ("en", "milk without omega-3", {"omega", "3"}),
        ("en", "phone charger not usb-c", {"usb", "c"}),
        ("en", "charger excl. cable", {"cable"}),
        ("en", "shoes not made of leather", {"leather"}),
        ("en", "part no wh1000", set()),
        ("en", "rope not 5 kg", {"5 kg"}),
        ("en", "black free standing mirror", set()),
        ("en", "toy, batteries not included", {"battery"}),
        ("en", "gift not included batteries", {"battery"}),
        ("en", "sugarless gum", {"sugar"}),
        ("en", "strapless bra", {"strap"}),
        ("en", "unsalted nuts", {"salt"}),
        ("en", "decaf coffee", {"caffeine"}),
        ("en", "nonstick pan", {"stick"}),
        ("de", "Kaugummi ohne Zucker", {"zuck"}),
        ("de", "zuckerfreie Bonbons", {"zuck"}),
        ("de", "BPA-freie Flasche", {"bpa"}),
        ("de", "Milch frei von Laktose", {"laktos"}),
        ("de", "ärmelloses Kleid", {"armel"}),
        ("de", "ungesüßter Tee", {"zuck"}),
        ("es", "chicle sin azúcar", {"azucar"}),
        ("es", "libre de azúcar", {"azucar"}),
        ("es", "café descafeinado", {"cafein"}),
        ("fr", "chewing-gum sans sucre", {"sucr"}),
        ("es", "galletas sin aceite de palma", {"aceit", "palm"}),
        ("fr", "lait exempt de lactose", {"lactos"}),
        ("fr", "café décaféiné", {"cafein"}),
    ],
)
def test_what_is_denied(language: str, text: str, expected: set[str]) -> None:
    """By a word before, a word behind, an ending, or a word of its own."""
    phrases, rest = negations_out(normalised(text), (language,))
    assert {word for phrase in phrases for word in phrase} | lacking_in(rest, (language,)) == expected


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "battery", "batteries"),
        ("en", "box", "boxes"),
        ("en", "lens", "lenses"),
        ("de", "Lampe", "Lampen"),
        ("de", "Stuhl", "Stühle"),
        ("de", "Kind", "Kindern"),
        ("de", "Glas", "Gläser"),
        ("de", "Auto", "Autos"),
        ("es", "zapato", "zapatos"),
        ("es", "pantalón", "pantalones"),
        ("es", "luz", "luces"),
        ("es", "rojo", "rojas"),
        ("fr", "lampe", "lampes"),
        ("fr", "manteau", "manteaux"),
        ("fr", "cheval", "chevaux"),
        ("fr", "noir", "noires"),
    ],
)
def test_one_and_many_are_one_word(language: str, one: str, many: str) -> None:
    """In the words that are compared."""
    assert words_in(normalised(one), (language,)) == words_in(normalised(many), (language,))


def test_several_languages_are_read_at_once() -> None:
    """The first decides where they differ; codes that nobody has written a file for add nothing."""
    asked = QueryWords.from_text("cable 2m ohne adapter sin enchufe", (), ("de", "es", "xx"))
    assert asked.negations == (("adapt",), ("enchuf",))
    assert [amount.low for amount in QueryWords.from_text("1.500 g", (), ("de", "en")).amounts] == [1.5]
    assert [amount.low for amount in QueryWords.from_text("1.500 g", (), ("en", "de")).amounts] == [0.0015]
    assert known(("xx",)) == ()
    assert QueryWords.from_text("cables without adapter 2 m", (), ("xx",)).words == ("cables", "without", "adapter")


def test_another_language_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of a file with other words is read, by its code."""
    source = Path(languages.__file__).with_name("german.toml").read_text(encoding="utf-8")
    dutch = source.replace('code = "de"', 'code = "qq"').replace('"ohne"', '"zonder"').replace('"stuck"', '"stuks"')
    (tmp_path / "dutch.toml").write_text(dutch, encoding="utf-8")
    monkeypatch.setattr(languages, "LANGUAGES", read_all(tmp_path))
    asked = QueryWords.from_text("batterijen 10 stuks zonder kabel", (), ("qq",))
    assert asked.negations == (("kabel",),)
    assert [(amount.dimension, amount.low) for amount in asked.amounts] == [("count", 10)]


def test_a_file_with_a_mistake_is_refused(tmp_path: Path) -> None:
    """The message names the file and what is wrong."""
    broken = tmp_path / "dutch.toml"
    for text, said in (
        ("code = 'nl'", "'plurals'"),
        ("[", "dutch.toml is no language"),
        (
            Path(languages.__file__).with_name("english.toml").read_text().replace("[numbers]", "[numbers]\nx = 1"),
            "unexpected keyword argument 'x'",
        ),
    ):
        broken.write_text(text)
        with pytest.raises(InputError, match=said):
            read_language(broken)


def test_what_says_that_something_is_there() -> None:
    """What is hooded has a hood."""
    assert {"hood", "hooded"} <= set(forms_of_having("hood"))
    assert "zipped" in forms_of_having("zip")
    assert "laced" in forms_of_having("lace")
    assert forms_of_having("kapuz", ("de",)) == ("kapuz",)


@given(st.text(max_size=40), st.lists(st.sampled_from((*LANGUAGES, "xx")), max_size=3))
def test_any_text_in_any_language(text: str, codes: list[str]) -> None:
    """Nothing is raised, words stay words, and an empty tuple of languages is one."""
    chosen = tuple(codes)
    asked = QueryWords.from_text(text, (), chosen)
    assert all(asked.words)
    assert all(singular(word, chosen) for word in asked.words)
    assert all(phrase for phrase in asked.negations)
