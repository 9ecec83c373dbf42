"""The demo shop's catalogue: always the same, and like a shop's."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.demo import catalogue
from endcap.demo.catalogue import departments
from endcap.demo.item import Item
from endcap.demo.product_type import read_type
from endcap.demo.stock import stock, title_words
from endcap.demo.wording import Draw, expand, read_lines, tidy
from endcap.index.field_map import FieldMap

CHECKSUM = "96428607c796187c6279b9bee9416ada341a8b9b5d5a39cf834318e4c63f9dc8"
"""SHA-256 of the catalogue's JSON lines. It changes only when somebody means to change the shop."""

NEAR = 0.75
"""Titles that share this much of their words would look generated; no two do."""


@pytest.fixture(scope="module")
def items() -> tuple[Item, ...]:
    return catalogue.items()


def test_the_bytes_are_always_the_same() -> None:
    """The catalogue is the same to the byte, whatever the platform, the Python and the hash seed."""
    code = "import sys; from endcap.demo.catalogue import json_lines; sys.stdout.buffer.writelines(json_lines())"
    made = subprocess.run(
        [sys.executable, "-P", "-c", code], env={"PYTHONHASHSEED": "77"}, capture_output=True, check=True
    )
    assert hashlib.sha256(made.stdout).hexdigest() == CHECKSUM
    assert b"".join(catalogue.json_lines()) == made.stdout


def test_draws_are_integers_of_a_known_stream() -> None:
    """A draw depends on its name alone; these values must never change."""
    draw = Draw("a test")
    assert [draw.below(1000) for _ in range(5)] == [427, 771, 150, 124, 909]
    assert draw.shuffled(range(6)) == [0, 4, 1, 3, 2, 5]
    assert all(0 <= Draw(str(seed)).below(3) < 3 for seed in range(100))


def test_it_takes_less_than_two_seconds() -> None:
    """The shop is made in under two seconds of a processor's time."""
    spent = []
    for _ in range(2):
        began = time.process_time()
        catalogue.items.__wrapped__()
        spent.append(time.process_time() - began)
    assert min(spent) < 2


def test_it_is_a_whole_shop(items: tuple[Item, ...]) -> None:
    """3,000 to 5,000 products in a dozen departments or more, with all that a product needs, each id once."""
    assert 3000 <= len(items) <= 5000
    assert len({item.product.category.split(" > ")[0] for item in items}) >= 12
    assert len({item.product.id for item in items}) == len(items)
    for item in items:
        product = item.product
        assert product.title
        assert product.brand
        assert product.category.count(" > ") >= 1
        assert product.description
        assert product.price is not None
        assert product.price > 0
        assert round(product.price * 100) == pytest.approx(product.price * 100)
        assert FieldMap().product(product.to_mapping()) == product


def test_every_type_fills_its_shelf(items: tuple[Item, ...]) -> None:
    """Each product type has at least a third of the products that it was meant to have, and its key is its own."""
    kinds = [kind for types in departments().values() for kind in types]
    have = Counter(item.type for item in items)
    assert len({kind.key for kind in kinds}) == len(kinds)
    assert not [kind.key for kind in kinds if have[kind.key] * 3 < kind.count]


def test_no_two_titles_differ_in_numbers_alone(items: tuple[Item, ...]) -> None:
    """Without their digits, and whatever their case, all titles are different."""
    bare = Counter(" ".join(re.sub(r"\d", "", item.product.title).lower().split()) for item in items)
    assert [title for title, count in bare.items() if count > 1] == []


def test_no_titles_are_nearly_the_same(items: tuple[Item, ...]) -> None:
    """No title shares three quarters of its words with another, and under a quarter of them as much as 70 %."""
    words = [title_words(item.product.title) for item in items]
    holders = defaultdict(list)
    for place, each in enumerate(words):
        for word in each:
            holders[word].append(place)
    nearest = []
    for place, each in enumerate(words):
        # two titles that share most words share at least one of the three rarest
        rare = sorted(each, key=lambda word: (len(holders[word]), word))[: max(1, len(each) // 2 + 1)]
        others = {other for word in rare for other in holders[word]} - {place}
        nearest.append(max((len(each & words[o]) / len(each | words[o]) for o in others), default=0.0))
    assert max(nearest) < NEAR
    assert sum(share >= 0.7 for share in nearest) / len(nearest) < 0.25


@pytest.mark.parametrize(
    "mistake",
    [r"[{}<>\[\]|~]", r"  ", r" [,.;]", r"\b([Aa]) [aeio]\w", r"\ban [bcdfgjklmnpqrtvwxz]", r"(?i)\b(\w+) \1\b"],
)
def test_no_grammar_shows_through(items: tuple[Item, ...], mistake: str) -> None:
    """No title or text has a sign of the grammar, a wrong article, a doubled blank or a doubled word."""
    texts = [text for item in items for text in (item.product.title, item.product.description)]
    assert [text for text in texts if re.search(mistake, text)] == []


def test_accessories_fit_what_there_is(items: tuple[Item, ...]) -> None:
    """An accessory names a product of the shop, and a maker's own accessory one of the same maker."""
    there = {(item.facts["brand"], item.facts["model"]) for item in items}
    makers = defaultdict(set)
    for item in items:
        makers[item.type].add(item.facts["brand"])
    fitting = [item for item in items if "for brand" in item.facts]
    assert len(fitting) > 200
    assert {(item.facts["for brand"], item.facts["for model"]) for item in fitting} <= there
    cases = [item for item in fitting if item.type == "phone-case" and item.facts["brand"] in makers["smartphone"]]
    assert cases
    assert all(item.facts["brand"] == item.facts["for brand"] for item in cases)


def test_a_model_is_the_same_wherever_it_turns_up(items: tuple[Item, ...]) -> None:
    """Two phones of one model have the same screen, battery and camera; only colour and storage differ."""
    models = defaultdict(list)
    for item in items:
        if item.type == "smartphone":
            models[item.facts["brand"], item.facts["model"]].append(item.facts)
    shared = [facts for facts in models.values() if len(facts) > 1]
    assert shared
    for facts in shared:
        for name in ("screen size", "battery", "camera", "waterproof"):
            assert len({each[name] for each in facts}) == 1


def test_facts_are_told(items: tuple[Item, ...]) -> None:
    """What is missing from a product is said of it in words or attributes: a reader can check every judgment."""
    decaf = [item for item in items if item.type == "coffee" and item.facts["caffeine"] == "no"]
    assert decaf
    for item in decaf:
        assert "Without caffeine" in item.product.description
        assert "caffeine" in item.product.attributes["free from"]
    assert all(item.facts["_kind"] for item in items if "_kind" in item.facts)


def test_a_hidden_fact_that_no_text_tells_is_not_known() -> None:
    """Judgments rest on what a product says: a fact that was drawn but never told is dropped."""
    table = {
        **{"key": "x", "category": "A > B", "count": 1, "price": "1-2", "brands": ["Maker"]},
        **{"titles": "{brand} thing", "text": "Plain.", "values": {"_secret": ["yes"], "shown": ["red"]}},
    }
    (item,) = stock(read_type(table), "X", [])
    assert "_secret" not in item.facts
    assert item.facts["shown"] == "red"


def test_expand_makes_choices_options_and_articles() -> None:
    """A template's choices, optional parts and slots become plain words."""
    made = {expand("a <old|new> {thing}[, cheap]", lambda name: "umbrella", Draw(str(seed))) for seed in range(40)}
    assert made == {"An old umbrella", "An old umbrella, cheap", "A new umbrella", "A new umbrella, cheap"}


def test_read_lines_reads_conditions() -> None:
    """A line may carry a condition on a fact and may be one that is always said."""
    plain, some, never = read_lines("Plain.\n!(colour=red or blue) Bright.\n(colour!=red) Dull.")
    assert (plain.always, plain.holds({})) == (False, True)
    assert (some.always, some.holds({"colour": "blue"}), some.holds({"colour": "grey"})) == (True, True, False)
    assert (never.holds({"colour": "red"}), never.holds({})) == (False, True)


@given(st.text(alphabet="ab ,.()xX-é", max_size=60))
def test_tidy_settles(text: str) -> None:
    """A tidy text has no doubled blanks, no blank before a comma, and no ends that need trimming."""
    made = tidy(text)
    assert "  " not in made
    assert " ," not in made
    assert made == made.strip()
