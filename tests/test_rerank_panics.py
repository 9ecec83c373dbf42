"""Native code that gives up (a panic of Rust is no ``Exception``) costs the re-ranking, and never the search."""

from __future__ import annotations

import json
from typing import Any

import pytest
from model_parts import variant
from rerank_parts import BODY, Listed, ReadableStudent, ids, reranker, told

from endcap.errors import ModelError
from endcap.plugin import Student
from endcap.plugin.model.folder import file_checksum


@pytest.fixture(scope="module")
def panicking(tmp_path_factory: pytest.TempPathFactory) -> Student:
    """The shipped student with a tokenizer whose regular expression gives up on a row of letters."""
    folder = variant(tmp_path_factory.mktemp("panic") / "model", "panicking")
    tokenizer, info = folder / "tokenizer.json", folder / "model.json"
    split = {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated", "invert": False}
    tokenizer.write_text(json.dumps({**json.loads(tokenizer.read_text()), "pre_tokenizer": split}))
    raw = json.loads(info.read_text())
    raw["files"]["tokenizer.json"] = file_checksum(tokenizer)
    info.write_text(json.dumps(raw))
    return Student.load(folder)


def test_a_tokenizer_that_gives_up(panicking: Student) -> None:
    """A query and a product of forty letters: the engine's order, and a reason."""
    letters = "a" * 40 + "b"
    with pytest.raises(ModelError, match="gave up"):
        panicking.score(letters, ["usb"])
    engine = Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    search = reranker(engine, panicking).search
    asked = {"query": {"match": {"title": letters}}, "size": 5}
    assert told(search(body=asked)) == ("fallback", "model_error")
    assert ids(search(body=asked)) == ["0", "1", "2"]
    engine.hits[0]["_source"]["title"] = letters
    assert told(search(body=BODY)) == ("fallback", "model_error")
    engine.hits[0]["_source"]["title"] = "usb"
    assert told(search(body=BODY)) == ("reranked", None)


class PanicException(BaseException):
    """What Rust's bindings raise."""


class Panicking(ReadableStudent):
    """A student that gives up wherever it is asked."""

    def prepare(self, query: str) -> None:
        raise PanicException("prepare")

    def encode_batches(self, products: Any) -> Any:
        raise PanicException("encode")


def test_a_student_that_gives_up() -> None:
    """Also another student than ours, and in the background; what is no panic ends the process as it should."""
    ours = reranker(Listed([2.0, 1.0], [0.1, 0.2]), Panicking())
    assert told(ours.search(body=BODY)) == ("fallback", "model_error")
    late = reranker(Listed([2.0, 1.0], [0.1, 0.2]), Panicking(), deadline_ms=1e-6)
    late.search(body=BODY)
    assert late.wait(10)

    class Interrupted(ReadableStudent):
        def prepare(self, query: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reranker(Listed([2.0, 1.0], [0.1, 0.2]), Interrupted()).search(body=BODY)
