"""What a reply says where the student does not find what it reads of products."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import BODY, Listed, fill_index, ids, reranker, told, unique

from endcap.plugin import Reranker, Student


def search(sources: list[dict[str, Any]], **settings: Any) -> dict[str, Any]:
    """What ``ext.rerank`` says of hits with these sources."""
    engine = Listed([float(len(sources) - i) for i in range(len(sources))], [0.0] * len(sources))
    for hit, source in zip(engine.hits, sources, strict=True):
        hit["_source"] = source
    said: dict[str, Any] = reranker(engine, **settings).search(body=BODY)["ext"]["rerank"]
    return said


def test_the_paths_that_were_looked_for_are_named() -> None:
    """Where nothing is found, the reply says where it was looked for, in the index's own names."""
    said = search([{"name": "usb"}] * 3, fields={"title": ["label", "text.en"], "brand": "maker"})
    assert (said["status"], said["reason"]) == ("fallback", "no_product_text")
    assert said["detail"] == (
        "3 of 3 products have nothing that the student reads (looked for: title at label or text.en, brand at maker): "
        "is the field map right?"
    )
    said = search([{"title": "usb"}, {"name": "usb"}])
    assert (said["status"], said["reason"], said["scored"]) == ("partial", "no_product_text", 1)
    assert said["detail"].startswith("1 of 2 products have nothing that the student reads")


def test_a_title_that_is_not_read_is_said() -> None:
    """Where the other fields are found the student scores what there is, and the reply says that the titles lack."""
    said = search([{"name": f"usb {i}", "brand": "Acme"} for i in range(4)], fields={"title": "label"})
    assert (said["status"], said["reason"], said["scored"]) == ("partial", "no_product_text", 4)
    assert said["detail"] == "4 of 4 products have no title (looked for: title at label): is the field map right?"
    said = search([{"title": "N/A", "brand": "Acme"}, {"title": "<br/>", "brand": "Zen"}])
    assert said["detail"].startswith("2 of 2 products have no title")


def test_single_products_may_have_no_title() -> None:
    """They are scored by what they have, as nobody can have read the map wrongly for them alone."""
    said = search([{"title": "usb"}, {"title": "cable"}, {"brand": "Acme"}])
    assert (said["status"], said["reason"], said["scored"]) == ("reranked", None, 3)
    assert "detail" not in said


def test_a_title_that_shall_not_be_read_does_not_lack() -> None:
    """A field map may say that there is none."""
    said = search([{"brand": "Acme"}, {"brand": "Zen"}], fields={"title": [], "brand": "brand"})
    assert (said["status"], said["reason"]) == ("reranked", None)


@pytest.mark.parametrize("server", ["opensearch", "opensearch_2"])
def test_on_a_real_engine(server: str, request: pytest.FixtureRequest) -> None:
    """The same with the shipped student: a forgotten field map, and an index without sources."""
    client, index = OpenSearch(request.getfixturevalue(server)), unique("titles")
    docs = [{"name": name, "brand": "Acme"} for name in ("usb cable", "usb cable tester", "usb hub")]
    body = {"query": {"match": {"name": "usb cable"}}}
    try:
        fill_index(client, index, docs, {"properties": {"name": {"type": "text"}}})
        student = Student.load()
        reply = Reranker(client, student, deadline_ms=60_000).search(index=index, body=body)
        assert told(reply) == ("partial", "no_product_text")
        assert "looked for: title at title" in reply["ext"]["rerank"]["detail"]
        reply = Reranker(client, student, deadline_ms=60_000, fields={"title": "name"}).search(index=index, body=body)
        assert told(reply) == ("reranked", None)
        fill_index(client, index, docs, {"_source": {"enabled": False}, "properties": {"name": {"type": "text"}}})
        reply = Reranker(client, student, deadline_ms=60_000).search(index=index, body=body)
        assert told(reply) == ("fallback", "no_product_text")
        assert "without their _source" in reply["ext"]["rerank"]["detail"]
        assert ids(reply) == ids(client.search(index=index, body=body))
    finally:
        client.indices.delete(index=index)
        client.close()


@pytest.mark.parametrize("server", ["opensearch", "opensearch_2"])
def test_tags_and_entities_cost_no_score(server: str, request: pytest.FixtureRequest) -> None:
    """A product whose texts are marked up scores as the one whose texts are plain, in any index."""
    client, index = OpenSearch(request.getfixturevalue(server)), unique("markup")
    plain = {"title": "Braided USB cable 2 m", "description": "Fast & durable.\nCharges a phone in 30 min", "brand": ""}
    marked = {
        "title": "<b>Braided</b>&nbsp;USB cable<br/>2&nbsp;m",
        "description": "<p>Fast &amp; durable.</p><ul><li>Charges a phone in 30&nbsp;min</li></ul><!-- seo -->",
        "brand": "N/A",
    }
    escaped = {**marked, "title": "&lt;b&gt;Braided&lt;/b&gt; USB cable&lt;br&gt;2 m"}
    try:
        fill_index(client, index, [plain, marked, escaped], {"properties": {"title": {"type": "text"}}})
        reply = Reranker(client, Student.load(), deadline_ms=60_000).search(
            index=index, body={"query": {"match": {"title": "usb cable"}}, "ext": {"rerank": {"explain": True}}}
        )
        hits = reply["hits"]["hits"]
        assert len({hit["student_score"] for hit in hits}) == 1
        words = [{p["feature"]: p["value"] for p in hit["rerank_explanation"]["parts"]} for hit in hits]
        assert len({word.get("title") for word in words}) == len({word.get("title_share") for word in words}) == 1
    finally:
        client.indices.delete(index=index)
        client.close()
