"""What the tests of judgments share: a store, its export read back, and a list of search-relevance."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

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


def search_relevance(*ratings: tuple[str, str, Any]) -> bytes:
    lists: dict[str, list[Any]] = {}
    for query, product_id, rating in ratings:
        lists.setdefault(query, []).append({"docId": product_id, "rating": rating})
    entries = [{"query": query, "ratings": rated} for query, rated in lists.items()]
    return json.dumps({"name": "x", "type": "IMPORT_JUDGMENT", "judgmentRatings": entries}, indent=1).encode()
