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
from distill_shop import ran, write

from endcap.distill.generate.draw import draw, whole
from endcap.distill.generate.query_kinds import KINDS, kind_of, mix
from endcap.distill.generate.templates import drafts
from endcap.distill.generate.vocabulary import learn
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.stages.pairs.run import run as find_pairs
from endcap.distill.stages.queries.run import QUERIES
from endcap.distill.work.files import read_json, read_rows, write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TEST, read_data
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.progress import unwatched

COUNT = "[split]\ntest = 0.3\n[queries]\ncount = {}\n"


def made(path: Path) -> tuple[list[dict[str, Any]], dict[str, Any], Work]:
    _, work = ran(path, "split", "queries")
    said = read_json(work.stage("queries") / "queries.json")
    return read_rows(work.stage("queries") / "queries.parquet"), said["shops"].get("small", {}), work


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
        [{"id": "1", "title": "x"}, {"id": "2", "title": "the"}, {"id": "3", "title": "12 34"}],
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
