"""Whatever a body asks for, a re-ranked reply says what the engine says, but for the order of its hits.

Bodies of many parts, right and wrong ones, go through a re-ranker beside the plain client.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from answer_bodies import NESTED, PARTS, QUERIES, TEXT, URL
from answer_parts import WINDOW, Shop, difference, fill
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opensearchpy import OpenSearch
from rerank_parts import documents, reranker, told, unique

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A client of OpenSearch 3 or 2.19, an index, and a re-ranker's search."""
    client, index = OpenSearch(request.getfixturevalue(request.param)), unique("same")
    fill(client, index)
    yield Shop(client, index, reranker(client, window=WINDOW, blend_weight=1.0).search)
    client.indices.delete(index=index)
    client.close()


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The embedded engine with sixty products, and a re-ranker's search."""
    engine = EmbeddedEngine("shop", tmp_path_factory.mktemp("catalogues"))
    engine.load(FieldMap().product({"id": str(i), **doc}) for i, doc in enumerate(documents(60, seed=8)))
    return Shop(engine, "shop", reranker(engine, window=WINDOW, blend_weight=1.0).search)


def _some(parts: dict[str, list[Any]], at_most: int) -> st.SearchStrategy[dict[str, Any]]:
    """A few of the parts, each with one of its values."""
    names = st.lists(st.sampled_from(sorted(parts)), max_size=at_most, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({n: st.sampled_from(parts[n]) for n in chosen}))


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(sorted(QUERIES)), _some(PARTS, 4), _some(URL, 2), st.booleans())
@pytest.mark.filterwarnings("ignore")
def test_the_reply_is_the_engines_but_for_the_order(
    shop: Shop, query: str, parts: dict[str, Any], params: dict[str, Any], small: bool
) -> None:
    """Totals, facets, suggestions, each hit's content and all errors are the engine's, for any parts together."""
    body = {"query": QUERIES[query], **({"size": 3} if small else {}), **parts}
    assert difference(shop, body, params) == ""


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.filterwarnings("ignore")
def test_each_part_of_a_body(shop: Shop, name: str) -> None:
    """Each value of each part, with one request and with two."""
    for n, value in enumerate(PARTS[name]):
        more = {"size": 3, "highlight": {"fields": {"title": {}}}} if n % 2 else {}
        body = {"query": TEXT, **more, name: value}
        assert difference(shop, body, {}) == "", body


@pytest.mark.parametrize("name", URL)
@pytest.mark.filterwarnings("ignore")
def test_each_parameter_of_a_url(shop: Shop, name: str) -> None:
    """Each value of each parameter, beside a body that says something else."""
    own = {"_source": ["brand"], "docvalue_fields": ["group"], "stored_fields": ["title"], "size": 4}
    for value in URL[name]:
        for more in ({"query": TEXT}, {"query": QUERIES["nested"], **own}):
            assert difference(shop, more, {name: value}) == "", (value, more)


_COMPLETION = {"suggest": {"s": {"prefix": "usb", "completion": {"field": "complete"}}}}
_GROUPS = {"field": "brand", "inner_hits": {"name": "more", "size": 2, "sort": [{"price": "asc"}]}}
_TITLE = {"fields": {"title": {}}}
_RESCORE = {"window_size": 5, "query": {"rescore_query": {"match": {"title": "long"}}}}
_TOP_HITS = {"aggs": {"h": {"top_hits": {"size": 2}}}}


@pytest.mark.parametrize(
    ("parts", "params", "outcome"),
    [
        ({"profile": True}, {}, ("skipped", "not_kept")),
        ({"ext": {"generative_qa_parameters": {"llm_question": "usb?"}}}, {}, None),
        ({**_COMPLETION, "_source": ["brand"]}, {}, ("skipped", "not_kept")),
        ({**_COMPLETION, "highlight": {"fields": {"title": {}}}}, {}, ("skipped", "not_kept")),
        ({**_COMPLETION, "_source": False, "fields": ["brand"]}, {}, ("skipped", "not_kept")),
        ({**_COMPLETION, "stored_fields": ["title"]}, {}, ("skipped", "not_kept")),
        (_COMPLETION, {}, ("reranked", None)),
        (
            {"query": QUERIES["rule"], "aggs": {"h": {"top_hits": {"explain": True}}}},
            {},
            ("skipped", "not_kept"),
        ),
        ({"query": QUERIES["nested"], "stored_fields": "_none_"}, {}, ("skipped", "not_kept")),
        ({"query": QUERIES["nested"], **_TOP_HITS}, {}, ("reranked", None)),
        ({"query": QUERIES["rule"], **_TOP_HITS}, {}, ("reranked", None)),
        ({"query": QUERIES["nested"], "post_filter": NESTED}, {}, None),
        ({"query": QUERIES["nested"], "collapse": _GROUPS}, {}, ("reranked", None)),
        ({"query": QUERIES["function over nested"], "collapse": _GROUPS}, {}, ("reranked", None)),
        ({"query": QUERIES["wrapped"], "collapse": _GROUPS, "highlight": _TITLE}, {}, ("reranked", None)),
        ({"query": QUERIES["nested in dis_max"], "rescore": _RESCORE}, {}, ("reranked", None)),
        ({"query": QUERIES["function"], "explain": True, "size": 15}, {}, ("reranked", None)),
        ({"stored_fields": ["_source"], "_source": False}, {}, ("reranked", None)),
        ({"stored_fields": ["title", "_source"], "_source": ["price"]}, {}, ("reranked", None)),
        ({"query": QUERIES["nested"]}, {"rest_total_hits_as_int": True}, ("reranked", None)),
        ({"docvalue_fields": ["group"]}, {"docvalue_fields": "price"}, ("reranked", None)),
        ({"stored_fields": "_none_"}, {}, ("reranked", None)),
        ({"_source": 7}, {}, None),
        ({"from": None}, {}, None),
        ({"query": QUERIES["nothing found"], "highlight": 7}, {}, None),
    ],
)
def test_named_cases(shop: Shop, parts: dict[str, Any], params: dict[str, Any], outcome: Any) -> None:
    """What was once wrong: the answer is the engine's, and re-ranked where it can be. None: the engine refuses it."""
    body = {"query": TEXT, "size": 3, **parts}
    assert difference(shop, body, params) == ""
    if outcome is not None:
        reply = shop.search(index=shop.index, body=body, **params)
        assert told(reply) == outcome
        assert outcome[0] == "reranked" or reply["ext"]["rerank"]["detail"]


def test_a_hybrid_page_needs_its_depth(opensearch_2: str) -> None:
    """The engine refuses a later page of a hybrid query that does not say how deep it goes; so it does here."""
    client, index = OpenSearch(opensearch_2), unique("hybrid")
    fill(client, index)
    try:
        shop = Shop(client, index, reranker(client, window=WINDOW).search)
        queries = [TEXT, {"match_phrase": {"title": {"query": "usb cable", "slop": 20}}}]
        for depth in ({}, {"pagination_depth": 5}, {"pagination_depth": 50}, {"pagination_depth": "x"}):
            for page in ({}, {"from": 2}, {"from": 12, "size": 3}, {"from": 18, "size": 1}):
                assert difference(shop, {"query": {"hybrid": {"queries": queries, **depth}}, **page}, {}) == ""
    finally:
        client.indices.delete(index=index)


@pytest.mark.parametrize("name", [*PARTS, "query"])
def test_the_embedded_engine(embedded: Shop, name: str) -> None:
    """The embedded engine's answers and refusals are its own, too."""
    for value in PARTS.get(name, QUERIES.values()):
        for more in ({}, {"query": QUERIES["rule"], "size": 3, "from": 2}):
            body = {"query": TEXT, **more, name: value}
            assert difference(embedded, body, {}) == "", body
