"""What the tests of states in documents share: an index for each server, with vectors where it has k-NN."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from opensearchpy import OpenSearch

from endcap.index.opensearch.client import connect
from endcap.index.settings import IndexSettings
from endcap.plugin.model.student import Student
from endcap.plugin.states.document_states import state_in

COUNT = 40
MAP = "title=name,brand=maker.name,attributes=specs"
PAINTS = ("red", "blue", "green", "white")


class Shop:
    """An index of one's own on a server, in which states are kept as ``kept``."""

    def __init__(self, url: str, kept: str, *, knn: bool) -> None:
        self.url, self.kept = url, kept
        self.index = f"vectors-test-{uuid.uuid4().hex[:8]}"
        self.client: OpenSearch = connect(IndexSettings(name="x", engine="opensearch", url=url))
        settings = {"number_of_shards": 2, "number_of_replicas": 0, **({"knn": True} if knn else {})}
        self.client.indices.create(index=self.index, body={"settings": {"index": settings}})
        self.add(range(COUNT))

    def add(self, numbers: range) -> None:
        lines = [line for i in numbers for line in ({"index": {"_id": str(i)}}, document(i))]
        body = "".join(json.dumps(line) + "\n" for line in lines)
        assert not self.client.bulk(body=body, index=self.index, refresh=True)["errors"]

    def arguments(self, *more: str) -> list[str]:
        """Those of ``endcap warm`` that write."""
        return ["warm", "--index", self.index, "--url", self.url, "--fields", MAP, "--vectors", self.kept, *more]

    def sources(self) -> dict[str, dict[str, Any]]:
        """All documents by id."""
        self.client.indices.refresh(index=self.index)
        hits = self.client.search(index=self.index, body={"size": 1000})["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}

    def versions(self) -> dict[str, int]:
        body = {"size": 1000, "version": True, "_source": False}
        return {hit["_id"]: hit["_version"] for hit in self.client.search(index=self.index, body=body)["hits"]["hits"]}

    def close(self) -> None:
        self.client.indices.delete(index=self.index, ignore_unavailable=True)
        self.client.close()


def document(i: int) -> dict[str, Any]:
    """Document ``i`` of a shop that names its fields in its own way; two of them have no text."""
    if i in (3, 4):
        return {"sku": f"s{i}"}
    return {"name": f"Lamp {i}", "maker": {"name": "Lux"}, "specs": {"colour": PAINTS[i % 4]}, "sku": f"s{i}"}


def brings_state(student: Student, source: Mapping[str, Any]) -> bool:
    """Whether a document brings the state of its text as it is, the same as the student makes."""
    from endcap.index.field_map import FieldMap

    product = FieldMap.parse(MAP).product(source)
    state = state_in(student.info, source, student.key(student.text(product)))
    return state is not None and state == student.encode([product])[0]
