"""``endcap index`` and ``endcap search``, run as a user runs them."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from endcap.index.opensearch.client import connect
from endcap.index.settings import IndexSettings, list_settings, load_settings
from endcap.plugin.model.folder import default_folder

PROGRAM = str(Path(sys.executable).parent / "endcap")
ROWS = [
    {"sku": "a", "name": "Desk lamp [red]", "maker": "Acme"},
    {"sku": "b", "name": "Lamp shade", "maker": "Bolt"},
    {"sku": "c", "name": "USB cable for a desk lamp", "maker": "Acme"},
]
FIELDS = "id=sku,title=name,brand=maker"
has_model = pytest.mark.skipif(not (default_folder() / "model.json").is_file(), reason="no model is shipped")


def endcap_runs(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"})


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "My Products.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


def test_index_then_search(catalogue: Path) -> None:
    """A catalogue is loaded under its file's name, its settings are kept, and a search shows its products."""
    loaded = endcap_runs("index", str(catalogue), "--fields", FIELDS, "--no-states")
    assert loaded.returncode == 0, loaded.stderr
    assert "Loaded 3 products as 'my-products'" in loaded.stdout
    assert "--index my-products" in loaded.stdout
    assert list_settings() == [IndexSettings("my-products")]
    found = endcap_runs("search", "desk lamp", "--no-rerank", "--explain")
    assert found.returncode == 0, found.stderr
    assert "Desk lamp [red]" in found.stdout
    assert "Acme" in found.stdout
    assert "3 found" in found.stdout
    nothing = endcap_runs("search", "zeppelin", "--no-rerank")
    assert (nothing.returncode, "Nothing in 'my-products' matches 'zeppelin'" in nothing.stdout) == (0, True)


@has_model
def test_search_shows_where_products_were(catalogue: Path) -> None:
    """With a model, products are read in advance once, and the page shows each product's place before."""
    first = endcap_runs("index", str(catalogue), "--fields", FIELDS, "--name", "shop")
    assert "Read 3 products in advance" in first.stdout, first.stderr
    again = endcap_runs("index", str(catalogue), "--fields", FIELDS, "--name", "shop")
    assert "Read 0 products in advance" in again.stdout, again.stderr
    assert "3 were there already" in again.stdout
    found = endcap_runs("search", "lamp for a desk", "--index", "shop")
    assert found.returncode == 0, found.stderr
    assert "before" in found.stdout
    assert "reranked" in found.stdout
    explained = endcap_runs("search", "lamp for a desk", "--index", "shop", "--explain").stdout.splitlines()
    [query] = [line.removeprefix("query: ") for line in explained if line.startswith("query: ")]
    assert json.loads(query)["multi_match"]["query"] == "lamp for a desk"
    assert any(line.startswith("time: engine ") and "score " in line for line in explained)
    [first_parts] = [line for line in explained if line.startswith(" 1 = ")]
    assert "student +" in first_parts
    assert any(line.startswith("student: student's score, standardised") for line in explained)


def test_bad_records_fail_or_are_skipped(catalogue: Path, endcap_home: Path) -> None:
    """A bad record fails the load with file and line, or is skipped, counted and written to a reject file."""
    with catalogue.open("a") as file:
        file.write("{broken\n")
    failed = endcap_runs("index", str(catalogue), "--fields", FIELDS, "--no-states")
    assert failed.returncode == 2
    assert "My Products.jsonl" in failed.stderr
    assert list_settings() == []
    skipped = endcap_runs("index", str(catalogue), "--fields", FIELDS, "--no-states", "--on-error", "skip")
    assert skipped.returncode == 0, skipped.stderr
    assert "1 skipped" in skipped.stdout
    assert len((endcap_home / "rejects" / "my-products.jsonl").read_text().splitlines()) == 1


def test_a_map_that_finds_nothing_is_said(tmp_path: Path) -> None:
    """A mapped field that no product has, and prices that are none, are warned of; what is found is not."""
    path = tmp_path / "shop.csv"
    path.write_text("sku;name;maker;cost\n1;Desk lamp;Acme;12,99 €\n2;Kettle;;on request\n")
    fields = "id=sku,title=name,brand=makr|mrk,price=cost,attributes.color=colour"
    loaded = endcap_runs("index", str(path), "--fields", fields, "--no-states")
    assert loaded.returncode == 0
    assert loaded.stderr.splitlines() == [
        "Warning: no product has anything at 'makr' or 'mrk' (brand=makr|mrk). Is that what the catalogue calls it?",
        "Warning: no product has anything at 'colour' (attributes.color=colour). Is that what the catalogue calls it?",
        "Warning: 1 with a price that can't be read, such as 'on request': it is left out.",
    ]
    right = endcap_runs("index", str(path), "--fields", "id=sku,title=name,brand=maker", "--no-states")
    assert right.stderr == ""


def test_index_into_a_cluster(catalogue: Path, opensearch: str) -> None:
    """With --url the catalogue goes into the cluster, and the settings say how to reach it."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    args = ("index", str(catalogue), "--fields", FIELDS, "--no-states", "--name", name, "--url", opensearch)
    loaded = endcap_runs(*args, "--shards", "2", "--replicas", "0")
    try:
        assert loaded.returncode == 0, loaded.stderr
        assert load_settings(name) == IndexSettings(name, "opensearch", opensearch)
        found = endcap_runs("search", "desk lamp", "--index", name, "--no-rerank")
        assert "Desk lamp [red]" in found.stdout
    finally:
        connect(IndexSettings(name, "opensearch", opensearch)).indices.delete(index=f"{name}-*")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["index", "no-such-file.jsonl"], "no-such-file.jsonl"),
        (["index", ".", "--url", "http://x:9200", "--engine", "embedded", "--no-states"], "--url is for"),
        (["index", ".", "--shards", "3", "--no-states"], "--shards is for --engine opensearch"),
        (["index", ".", "--replicas", "0", "--no-states"], "--replicas is for"),
        (["index", ".", "--password-env", "PW", "--no-states"], "--password-env is for"),
        (["index", ".", "--name", "Bad Name", "--no-states"], "'Bad Name'"),
        (["search", "lamp"], "there is no index yet"),
        (["search", "lamp", "--index", "toys"], "no index named 'toys'"),
    ],
)
def test_mistakes_are_one_line(args: list[str], said: str) -> None:
    """What a user can get wrong is one line on stderr, and status 2."""
    run = endcap_runs(*args)
    assert run.returncode == 2
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_words_with_accents_where_the_locale_is_plain(tmp_path: Path) -> None:
    """Under LC_ALL=C, as in many containers and cron jobs, a search finds the same as elsewhere."""
    catalogue = tmp_path / "shop.jsonl"
    catalogue.write_text(json.dumps({"id": "a", "title": "Lämpchen rot"}), encoding="utf-8")
    plain = {**os.environ, "COLUMNS": "100", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for args in (("index", str(catalogue), "--no-states"), ("search", "lämpchen", "--no-rerank")):
        done = subprocess.run([PROGRAM, *args], capture_output=True, env=plain)
        assert done.returncode == 0, done.stderr
    assert b"1 found" in done.stdout


def test_a_disk_that_is_full(catalogue: Path, tmp_path: Path) -> None:
    """A load that can't be written fails with one line, and the catalogue that was there is searched as before."""
    assert endcap_runs("index", str(catalogue), "--fields", FIELDS, "--name", "shop", "--no-states").returncode == 0
    many = tmp_path / "many.jsonl"
    many.write_text("".join(json.dumps({"id": str(n), "title": f"lamp {n} {n * n}"}) + "\n" for n in range(5000)))
    full = subprocess.run(
        [PROGRAM, "index", str(many), "--name", "shop", "--no-states"],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert (full.returncode, full.stderr.count("\n")) == (2, 1), full.stderr
    assert "can't be written" in full.stderr
    assert "3 found" in endcap_runs("search", "desk lamp", "--no-rerank").stdout
