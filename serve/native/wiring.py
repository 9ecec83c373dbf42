"""What is made in a cluster: a connector to the API, a remote model with it, and a search pipeline with that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yarl import URL

from endcap.errors import InputError
from endcap.index.settings import check_name

MARK = "Made by endcap; do not change by hand. "
PATH = "/v2/rerank"
PLACEHOLDER = "none"
"""Where the API asks for no key: a connector can't be without one."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What ``endcap opensearch setup`` is told. Connector, model and pipeline are all called ``name``."""

    index: str
    api_url: str
    name: str
    document_fields: tuple[str, ...] = ("title",)
    key: str = ""
    oversample: float | None = None
    """So many times as many hits as asked for are re-ranked, where the cluster can do that."""
    timeout_s: int = 5

    def __post_init__(self) -> None:
        check_name(self.name)
        url = URL(self.api_url) if "://" in self.api_url else URL()
        if url.scheme not in ("http", "https") or not url.host or url.query_string or url.user:
            raise InputError(f"the API's address is {self.api_url!r}; it must be as in http://10.0.0.5:9300.")
        if not self.document_fields or not all(self.document_fields):
            raise InputError("there must be at least one field of the documents that the model reads.")
        if self.oversample is not None and not 1 <= self.oversample <= 1000:
            raise InputError(f"oversample is {self.oversample:g}; it must be from 1 to 1000.")
        if not 1 <= self.timeout_s <= 300:
            raise InputError(f"the time for an answer is {self.timeout_s} s; it must be from 1 to 300.")
        if any(character < "!" or character > "~" for character in self.key):
            raise InputError("the API's key has a character that a header can't have.")

    @property
    def url(self) -> str:
        """What the cluster asks."""
        return self.api_url.rstrip("/") + PATH


def connector(wiring: Wiring) -> dict[str, Any]:
    """The connector's definition. Its timeouts are in seconds, whatever documentation says (measured on 2.19.1)."""
    body: dict[str, Any] = {
        "name": wiring.name,
        "version": "1",
        "protocol": "http",
        "parameters": {},
        "client_config": {"connection_timeout": wiring.timeout_s, "read_timeout": wiring.timeout_s},
        "actions": [
            {
                "action_type": "PREDICT",
                "method": "POST",
                "url": wiring.url,
                "headers": {"Authorization": "Bearer ${credential.key}", "Content-Type": "application/json"},
                "request_body": (
                    '{ "query": "${parameters.query}", "documents": ${parameters.documents}, '
                    '"top_n": ${parameters.top_n} }'
                ),
                "pre_process_function": "connector.pre_process.cohere.rerank",
                "post_process_function": "connector.post_process.cohere.rerank",
            }
        ],
    }
    key = wiring.key or PLACEHOLDER
    description = f"{MARK}{fingerprint(body)} {fingerprint({'key': key})}"
    return {**body, "description": description, "credential": {"key": key}}


def is_as(kept: Mapping[str, Any], wanted: Mapping[str, Any], with_key: bool) -> bool:
    """Whether a connector is the one that is wanted; its key counts where one was given.

    The key is compared by the description, the others also as they are: somebody may have changed them by hand.
    """
    texts = str(kept.get("description", "")), str(wanted["description"])
    is_said = len(set(texts)) == 1 or (not with_key and len({text.rpartition(" ")[0] for text in texts}) == 1)
    return is_said and all(_has(kept.get(name), wanted[name]) for name in ("actions", "client_config"))


def _has(kept: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there; a cluster adds its defaults."""
    if isinstance(wanted, Mapping):
        return isinstance(kept, Mapping) and all(_has(kept.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(kept, list) and len(kept) == len(wanted) and all(map(_has, kept, wanted))
    return bool(kept == wanted)


def fingerprint(definition: Mapping[str, Any]) -> str:
    """Differs where definitions or keys do, and gives nothing of them away."""
    text = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def model(wiring: Wiring, connector_id: str) -> dict[str, Any]:
    """The remote model's definition."""
    return {"name": wiring.name, "function_name": "remote", "description": MARK, "connector_id": connector_id}


def pipeline(wiring: Wiring, model_id: str, oversampled: bool) -> dict[str, Any]:
    """The search pipeline. A search that can't be re-ranked keeps the engine's order."""
    rerank = {
        "rerank": {
            "ignore_failure": True,
            "ml_opensearch": {"model_id": model_id},
            "context": {"document_fields": list(wiring.document_fields)},
        }
    }
    body: dict[str, Any] = {"description": MARK, "response_processors": [rerank]}
    if oversampled and wiring.oversample is not None:
        body["request_processors"] = [{"oversample": {"sample_factor": wiring.oversample}}]
        body["response_processors"] = [rerank, {"truncate_hits": {}}]
    return body
