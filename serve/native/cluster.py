"""The calls to a cluster with ML Commons that wiring it needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, OpenSearchException, TransportError

from endcap.errors import EngineError
from endcap.index.opensearch.errors import explained, reason_of
from endcap.serve.native.wiring import MARK
from endcap.serve.native.words import meaning

ML = "/_plugins/_ml"
TRIES, PAUSE_S = 30, 0.5


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster. Methods raise ``EngineError`` with what its refusal means."""

    client: OpenSearch
    url: str
    ca_file: str = ""

    def call(self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None) -> Any:
        """One request. Raises ``EngineError``."""
        try:
            return self.client.transport.perform_request(method, path, params=params, body=body)
        except TransportError as error:
            words = meaning(reason_of(error)) if isinstance(error.status_code, int) else ""  # else it is not there
            raise EngineError(words) if words else explained(error, self.url, path) from error
        except OpenSearchException as error:
            raise explained(error, self.url, path) from error

    def find(self, path: str) -> Any:
        """What is at a path; None where there is nothing."""
        try:
            return self.client.transport.perform_request("GET", path)
        except NotFoundError:
            return None
        except OpenSearchException as error:
            raise explained(error, self.url, path) from error

    def plugins(self) -> set[str]:
        """The plugins that all its nodes have."""
        nodes = self.call("GET", "/_nodes/plugins")["nodes"].values()
        names = [{plugin["name"] for plugin in node.get("plugins", ())} for node in nodes]
        return set.intersection(*names) if names else set()

    def processors(self) -> set[str]:
        """The processors of search pipelines that all its nodes have."""
        nodes = self.call("GET", "/_nodes/search_pipelines")["nodes"].values()
        names = [
            {each["type"] for kind in node.get("search_pipelines", {}).values() for each in kind} for node in nodes
        ]
        return set.intersection(*names) if names else set()

    def remove(self, path: str) -> bool:
        """Remove what is at a path; false where nothing is, as where another one was faster. Raises ``EngineError``."""
        if self.find(path) is None:
            return False
        try:
            self.call("DELETE", path)
        except EngineError:
            if self.find(path) is not None:
                raise
        return True

    def named(self, kind: str, name: str) -> list[tuple[str, dict[str, Any]]]:
        """Ids and sources of ``connectors``, ``models`` or ``model_groups`` of a name that endcap has made, the oldest
        first: of several it counts, whoever looks."""
        found = self._made(kind, {"term": {"name.keyword": name}})
        return sorted(found, key=lambda each: (each[1].get("created_time") or 0, each[0]))

    def once_listed(self, kind: str, name: str, id: str) -> list[tuple[str, dict[str, Any]]]:
        """As ``named``, as soon as a search finds what was made just now, or another one has removed it.

        Of two that make one at the same time, the later sees both.
        """
        found: list[tuple[str, dict[str, Any]]] = []

        def is_listed() -> bool:
            found[:] = self.named(kind, name)
            return any(each == id for each, _ in found) or self.find(f"{ML}/{kind}/{id}") is None

        self.patiently(is_listed, f"{name} of {kind}")
        return found

    def ours(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """The same of all that endcap has made, under whatever name."""
        return self._made(kind, {"match_phrase": {"description": MARK.partition(";")[0]}})

    def _made(self, kind: str, query: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        body = {"query": query, "size": 1000}
        hits = self.call("POST", f"{ML}/{kind}/_search", body)["hits"]["hits"]
        # What a search finds may be of a second ago; what is found by its id is of now.
        pairs = [(str(hit["_id"]), self.find(f"{ML}/{kind}/{hit['_id']}")) for hit in hits]
        return [(id, about) for id, about in pairs if about and str(about.get("description", "")).startswith(MARK)]

    def settings(self) -> dict[str, Any]:
        """The cluster's settings by their whole names, defaults among them."""
        reply = self._settings_by_layer()
        return {**reply["defaults"], **reply["persistent"], **reply["transient"]}

    def layered(self, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The body that sets settings: a transient one stays transient, since it would hide a persistent one."""
        there = self._settings_by_layer()["transient"]
        layers: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            layers.setdefault("transient" if name in there else "persistent", {})[name] = value
        return layers

    def set(self, values: Mapping[str, Any]) -> None:
        """Set settings."""
        self.call("PUT", "/_cluster/settings", self.layered(values))

    def _settings_by_layer(self) -> dict[str, Any]:
        params = {"include_defaults": "true", "flat_settings": "true"}
        reply: dict[str, Any] = self.call("GET", "/_cluster/settings", params=params)
        return reply

    def patiently(self, done: Callable[[], bool], what: str) -> None:
        """Wait until something is so. Raises ``EngineError`` where it does not come to that."""
        for _ in range(TRIES):
            if done():
                return
            time.sleep(PAUSE_S)
        raise EngineError(f"{what} is not ready after {TRIES * PAUSE_S:g} s. Run it again; check says more.")
