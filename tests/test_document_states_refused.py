"""Where states can't be written into documents: each case is one sentence that says why, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from document_states_parts import Shop
from model_parts import worst

from endcap.cli.main import run

Make = Callable[..., Shop]


@pytest.fixture
def make() -> Iterator[Make]:
    made: list[Shop] = []

    def shop(url: str, kept: str = "vectors", **options: Any) -> Shop:
        made.append(Shop(url, kept, **options))
        return made[-1]

    yield shop
    for one in made:
        one.close()


def test_a_cluster_without_the_plugin(make: Make, opensearch: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No k-NN: vectors are refused, with what else there is; nothing was written."""
    shop = make(opensearch, knn=False)
    assert run(shop.arguments()) == 2
    said = capsys.readouterr().err
    assert "no k-NN plugin" in said
    assert "--vectors states" in said
    assert set(shop.versions().values()) == {1}


def test_an_index_without_the_setting(make: Make, opensearch_2: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An index that is there can't be given index.knn; its states may still be kept."""
    shop = make(opensearch_2, knn=False)
    assert run(shop.arguments()) == 2
    said = capsys.readouterr().err
    assert "index.knn" in said
    assert "only a new index" in said
    assert run([*shop.arguments()[:-1], "states"]) == 0


def test_a_model_of_other_vectors(
    make: Make, opensearch_2: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A field's size and kind of numbers can't change: the sentence names both."""
    shop = make(opensearch_2, knn=True)
    assert run(shop.arguments()) == 0
    assert run(shop.arguments("--model", str(worst(tmp_path / "floats")))) == 2
    assert "whole numbers; this model's are floats" in capsys.readouterr().err


@pytest.mark.parametrize("source", [{"excludes": ["name"]}, {"enabled": False}, {"includes": ["name", "maker.*"]}])
def test_an_index_that_keeps_no_whole_documents(
    make: Make, opensearch: str, source: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """A partial update would lose what ``_source`` leaves out, so nothing is written."""
    shop = make(opensearch, "states", knn=False)
    shop.client.indices.delete(index=shop.index)
    text = {"type": "text"}
    mapping = {"_source": source, "properties": {"name": text, "maker": {"properties": {"name": text}}, "specs": text}}
    shop.client.indices.create(index=shop.index, body={"mappings": {**mapping, "dynamic": False}})
    shop.client.index(index=shop.index, id="1", body={"name": "Lamp"}, refresh=True)
    assert run(shop.arguments()) == 2
    assert "does not keep whole documents" in capsys.readouterr().err
    assert shop.client.get(index=shop.index, id="1")["_version"] == 1


def test_options_that_do_not_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--vectors with --no-states, and states for the embedded engine, are usage errors."""
    catalogue = tmp_path / "shop.jsonl"
    catalogue.write_text(json.dumps({"id": "1", "title": "Lamp"}) + "\n")
    assert run(["index", str(catalogue), "--vectors", "--no-states"]) == 2
    assert "--no-states" in capsys.readouterr().err
    assert run(["index", str(catalogue), "--vectors", "states"]) == 2
    assert "embedded engine takes vectors" in capsys.readouterr().err
