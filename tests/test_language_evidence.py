"""What texts say of their language: words and scripts, names that say nothing, and what was seen of an index."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops_in_languages import products, words

from endcap.index.field_map import FieldMap
from endcap.language.detection import evidence, foreign_script
from endcap.plugin.search.languages import Languages

NAMES = {
    "wine": (
        "Château Margaux Grand Cru|Sancerre Les Baronnes|Moët & Chandon Brut|Rioja Gran Reserva|Chianti Classico",
        "Red Wine|White Wine 75 cl|2015",
    ),
    "perfume": (
        "Lancôme La Vie Est Belle|Dior J'adore|Hermès Terre d'Hermès|Chanel Bleu de Chanel|Burberry Her|Gucci Bloom",
        "Eau de Parfum|Eau de Toilette 50 ml|Eau de Parfum for Women",
    ),
    "tequila": ("Don Julio|Patrón|Casa Noble|El Jimador|Herradura", "Tequila Reposado|Añejo Tequila 70 cl|Blanco"),
    "phones": ("Samsung Galaxy S21|Xiaomi Redmi Note 10|Motorola Moto G|Huawei Mate 20", "64GB|128GB Dual Sim|Mini 5G"),
    "appliances": ("Miele|Siemens|Bosch|Grundig|Krups", "Complete C3|iQ300 WM14|Vario Style|Silence Force|Serie 6"),
    "cheese": ("Brie de Meaux|Camembert Normandie|Pecorino Romano|Manchego Curado|Gouda Vieux", "Wedge|Sliced|250 g"),
    "spices": ("Garam Masala|Basmati Rice|Urad Dal|Haldi Powder|Jeera Whole", "500 g|1 kg Pack|Organic"),
    "ikea": ("KALLAX|BILLY|POÄNG|FÄRGRIK|HEMNES|BEKVÄM", "Bookcase|Bed frame|Chest of drawers white|Step stool"),
}


@pytest.mark.parametrize("name", NAMES)
def test_foreign_names_are_no_language(name: str) -> None:
    """An English shop of wines or perfumes is not French, by titles alone, also where half its words are."""
    makers, kinds = (text.split("|") for text in NAMES[name])
    hits = [{"_source": {"title": f"{maker} {kind}"}} for kind in kinds for maker in makers]
    noticed = Languages(FieldMap())
    for text in [*makers, *kinds]:
        found = [hit for hit in hits if text in hit["_source"]["title"]]
        for window in (found, hits):
            assert not noticed.foreign(None, text.lower(), None, window, ["en"]), text


@pytest.mark.parametrize("language", ["de", "it", "sv", "fi", "pl", "nl", "pt"])
def test_makers_do_not_hide_a_language(language: str) -> None:
    """Maker, type and colour, a number between them: still foreign, and so it stays."""
    nouns, colours = words(language)
    hits = [
        {"_source": {"title": f"{maker} X{number}00 {noun} {colour}"}}
        for number, maker in enumerate(("Samsung", "Bosch", "Nike", "Hugo Boss"))
        for noun in nouns
        for colour in colours
    ]
    noticed = Languages(FieldMap())
    for start in range(0, 200, 20):
        assert noticed.foreign(None, "x", None, hits[start : start + 20], ["en"]), start
        assert not noticed.foreign(None, "x", None, hits[start : start + 20], ["en", language]), start


def test_a_query_in_another_language() -> None:
    """Two words of it that no product has are enough; what products are called is a name."""
    hits = [{"_source": {"title": f"Dior La Vie Est Belle, {colour} bottle with a lid"}} for colour in ("red", "blue")]
    noticed = Languages(FieldMap())
    for text, found in (
        ("rote Lampe mit Schirm", "German"),
        ("zapatos rojos para niños", "Spanish"),
        ("la vie est belle", ""),
        ("dior la vie est belle for women", ""),
        ("red lamp with shade", ""),
        ("samsung galaxy s21", ""),
    ):
        assert found in noticed.foreign(None, text, None, hits, ["en"]), text
        assert bool(noticed.foreign(None, text, None, hits, ["en"])) == bool(found), text


def test_catalogues_of_two_languages_are_judged_window_by_window() -> None:
    """Also where the index was in the student's own language for long."""
    windows = {code: [{"_source": {"title": product.title}} for product in products(code, 60)] for code in ("en", "de")}
    noticed = Languages(FieldMap())
    for _ in range(30):
        assert not noticed.foreign("shop", "x", None, windows["en"][:25], ["en"])
    later = [bool(noticed.foreign("shop", "x", None, windows["de"][start : start + 25], ["en"])) for start in range(20)]
    assert all(later[8:])
    assert not noticed.foreign("shop", "x", None, windows["en"][20:45], ["en"])


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.text(max_size=300), max_size=5),
    st.sampled_from([("en",), ("de", "en"), ("ja",), ("sr", "ru"), ("eu",)]),
)
def test_any_text_is_evidence(texts: list[str], known: tuple[str, ...]) -> None:
    """Any texts will do, and none counts for more than one."""
    found = evidence(texts, known)
    assert found.count == len(texts)
    assert abs(found.sums).max() <= len(texts)
    assert isinstance(foreign_script(" ".join(texts), known), str)


def test_scripts_and_words_are_told_apart() -> None:
    """By a script that no known language has; in Latin letters by words, and not by names."""
    for text, column, known in (
        ("Sony кофеварка красная", -1, ("en",)),
        ("Samsung カーテン 赤", -1, ("en", "de")),
        ("Lampe rot mit Schirm", 1, ("en",)),
        ("Bosch pentola marrone", 4, ("en", "de")),
        ("lamp with red shade", 0, ("de",)),
        ("Grillpfanne 30 cm", 1, ("en",)),  # a compound that no table has
        ("三星 Galaxy S21 128GB", -1, ("en",)),
    ):
        found = evidence([text], known)
        assert found.sums.argmax() % 25 == column % 25, text
        assert found.sums.max() == pytest.approx(1, abs=0.3)
    for text, known in (
        ("Sony кофеварка красная", ("ru",)),
        ("赤いコーヒーメーカー", ("ja",)),
        ("Lampe rot mit Schirm", ("de", "fr")),
        ("Lampa röd", ("da",)),  # Danish and Swedish are hardly told apart
        ("lamp with red shade", ("en",)),
        ("burdinazko lanpara", ("eu",)),  # Basque is not in the table: nothing can be said
        ("Samsung Galaxy S21 128GB", ("en",)),
        ("【2023】 USB cable", ("en",)),
    ):
        assert evidence([text], known).sums.max() <= 0, text


def test_a_name_in_other_letters_before_english_words() -> None:
    """A maker's, in an English shop: "ソニー electric kettle". Of a Japanese shop more than the maker is Japanese."""
    for text in (
        "ソニー electric kettle black",
        "無印良品 bento box red",
        "삼성 rice cooker white",
        "茶筅 matcha whisk for tea",
    ):
        assert evidence([text], ("en",)).sums[-1] <= 0, text
    for text in (
        "ソニー WH-1000XM5",
        "Sony ヘッドホン black",
        "ソニー ワイヤレス headphones black",
        "靴 赤",
        "كرسي أحمر Sony",
    ):
        assert evidence([text], ("en",)).sums[-1] == 1, text
