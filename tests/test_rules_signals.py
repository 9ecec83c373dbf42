"""Signals: numbers of the index as a part of the blend, also of the learnt one; what is missing is neutral."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rerank_parts import Memory, ReadableStudent, ids, reranker

from endcap.demo.queries import judgments
from endcap.demo.signals import products_with_signals, signals
from endcap.evaluate.measures import mean, parse, score
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin import Student
from endcap.plugin.blend.signals import WEIGHTS, Signal, signal_parts
from endcap.plugin.rules.documents import Documents
from endcap.plugin.rules.file import rules_of

finite = st.floats(-1e6, 1e6)
numbers = arrays(np.float64, st.integers(1, 12), elements=finite | st.just(np.nan))


@given(numbers, st.booleans(), st.booleans(), st.sampled_from(sorted(WEIGHTS)), st.floats(0.01, 100))
def test_a_signal_is_monotone_and_neutral_where_it_is_missing(
    x: Any, rises: bool, log: bool, weight: str, deviation: float
) -> None:
    """More never adds less (or the other way about), the window's mean adds 0, and so does what has no number."""
    signal = Signal("s", "f", rises=rises, weight=WEIGHTS[weight], log=log)
    added = signal_parts([signal], x[:, None], deviation)[:, 0]
    known = ~np.isnan(x)
    assert not added[~known].any()
    assert abs(added.sum()) <= 1e-9 * max(1.0, np.abs(added).max()) * len(x)
    along = added[known][np.argsort(x[known], kind="stable")]
    steps = np.diff(along) if rises else -np.diff(along)
    assert (steps >= -1e-9 * deviation).all()
    assert np.ptp(added) <= WEIGHTS[weight] * deviation * (1 + 1e-9) or not known.all()


def test_bounds_and_scale() -> None:
    """Beyond the bounds it does not count further; by ratios, each doubling is as much."""
    x = np.array([-5.0, 0.0, 5.0, 10.0, 50.0])
    assert Signal("s", "f", low=0, high=10).levels(x) == pytest.approx([0, 0, 0.5, 1, 1])
    assert Signal("s", "f", rises=False, low=0, high=10).levels(x) == pytest.approx([1, 1, 0.5, 0, 0])
    doubled = Signal("s", "f", low=0, high=1023, log=True).levels(np.array([0.0, 1.0, 3.0, 7.0, 1023.0]))
    assert np.diff(doubled[:4]) == pytest.approx([0.1] * 3)


def test_what_is_a_number_of_a_product() -> None:
    """Numbers, texts of one and dates are, the first of a list; no others, and nothing breaks."""
    fields = {
        "day": "1970-01-03",
        "moment": "2026-11-30T12:00:00Z",
        "one": ["many", "7"],
        "no": "2026-13-01",
        "inf": 1e999,
    }
    documents = Documents([{"_source": {**fields, "object": {"a": 1}, "empty": [], "flag": True}}], FieldMap())
    read = {name: documents.numbers(name)[0] for name in (*fields, "object", "empty", "flag", "missing")}
    assert read["day"] == 2.0
    assert read["moment"] == pytest.approx(20787.5)
    assert (read["one"], read["flag"]) == (7.0, 1.0)
    assert all(np.isnan(read[name]) for name in ("no", "inf", "object", "empty", "missing"))


@pytest.mark.parametrize("learnt", [False, True])
def test_among_equals_the_order_follows_the_signal(learnt: bool) -> None:
    """Products that are alike in all else stand by the signal, by either blend, and ``explain`` says what it added."""
    engine = EmbeddedEngine("alike")
    sold = [5, None, 300, 40, "many", 0, 120]
    rules = rules_of({"signals": {"sales": {"field": "sold", "weight": "some", "scale": "log"}}})
    student = Student.load()
    options: dict[str, Any] = {} if learnt else {"blend_weight": 0.6}
    found = reranker(engine, student, rules=rules, **options)
    body = {"query": {"match": {"title": "usb cable"}}, "ext": {"rerank": {"explain": True}}}
    engine.load(
        [
            Product(
                f"p{n}", f"usb {'cable' if n % 2 else 'lamp'}, black", "Acme", extra={} if s is None else {"sold": s}
            )
            for n, s in enumerate(sold)
        ]
    )
    hits = found.search(index="alike", body=body)["hits"]["hits"]
    order = [hit["_id"] for hit in hits]
    assert [id for id in order if id in ("p0", "p2", "p6")] == ["p2", "p6", "p0"]
    added = {
        hit["_id"]: {part["feature"]: part["adds"] for part in hit["rerank_explanation"]["parts"]}.get(
            "signal: sales", 0
        )
        for hit in hits
    }
    assert added["p2"] > added["p6"] > added["p3"] > 0 > added["p0"] > added["p5"]
    assert added["p1"] == added["p4"] == 0


def test_rules_without_signals_leave_scores_alone() -> None:
    engine = EmbeddedEngine("alike")
    engine.load([Product(f"p{n}", f"usb cable #{n / 10}", extra={"sold": n}) for n in range(5)])
    body = {"query": {"match": {"title": "usb cable"}}}
    plain = reranker(engine, ReadableStudent()).search(index="alike", body=body)
    ruled = reranker(engine, ReadableStudent(), rules=rules_of({})).search(index="alike", body=body)
    assert plain["hits"] == ruled["hits"]
    assert ids(plain)


def test_a_slight_signal_costs_no_relevance_on_the_generated_shop() -> None:
    """nDCG@10 on hand-written searches does not fall with popularity, and what is sold more stands further up."""
    engine, states = EmbeddedEngine("demo"), Memory()
    engine.load(products_with_signals())
    grades = judgments().grades
    queries = [query for query in sorted(grades) if max(grades[query].values()) == 3][::4]
    signal = {"popularity": {"field": "popularity", "scale": "log", "weight": "slight"}}
    values, sold = [], []
    for rules in (None, rules_of({"signals": signal})):
        found = reranker(engine, Student.load(), states=states, rules=rules, window=30)
        pages = {
            query: ids(found.search(index="demo", body={"query": engine.text_query(query), "size": 10}))
            for query in queries
        }
        found.close()
        judged = {query: grades[query] for query in queries}
        (by_query,) = score(pages, judged, parse(["nDCG@10"])).values()
        values.append(mean(by_query))
        sold.append(np.mean([np.log1p(signals()[id]["popularity"]) for page in pages.values() for id in page[:3]]))
    assert values[1] >= values[0] - 0.002
    assert sold[1] > sold[0]
