"""Whatever a rules file says: no hit is lost but hidden ones, none doubled, pins and limits hold, pages fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from opensearchpy import OpenSearch
from rerank_parts import Broken, ReadableStudent, ids, reranker, told, unique
from rules_parts import BRANDS, shop_products, small_shop

from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.product import Product
from endcap.plugin.rules.file import rules_of

COUNT, WINDOW, SIZE = 40, 20, 6
QUERY = {"match": {"title": "usb cable"}}
PRODUCTS = {product.id: product for product in shop_products(COUNT)}
ZEN = [product.id for product in PRODUCTS.values() if product.brand == "Zen"][:2]
OUTSIDE = [Product("far", "garden hose", brand="Acme"), Product("off", "watering can", brand="Zen")]

identifiers = st.sampled_from([*PRODUCTS, "far", "off", "nowhere"])
filters = st.one_of(
    st.fixed_dictionaries({"where": st.fixed_dictionaries({"brand": st.sampled_from(BRANDS)})}),
    st.fixed_dictionaries({"where": st.fixed_dictionaries({"price": st.fixed_dictionaries({"max": st.just(50)})})}),
    st.fixed_dictionaries({"ids": st.lists(identifiers, min_size=1, max_size=3)}),
)
strengths = st.sampled_from(["slight", "some", "strong", "wholly", 1.5])
boosts = st.builds(lambda where, strength: {**where, "strength": strength}, filters, strengths)
actions: dict[str, st.SearchStrategy[Any]] = {
    "pin": st.lists(identifiers, min_size=1, max_size=4, unique=True),
    "boost": boosts,
    "bury": boosts,
    "hide": filters,
    "filter": filters,
    "in_stock_first": st.just("stock"),
    "at_most": st.fixed_dictionaries({"count": st.integers(1, 3), "field": st.sampled_from(["brand", "category"])}),
    "diverse": st.sampled_from(["slight", "some", "strong"]),
}
rule = st.lists(st.sampled_from(list(actions)), min_size=1, max_size=3, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: actions[name] for name in names})
)
above = {"constant_score": {"filter": {"ids": {"values": ["p3", "p5"]}}, "boost": 1000}}
queries = st.sampled_from([QUERY, {"bool": {"must": [QUERY], "should": [above]}}])
files = st.fixed_dictionaries({"rules": st.lists(rule, max_size=4), "keep_first": st.sampled_from([0, 0, 2])})


@pytest.fixture(scope="module")
def engines(
    opensearch: str, opensearch_2: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Any]]:
    """The shop on the embedded engine and on both versions of OpenSearch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENDCAP_HOME", str(tmp_path_factory.mktemp("home")))
        embedded, name = small_shop(), unique("rules")
        embedded.load([*PRODUCTS.values(), *OUTSIDE])
    clients = [OpenSearch(url) for url in (opensearch, opensearch_2)]
    real = [OpenSearchEngine(client, name) for client in clients]
    for engine in real:
        engine.load([*PRODUCTS.values(), *OUTSIDE])
    yield {"embedded": embedded, "3": real[0], "2.19": real[1]}
    for client in clients:
        client.indices.delete(index=f"{name}*")
        client.close()


def pages(engine: Any, rules: Any, student: Any, query: Any) -> list[list[str]]:
    """All pages of the search, one after the other."""
    search = reranker(engine, student, rules=rules_of(rules)).search
    total = engine.search(index=engine.index, body={"query": query})["hits"]["total"]
    found = []
    for at in range(0, COUNT + 2 * SIZE, SIZE):
        reply = search(index=engine.index, body={"query": query, "from": at, "size": SIZE})
        assert "could not" not in reply["ext"]["rerank"].get("detail", "")
        assert told(reply)[0] in ("reranked", "fallback", "skipped")
        assert reply["hits"]["total"] == total
        scores = [hit["_score"] for hit in reply["hits"]["hits"]]
        assert scores == sorted(scores, reverse=True)
        found.append(ids(reply))
    return found


def holds(engine: Any, rules: Mapping[str, Any], student: Any, query: Any = QUERY) -> None:
    """Check all that any rules file has to keep."""
    shown_pages = pages(engine, rules, student, query)
    shown = [id for page in shown_pages for id in page]
    found = ids(engine.search(index=engine.index, body={"query": query, "size": COUNT + 2}))
    every = [(name, value) for each in rules["rules"] for name, value in each.items()]
    pinned = list(dict.fromkeys(id for name, value in every if name == "pin" for id in value))
    # none doubled, none lost but those that are hidden, none more but those that are pinned
    assert len(shown) == len(set(shown))
    everything = {**PRODUCTS, **{product.id: product for product in OUTSIDE}}
    allowed = [
        id for id in dict.fromkeys([*found, *pinned]) if id in everything and not is_hidden(everything[id], every)
    ]
    assert sorted(shown) == sorted(allowed)
    # pages are full
    assert all(len(page) == SIZE for page in shown_pages[: len(shown) // SIZE])
    # pins stand where they say; the first to ask for a place has it
    kept = found[: rules["keep_first"]]
    if not kept:
        takers: dict[int, str] = {}
        seen = set[str]()
        for name, value in every:
            for place, id in enumerate(value if name == "pin" else []):
                if id in allowed and id not in seen:
                    seen.add(id)
                    takers.setdefault(place, id)
        # Where rules hide so much of the window that the place lies behind it, a pin stands at the window's end.
        in_window = [id for id in dict.fromkeys([*found[:WINDOW], *pinned]) if id in allowed]
        held = {place: id for place, id in takers.items() if place < len(in_window)}
        assert {place: shown[place] for place in held} == held
    # limits, as long as there is another in the window that they allow
    limited = [(value["field"], value["count"]) for name, value in every if name == "at_most"]
    window = shown[: len([id for id in shown if id in found[:WINDOW] or id in pinned])]
    if len(limited) == 1 and not kept:
        check_limit(window, *limited[0], everything, set(pinned))


def check_limit(window: Sequence[str], field: str, count: int, products: Mapping[str, Product], pins: set[str]) -> None:
    """No page has more of a value, or no hit further down could have stood in the place."""
    for start in range(0, len(window), SIZE):
        counts: Counter[str] = Counter(
            getattr(products[id], field) for id in window[start : start + SIZE] if id in pins
        )
        for at, id in enumerate(window[start : start + SIZE], start):
            if id in pins:
                continue
            value = getattr(products[id], field)
            if value and counts[value] >= count:
                later = [getattr(products[other], field) for other in window[at + 1 :] if other not in pins]
                assert all(other and counts[other] >= count for other in later)
            counts[value] += 1


def is_hidden(product: Product, every: Sequence[tuple[str, Any]]) -> bool:
    """Whether a file hides a product."""
    return any(
        (name == "hide" and meant(product, value)) or (name == "filter" and not meant(product, value))
        for name, value in every
    )


def meant(product: Product, value: Mapping[str, Any]) -> bool:
    if "ids" in value:
        return product.id in value["ids"]
    where = value["where"]
    if "brand" in where:
        return product.brand == where["brand"]
    return product.price is not None and product.price <= where["price"]["max"]


class WithVectors(ReadableStudent):
    """A student with vectors: of two numbers, its score and what is left to a length of one."""

    def vectors(self, states: Sequence[bytes | None]) -> Any:
        import numpy as np
        from rerank_parts import score_in

        scores = np.array([score_in(state.decode()) if state else 0.0 for state in states], dtype=np.float32)
        return np.stack([scores, np.sqrt(1 - scores**2)], axis=1)


slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(max_examples=60, deadline=None, suppress_health_check=slow)
@given(rules=files, broken=st.booleans(), query=queries)
@example(rules={"rules": [{"pin": ["p0"]}, {"pin": ["p1", "p2"]}], "keep_first": 0}, broken=False, query=QUERY)
@example(
    rules={"rules": [{"pin": ZEN, "at_most": {"count": 1, "field": "brand"}}], "keep_first": 0},
    broken=False,
    query=QUERY,
)
def test_any_rules_on_the_embedded_engine(engines: Mapping[str, Any], rules: Any, broken: bool, query: Any) -> None:
    """With scores of the student and without, and with pins of the body."""
    holds(engines["embedded"], rules, Broken(window=WINDOW) if broken else WithVectors(window=WINDOW), query)


@pytest.mark.parametrize("version", ["3", "2.19"])
@settings(max_examples=12, deadline=None, suppress_health_check=slow)
@given(rules=files, query=queries)
def test_any_rules_on_opensearch(engines: Mapping[str, Any], version: str, rules: Any, query: Any) -> None:
    """The same on the real engine."""
    holds(engines[version], rules, WithVectors(window=WINDOW), query)
