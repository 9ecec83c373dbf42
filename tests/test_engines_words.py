"""The embedded engine cuts texts into OpenSearch's words, and finds what OpenSearch finds: compared with a real one."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import tantivy
from opensearchpy import OpenSearch

from endcap.errors import EndcapError
from endcap.index.embedded.body_values import java_number
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.embedded.schema import analyser
from endcap.index.embedded.word_boundaries import WORD
from endcap.index.engine import Engine
from endcap.index.open_engine import open_engine
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.opensearch.mapping import ANALYSER
from endcap.index.product import Product
from endcap.index.settings import IndexSettings

TEXTS = (
    "Phone Case,Bottle,Red Size:Large No.5 M.2 3.5mm 1,000 1:2 a_b _a __ don't don’t l'eau e-mail wi‑fi A&B C++ x/y",
    'iPhone® 12 ★★ top™ 20℃ №5 x½ ² ªb Ⅷ 12" ３.５ 1_000 1,a a.1 a..b a.',
    "👍🏽 ok 👨‍👩‍👧 fam 🇩🇪🇫🇷 1️⃣ #️⃣ ☕️",
    "カタカナ語 テスト ｶﾀｶﾅ ひらがな漢字 々 ー 한국어 말 ภาษาไทย ខ្មែរ 中文字",
    "מ\"מ מ' אב'ג ٣٫٥ кириллица Ελληνικά é́ e\u0301te soft\u00adhyphen zero\u200bwidth zw\u200dj",
)
PIECES = list("aB9_.,:;'’\"-–·®★™ \u00ad\u0301漢ひカーｶ한ไทאב٣۵ａ１：．，#*É½²ªⅧ№$€°&+/👩☕🇩🇪")
TITLES = (
    "red desk lamp", "desk desk lamp", "lamp", "usb lamp cable", "Phone Case,Bottle,Red", "Size:Large shirt",
    "No.5 perfume", "M.2 ssd", "iPhone® case", "★★ top", "red red wine", "blue wine",
)  # fmt: skip
KINDS = ("best_fields", "most_fields", "cross_fields")
PRICES = (5.0, 19.99, 1e7, 2.5e7, 123456789.0, 1e-5, None)
RULES: tuple[Any, ...] = (
    0,
    1,
    2,
    -1,
    "1",
    "-1",
    "50%",
    "-25%",
    "3<90%",
    "2<-25% 9<-3",
    "200%",
    "-100%",
    " 2 ",
    "2<1 5<2",
)


@pytest.fixture(scope="module")
def engines(opensearch: str) -> Iterator[tuple[Engine, Engine]]:
    """An embedded and a real engine with the same products."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    products = [
        Product(str(n), title, brand=("Acme", "Bolt", "Zed")[n % 3], category="Home", price=PRICES[n % len(PRICES)])
        for n, title in enumerate(TITLES)
    ]
    embedded, real = EmbeddedEngine(name), open_engine(IndexSettings(name, "opensearch", opensearch))
    assert isinstance(real, OpenSearchEngine)
    embedded.load(products)
    real.load(products)
    yield embedded, real
    real.client.indices.delete(index=f"{name}-*")
    real.close()


def real_words(client: OpenSearch, text: str, **by: str) -> list[str]:
    return [token["token"] for token in client.indices.analyze(body={"text": text, **by})["tokens"]]


def test_words_are_lucenes(opensearch: str) -> None:
    """Real writings of shops in many scripts, and 1,500 strings of what joins or parts words."""
    client = OpenSearch(opensearch)
    cut = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(WORD)).build()
    draw = random.Random(18)
    texts = [*TEXTS, *("".join(draw.choices(PIECES, k=draw.randint(1, 9))) for _ in range(1500))]
    differ = [
        (text, words, ours)
        for text in texts
        if (words := real_words(client, text, tokenizer="standard")) != (ours := cut.analyze(text))
    ]
    assert not [case for case in differ if case[0] in TEXTS]
    assert len(differ) <= 3, differ  # a lone apostrophe behind Hebrew and a digit


def test_terms_are_the_indexs(engines: tuple[Engine, Engine]) -> None:
    """Lower case, accents and endings as well; the words that docs/engines.md names have another stem."""
    _, real = engines
    assert isinstance(real, OpenSearchEngine)

    def terms(text: str) -> list[str]:
        reply = real.client.indices.analyze(index=real.index, body={"text": text, "analyzer": ANALYSER})
        return [token["token"] for token in reply["tokens"]]

    for text in (*TEXTS, *TITLES, "Crème brûlée ÜBER straße running shoes batteries men's"):
        assert analyser().analyze(text) == terms(text)
    assert analyser().analyze("organic organizer") == ["organic", "organiz"]
    assert terms("organic organizer") == ["organ", "organ"]


def answer(engine: Engine, body: dict[str, Any]) -> Any:
    try:
        reply = engine.search(index=engine.index, body={"size": 50, **body})
    except EndcapError:
        return "refused"
    shown = sorted((hit["_id"], str(hit.get("sort"))) for hit in reply["hits"]["hits"])
    return shown, reply["hits"].get("total"), reply.get("aggregations")


def drawn_query(draw: random.Random, depth: int = 2) -> dict[str, Any]:
    words = " ".join(
        draw.choices(["red", "desk", "lamp", "usb", "wine", "bottle", "case,red", "acme"], k=draw.randint(1, 4))
    )
    options: dict[str, Any] = {"query": words}
    if draw.random() < 0.7:
        options["minimum_should_match"] = draw.choice(RULES)
    if draw.random() < 0.3:
        options["operator"] = draw.choice(["and", "or"])
    kind = draw.random()
    if depth and kind < 0.5:
        parts = {
            name: [drawn_query(draw, depth - 1) for _ in range(draw.randint(1, 3))]
            for name in ("must", "should", "filter", "must_not")
            if draw.random() < 0.4
        }
        rule = {"minimum_should_match": draw.choice(RULES)} if draw.random() < 0.6 else {}
        return {"bool": {**parts, **rule}}
    if kind < 0.7:
        return {"match": {draw.choice(["title", "brand"]): options}}
    if kind < 0.8:
        ends = draw.sample(["gte", "gt", "lte", "lt"], draw.randint(1, 2))
        return {"range": {"price": {end: draw.choice([5, 19.99, "20", 1e7]) for end in ends}}}
    return {
        "multi_match": {**options, "fields": ["title", "brand"], "type": draw.choice(["best_fields", "most_fields"])}
    }


def drawn_scoring(draw: random.Random) -> dict[str, Any]:
    """A query in which constants and words meet."""
    clauses = [
        {"match": {"title": {"query": draw.choice(["red lamp", "usb", "wine red"]), "boost": draw.choice([1, 2])}}},
        {"term": {"brand.keyword": "Acme"}}, {"match": {"brand.keyword": "Bolt"}}, {"ids": {"values": ["1", "7"]}},
        {"constant_score": {"filter": {"match": {"title": "lamp"}}, "boost": 1.5}}, {"match_all": {}},
        {"multi_match": {"query": "red acme", "fields": ["title^2", "brand"], "type": draw.choice(KINDS[:2])}},
        {"multi_match": {"query": "", "fields": ["title", "brand"], "type": "most_fields", "zero_terms_query": "ALL"}},
    ]  # fmt: skip
    should = draw.sample(clauses, draw.randint(1, 3))
    functions = [{"filter": draw.choice(clauses), "weight": draw.choice([0.5, 2, 3])}][: draw.randint(0, 1)]
    mode = draw.choice(["multiply", "sum", "avg", "max", "replace"])
    return draw.choice(
        [
            {"bool": {"should": should}},
            {"dis_max": {"queries": should, "tie_breaker": 0.3}},
            {"function_score": {"query": {"bool": {"should": should}}, "functions": functions, "boost_mode": mode}},
            {"boosting": {"positive": should[0], "negative": draw.choice(clauses), "negative_boost": 0.2}},
        ]
    )


def test_the_scores_are_the_same(engines: tuple[Engine, Engine]) -> None:
    """150 queries: words, exact values and constants weigh the same beside each other in both engines."""
    draw = random.Random(19)
    for _ in range(150):
        body = {"query": drawn_scoring(draw), "size": 50}
        ours, theirs = (
            {hit["_id"]: hit["_score"] for hit in engine.search(index=engine.index, body=body)["hits"]["hits"]}
            for engine in engines
        )
        assert ours == pytest.approx(theirs, rel=1e-5), body


def test_the_same_products_are_found(engines: tuple[Engine, Engine]) -> None:
    """400 queries: how many of the words, some of them said twice, and of the clauses must match; ranges."""
    embedded, real = engines
    draw = random.Random(18)
    for _ in range(400):
        body = {"query": drawn_query(draw)}
        assert answer(embedded, body) == answer(real, body), body


@pytest.mark.parametrize(
    "body",
    [
        {"from": "2"}, {"size": "3"}, {"size": 2.7}, {"from": -1}, {"size": "x"}, {"from": None}, {"from": True},
        {"track_total_hits": "true"}, {"track_total_hits": "5"}, {"track_total_hits": "false"},
        {"track_total_hits": -1}, {"_source": None}, {"post_filter": {}}, {"post_filter": {"ids": {"values": 4}}},
        {"post_filter": {"ids": {"values": [None]}}}, {"post_filter": {"term": {"brand.keyword": None}}},
        {"post_filter": {"term": {"title": {"value": None}}}}, {"post_filter": {"terms": {"brand": ["acme", None]}}},
        {"post_filter": {"term": {"price": True}}}, {"post_filter": {"dis_max": {"queries": []}}},
        {"post_filter": {"range": {"price": {"lt": 9, "lte": None}}}},
        {"post_filter": {"match": {"title": {"query": "red", "zero_terms_query": None}}}},
        {"post_filter": {"match": {"title": {"query": "", "zero_terms_query": "All"}}}},
        {"post_filter": {"match": {"title": {"query": "red lamp", "minimum_should_match": None}}}},
        {"post_filter": {"match": {"title": {"query": "red lamp", "minimum_should_match": ""}}}},
        {"post_filter": {"match": {"title": {"query": "red lamp", "minimum_should_match": "50 %"}}}},
        {"post_filter": {"match": {"title": {"query": "red lamp", "minimum_should_match": "+2"}}}},
        {"aggs": {"p": {"filter": {"match_all": {}}, "meta": {"label": "all"}}}},
        {"sort": [{"price": {"order": "DESC", "missing": "_first"}}]}, {"sort": {"price": "desc"}}, {"sort": ["price"]},
        {"aggs": {"p": {"range": {"field": "price", "ranges": [{"to": 1e7}, {"from": "20", "to": 2.5e7}]}}}},
        {"aggs": {"p": {"range": {"field": "price", "keyed": True, "ranges": [{"from": 1e-4, "to": 1e21}]}}}},
    ],
)  # fmt: skip
def test_values_are_read_alike(engines: tuple[Engine, Engine], body: dict[str, Any]) -> None:
    ours, theirs = (answer(engine, {"query": {"match": {"title": "lamp red"}}, **body}) for engine in engines)
    assert ours == theirs


@pytest.mark.parametrize(
    "header",
    [
        {}, {"nope": 1}, {"timeout": "1s"}, {"search_pipeline": "x"}, {"index": None}, {"search_type": "x"},
        {"search_type": "query_then_fetch"}, {"request_cache": "x"}, {"request_cache": True}, {"preference": "_local"},
        {"routing": "a"}, {"ignore_unavailable": True}, {"expand_wildcards": "open"}, {"allow_no_indices": True},
    ],
)  # fmt: skip
def test_a_header_is_read_alike(engines: tuple[Engine, Engine], header: dict[str, Any]) -> None:
    """Of ``msearch``: both answer, or both refuse the whole request."""
    found: list[Any] = []
    for engine in engines:
        try:
            reply = engine.msearch(body=[header, {"query": {"match": {"title": "lamp"}}}])
            found.append(reply["responses"][0]["hits"]["total"])
        except EndcapError:
            found.append("refused")
    assert found[0] == found[1]


def test_a_number_is_written_as_java_writes_it() -> None:
    """Golden values of ``Double.toString``."""
    written = {
        1e7: "1.0E7",
        12345678.0: "1.2345678E7",
        9999999.5: "9999999.5",
        1e-3: "0.001",
        1e-4: "1.0E-4",
        -2.5e21: "-2.5E21",
    }
    assert {value: java_number(value) for value in written} == written
