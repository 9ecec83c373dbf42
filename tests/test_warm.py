"""``endcap warm`` on a real OpenSearch, with the student that is shipped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from endcap.cli.main import run
from endcap.files import locked
from endcap.index.field_guess import likely_map, mapped_fields
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.client import connect
from endcap.index.settings import IndexSettings, load_settings, save_settings

COUNT = 60
MAP = "title=name,brand=maker.name,attributes=specs"


@pytest.fixture(scope="module")
def client(opensearch: str) -> Iterator[OpenSearch]:
    with closing(connect(IndexSettings(name="x", engine="opensearch", url=opensearch))) as connected:
        yield connected


@pytest.fixture
def index(client: OpenSearch) -> Iterator[str]:
    name = f"endcap-test-warm-{uuid.uuid4().hex[:8]}"
    client.indices.create(index=name, body={"settings": {"number_of_shards": 2, "number_of_replicas": 0}})
    add(client, name, range(COUNT))
    yield name
    client.indices.delete(index=name, ignore_unavailable=True)


def add(client: OpenSearch, name: str, numbers: range) -> None:
    lines: list[dict[str, Any]] = []
    for i in numbers:
        source = {
            "name": f"Lamp {i}" if i else "",
            "maker": {"name": "Lux"},
            "specs": {"colour": "red"},
            "sku": f"s{i}",
        }
        lines += [{"index": {"_id": str(i)}}, source]
    client.bulk(body="".join(json.dumps(line) + "\n" for line in lines), index=name, refresh=True)


def test_an_index_is_read_once_and_its_map_kept(
    client: OpenSearch, opensearch: str, index: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first run reads all and keeps the map; later ones need no map and read only what changed."""
    assert run(["warm", "--index", index, "--url", opensearch, "--fields", MAP]) == 0
    out = capsys.readouterr().out
    assert f"{COUNT} new, 0 were there already" in out
    assert f"{COUNT} of {COUNT} products have a state (100.0%)" in out
    assert "1 have no title" in out
    settings = load_settings(index)
    assert (settings.engine, settings.url) == ("opensearch", opensearch)
    assert dict(settings.fields.paths) == dict(FieldMap.parse(MAP).paths)

    client.index(index=index, id="5", body={"name": "Another lamp"}, refresh=True)
    assert run(["warm", "--index", index]) == 0
    assert "Read 1 changed products" in (out := capsys.readouterr().out)
    assert "1 new, 0 were there already" in out
    assert load_settings(index) == settings

    assert run(["warm", "--index", index, "--fields", "title=name"]) == 0
    assert str(load_settings(index).fields) == "title=name"


def test_a_search_finds_what_was_read(opensearch: str, index: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``endcap search`` uses the kept map and re-ranks the index."""
    assert run(["warm", "--index", index, "--url", opensearch, "--fields", MAP]) == 0
    assert run(["search", "red lamp 7", "--index", index]) == 0
    out = capsys.readouterr().out
    assert "Lamp 7" in out
    assert "reranked" in out


def test_without_a_map_one_is_proposed(opensearch: str, index: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is read before somebody has said which field is which; the names suggest a map, which works as it is."""
    assert run(["warm", "--index", index, "--url", opensearch]) == 2
    said = capsys.readouterr().err
    proposed = said.split("--fields '")[1].split("'")[0]
    assert proposed == "title=name,brand=maker.name,attributes=specs"
    assert run(["warm", "--index", index, "--url", opensearch, "--fields", proposed]) == 0


@pytest.mark.parametrize(
    ("map_", "said"),
    [
        ("title=nam", "no field 'nam' (for title). Near: name"),
        ("title=name,brand=maker.nme", "'maker.nme' (for brand). Near: maker.name"),
        ("title=name.keyword", "'name.keyword' (for title)"),
        ("brand=maker", "no field 'title'"),
    ],
)
def test_a_wrong_map_is_named(
    opensearch: str, index: str, map_: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A field that the index does not have is an error with the names nearest to it."""
    assert run(["warm", "--index", index, "--url", opensearch, "--fields", map_]) == 2
    assert said in capsys.readouterr().err


def test_an_unknown_index_is_named(opensearch: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An index that the cluster does not have is an error, and nothing is kept."""
    assert run(["warm", "--index", "endcap-test-nowhere", "--url", opensearch, "--fields", "title=name"]) == 2
    assert "endcap-test-nowhere" in capsys.readouterr().err
    assert run(["warm", "--index", "endcap-test-nowhere", "--url", "http://127.0.0.1:1", "--fields", "title=name"]) == 2
    assert "can't be reached" in capsys.readouterr().err


def test_only_one_warm_at_a_time(
    opensearch: str, index: str, endcap_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second run of the same index, while the first one is at it, is refused."""
    (endcap_home / "warm").mkdir(parents=True)
    with locked(endcap_home / "warm" / f"{index}.lock"):
        assert run(["warm", "--index", index, "--url", opensearch, "--fields", MAP]) == 2
    assert "another 'endcap warm'" in capsys.readouterr().err


def test_an_embedded_catalogue_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that the embedded engine uses is not taken over by accident."""
    save_settings(IndexSettings(name="shop"))
    assert run(["warm", "--index", "shop", "--fields", "title=name"]) == 2
    assert "embedded" in capsys.readouterr().err


SLOWLY = """
import sys
import endcap.plugin.states.fill as fill
from endcap.cli.main import main
fill.CHUNK_PRODUCTS = 8
main(sys.argv[1:])
"""


@pytest.mark.parametrize("expired", [False, True])
def test_a_killed_run_goes_on(
    client: OpenSearch,
    opensearch: str,
    index: str,
    endcap_home: Path,
    expired: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """After SIGKILL the next run goes on where the first one was, or, where the cluster has let go of that, starts
    again and skips what is there; either way all products are covered and counted once."""
    arguments = ["warm", "--index", index, "--url", opensearch, "--fields", MAP]
    checkpoint = endcap_home / "warm" / f"{index}.json"
    process = subprocess.Popen([sys.executable, "-c", SLOWLY, *arguments], env={**os.environ})
    end = time.monotonic() + 60
    while not checkpoint.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = json.loads(checkpoint.read_text())
    read = before["note"]["read"]
    assert 0 < read < COUNT
    if expired:
        ids = [part["point_in_time"] for part in before["parts"] if part["point_in_time"]]
        client.delete_pit(body={"pit_id": ids})
    assert run(arguments) == 0
    captured = capsys.readouterr()
    assert f"Going on after the {read} products" in captured.err
    assert ("Starting again" in captured.err) == expired
    assert f"Read {COUNT} products" in captured.out
    assert f"{COUNT} of {COUNT} products have a state (100.0%)" in captured.out
    assert not checkpoint.exists()


def test_usual_names_are_recognised() -> None:
    """The proposal takes the likeliest name of each field, and a path of the document, never a multi-field."""
    mapping = {
        "properties": {
            "productName": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
            "name_suggest": {"type": "completion"},
            "vendor": {"properties": {"name": {"type": "keyword"}}},
            "Long-Description": {"type": "text"},
            "old": {"type": "alias", "path": "productName"},
            "anything": {"type": "flat_object"},
            "specs": {"type": "object", "enabled": False},
        }
    }
    fields = dict(mapped_fields(mapping))
    assert fields == {
        "productName": False,
        "name_suggest": False,
        "vendor": False,
        "vendor.name": False,
        "Long-Description": False,
        "anything": True,
        "specs": True,
    }
    proposed = dict(likely_map(fields).paths)
    assert proposed["title"] == ("productName",)
    assert proposed["brand"] == ("vendor.name",)
    assert proposed["description"] == ("Long-Description",)
    assert proposed["attributes"] == ("specs",)
