"""What a sample of an index makes of its searches: other languages, names, small shops, catalogues of two languages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops_in_languages import WORDS, products, queries, words

from endcap.index.field_map import FieldMap
from endcap.plugin.search.languages import Languages

FOREIGN = [code for code in WORDS if code != "en"]


def hits_of(titles: Sequence[str], index: str = "shop") -> list[dict[str, object]]:
    return [{"_index": index, "_source": {"title": title}} for title in titles]


def reranks(shop: Sequence[str], text: str, found: Sequence[str], known: Sequence[str] = ("en",)) -> bool:
    """Whether a search of a shop that finds these titles is re-ranked by a student of these languages."""
    noticed = Languages(FieldMap(), known)
    noticed.learn("shop", hits_of(shop), known)
    return not noticed.foreign("shop", text, None, hits_of(found), known)


@pytest.mark.parametrize("language", FOREIGN)
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_small_shops(language: str, data: st.DataObject) -> None:
    """Four titles and more of type and colour, of which a search finds two: never re-ranked in another language, also
    if its words are makers' names; always in the student's own."""
    for code, expected in ((language, False), ("en", True)):
        pool = [product.title for product in products(code) if any(noun in product.title for noun in words(code)[0])]
        shop = data.draw(st.lists(st.sampled_from(pool), min_size=5, max_size=12, unique=True), label=code)
        clear = [f"{noun} {colour}" for noun, colour in zip(*words(code), strict=False)][:3]
        shop = [*shop, *clear]  # one title may say nothing: "Cafetera azul"
        for text in (shop[0].lower(), "samsung", "sony bosch"):
            assert reranks(shop, text, shop[:2]) == expected, (shop, text)


@pytest.mark.parametrize("language", FOREIGN)
@settings(deadline=None, max_examples=10)
@given(count=st.sampled_from([10, 90, 120]), start=st.integers(0, 9))
def test_catalogues_of_two_languages(language: str, count: int, start: int) -> None:
    """Where an English shop has products in another language, searches in it are left alone, and others are not."""
    others, english = ([p.title for p in products(code, n)] for code, n in ((language, count), ("en", 120)))
    shop = [*english, *others]
    text = queries(language)[start]
    found = [title for title in others if text.split()[0].lower() in title.lower()][:3] or others[:3]
    assert not reranks(shop, text, found)
    assert reranks(
        shop, queries("en")[start], [title for title in english if queries("en")[start].split()[0] in title.lower()]
    )


def test_names() -> None:
    """Names in titles that have English words elsewhere are no language; names alone can't be told from one."""
    wines = [
        "Château Margaux Grand Cru",
        "Sancerre Les Baronnes Rouge",
        "Côtes du Rhône Villages",
        "Chablis Vieilles Vignes",
    ]
    shop = [f"{wine} {kind}" for wine in wines for kind in ("Red Wine", "White Wine 75 cl", "2018", "Gift Box")]
    assert reranks(shop, "chateau margaux", shop[:4])
    cigars = ["Romeo y Julieta Churchill", "Hoyo de Monterrey", "La Gloria Cubana", "La Flor Dominicana", "Partagás"]
    assert not reranks(
        [f"{name} {n}" for name in cigars for n in range(9)], "la gloria cubana", ["La Gloria Cubana 1"] * 3
    )


def test_a_student_of_several_languages() -> None:
    """What is known is re-ranked, alone and beside English; a third language is not."""
    german, spanish = ([product.title for product in products(code)] for code in ("de", "es"))
    assert reranks([*german, *(p.title for p in products("en"))], "lampe rot", german[:9], ["de", "en"])
    assert not reranks(spanish, "lámpara roja", spanish[:9], ["de", "en"])


def test_hits_say_which_index_they_are_from() -> None:
    """Of several that are searched at once, each is judged by its own sample."""
    noticed = Languages(FieldMap())
    shops = {code: [product.title for product in products(code)] for code in ("en", "de")}
    noticed.learn("en,de", [hit for code, titles in shops.items() for hit in hits_of(titles, code)], ["en"])
    assert not noticed.foreign("en,de", "samsung", None, hits_of(["Samsung X1", "Samsung X2"], "en"), ["en"])
    assert noticed.foreign("en,de", "samsung", None, hits_of(["Samsung X1", "Samsung X2"], "de"), ["en"])
    assert noticed.knows("en,de", hits_of(["Samsung X1"], "de"), ["en"])
    assert not noticed.knows("en,de", hits_of(["Samsung X1"], "new"), ["en"])
