"""Is the language of a shop's searches noticed? Shops in 20 languages, and English ones of foreign names.

    python benchmarks/language_shops.py [CATALOGUE JUDGMENTS]...

The shops are made of the words in language_shops.toml, with titles alone and with descriptions; a catalogue with its
judgments (Chorus, ESCI) is an English shop more. Each search is done as the first of a process, with a sample of the
index; and where the engine gives none ("none"), after 20 others. The table says how many per cent of the searches a
student of English re-ranks: it should be all of the English shops and none of the others. The last rows are shops of
few titles, catalogues of two languages, and queries in another language.
"""

from __future__ import annotations

import logging
import random
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.plugin.search.language_samples import SIZE
from endcap.plugin.search.languages import Languages

Hits = Sequence[Mapping[str, Any]]
Shop = Mapping[str, Any]
SHOPS = Path(__file__).with_suffix(".toml")
BRANDS = "Samsung Bosch Philips Ikea Nike Sony Braun Adidas Hugo_Boss Lenovo Calvin_Klein Norvik Velwyn"
SIZES = "M XL 30_cm 1,5_l 200x140 X512"
FORMS = ("{noun} {colour}", "{brand} {noun} {colour}", "{brand} {noun} {colour} {size}", "{noun} {phrase} {colour}")
COUNT, QUERIES, LATER = 150, 40, 20
SMALL, ROUNDS = (4, 10, 25), 50


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def main(files: Sequence[Path]) -> None:
    """Print the table."""
    logging.disable(logging.WARNING)
    shops = tomllib.loads(SHOPS.read_text(encoding="utf-8"))
    click.echo(f"{'re-ranked, %':28}{'titles: first':>14}{'(none)':>8}{'described: first':>18}{'(none)':>8}")
    for kind, made in (("foreign", foreign_shop), ("english", english_shop)):
        for name, shop in shops[kind].items():
            row = [share for described in (False, True) for share in shares(*made(name, shop, described))]
            click.echo(f"{kind + ' ' + name:28}{row[0]:14.0f}{row[1]:8.0f}{row[2]:18.0f}{row[3]:8.0f}")
    for catalogue, judgments in zip(files[::2], files[1::2], strict=True):
        products, queries = list(read_products(catalogue)), list(read_judgments(judgments).grades)
        bare = [Product(product.id, product.title) for product in products]
        row = [*shares(bare, queries), *shares(products, queries)]
        click.echo(f"{catalogue.parent.name:28}{row[0]:14.0f}{row[1]:8.0f}{row[2]:18.0f}{row[3]:8.0f}")
    for count in SMALL:
        for kind, made in (("foreign", foreign_shop), ("english", english_shop)):
            share = np.mean([small_share(made(name, shop, False)[0], count) for name, shop in shops[kind].items()])
            click.echo(f"{f'{kind} shops of {count}':28}{share:14.0f}")
    english, english_queries = english_shop("plain", shops["english"]["plain"], described=False)
    for name in ("de", "it", "pl"):
        products, queries = foreign_shop(name, shops["foreign"][name], described=False)
        for words, asked, shop in (
            (f"en queries, {name} with 8 en", english_queries, [*products, *english[:8]]),
            (f"en queries, half {name}", english_queries, [*products, *english]),
            (f"{name} queries, en with 8 {name}", queries, [*english, *products[:8]]),
            (f"{name} queries, half en", queries, [*english, *products]),
        ):
            row = list(shares(shop, asked))
            click.echo(f"{words:28}{row[0]:14.0f}{row[1]:8.0f}")


def words_of(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


def foreign_shop(name: str, shop: Shop, described: bool) -> tuple[list[Product], list[str]]:
    """Products of every type and colour, in four forms of title; queries of type, and of type and colour."""
    draw = random.Random(name)
    nouns, colours, phrases = (words_of(shop[key]) for key in ("nouns", "colours", "phrases"))
    products = []
    for number in range(COUNT):
        parts = {
            "noun": nouns[number % len(nouns)],
            "colour": colours[number // len(nouns) % len(colours)],
            "brand": draw.choice(words_of(BRANDS)),
            "size": draw.choice(words_of(SIZES)),
            "phrase": draw.choice(phrases),
        }
        title = draw.choice(FORMS).format(**parts)
        products.append(
            Product(f"f{number}", title[:1].upper() + title[1:], description=shop["text"].format(**parts) * described)
        )
    queries = [f"{noun} {draw.choice(colours)}" for noun in nouns] + nouns
    draw.shuffle(queries)
    return products, queries[:QUERIES]


def english_shop(name: str, shop: Shop, described: bool) -> tuple[list[Product], list[str]]:
    """Products of the shop's own forms of title, and the queries that are listed."""
    draw = random.Random(name)
    choices = {key: words_of(shop[key]) for key in ("brand", "type", "colour", "size") if key in shop}
    products = []
    for number in range(COUNT):
        parts = {key: draw.choice(values) for key, values in choices.items()}
        title = draw.choice(shop["titles"]).format(**parts)
        products.append(
            Product(f"e{number}", title[:1].upper() + title[1:], description=shop["text"].format(**parts) * described)
        )
    queries = words_of(shop["queries"])
    return products, [*queries, *dict.fromkeys(product.title.lower() for product in products)][:QUERIES]


def shares(products: Iterable[Product], queries: Sequence[str]) -> tuple[float, float]:
    """Per cent of the searches that a student of English re-ranks: each as a process's first, when the engine has given
    a sample of its products, and where it gives none, after ``LATER`` others."""
    windows, sample = read_windows(products, queries)
    sampled, known = Languages(FieldMap()), Languages(FieldMap())
    sampled.learn("shop", sample, ["en"])
    first = [reranks(sampled, query, hits) for query, hits in windows]
    for query, hits in islice(windows[::-1], LATER):
        reranks(known, query, hits)
    later = [reranks(known, query, hits) for query, hits in windows]
    return 100 * sum(first) / max(1, len(first)), 100 * sum(later) / max(1, len(later))


def small_share(products: Sequence[Product], count: int) -> float:
    """Per cent of the searches that are re-ranked in shops of so few of these products; each finds two by a title."""
    draw, reranked = random.Random(count), []
    for _ in range(ROUNDS):
        shop: Hits = [{"_source": product.to_mapping()} for product in draw.sample(products, count)]
        known = Languages(FieldMap())
        known.learn("shop", shop, ["en"])
        found = draw.sample(shop, 2)
        reranked.append(reranks(known, found[0]["_source"]["title"].lower(), found))
    return 100 * float(np.mean(reranked))


def read_windows(products: Iterable[Product], queries: Sequence[str]) -> tuple[list[tuple[str, Hits]], Hits]:
    """Each query with its hits, of those that have two or more; and a sample of the products."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine("shop", Path(folder))
        engine.load(products)
        windows = [
            (query, engine.search(body={"query": engine.text_query(query), "size": 100})["hits"]["hits"])
            for query in queries
        ]
        sample = engine.sample_hits(SIZE)
    return [(query, hits) for query, hits in windows if len(hits) > 1], sample


def reranks(languages: Languages, query: str, hits: Hits) -> bool:
    return not languages.foreign("shop", query, None, hits, ["en"])


if __name__ == "__main__":
    main()
