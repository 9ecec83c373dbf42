"""Small shops of type and colour in many languages: titles without a small word, which is the hardest to tell."""

from __future__ import annotations

import random
from collections.abc import Mapping

from endcap.index.product import Product

WORDS: Mapping[str, tuple[str, str]] = {
    "ar": ("صانعة_قهوة غلاية مصباح لحاف حقيبة_ظهر فستان حذاء مكتب سماعات كرسي", "أحمر أسود أبيض أزرق أخضر رمادي"),
    "cs": ("kávovar konvice lampa peřina batoh šaty boty stůl sluchátka židle", "červený černý bílý modrý zelený šedý"),
    "de": (
        "Kaffeemaschine Wasserkocher Lampe Bettdecke Rucksack Kleid Schuhe Schreibtisch Kopfhörer Stuhl",
        "rot schwarz weiß blau grün grau",
    ),
    "en": (
        "coffee_maker kettle lamp duvet backpack dress shoes desk headphones chair",
        "red black white blue green grey",
    ),
    "es": (
        "cafetera hervidor lámpara edredón mochila vestido zapatos escritorio auriculares silla",
        "rojo negro blanco azul verde gris",
    ),
    "fi": (
        "kahvinkeitin vedenkeitin lamppu peitto reppu mekko kengät työpöytä kuulokkeet tuoli",
        "punainen musta valkoinen sininen vihreä harmaa",
    ),
    "fr": (
        "cafetière bouilloire lampe couette sac_à_dos robe chaussures bureau écouteurs chaise",
        "rouge noir blanc bleu vert gris",
    ),
    "he": ("מכונת_קפה קומקום מנורה שמיכה תיק_גב שמלה נעליים שולחן אוזניות כיסא", "אדום שחור לבן כחול ירוק אפור"),
    "it": (
        "caffettiera bollitore lampada piumone zaino vestito scarpe scrivania cuffie sedia",
        "rosso nero bianco blu verde grigio",
    ),
    "ja": ("コーヒーメーカー やかん ランプ 布団 リュック ドレス 靴 机 ヘッドホン 椅子", "赤 黒 白 青 緑 灰色"),
    "nl": (
        "koffiezetapparaat waterkoker lamp dekbed rugzak jurk schoenen bureau koptelefoon stoel",
        "rood zwart wit blauw groen grijs",
    ),
    "pl": (
        "ekspres_do_kawy czajnik lampa kołdra plecak sukienka buty biurko słuchawki krzesło",
        "czerwony czarny biały niebieski zielony szary",
    ),
    "pt": (
        "cafeteira chaleira lâmpada edredão mochila vestido sapatos escrivaninha auscultadores cadeira",
        "vermelho preto branco azul verde cinza",
    ),
    "ru": (
        "кофеварка чайник лампа одеяло рюкзак платье туфли стол наушники стул",
        "красный чёрный белый синий зелёный серый",
    ),
    "sv": (
        "kaffebryggare vattenkokare lampa täcke ryggsäck klänning skor skrivbord hörlurar stol",
        "röd svart vit blå grön grå",
    ),
}
BRANDS = ("Samsung", "Bosch", "Philips", "Grumbold", "Castorra", "Velocet", "Norvik", "Braun", "Pellimo", "Sony")
SIZES = ("", "1,5 l", "30 cm", "18 V", "XL", "200 x 140 cm")


def words(language: str) -> tuple[list[str], list[str]]:
    """What is sold, and the colours of it."""
    nouns, colours = ([word.replace("_", " ") for word in text.split()] for text in WORDS[language])
    return nouns, colours


def products(language: str, count: int = 120) -> list[Product]:
    """So many products: in titles the type stands first, before or behind the colour, with or without a brand."""
    draw, (nouns, colours) = random.Random(language), words(language)
    shop = []
    for number in range(count):
        noun, colour = nouns[number % len(nouns)], colours[number // len(nouns) % len(colours)]
        brand, size = draw.choice(BRANDS), draw.choice(SIZES)
        parts = draw.choice([[colour, noun, size], [brand, noun, colour, size], [noun, colour], [brand, colour, noun]])
        title = " ".join(filter(None, parts))
        shop.append(Product(f"{language}{number}", title[:1].upper() + title[1:]))
    return shop


def queries(language: str) -> list[str]:
    """Type and colour, as one searches for them."""
    nouns, colours = words(language)
    return [f"{noun} {colours[number % len(colours)]}" for number, noun in enumerate(nouns)]
