"""Models that change under load: no search fails, what is broken is refused, and files of the one in use may go."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import urllib3
from asking_clients import asking
from model_parts import variant
from opensearchpy import OpenSearch
from rerank_parts import BODY
from serve_parts import Running, proxy, until

from endcap.plugin import Student
from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.registry import promote
from endcap.plugin.model.registry_files import flip_pointer, name_folder
from endcap.serve.running import open_student

POOL = urllib3.PoolManager(retries=False, maxsize=32, timeout=30)


def search(running: Running, index: str) -> urllib3.BaseHTTPResponse:
    kind = {"Content-Type": "application/json"}
    return POOL.request("POST", f"{running.url}/{index}/_search", body=json.dumps(BODY).encode(), headers=kind)


def outcome(running: Running, index: str) -> tuple[int, str, str]:
    """A search's status, what became of it, and the model."""
    reply = search(running, index)
    about: Mapping[str, Any] = reply.json().get("ext", {}).get("rerank", {})
    return reply.status, reply.headers["x-endcap-status"], str(about.get("model"))


def test_models_change_under_load(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """The old one answers until the new one has scored; a truncated one is refused and the one in use stays."""
    index = shop[1]
    blends = {"a": {"weight": 0.9, "window": 20}, "b": {"weight": 0.3, "window": 7}}
    folders = {name: variant(tmp_path / name, name, blend=blend) for name, blend in blends.items()}
    broken = promote(folders["b"], "shop", "to be broken")
    promote(folders["a"], "shop", "begin")
    graph = broken / "onnx" / "model.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(whole[: len(whole) // 2])
    student = open_student("shop")
    assert isinstance(student, LiveStudent)
    with proxy(opensearch, tmp_path, student) as running, asking(lambda: outcome(running, index)) as seen:
        until(lambda: len(seen) > 10)
        flip_pointer(name_folder("shop"), broken.name, (), "by hand", "promote")
        until(lambda: student.refused)
        assert {model for _, _, model in seen} == {"a"}
        graph.write_bytes(whole)
        promote(folders["a"], "shop", "as it was")
        student.wait()
        promote(folders["b"], "shop", "now")
        until(lambda: seen[-1][2] == "b")
        assert 'endcap_model_info{model="b"} 1.0' in running.metrics.text().decode()
        assert 'endcap_model_info{model="a"} 1.0' not in running.metrics.text().decode()
    assert {(status, said) for status, said, _ in seen} == {(200, "reranked")}


@pytest.mark.parametrize("fault", ["truncated", "replaced", "deleted"])
def test_files_of_the_model_in_use_may_go(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, fault: str
) -> None:
    """What happens to the files of a loaded model happens to no search; the next start says what is wrong."""
    folder = variant(tmp_path / "model", "mine")
    student = Student.load(folder)
    with proxy(opensearch, tmp_path, student) as running, asking(lambda: outcome(running, shop[1]), 2) as seen:
        until(lambda: len(seen) > 5)
        for file in (folder / "onnx" / "model.onnx", folder / "tokenizer.json"):
            if fault == "truncated":
                with file.open("r+b") as opened:
                    opened.truncate(100)
            elif fault == "replaced":
                file.write_bytes(b"something else" * 1000)
            else:
                file.unlink()
        count = len(seen)
        until(lambda: len(seen) > count + 20)
    assert set(seen) == {(200, "reranked", "mine")}
    with pytest.raises(Exception, match=r"model\.onnx|tokenizer\.json"):
        open_student(str(folder))
