"""What texts in the engine's query syntaxes search for and exclude, and that the engine reads them alike."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lucene_text import FIELDS, plain, printed_tree
from opensearch_server import in_ci
from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError
from rerank_parts import unique

from endcap.plugin.search.query_syntax import MAX_CHARACTERS, Node, SearchedText, SyntaxFault, read_tree
from endcap.plugin.search.query_syntax_classic import classic_tree
from endcap.plugin.search.query_syntax_simple import FLAGS, simple_tree
from endcap.plugin.search.searched_text import searched_text

Denied = tuple[tuple[str, ...], ...]

CLASSIC: list[tuple[str, str, Denied]] = [
    ("usb cable", "usb cable", ()),
    ("usb cable -tester", "usb cable", (("tester",),)),
    ("title:usb AND NOT brand:Verrix", "usb", (("brand:Verrix",),)),
    ("usb && !hub || cable", "usb cable", (("hub",),)),
    ("+usb +(cable charger) -(hub tester)", "usb cable charger", (("hub",), ("tester",))),
    ("cable -(usb AND tester)", "cable", (("usb", "tester"),)),
    ("cable -(usb -tester)", "cable", ()),  # "usb, unless it is a tester" can't be said in words
    ("cable -(usb AND price:>5)", "cable", ()),
    ('"usb cable"~2^3 -"cable tester"', "usb cable", (("cable tester",),)),
    ("title:(usb cable)^5 OR description:(usb cable)", "usb cable", ()),
    ('usb OR "usb cable" OR cable', "usb cable", ()),
    ("new york new york", "new york new york", ()),
    ("(usb cable)^3 OR (usb~ cable~) OR usb*", "usb cable", ()),
    ("usb~ cabel~1^2 charger^0.5~2", "usb cabel charger", ()),
    ("usb cabl* *harger wire?less", "usb cabl harger", ()),
    ("*usb* -test*", "usb", (("test*",),)),
    ("iphone*pro", "iphone pro", ()),
    ("usb price:[10 TO 20} price:>=5 title:/c.ble/ _exists_:brand", "usb", ()),
    ("usb AND in_stock:true AND -category_id:12", "usb", ()),
    ("title:usb AND search_text:cable AND status:active AND is_new:yes", "usb cable", ()),
    ("title:usb -made_by:Verrix -status:sold", "usb", (("made_by:Verrix",),)),
    ("search_text:(iphone 12) AND in_stock:true", "iphone 12", ()),
    ("title.english:usb attributes.color:red x\\:y", "usb red x:y", ()),
    ("usb - cable", "usb cable", ()),
    ("wi\\-fi 4\\/5 \\u0041C", "wi-fi 4/5 AC", ()),
    ("c++ usb-c", "c++ usb-c", ()),
    ("*", "", ()),
    ("*:*", "", ()),
    ("-tester", "", (("tester",),)),
    ("  ", "", ()),
    ("and or not usb", "and or not usb", ()),
    ("Kabel\u3000für ключ", "Kabel für ключ", ()),
]
SIMPLE: list[tuple[str, str, Denied]] = [
    ("usb cable -tester", "usb cable", (("tester",),)),
    ("usb + cable | charger -(hub | dock)", "usb cable charger", (("hub",), ("dock",))),
    ('usb -"cable tester"~2 cabl* charger~1', "usb cabl charger", (("cable tester",),)),
    ("usb --cable ---hub", "usb cable", (("hub",),)),
    ("usb - cable", "usb cable", ()),
    ("wi-fi \\-5 AC/DC", "wi-fi -5 AC/DC", ()),
    ('usb "cable (hub', "usb cable hub", ()),
    ("usb NOT tester", "usb NOT tester", ()),  # no operator here: a denial in words, or just words
    ("title:usb", "title:usb", ()),
    ("*", "", ()),
    ("-tester", "", (("tester",),)),
]


def said(found: SearchedText) -> Denied:
    """What is excluded, as one would write it."""
    return tuple(
        tuple(f"{phrase.field}:" * bool(phrase.field) + phrase.text + "*" * phrase.prefix for phrase in denial)
        for denial in found.denied
    )


CLAUSE = {"fields": ["title^3", "brand"]}
READ = ("attributes", "description")


@pytest.mark.parametrize(("text", "wanted", "denied"), CLASSIC)
def test_query_string(text: str, wanted: str, denied: Denied) -> None:
    """What a query_string searches for, in plain words, and what it excludes."""
    found = read_tree(classic_tree(text), {**CLAUSE, "query": text}, READ)
    assert (found.text, said(found)) == (wanted, denied)


@pytest.mark.parametrize(("text", "wanted", "denied"), SIMPLE)
def test_simple_query_string(text: str, wanted: str, denied: Denied) -> None:
    """The same of a simple_query_string, which has other signs."""
    found = read_tree(simple_tree(text), {**CLAUSE, "query": text}, READ)
    assert (found.text, said(found)) == (wanted, denied)


@pytest.mark.parametrize("parse", [classic_tree, simple_tree])
def test_what_may_differ(parse: Callable[[str], Node]) -> None:
    """Letters of a word, as many as are said, or as the engine's AUTO has it; places of a phrase."""
    found = read_tree(parse('usb -cable~1 -lamp~ -charger~ -tv~ -"usb hub"~2'), {})
    slacks = {phrase.text: phrase.slack for denial in found.denied for phrase in denial}
    assert slacks == {"cable": 1, "lamp": 1, "charger": 2, "tv": 0, "usb hub": 2}


def test_options_of_a_clause() -> None:
    """``default_operator`` joins what a group excludes, ``flags`` and ``escape`` take signs their meaning."""
    for parse in (classic_tree, simple_tree):
        assert said(read_tree(parse("a -(b c)", all_required=True), {})) == (("b", "c"),)
    assert read_tree(simple_tree("usb -hub", flags="OR|AND|WHITESPACE"), {}).text == "usb -hub"
    assert read_tree(simple_tree("usb -hub", flags=0), {}).text == "usb -hub"
    assert read_tree(classic_tree("usb -hub (1/2)", escaped=True), {}).text == "usb -hub (1/2)"


@pytest.mark.parametrize("piece", ["(", "(a ", "a|b+", '"', "-a ", "(a b) "])
def test_no_text_takes_long(piece: str) -> None:
    """A text as long as an engine takes is read in a moment, or refused."""
    text = piece * (MAX_CHARACTERS // len(piece))
    began = time.process_time()
    for kind in ("query_string", "simple_query_string"):
        searched_text({"query": {kind: {"query": text}}})
    assert time.process_time() - began < 5


@given(st.text(alphabet=st.sampled_from('ab -+!()":*?~^\\/[]{}TO&|<>=1.\u3000\n'), max_size=30) | st.text())
def test_no_text_breaks_it(text: str) -> None:
    """Any text at all is read, or refused by the one exception."""
    for parse in (classic_tree, simple_tree):
        try:
            assert isinstance(read_tree(parse(text), CLAUSE), SearchedText)
        except SyntaxFault:
            assert parse is classic_tree or text.count("(") > 100


words = st.sampled_from(["red", "blue", "usb", "cable", "x1"])
terms = st.one_of(
    words,
    words.map('"{} hat"'.format),
    st.tuples(words, st.sampled_from(["*", "?", "~", "~1", "^2", "^.5", "\\-", "-", "+", "|"])).map("".join),
    st.tuples(st.sampled_from(["title:", "brand:"]), words).map("".join),
    st.sampled_from(["[a TO b]", "title:{1 TO *}", "/r.d/", "*", "title:>5", "-", "&", "TO", ".", "_exists_:title"]),
)
texts = st.recursive(
    terms,
    lambda inner: st.lists(
        st.tuples(
            st.sampled_from(["", "", "", "-", "+", "!", "NOT ", "--"]),
            inner,
            st.sampled_from([" ", " ", "  ", " AND ", " OR ", " && ", "||", "|", "+", " -", "\t", '"', "^2 "]),
        ).map("".join),
        min_size=1,
        max_size=4,
    ).map(lambda parts: f"({''.join(parts)})"),
    max_leaves=8,
).map(lambda text: text.removeprefix("(").removesuffix(")") if text.count("(") == 1 else text)


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def parser(request: pytest.FixtureRequest) -> Iterator[tuple[OpenSearch, str]]:
    """A server and an empty index with the fields of the texts."""
    client, index = OpenSearch(request.getfixturevalue(request.param)), unique("syntax")
    properties = {field: {"type": "text"} for field in FIELDS}
    client.indices.create(index=index, body={"mappings": {"properties": properties}})
    yield client, index
    client.indices.delete(index=index)
    client.close()


def as_the_engine_reads(parser: tuple[OpenSearch, str], kind: str, text: str, **options: Any) -> Node | None:
    """The tree that the engine makes of a text; None where it refuses the text."""
    client, index = parser
    body = {"query": {kind: {"query": text, "fields": ["title"], **options}}}
    try:
        answer = client.indices.validate_query(index=index, body=body, explain=True)
    except RequestError:
        return None
    if "explanation" not in answer.get("explanations", [{}])[0]:
        return None
    return printed_tree(answer["explanations"][0]["explanation"])


SLOWLY = settings(
    max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=in_ci()
)
"""Other texts each time, but where a run decides whether work lands: there the same ones."""


@SLOWLY
@given(text=texts, operator=st.sampled_from(["or", "and"]))
def test_query_string_is_read_as_by_the_engine(parser: tuple[OpenSearch, str], text: str, operator: str) -> None:
    """The engine's own explanation of a text is the tree that is read here, and it refuses what is refused here."""
    theirs = as_the_engine_reads(parser, "query_string", text, default_operator=operator)
    try:
        ours = classic_tree(text, operator == "and")
    except SyntaxFault:
        assert theirs is None
        return
    if theirs is None:  # a number is refused later, in building the query
        assert re.search(r"~[\d.]*[^\d\s().]|~\d*\.\d*\.", text)
        return
    assert plain(ours, "title", operator == "and") == plain(theirs, "title", operator == "and")


@SLOWLY
@given(
    text=texts,
    operator=st.sampled_from(["or", "and"]),
    off=st.sets(st.sampled_from([flag for flag in FLAGS if flag != "WHITESPACE"]), max_size=3),
)
def test_simple_query_string_is_read_as_by_the_engine(
    parser: tuple[OpenSearch, str], text: str, operator: str, off: set[str]
) -> None:
    """The same for the other syntax, with some of its signs switched off."""
    if off & {"PRECEDENCE", "PHRASE"}:  # a pattern with a parenthesis is printed as it is, and can't be read back
        off = off | {"PREFIX", "FUZZY"}
    flags = "|".join(flag for flag in FLAGS if flag not in off)
    theirs = as_the_engine_reads(parser, "simple_query_string", text, default_operator=operator, flags=flags)
    assert theirs is not None
    ours = simple_tree(text, operator == "and", flags)
    assert plain(ours, "title", operator == "and") == plain(theirs, "title", operator == "and")
