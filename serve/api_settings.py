"""The settings of ``endcap api``: flag = environment variable (``ENDCAP_API_PORT``) = key of the table ``[api]``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from endcap.limits import Range
from endcap.serve.settings import Port, Seconds

TEI_NAMES = {
    "model": "MODEL_ID",
    "port": "PORT",
    "max_documents": "MAX_CLIENT_BATCH_SIZE",
    "max_requests": "MAX_CONCURRENT_REQUESTS",
}
"""Fields that have a variable in Text Embeddings Inference, too; ours counts first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Everything that ``endcap api`` can be told."""

    host: Annotated[str, "The address to listen at; 0.0.0.0 is all."] = "127.0.0.1"
    port: Annotated[Port, "The port that clients use; 0 is any free one."] = 9300
    health_host: Annotated[str, "The address of health and metrics; else --host."] = ""
    health_port: Annotated[Port, "The port of /live, /ready and /metrics."] = 9390
    tls_cert: Annotated[str, "The certificate to answer https with."] = ""
    tls_key: Annotated[str, "Its key."] = ""
    client_ca_file: Annotated[str, "Clients need a certificate of this authority's (mutual TLS)."] = ""
    keys_file: Annotated[str, "The file of `endcap keys`; else HOME/api-keys.json."] = ""
    no_keys: Annotated[bool, "Answer everybody, also from other machines."] = False
    model: Annotated[str, "A model folder, or a promoted model's NAME; else the shipped one."] = ""
    workers: Annotated[int, Range(1, 64), "Processes that answer, which share the requests and the threads."] = 1
    deadline_ms: Annotated[float, Range(1, 600_000), "The time that a request has."] = 10_000.0
    threads: Annotated[Annotated[int, Range(1, 1024)] | None, "Threads that read and score; else one a core."] = None
    max_requests: Annotated[int, Range(1, 10_000), "Requests at once; more are answered 429."] = 64
    max_documents: Annotated[int, Range(1, 100_000), "Documents of one request."] = 1000
    max_body_bytes: Annotated[int, Range(1, 1e9), "The longest body."] = 8_000_000
    max_states: Annotated[int, Range(2, 1e9), "Texts whose states are remembered."] = 100_000
    drain_delay_s: Annotated[Seconds, "After SIGTERM: how long it is answered on, not ready."] = 2.0
    drain_s: Annotated[Seconds, "Then: how long answers under way may take."] = 20.0

    def most_seconds(self) -> int:
        """After so many whole seconds it makes sense to ask again."""
        return max(1, math.ceil(min(self.deadline_ms / 1e3, 5)))
