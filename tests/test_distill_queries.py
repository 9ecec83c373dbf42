"""Queries are made from logs and catalogues, like people's, and none that is measured on is among them."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import distill_shop
import numpy as np
import pytest
from distill_shop import BRANDS, ran, write
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.distill.generate.draw import draw, whole
from endcap.distill.generate.query_kinds import KINDS, kind_of, mix
from endcap.distill.generate.spelling import share_misspelt
from endcap.distill.generate.templates import drafts
from endcap.distill.generate.vocabulary import Vocabulary, leaf_names, learn
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.stages.pairs.run import run as find_pairs
from endcap.distill.stages.queries.run import QUERIES
from endcap.distill.student.balance import balanced
from endcap.distill.work.files import read_json, read_rows, write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TEST, read_data
from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.language.misspellings import misspell
from endcap.language.quantities import Quantity, quantities_in
from endcap.progress import unwatched

COUNT = "[split]\ntest = 0.3\n[queries]\ncount = {}\n"


def made(path: Path) -> tuple[list[dict[str, Any]], dict[str, Any], Work]:
    _, work = ran(path, "split", "queries")
    said = read_json(work.stage("queries") / "queries.json")
    return read_rows(work.stage("queries") / "queries.parquet"), said["shops"].get("small", {}), work


@pytest.fixture(scope="module")
def shelf() -> list[Product]:
    return [FieldMap().product(each) for each in distill_shop.products()]


@pytest.fixture(scope="module")
def vocabulary(shelf: list[Product]) -> Vocabulary:
    return learn(shelf)


def test_queries_say_what_they_were_made_from(tmp_path: Path) -> None:
    """Each asks for what its product has, for a negated part that it lacks, and no two are one query."""
    rows, said, _ = made(write(tmp_path, settings=COUNT.format(150)))
    products = {each["id"]: each for each in distill_shop.products()}
    assert len(rows) == said["made"] == 150
    assert len({normal_form(row["query"]) for row in rows}) == 150
    kinds = Counter(row["kind"] for row in rows)
    assert set(kinds) <= set(KINDS)
    assert len(kinds) >= 6
    assert sum("noise" in row["made_from"] for row in rows) <= said["share misspelt"] * 150 + 1
    for row in rows:
        assert row["source"] == "catalogue"
        facts = json.loads(row["made_from"])
        product = products[facts["product"]]
        title = product["title"].lower()
        if "noise" not in facts:
            for asked in filter(None, (facts.get("brand"), facts.get("model"))):
                assert asked in title
            assert all(value in title for value in facts.get("attributes", {}).values())
        if "negated" in facts:
            assert facts["negated"] not in title.replace("dishwasher safe", "")
            assert row["kind"] == "negation" or "noise" in facts
        assert facts["category"] == product["category"].rpartition(" > ")[2]


def test_the_same_seed_makes_the_same_queries_and_another_one_others(tmp_path: Path) -> None:
    first, _, _ = made(write(tmp_path / "a", settings=COUNT.format(60)))
    again, _, _ = made(write(tmp_path / "b", settings=COUNT.format(60)))
    path = write(tmp_path / "c", settings=COUNT.format(60))
    path.write_text(path.read_text().replace("seed = 3", "seed = 4"))
    other, _, _ = made(path)
    assert first == again
    assert {row["query"] for row in first} != {row["query"] for row in other}


def test_the_log_comes_first_its_frequent_queries_before_the_rest(tmp_path: Path) -> None:
    names = ["oak", "pine", "teak", "steel", "wicker", "rattan", "linen", "canvas"]
    log = "query,count\n" + "".join(f"garden chair {name},{n}\n" for n, name in enumerate(names, 1))
    rows, said, _ = made(write(tmp_path, settings=COUNT.format(10), log=log))
    assert [row["query"].split()[-1] for row in rows if row["source"] == "log"] == names[:2:-1]
    assert all(row["made_from"] is None for row in rows if row["source"] == "log")
    assert said["sources"] == {"log": 5, "catalogue": 5}


def test_more_than_can_be_made_gives_what_there_is_and_says_so(tmp_path: Path) -> None:
    rows, said, _ = made(write(tmp_path, settings=COUNT.format(100_000)))
    assert 200 < len(rows) < 100_000
    assert said["asked for"] == 100_000
    assert str(len(rows)) in said["fewer because"]


def test_lengths_follow_the_real_queries(tmp_path: Path) -> None:
    """A shop whose people type one word gets shorter queries than one whose people type six."""
    words = [a + b for a in ("lorm", "pand", "cuke", "rugo", "fent") for b in ("ax", "elt", "iom", "urz", "osk", "byn")]
    long = [" ".join(words[(n * k + 3 * k) % 30] for k in range(1, 7)) for n in range(30)]
    mean = {}
    for name, judged in (("short", words), ("long", long)):
        rows, _, _ = made(write(tmp_path / name, settings=COUNT.format(40), judged=judged))
        mean[name] = np.mean([len(row["query"].split()) for row in rows])
    assert mean["short"] + 0.5 < mean["long"]


@pytest.mark.parametrize("log", ["query\n", "query\nlamp without dimmer\n"])
def test_a_log_that_gives_nothing(tmp_path: Path, log: str) -> None:
    """An empty one is an error that names the file; one that holds a test query alone is used for nothing."""
    settings = '[split]\ntest_queries = "measured.txt"\n[queries]\ncount = 20\nsources = ["log"]\n'
    path = write(tmp_path, settings=settings, log=log)
    (tmp_path / "measured.txt").write_text("lamps, WITHOUT a dimmer\n")
    if log == "query\n":
        with pytest.raises(InputError, match=r"log\.csv holds no query"):
            made(path)
    else:
        rows, said, _ = made(path)
        assert rows == []
        assert said["refused"] == {"measured on": 1}
        assert "fewer because" in said


@pytest.mark.parametrize(
    "catalogue",
    [
        [{"id": "1", "title": "Red lamp"}, {"id": "2", "title": "Lamp"}],
        [{"id": str(n), "title": f"thing {n}"} for n in range(5)],
        [{"id": "1", "title": "x"}, {"id": "2", "title": "..."}, {"id": "3", "title": "12 34"}],
        [{"id": str(n), "title": f"赤い ランプ {n}", "brand": "灯"} for n in range(8)],
    ],
    ids=["two products", "titles alone", "nothing to say", "japanese"],
)
def test_poor_catalogues(tmp_path: Path, catalogue: list[dict[str, Any]]) -> None:
    """Few products, no brands, no categories, no attributes: what can be made is made, and nothing fails."""
    rows, said, _ = made(write(tmp_path, settings=COUNT.format(50).replace("0.3", "0.0"), catalogue=catalogue))
    assert len(rows) == said["made"] < 50
    assert said["fewer because"]


@pytest.mark.parametrize("titles", [[], ["Norvik desk lamp, red"]])
def test_next_to_no_products(titles: list[str]) -> None:
    some = [Product(str(n), title, brand="Norvik") for n, title in enumerate(titles)]
    seen = set[str]()
    drawn = draw(
        some, learn(some), mix([]), 50, lambda query: not (query in seen or seen.add(query)), np.random.default_rng(0)
    )
    assert len(drawn) < 50
    assert ("norvik" in seen) == bool(titles)


def test_quotas_are_whole_and_keep_their_sum() -> None:
    assert whole({("a", 1): 1.5, ("b", 1): 0.3, ("c", 1): 2.2}) == {("a", 1): 2, ("b", 1): 0, ("c", 1): 2}
    assert sum(whole(dict.fromkeys(((kind, n) for kind in KINDS[:8] for n in range(1, 11)), 0.5)).values()) == 40


def test_an_empty_vocabulary() -> None:
    empty = learn([])
    assert empty.types == {}
    assert kind_of("red lamp", empty) == "words"
    assert list(drafts(Product("1", ""), empty, np.random.default_rng(0))) == []


def test_no_test_query_gets_in(tmp_path: Path) -> None:
    """Smuggled in by log, titles, judgments and judged pairs, in every dress: none is in what is trained on."""
    secret = ["kestravo night lamp", "sugar free syrup", "wireless kettle", "pfanne größe 28", "usb-c desk lamp"]
    dressed = [
        *secret,
        "KESTRAVO NIGHT LAMPS",
        "lamp night kestravo",
        "kestravo nihgt lamp",
        "kestravo night\u200b lamp",
        "ｋｅｓｔｒａｖｏ ｎｉｇｈｔ ｌａｍｐ",
        "nightlamp kestravo",
        "syrup without sugar",
        "syrup, no sugar!",
        "wireles kettle",
        "kettle (wireless)",
        "pfanne grosse 28",
        "usb c desk lamps",
        "usbc desklamp",
    ]
    catalogue = [
        *distill_shop.products(),
        *(
            {"id": f"s{n}", "title": text, "brand": "Kestravo", "category": "Home > Lamps"}
            for n, text in enumerate(dressed)
        ),
        *({"id": f"t{n}", "title": text} for n, text in enumerate(dressed)),
    ]
    log = "query,count\n" + "".join(f'"{text}",{9 + n}\n' for n, text in enumerate(dressed)) + "garden chair,1\n"
    settings = COUNT.format(400).replace("test = 0.3", 'test = 0.3\ntest_queries = "measured.txt"')
    pairs = '[[judged_pairs]]\nname = "more"\ncatalogue = "products.jsonl"\njudgments = "more.csv"\nlocale = ""\n'
    path = write(
        tmp_path, settings=settings + "[pairs]\nper_query = 4\n", catalogue=catalogue, log=log, extra=pairs,
        judged=[*distill_shop.JUDGED, *dressed],
    )  # fmt: skip
    (tmp_path / "measured.txt").write_text("\n".join(secret), encoding="utf-8")
    with (tmp_path / "more.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["query", "docid", "rating"])
        rows.writerows([text, "p000", n % 4] for n, text in enumerate([*dressed, *distill_shop.JUDGED, "zinc bucket"]))
    _, work = ran(path, "split", "queries", "pairs")
    data = read_data(work)
    measured = [*secret, *(each.query for each in data.part(TEST) if each.query not in dressed)]
    assert len(measured) > len(secret)
    guard = LeakGuard(measured)
    trained_on = {
        "queries": {row["query"] for row in read_rows(work.stage("queries") / "queries.parquet")},
        "pairs": {row["query"] for row in read_rows(work.stage("pairs") / "pairs.parquet")},
        "judged": {each.query for each in data.judged if each.part != TEST},
        "judged pairs": {each.query for each in data.pairs},
    }
    assert "garden chair" in trained_on["queries"]
    assert "zinc bucket" in trained_on["judged pairs"]
    for where, queries in trained_on.items():
        assert queries, where
        assert {query: guard.refuses(query) for query in queries if guard.refuses(query)} == {}, where
        assert queries.isdisjoint(dressed), where
    assert read_json(work.stage("queries") / "queries.json")["shops"]["small"]["refused"]["measured on"] >= len(dressed)


def test_pairs_refuse_a_leak_that_queries_let_through(tmp_path: Path) -> None:
    """The stage asks the guard itself: a test query written into queries.parquet gets no pairs."""
    recipe, work = ran(write(tmp_path, settings=COUNT.format(20)), "split", "queries")
    leak = " ".join(reversed(read_data(work).part(TEST)[0].query.upper().split()))
    rows = read_rows(work.stage("queries") / "queries.parquet")
    rows.append({"shop": "small", "query": leak, "kind": "words", "source": "log", "made_from": None})
    write_rows(work.stage("queries") / "queries.parquet", QUERIES, rows)
    find_pairs(recipe, work, unwatched)
    assert leak not in {row["query"] for row in read_rows(work.stage("pairs") / "pairs.parquet")}
    assert read_json(work.stage("pairs") / "pairs.json")["refused"] == 1


def test_types_brands_and_attributes_are_learnt(shelf: list[Product], vocabulary: Vocabulary) -> None:
    assert {brand.lower() for brand in BRANDS} <= set(vocabulary.brands.values())
    assert vocabulary.types_of(shelf[0])[0] in ("lamps", "desk lamp", "lamp")
    assert vocabulary.attributes == {"colour": 1.0}
    assert {"red", "blue", "black"} <= vocabulary.values
    assert list(leaf_names("Clothing > Tops, Tees & Blouses")) == ["tops", "tees", "blouses"]


def test_types_are_found_in_titles_where_there_is_no_category() -> None:
    things = ("toner cartridge", "patch cable", "print drum")
    titles = [(brand, thing) for brand in BRANDS for thing in things for _ in "ab"]
    some = [
        Product(str(n), f"{brand} X{n}Y {thing} black {n} m", brand=brand, attributes={"colour": "black"})
        for n, (brand, thing) in enumerate(titles)
    ]
    learnt = learn(some)
    assert learnt.types_of(some[0])[0] == "toner cartridge"
    assert learnt.types_of(Product("new", "Zenmarq 12 patch cables 3 m"))[0] == "patch cable"


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("lamps", "type"),
        ("norvik", "brand"),
        ("norvik kettle", "brand-type"),
        ("red kettle", "attribute"),
        ("something else", "words"),
        ("kx-1200", "model"),
        ("kettle 1.7 l", "unit"),
        ("kettle without filter", "negation"),
        ("bpa-free bottle", "negation"),
    ],
)
def test_kinds(vocabulary: Vocabulary, query: str, kind: str) -> None:
    assert kind_of(query, vocabulary) == kind


def test_the_mix_sums_to_one_and_follows_what_was_seen() -> None:
    shares = mix([("model", 1)] * 80, [("words", 5)] * 40)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["model", 1] > 0.8 > 0.2 > shares["words", 5] > shares["type", 5] > 0
    assert sum(mix([]).values()) == pytest.approx(1)


def test_quantities_are_read_and_said_in_other_ways() -> None:
    found = quantities_in('TV 15.6" 2x1,5kg cable 3 m 18V USB-3.0 12 mp3')
    assert found == [Quantity(15.6, "inch"), Quantity(3, "m"), Quantity(18, "v")]
    assert Quantity(1, "kg").in_base_unit() == Quantity(1000, "g").in_base_unit() == "1000 g"
    assert Quantity(1000, "g").conversion() == Quantity(1, "kg")
    assert Quantity(1.5, "l").conversion() == Quantity(1500, "ml")
    assert Quantity(7, "w").conversion() is None
    assert '15.6"' in Quantity(15.6, "inch").spellings()


@settings(deadline=None)
@given(
    st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9), min_size=1, max_size=5), st.integers(0, 99)
)
def test_a_slip_is_one_slip(words: list[str], seed: int) -> None:
    """Never in a short word or a first letter, never more than two letters longer or shorter, and it says its kind."""
    before = " ".join(words)
    after, kind = misspell(before, np.random.default_rng(seed))
    assert (kind == "") == (max(map(len, words)) < 5)
    assert (after == before) or kind
    assert abs(len(after) - len(before)) <= 1
    assert [word[0] for word in after.split()] == [word[0] for word in words]


def test_misspelt_queries_are_counted(vocabulary: Vocabulary) -> None:
    clean = share_misspelt(["kettle", "frying pan", "bottle"] * 50, vocabulary)
    assert clean < share_misspelt(["kettel", "fryng pan", "bottle"] * 50, vocabulary)


scores = st.lists(st.floats(-9, 9), min_size=1, max_size=40)


@settings(deadline=None)
@given(scores, st.integers(1, 12), st.integers(0, 9))
def test_a_balanced_list_has_the_best_and_the_worst(values: list[float], size: int, seed: int) -> None:
    picked = balanced(np.array(values), size, np.random.default_rng(seed))
    assert len(picked) == len(set(picked.tolist())) == min(size, len(values))
    chosen = [values[i] for i in picked]
    assert max(chosen) == max(values)
    assert size < 2 or min(chosen) == min(values)


def test_a_balanced_list_has_something_between() -> None:
    """Of ninety bad, three middling and two good ones, all that are not bad are in a list of eight."""
    values = np.array([-6.0] * 90 + [-1.0, 0.0, 1.0] + [5.0, 6.0])
    for seed in range(20):
        picked = balanced(values, 8, np.random.default_rng(seed))
        assert {90, 91, 92} <= set(picked.tolist())
    assert len({tuple(balanced(values, 8, np.random.default_rng(seed))) for seed in range(20)}) > 10


@pytest.mark.parametrize(("values", "size"), [([1.0, float("nan")], 2), ([[1.0]], 1), ([1.0], 0)])
def test_what_can_not_be_balanced(values: Any, size: int) -> None:
    with pytest.raises(ValueError, match=r"scores must be|a list needs"):
        balanced(np.array(values), size, np.random.default_rng(0))
