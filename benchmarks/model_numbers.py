"""Does a search for a bare model number find the product of that number before what fits it?

    python benchmarks/model_numbers.py [--datasets DATA] [--model FOLDER] [--count 500]

Three shops: made-up models, a product and four accessories each that carry the number; the generated shop, whose models
have accessories; with ``--datasets`` the Icecat catalogue of Chorus, where a query is a model number of a title's main
part, and the title's product the right one. Each is searched by the tuned BM25, and its window ordered by the student
and the engine alone (plain, weight .8), by the same with what is exact, and by the model's own blend. Prints how often
the right product is first, and how often it stands further up or down than by the engine.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from endcap.demo.catalogue import items
from endcap.evaluate.end_to_end import window_candidates
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates, View, ranked, ranked_by_blend
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.language.accessories import parts_by_fit
from endcap.language.model_numbers import is_model_number
from endcap.language.text import normalised
from endcap.plugin.blend.document_words import WordsMemory, compact, main_part
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore

WINDOW, WEIGHT = 100, 0.8
Wanted = Mapping[str, frozenset[str]]
"""The ids of the right products, by query."""
TYPES: Mapping[str, tuple[str, ...]] = {
    "smartphone": (
        "Case for {n}",
        "{n} screen protector, 2 pieces",
        "Charging cable compatible with {b} {n}",
        "{n} wallet",
    ),
    "laser printer": ("Toner für {n}", "Drum unit for {b} {n}", "{n} paper tray", "Black cartridge (fits {n})"),
    "headphones": (
        "Ear pads for {b} {n}",
        "{n} hard case",
        "Replacement cable {n}",
        "Headband cushion, suitable for {n}",
    ),
    "robot vacuum": ("Filter set for {n}", "{n} side brush", "Bags compatible with {n}", "Ersatzakku {n}"),
    "action camera": ("Funda para {n}", "{n} battery", "Underwater housing for {b} {n}", "Chest mount, for {n}"),
    "coffee machine": ("Water filter {n}", "Descaler for {b} {n}", "{n} milk tube", "Dichtung passend für {n}"),
}
TITLES = ("{b} {n} {t}", "{b} {t} {n}, black", "{t} {b} {n}", "{b} {n}")
MAKERS = ("Verrix", "Oltano", "Kremsa", "Dalvo", "Pontiq", "Zerafin")
NUMBERS = (
    "{a}{d2}",
    "{A}-{d4}",
    "{A}{a}{d3}",
    "{A}-{d3}{a}",
    "{d3}-{A}{d1}",
    "{A}-{d3}XM{d1}",
    "{A} {d4}{a}",
    "{d5}-{d2}",
)


def main() -> None:
    """Search, order and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--count", type=int, default=500)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, closing(StateStore.open(Path(folder) / "states")) as states:
        reader = StudentWithStates(Student.load(args.model), states)
        for name, shop, wanted in shops(Path(folder), args.datasets, args.count):
            measure(name, shop, wanted, reader)


def shops(folder: Path, datasets: Path | None, count: int) -> Iterator[tuple[str, Shop, Wanted]]:
    """Each shop with its queries and the right products."""
    products, bare, branded = made_up()
    shop = loaded(folder / "made-up", products)
    yield "made up, number", shop, bare
    yield "made up, brand and number", shop, branded
    shop = loaded(folder / "generated", [item.product for item in items()])
    for kind, queries in generated().items():
        yield f"generated shop, {kind}", shop, drawn(queries, count)
    if datasets is not None:
        icecat = list(read_products(datasets / "chorus"))
        shop = open_catalogue(str(datasets / "chorus")).shop
        wanted = drawn(title_numbers(icecat), count)
        yield "Icecat, number", shop, wanted
        yield "Icecat, written otherwise", shop, written_otherwise(wanted)


def loaded(folder: Path, products: Sequence[Product]) -> Shop:
    """A shop of these products."""
    engine = EmbeddedEngine(folder.name, folder)
    engine.load(iter(products))
    return Shop(engine)


def made_up(seed: int = 0) -> tuple[list[Product], Wanted, Wanted]:
    """48 models with a product and four accessories each; queries by the number, and by brand and number, each spelt
    in one of several ways."""
    rng, products = random.Random(seed), list[Product]()
    bare, branded = dict[str, frozenset[str]](), dict[str, frozenset[str]]()
    for n in range(48):
        kind, maker = list(TYPES)[n % len(TYPES)], MAKERS[n % 5 if n % 7 else 5]
        number = _number(NUMBERS[n % len(NUMBERS)], rng)
        title = rng.choice(TITLES).format(b=maker, n=number, t=kind)
        products.append(Product(f"m{n}", title, maker, "", f"A {kind} for everyday use."))
        for k, template in enumerate(TYPES[kind]):
            other = f"{template.format(b=maker, n=number)}"
            products.append(
                Product(f"m{n}a{k}", other, rng.choice(("Gripo", "Fitwell", "")), "", f"For {maker} {number}.")
            )
        spelt = rng.choice((number, number.lower(), number.replace("-", ""), number.replace("-", " ").lower()))
        bare[spelt], branded[f"{maker.lower()} {spelt}"] = frozenset({f"m{n}"}), frozenset({f"m{n}"})
    rng.shuffle(products)
    return products, bare, branded


def _number(template: str, rng: random.Random) -> str:
    letters, digits = "ABCDEFGHKLMNPRSTVWX", "123456789"
    parts = {"a": rng.choice(letters), "A": "".join(rng.choices(letters, k=2))}
    parts |= {f"d{n}": "".join(rng.choices(digits, k=n)) for n in range(1, 6)}
    return template.format(**parts)


def generated() -> dict[str, Wanted]:
    """Models of the generated shop that something fits, by themselves and with their brand."""
    fitted = {item.facts["for model"] for item in items() if item.facts.get("for model")}
    bare, branded = dict[str, frozenset[str]](), dict[str, frozenset[str]]()
    for item in items():
        model = item.facts.get("model")
        if model and model in fitted and any(map(str.isdigit, model)):
            for queries, query in ((bare, model), (branded, f"{item.facts['brand']} {model}")):
                for spelt in {query, query.lower(), query.replace(" ", "-")}:
                    queries[spelt] = queries.get(spelt, frozenset()) | {item.product.id}
    return {"model": bare, "brand and model": branded}


def title_numbers(products: Sequence[Product]) -> Wanted:
    """Model numbers that stand in one product's main part alone, as they are written there. Behind "equivalent to" a
    number is another product's; and however two products write it, it is the same one."""
    by_number: dict[str, set[str]] = {}
    spelling: dict[str, str] = {}
    for product in products:
        own, _ = parts_by_fit(product.title)
        main = main_part(normalised(own))
        for token in own.split():
            number = normalised(token.strip("(),;:."))
            if is_model_number(number) and f" {number} " in f" {main} ":
                by_number.setdefault(compact(number), set()).add(product.id)
                spelling[compact(number)] = token.strip("(),;:.")
    return {spelling[number]: frozenset(ids) for number, ids in sorted(by_number.items()) if len(ids) == 1}


def written_otherwise(wanted: Wanted, seed: int = 0) -> Wanted:
    """The numbers in lower case, without what joins their parts, or with a blank or hyphen where letters and digits
    meet."""
    rng, found = random.Random(seed), dict[str, frozenset[str]]()
    for number, ids in wanted.items():
        plain = "".join(filter(str.isalnum, number.lower()))
        parted = re.sub(r"(?<=[a-z])(?=\d)", rng.choice((" ", "-")), plain, count=1)
        spelt = rng.choice([each for each in (plain, parted) if each != number.lower()] or [plain])
        found[spelt] = found.get(spelt, frozenset()) | ids
    return found


def drawn(wanted: Wanted, count: int, seed: int = 0) -> Wanted:
    """At most so many of the queries."""
    queries = sorted(wanted)
    return {query: wanted[query] for query in random.Random(seed).sample(queries, min(count, len(queries)))}


@dataclass(slots=True)
class Tally:
    """How often the right product is first, and further up or down than by the engine."""

    first: int = 0
    better: int = 0
    worse: int = 0
    queries: int = 0


def measure(name: str, shop: Shop, wanted: Wanted, student: StudentWithStates) -> None:
    """Print what each way makes of a shop's queries, of those whose right product is in the window."""
    windows = list(window_candidates(shop, wanted, WINDOW).values())
    windows = [window for window in windows if any(p.id in wanted[window.query] for p in window.products)]
    student.read(windows)
    tallies: dict[str, Tally] = {}
    words = WordsMemory()
    for window in windows:
        places: dict[str, int] = {}
        for way, order in orders(window, student.view(window), student.student.info.learnt, words).items():
            places[way] = next(place for place, id in enumerate(order, 1) if id in wanted[window.query])
            tally = tallies.setdefault(way, Tally())
            tally.queries += 1
            tally.first += places[way] == 1
            tally.better += places[way] < places["engine"]
            tally.worse += places[way] > places["engine"]
    for way, t in tallies.items():
        searches = f"{t.queries} of {len(wanted)}"
        print(f"{name} ({searches}) | {way} | {t.first / t.queries:.3f} first | {t.better} better, {t.worse} worse")


def orders(window: Candidates, view: View, learnt: LearntBlend | None, words: WordsMemory) -> dict[str, list[str]]:
    """Product ids in each way's order."""
    return {
        "engine": [product.id for product in window.products],
        "plain, scores alone": ranked(window, view[0], WEIGHT),
        "plain, and what is exact": ranked_by_blend(window, view, WEIGHT, None, words),
    } | ({"the model's learnt blend": ranked_by_blend(window, view, WEIGHT, learnt, words)} if learnt else {})


if __name__ == "__main__":
    main()
