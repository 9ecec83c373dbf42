"""The storefront on an OpenSearch, on an index of somebody's own, and on one that endcap knows."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch
from storefront_server import OWN, Server, error_of, ids, page_of, served

from endcap.cli.storefront_shop import open_shown_shop
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.model.folder import default_folder
from endcap.plugin.search.reranker import Reranker
from endcap.storefront.app import make_app
from endcap.storefront.facets import SHOWN, Chosen, Price, find_facets
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.own_shop import open_own_shop
from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


def test_it_is_the_same_on_an_opensearch(opensearch: str, demo: Shop, server: Server, tmp_path: Path) -> None:
    """On a real cluster both columns, the counts and the chosen values are those of the embedded engine."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    settings = IndexSettings(name, "opensearch", opensearch)
    engine = OpenSearchEngine.from_settings(settings)
    engine.load(demo.engine.products())
    shop = open_own_shop("cluster", settings, engine, FieldMap(), None)
    shop = replace(shop, reranker=Reranker(shop.engine, shop.student, states=demo.states, deadline_ms=5000))
    try:
        with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as other:
            assert other.get("/api/shop").json["engine"] == {"kind": "opensearch", "url": opensearch, "index": name}
            for parameters in (
                {"q": "pushchair"},
                {"q": "wireless mouse", "page": 2},
                {"q": "mouse", "brand": "Quillan"},
                {"q": "mouse", "category": "Computers > Mice", "price": "10-30"},
                {"q": "zeppelinxyz"},
            ):
                mine, theirs = (each.get("/api/search", **parameters).json for each in (server, other))
                assert (theirs["total"], theirs["pages"]) == (mine["total"], mine["pages"])
                assert theirs["rerank"]["status"] == mine["rerank"]["status"]
                assert theirs["facets"] == mine["facets"]
                assert len(theirs["columns"]["endcap"]) == len(mine["columns"]["endcap"])
            body = {"query": engine.text_query("pushchair"), "size": 100}
            page = page_of(other, "pushchair", size=10)
            for column, searches in (("engine", engine), ("endcap", shop.reranker)):
                hits = searches.search(index=name, body=body)["hits"]["hits"]
                assert ids(page["columns"][column]) == [hit["_id"] for hit in hits[:10]]
    finally:
        shop.close()
        engine.client.indices.delete(index=f"{name}-*")
        engine.close()


def test_an_index_of_ones_own_is_only_read(opensearch: str, tmp_path: Path) -> None:
    """--url --index --fields: facets by its own names where they can be counted, and nothing written."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    client = OpenSearch(opensearch)
    fields = {
        "name": {"type": "text"}, "maker": {"type": "keyword"}, "cost": {"type": "scaled_float", "scaling_factor": 100},
        "kind": {"type": "text", "fields": {"raw": {"type": "keyword"}}}, "notes": {"type": "text"},
    }  # fmt: skip
    client.indices.create(
        index=name,
        body={"settings": {"number_of_shards": 2, "number_of_replicas": 0}, "mappings": {"properties": fields}},
    )
    for product in OWN:
        document = {"name": product.title, "maker": product.brand, "kind": product.category, "cost": product.price}
        client.index(index=name, id=product.id, body={k: v for k, v in document.items() if v}, refresh=True)
    client.index(index=name, id="a5", body={"name": "Mouse, no brand", "maker": "", "kind": "Mice"}, refresh=True)
    before = client.indices.stats(index=name)["_all"]["primaries"]["indexing"]["index_total"]
    connection = IndexSettings(name, "opensearch", opensearch)
    named = FieldMap.parse("title=name,brand=maker,category=kind,price=cost")
    shop = open_shown_shop(connection, None, name, Reading(fields=named), default_folder(), None)
    try:
        with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            page = page_of(server, "mouse", brand="Bolt")
            assert set(ids(page["columns"]["endcap"])) == {"a2", "a/3 ü"}
            assert shop.facets.fields == {"brand": "maker", "category": "kind.raw", "price": "cost"}
            assert {value["value"]: value["count"] for value in page["facets"]["brand"]} == {"Acme": 1, "Bolt": 2}
            assert page["columns"]["endcap"][0]["title"]
        assert client.indices.stats(index=name)["_all"]["primaries"]["indexing"]["index_total"] == before
        plain = replace(connection, fields=FieldMap.parse("title=name,brand=notes,price=maker,category="))
        uncounted = open_own_shop("x", plain, OpenSearchEngine.from_settings(plain), plain.fields, None)
        with served(make_app(uncounted, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            assert server.get("/api/shop").json["facets"] == []
            assert page_of(server, "mouse")["facets"] == {}
            assert error_of(server.get("/api/search", q="mouse", brand="Bolt")) == (400, "bad_request")
        uncounted.close()
    finally:
        shop.close()
        client.indices.delete(index=name)
        client.close()


def test_counts_are_those_of_the_chosen_also_over_shards(opensearch: str) -> None:
    """On an index of five shards, and of prices that a float only comes near, each facet's count is what choosing it
    finds: the sum of the shards' most frequent values would not be, nor a range's exact ends."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    client, chance = OpenSearch(opensearch), random.Random(1)
    kinds = {"title": {"type": "text"}, "brand": {"type": "keyword"}, "price": {"type": "float"}}
    settings = {"number_of_shards": 5, "number_of_replicas": 0}
    client.indices.create(index=name, body={"settings": settings, "mappings": {"properties": kinds}})
    lines = []
    for number in range(3000):
        brand, price = f"b{int(chance.paretovariate(0.5)) % 400}", chance.choice([9.99, 10, 12.1, 25.0])
        lines += [{"index": {"_id": str(number)}}, {"title": "mouse", "brand": brand, "price": price}]
    client.bulk(index=name, body=lines, refresh=True)
    engine = OpenSearchEngine(client, name, fields=FieldMap.parse("title=title,brand=brand,price=price"))
    try:
        facets = find_facets(engine, name, engine.fields)

        def counted(chosen: Chosen) -> tuple[int, dict[str, list[dict[str, Any]]]]:
            body = {"query": engine.text_query("mouse"), "size": 0, "track_total_hits": True, **facets.body(chosen)}
            reply = engine.search(index=name, body=body)
            return reply["hits"]["total"]["value"], facets.read(reply, chosen)

        _, offered = counted(Chosen())
        assert len(offered["brand"]) == SHOWN
        for brand in offered["brand"]:
            assert counted(Chosen(brand=(brand["value"],)))[0] == brand["count"]
        for text in (*(price["value"] for price in offered["price"]), "9.99-12.1", "-9.99", "12.1-", "30-40"):
            total, found = counted(Chosen(price=Price.read(text)))
            assert [price["count"] for price in found["price"] if price["chosen"]] == [total], text
    finally:
        client.indices.delete(index=name)
        client.close()


def test_an_index_that_endcap_knows_is_shown(tmp_path: Path) -> None:
    """--index shows what was loaded as that name, and reads of its products what is first found."""
    settings = IndexSettings("mine")
    EmbeddedEngine("mine").load(OWN)
    save_settings(settings)
    shop = open_shown_shop(IndexSettings("mine"), None, "mine", Reading(), default_folder(), None)
    try:
        with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            assert server.get("/api/shop").json["name"] == "mine"
            page = page_of(server, "mouse")
            assert (page["total"], page["rerank"]["status"]) == (3, "reranked")
            assert page["measure"] is None
    finally:
        shop.close()
