"""What the tests of collected judgments share: a store, and its export read back."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from hypothesis import strategies as st

from endcap.index.judgments.judgments import Judgments
from endcap.index.judgments.reader import read_judgments
from endcap.storefront.judgment_store import JudgmentStore

GRADE = st.integers(0, 3)


def store(path: Path | None = None) -> JudgmentStore:
    return JudgmentStore(path or Path(tempfile.mkdtemp()) / "shop.jsonl")


def read_back(made: JudgmentStore, format: str) -> Judgments:
    """The export, read as a user would: the format is found out where the content can say it."""
    export = made.export(format)
    folder = Path(tempfile.mkdtemp())
    if format == "qrels":
        with zipfile.ZipFile(io.BytesIO(export.content)) as archive:
            archive.extractall(folder)
        return read_judgments(folder / "judgments.qrels", "trec")
    (folder / export.name).write_bytes(export.content)
    return read_judgments(folder / export.name)
