"""What only the OpenSearch engine promises: its indexes, its connection, and one clear sentence for every failure."""

from __future__ import annotations

import base64
import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engine_catalogue import CATALOGUE, LAMP, numbered
from flaky_proxy import CERTIFICATES, proxy

from endcap.errors import EngineError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.home import home
from endcap.index.judgments.reader import read_judgments
from endcap.index.opensearch import versions
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.settings import IndexSettings

AUTHORITY = str(CERTIFICATES / "authority.pem")


@pytest.fixture
def engine(opensearch: str) -> Iterator[OpenSearchEngine]:
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    made = OpenSearchEngine.from_settings(IndexSettings(name, "opensearch", opensearch))
    yield made
    made.client.indices.delete(index=f"{name}*")


def names(engine: OpenSearchEngine) -> list[str]:
    return sorted(engine.client.indices.get(index=f"{engine.index}*"))


def reached(url: str, name: str, **more: Any) -> OpenSearchEngine:
    return OpenSearchEngine.from_settings(IndexSettings(name, "opensearch", url, **more))


def test_facets_and_filters_work(engine: OpenSearchEngine) -> None:
    """Brand and category have keyword subfields to count by, attributes are one flat object, the price is a number."""
    engine.load(CATALOGUE)
    counts = {"brands": {"terms": {"field": "brand.keyword"}}, "mean": {"avg": {"field": "price"}}}
    reply = engine.search(body={"size": 0, "aggs": counts})["aggregations"]
    assert {b["key"]: b["doc_count"] for b in reply["brands"]["buckets"]} == {"Bolt": 2, "Acme": 1, "Patisserie Été": 1}
    assert reply["mean"]["value"] == pytest.approx((19.5 + 80 + 5) / 3)
    (mapping,) = engine.client.indices.get_mapping(index=engine.index).values()
    assert mapping["mappings"]["properties"]["attributes"]["type"] == "flat_object"
    assert mapping["mappings"]["properties"]["extra"]["enabled"] is False


def test_url_parameters_reach_the_cluster(engine: OpenSearchEngine) -> None:
    """What goes beside the body goes through: a wrong one is the cluster's to refuse, a right one is obeyed."""
    engine.load(CATALOGUE)
    body = {"query": {"match_all": {}}}
    assert len(engine.search(body=body, preference="_local", size=1)["hits"]["hits"]) == 1
    with pytest.raises(EngineError, match="no such type"):
        engine.search(body=body, search_type="no such type")


def test_new_index_is_as_asked(opensearch: str, engine: OpenSearchEngine) -> None:
    """Shards and replicas are those asked for; after the load the index refreshes by itself again."""
    settings = IndexSettings(engine.index, "opensearch", opensearch)
    OpenSearchEngine.from_settings(settings, shards=2, replicas=0).load(CATALOGUE)
    (index,) = engine.client.indices.get_settings(index=engine.index).values()
    assert index["settings"]["index"]["number_of_shards"] == "2"
    assert index["settings"]["index"]["number_of_replicas"] == "0"
    assert "refresh_interval" not in index["settings"]["index"]


def test_refused_document_is_reported_with_the_clusters_reason(engine: OpenSearchEngine) -> None:
    """A product that the cluster's index can't hold is named with the reason; the others are loaded."""
    report = engine.load([LAMP, Product("long", "too long a value", attributes={"a": "w" * 40_000})])
    assert report.loaded == 1
    assert "immense term" in report.failed["long"]


def test_real_index_of_that_name_is_not_replaced(engine: OpenSearchEngine) -> None:
    """Where the name is an index's, or an alias's that endcap did not make, a load refuses and changes nothing."""
    engine.client.index(index=engine.index, body={"title": "somebody's own"}, params={"refresh": "true"})
    with pytest.raises(EngineError, match="is an index that endcap did not make"):
        engine.load(CATALOGUE)
    assert names(engine) == [engine.index]
    other = OpenSearchEngine(engine.client, f"{engine.index}-alias")
    engine.client.indices.put_alias(index=engine.index, name=other.index)
    with pytest.raises(EngineError, match="is an alias of"):
        other.load(CATALOGUE)
    assert engine.count() == 1


def test_orphans_are_removed_when_their_load_is_over(engine: OpenSearchEngine) -> None:
    """Of what looks like a leftover, only endcap's own goes, and of loads elsewhere only those silent for long."""
    now = datetime.now(UTC)

    def leftover(suffix: str, heartbeat: datetime | None, alias: str = engine.index, state: str = "loading") -> str:
        index = f"{engine.index}-20260101000000-{suffix}"
        meta = {"endcap": {"alias": alias, "load": suffix, "state": state, "heartbeat": f"{heartbeat}"}}
        engine.client.indices.create(index=index, body={"mappings": {"_meta": meta} if heartbeat else {}})
        return index

    kept = {
        leftover("00000001", None),  # somebody's index that happens to have such a name
        leftover("00000002", now),  # a load that runs on another machine
        leftover("00000003", now, alias="another"),
    }
    given_another_alias = leftover("00000004", now, state="live")
    engine.client.indices.put_alias(index=given_another_alias, name=f"{engine.index}x")
    leftover("00000005", now - timedelta(hours=1))
    leftover("00000006", now, state="live")
    engine.load(CATALOGUE)
    assert set(names(engine)) - {given_another_alias} - kept == set(engine.client.indices.get_alias(name=engine.index))
    assert kept | {given_another_alias} <= set(names(engine))


@pytest.mark.parametrize("before", [0, 1])
def test_two_loads_that_end_at_once(engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    """A load that looked at the alias before another turned it looks again: it never holds two catalogues."""
    for _ in range(before):
        engine.load(numbered(5))
    seen = versions.aliased(engine.client, engine.index)
    engine.load(numbered(10))
    looks = [seen]

    def stale(client: Any, alias: str) -> list[str]:
        return looks.pop() if looks else aliased(client, alias)

    aliased = versions.aliased
    monkeypatch.setattr("endcap.index.opensearch.versions.aliased", stale)
    engine.load(numbered(20))
    assert not looks
    assert engine.count() == 20
    assert len(names(engine)) == 1


def test_running_load_is_marked(engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a load runs its index bears a heartbeat, and a lock file says so on this machine; afterwards neither is."""
    monkeypatch.setattr("endcap.index.opensearch.versions.HEARTBEAT_S", 0.05)
    beats: set[str] = set()

    def watched() -> Iterator[Product]:
        yield from numbered(600)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            (mapping,) = engine.client.indices.get_mapping(index=f"{engine.index}-*").values()
            mark = mapping["mappings"]["_meta"]["endcap"]
            assert mark["state"] == "loading"
            beats.add(mark["heartbeat"])
            if len(beats) > 1:
                break
        assert len(list((home() / "loads").iterdir())) == 1

    engine.load(watched())
    assert len(beats) > 1
    (mapping,) = engine.client.indices.get_mapping(index=engine.index).values()
    assert mapping["mappings"]["_meta"]["endcap"]["state"] == "live"
    assert not list((home() / "loads").iterdir())


def test_https_with_authority_and_password(
    opensearch: str, engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """https with a CA file and basic auth loads and searches; the password stands in the environment alone."""
    monkeypatch.setenv("TEST_USER", "ada")
    monkeypatch.setenv("TEST_PASSWORD", "sesame:ö")
    basic = "Basic " + base64.b64encode("ada:sesame:ö".encode()).decode()
    secrets = {"username_env": "TEST_USER", "password_env": "TEST_PASSWORD"}
    with proxy(opensearch, tls=True, authorization=basic) as url:
        inside = reached(url, engine.index, ca_file=AUTHORITY, **secrets)
        assert inside.load(CATALOGUE).loaded == len(CATALOGUE)
        assert reached(url, engine.index, verify_certs=False, **secrets).count() == len(CATALOGUE)
        monkeypatch.setenv("TEST_PASSWORD", "wrong")
        with pytest.raises(EngineError, match=r"did not accept the credentials \(401\)"):
            reached(url, engine.index, ca_file=AUTHORITY, **secrets).count()
        with pytest.raises(EngineError, match=r"TLS connection .* certificate.*--ca-file"):
            reached(url, engine.index, **secrets).count()


def test_api_key(opensearch: str, engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API key goes into the header, and a missing one is said by the variable's name."""
    engine.load(CATALOGUE)
    monkeypatch.setenv("TEST_KEY", "abc==")
    with proxy(opensearch, authorization="ApiKey abc==") as url:
        assert reached(url, engine.index, api_key_env="TEST_KEY").count() == len(CATALOGUE)
        monkeypatch.setenv("TEST_KEY", "abc==\n")
        assert reached(url, engine.index, api_key_env="TEST_KEY").count() == len(CATALOGUE)
    monkeypatch.setenv("TEST_KEY", "sesame\nand more")
    with pytest.raises(EngineError, match="TEST_KEY holds") as raised:
        reached(opensearch, engine.index, api_key_env="TEST_KEY")
    assert "sesame" not in str(raised.value)
    monkeypatch.delenv("TEST_KEY")
    with pytest.raises(EngineError, match="TEST_KEY is not set"):
        reached(opensearch, engine.index, api_key_env="TEST_KEY")
    with pytest.raises(EngineError, match="no CA file"):
        reached(opensearch, engine.index, ca_file="/no/such/file.pem")


def test_unreachable_and_wrong_protocol(opensearch: str) -> None:
    """A host that does not answer, and https where the server speaks http, are one sentence each."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    for engine in (reached(nobody, "x"), reached("http://no-such-host.invalid:9200", "x")):
        with pytest.raises(EngineError, match="can't be reached"):
            engine.count()
    with pytest.raises(EngineError, match="TLS connection"):
        reached(opensearch.replace("http:", "https:"), "x").count()


def test_read_only_index_stops_the_load(engine: OpenSearchEngine) -> None:
    """When a disk fills up and the cluster makes the index read-only, the load ends with one sentence, at once."""

    def filling_up() -> Iterator[Product]:
        yield from numbered(600)
        engine.client.indices.put_settings(
            index=f"{engine.index}-*", body={"index.blocks.read_only_allow_delete": True}
        )
        yield from (Product(f"q{i}", "lamp") for i in range(600))

    with pytest.raises(EngineError, match="read-only because a disk is nearly full"):
        engine.load(filling_up())
    assert not engine.client.indices.exists(index=f"{engine.index}-*", params={"allow_no_indices": "false"})


def test_red_index_is_said(engine: OpenSearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the cluster finds no place for the new index, the load says so; a search of a red index does, too."""
    monkeypatch.setattr("endcap.index.opensearch.engine.ALLOCATION_WAIT_S", 1)
    nowhere = {"index.routing.allocation.require.box": "nowhere"}
    template = {"index_patterns": [f"{engine.index}-*"], "priority": 500, "template": {"settings": nowhere}}
    engine.client.indices.put_index_template(name=engine.index, body=template)
    try:
        with pytest.raises(EngineError, match="red"):
            engine.load(CATALOGUE)
        assert names(engine) == []
        engine.client.indices.create(index=f"{engine.index}-red", params={"wait_for_active_shards": "0"})
        with pytest.raises(EngineError, match=r"no shard of .* could answer"):
            engine.search(index=f"{engine.index}-red", body={})
    finally:
        engine.client.indices.delete_index_template(name=engine.index)


def test_somebody_elses_index_is_read_by_its_own_names(opensearch: str, engine: OpenSearchEngine) -> None:
    """With a field map, the tuned query and the stream of products use the index's own field names."""
    mapping = {"properties": {"maker": {"type": "keyword"}, "size": {"type": "integer"}}}
    engine.client.indices.create(index=engine.index, body={"mappings": mapping})
    rows = [{"name": f"lamp {n}", "maker": "Acme", "size": n, "specs": {"colour": "red"}} for n in range(2100)]
    lines = [line for n, row in enumerate(rows) for line in ({"index": {"_id": f"d{n}"}}, row)]
    engine.client.bulk(body=lines, index=engine.index, params={"refresh": "true"})
    fields = FieldMap.parse("title=name,brand=maker,category=size,attributes=specs,extra=")
    own = reached(opensearch, engine.index, fields=fields)
    assert own.count() == 2100
    products = {product.id: product for product in own.products()}
    assert len(products) == 2100
    assert products["d7"] == Product("d7", "lamp 7", brand="Acme", category="7", attributes={"colour": "red"})
    assert own.search(body={"query": own.text_query("lamp 77")})["hits"]["hits"][0]["_id"] == "d77"


def test_many_threads_share_an_engine(engine: OpenSearchEngine) -> None:
    """Sixteen threads search at once through one engine, each with a connection of its own."""
    engine.load(numbered(100))
    with ThreadPoolExecutor(16) as threads:
        queries = [{"query": {"ids": {"values": [f"p{n % 100}"]}}} for n in range(200)]
        found = threads.map(lambda body: engine.search(body=body)["hits"]["hits"][0]["_id"], queries)
        assert list(found) == [f"p{n % 100}" for n in range(200)]


def test_real_catalogue_and_the_two_engines_agree(datasets: Path, opensearch: str, engine: OpenSearchEngine) -> None:
    """19,406 Icecat products arrive in a real OpenSearch; both engines' first pages share most of their products."""
    products = list(read_products(datasets / "chorus"))
    assert engine.load(products).loaded == engine.count() == len(products) == 19_406
    embedded = EmbeddedEngine("chorus")
    assert embedded.load(products).loaded == 19_406
    assert {p.id: p for p in engine.products()} == {p.id: p for p in products}
    queries = list(read_judgments(datasets / "chorus" / "Broad_Query_Set_rated.csv").grades)
    shared = 0
    for query in queries:
        pages = [
            {
                hit["_id"]
                for hit in each.search(body={"query": each.text_query(query), "_source": False})["hits"]["hits"]
            }
            for each in (engine, embedded)
        ]
        shared += len(pages[0] & pages[1])
    assert shared / (10 * len(queries)) > 0.6
