"""No query that is measured on gets into training, however it is dressed up; another query does."""

from __future__ import annotations

import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.distill.leaks.guard import LeakGuard, may_be_misspelt
from endcap.distill.leaks.normal_form import NUMBERS, normal_form
from endcap.language.negations import NEGATIONS
from endcap.language.small_words import IGNORED_WORDS

SAME = [
    ("usb-c cable", "USB C Cables"),
    ("laptop bag for women", "women's laptop bags"),
    ("phone case", "ｐｈｏｎｅ　ｃａｓｅ"),
    ("crème brûlée", "creme brulee"),
    ("1 kg flour", "flour 1000g"),
    ('15.6" laptop', "laptop 15,6 inch"),
    ("tv 55″", "55in tv"),
    ("1,000 piece puzzle", "puzzle 1000 pieces"),
    ("sugar free chocolate", "chocolate without sugar"),
    ("cream no perfume", "cream without perfume"),
    ("iphone 11", "iphone11"),
    ("two person tent", "2 person tent"),
    ("kitchen knives", "knife kitchen"),
    ("glasses", "glass"),
    ("boxes", "box"),
    ("batteries aa", "aa battery"),
    ("brother tn-2110 toner", "Brother TN2110 toners!"),
    ("zelt für zwei personen", "zelt zwei personen"),
    ("ｱｲﾌｫﾝ", "アイフォン"),
    ("٣ كراسي", "3 كراسي"),
    ("☕", " ☕ "),
]
"""Pairs of one form."""

NEAR = [
    ("usb-c cable", "usbc cable"),
    ("usb-c cable", "cable usbc"),
    ("usb c cable", "cabel usbc"),
    ("mouse pad", "mousepad"),
    ("head set", "headset"),
    ("wireless mouse", "mouse wireles"),
    ("phone case", "phone\u200bcase"),
    ("bluetooth headphones", "bleutooth headphones"),
    ("coffee machine", "cofee machine"),
    ("ноутбук", "ноутбуки"),
    ("чехол телефон", "чехол для телефона"),
    ("handyhülle", "handyhuelle"),
    ("kaffeemaschinenreiniger", "kaffeemaschinen reiniger"),
    ("ノートパソコン ケース", "ノートパソコンケース"),
    ("watch the game not your phone tshirt", "watch the game not your phone t-shirt funny"),
    ("half pint double wall containers without lids", "half pint double wall containers with lids"),
    ("wooden garden bench with storage box 120 cm", "wooden garden bench with storage box 150 cm"),
]
"""Pairs that differ, but by less than two people who want the same."""

OTHER = [
    ("aurelo mira 3", "aurelo mira 4"),
    ("aurelo mira 3", "aurelo mira"),
    ("aurelo phone", "aurelo laptop"),
    ("iphone", "iphone 7"),
    ("xbox one s", "xbox one x"),
    ("rtx 2060", "rtx 2070"),
    ("laptop", "laptop bag"),
    ("laptop bag", "camera bag"),
    ("hp toner", "hp printer"),
    ("sandisk usb stick 16 gb", "sandisk usb stick 32 gb"),
    ("bag with handles", "bag without handles"),
    ("led bed lights", "led strip lights"),
    ("cake carrier", "carrier"),
    ("ssd", "hdd"),
    ("手机壳", "手机"),
    ("ノートパソコン", "デスクトップパソコン"),
]
"""Pairs of two queries: a number, a brand's other product, a word more in a short one."""


@pytest.mark.parametrize(("a", "b"), SAME)
def test_one_form(a: str, b: str) -> None:
    assert normal_form(a) == normal_form(b)
    assert "is the test query" in (LeakGuard([a]).refuses(b) or "")


@pytest.mark.parametrize(("a", "b"), NEAR)
def test_near_duplicates_are_refused(a: str, b: str) -> None:
    assert LeakGuard([a]).refuses(b)
    assert LeakGuard([b]).refuses(a)


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_other_queries_are_let_through(a: str, b: str) -> None:
    assert LeakGuard([a]).refuses(b) is None
    assert LeakGuard([b]).refuses(a) is None


def test_a_brand_is_not_refused_as_a_whole() -> None:
    """Of a brand that is measured on, other products' queries stay."""
    guard = LeakGuard(["norvik pulse 3 case", "norvik charger", "norvik"])
    other = ["norvik slate 5 tablet", "norvik phone", "norvik kettle 1.7 l", "norvik pulse 4 case", "charger zenmarq"]
    assert [query for query in other if guard.refuses(query)] == []


def test_nothing_is_measured_on_and_nothing_is_asked() -> None:
    assert LeakGuard([]).refuses("lamp") is None
    assert LeakGuard(["", "  "]).refuses("") is None
    assert LeakGuard(["lamp", ""]).refuses("") is None


def test_the_refusal_names_the_test_query_as_it_was_written() -> None:
    assert LeakGuard(["Größe 42 Schuhe"]).refuses("grosse 42 schuhe") == "it is the test query 'Größe 42 Schuhe'"


letters = st.sampled_from(string.ascii_lowercase)
NO_WORDS = IGNORED_WORDS | NEGATIONS | NUMBERS.keys()
"""Whatever is joined to one of these is another word."""
word = st.text(letters, min_size=4, max_size=12)
query = st.lists(word, min_size=1, max_size=6).map(" ".join)


@settings(deadline=None)
@given(query, st.randoms(use_true_random=False))
def test_dress_changes_nothing(text: str, random: object) -> None:
    """Case, order of words, width and invisible characters never get a test query through."""
    words = text.split()
    random.shuffle(words)  # type: ignore[attr-defined]
    wide = "".join(chr(ord(c) + 0xFEE0) if c in string.ascii_letters else c for c in " ".join(words).upper())
    hidden = "\u200d".join(wide)
    assert LeakGuard([text, "another one"]).refuses(hidden)


@settings(deadline=None)
@given(st.lists(st.text(letters, min_size=6, max_size=12), min_size=1, max_size=4), st.data())
def test_a_slip_gets_nobody_through(words: list[str], data: st.DataObject) -> None:
    """A letter dropped, doubled, swapped with its neighbour or hit beside, in any word."""
    at = data.draw(st.integers(0, len(words) - 1))
    i = data.draw(st.integers(1, len(words[at]) - 2))
    old = words[at]
    changed = {
        "drop": old[:i] + old[i + 1 :],
        "double": old[:i] + old[i] + old[i:],
        "swap": old[:i] + old[i + 1] + old[i] + old[i + 2 :],
        "other": old[:i] + data.draw(letters) + old[i + 1 :],
    }[data.draw(st.sampled_from(["drop", "double", "swap", "other"]))]
    slipped = [*words[:at], changed, *words[at + 1 :]]
    guard = LeakGuard([" ".join(words)])
    assert guard.refuses(" ".join(slipped))


@settings(deadline=None)
@given(st.lists(st.text(letters, min_size=3, max_size=9).filter(lambda w: w not in NO_WORDS), min_size=2, max_size=4))
def test_joined_words_are_refused(words: list[str]) -> None:
    assert LeakGuard([" ".join(words)]).refuses("".join(words))


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_has_a_form_and_is_refused_as_itself(a: str, b: str) -> None:
    """Of whatever characters: a form is stable, and a text is always its own leak unless it says nothing."""
    guard = LeakGuard([a])
    assert (guard.refuses(a) is None) == (normal_form(a) == "")
    guard.refuses(b)


@settings(deadline=None)
@given(query, query)
def test_near_is_mutual(a: str, b: str) -> None:
    assert bool(LeakGuard([a]).refuses(b)) == bool(LeakGuard([b]).refuses(a))


@settings(deadline=None)
@given(st.text(letters, max_size=9), st.text(letters, max_size=9))
def test_alike_is_mutual(a: str, b: str) -> None:
    assert may_be_misspelt(a, b) == may_be_misspelt(b, a)


def test_it_is_quick() -> None:
    """5,000 queries against 1,000: what grows with the product of the two would take minutes."""
    shapes = [
        a + b
        for a in ("bra", "ker", "tol", "min", "sud", "vex", "fan", "gol")
        for b in ("tan", "lix", "dor", "pem", "rus")
    ]
    measured = [f"{shapes[n % 40]} {shapes[(n * 7 + n // 40) % 40]} {n}" for n in range(1000)]
    guard = LeakGuard(measured)
    began = time.process_time()
    refused = sum(
        guard.refuses(f"{shapes[n % 40]} {shapes[(n * 11 + n // 40) % 40]} {n}") is not None for n in range(5000)
    )
    assert refused < 1000
    assert time.process_time() - began < 15
