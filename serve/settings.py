"""The settings of ``endcap serve``: flag = environment variable = key of the TOML file. No secret is ever among them.

``--deadline-ms 80`` is ``ENDCAP_DEADLINE_MS=80`` and ``deadline_ms = 80``. A text in a field's annotation is what the
command's help says of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Annotated

from endcap.index.settings import MAX_DENSE
from endcap.limits import Choice, Range
from endcap.plugin.blend.limits import MAX_WINDOW

Port = Annotated[int, Range(0, 65_535)]
Seconds = Annotated[float, Range(0, 3_600)]


class Share:
    """The limit of a text as ``10%`` or ``0.1``."""

    def problem(self, text: str) -> str:
        """What is wrong with a text; empty where nothing is."""
        return "" if 0 <= share_of(text) <= 1 else f" = {text!r}; it must be a share from 0% to 100%, as in 10%."


def share_of(text: str) -> float:
    """The share, 0 to 1; NaN where the text is none."""
    if not text.isascii():
        return math.nan
    try:
        return float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        return math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How the searches of some indexes are re-ranked; a table ``[index."shop-*"]`` has these keys, too."""

    rerank: Annotated[bool, "Whether searches are re-ranked."] = True
    shadow: Annotated[bool, "Order and measure, and answer with the engine's own reply."] = False
    share: Annotated[str, Share(), "The share of searches left alone, as in 10%."] = "0%"
    share_header: Annotated[str, "The header that draws the share; else the query does."] = ""
    budget_ms: Annotated[
        Annotated[float, Range(1, 600_000)] | None, "What a search may take beside the cluster; 100 without limits."
    ] = None
    deadline_ms: Annotated[Annotated[float, Range(1, 600_000)] | None, "The whole time that a search has."] = None
    window: Annotated[Annotated[int, Range(1, MAX_WINDOW)] | None, "Candidates; else the model's."] = None
    blend_weight: Annotated[Annotated[float, Range(0, 1)] | None, "The student's share; else the model's."] = None
    dense: Annotated[Annotated[int, Range(0, MAX_DENSE)] | None, "Products that join by meaning."] = None
    numbers: Annotated[bool | None, "Also find model numbers in their other spellings."] = None
    keep_first: Annotated[int, Range(0, MAX_WINDOW), "The first hits that stay where they are."] = 0
    fields: Annotated[str, "Which field is which: title=name,brand=maker,..."] = ""
    languages: Annotated[tuple[str, ...], "What the student is taken to know, as in en,de."] = ()
    reply_ext: Annotated[bool, "Whether replies say in ext.rerank what was done; the header does anyway."] = True
    rules: Annotated[str, "A shop's rules file (docs/rules.md)."] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings(SearchSettings):
    """Everything that ``endcap serve`` can be told."""

    opensearch_url: Annotated[str, "The cluster, as in http://localhost:9200."] = ""
    host: Annotated[str, "The address to listen at; 0.0.0.0 is all."] = "127.0.0.1"
    port: Annotated[Port, "The port that clients use; 0 is any free one."] = 9200
    health_host: Annotated[str, "The address of health and metrics; else --host."] = ""
    health_port: Annotated[Port, "The port of /live, /ready and /metrics."] = 9290
    tls_cert: Annotated[str, "The certificate to answer https with."] = ""
    tls_key: Annotated[str, "Its key."] = ""
    client_ca_file: Annotated[str, "Clients need a certificate of this authority's (mutual TLS)."] = ""
    ca_file: Annotated[str, "The authority of the cluster's certificate."] = ""
    insecure: Annotated[bool, "Do not check the cluster's certificate."] = False
    username_env: Annotated[str, "The environment variable with the user name."] = ""
    password_env: Annotated[str, "The one with the password."] = ""
    api_key_env: Annotated[str, "The one with an API key."] = ""
    use_own_credentials: Annotated[bool, "Add these credentials to requests that have none."] = False
    model: Annotated[str, "A model folder, or a promoted model's NAME; else the shipped one."] = ""
    states: Annotated[str, '"index" where documents bring their states; else the store at home.'] = ""
    off_file: Annotated[str, "While this file is there, nothing is re-ranked; else HOME/serve.off."] = ""
    workers: Annotated[int, Range(0, 64), "Processes that answer; 0 is by the CPUs: one for two, at most four."] = 0
    max_searches: Annotated[int, Range(1, 10_000), "Searches that are re-ranked at once."] = 32
    max_search_bytes: Annotated[int, Range(1, 1e9), "The longest body that is read for that."] = 4_000_000
    connect_s: Annotated[Seconds, "How long the cluster may take to accept a connection."] = 3.0
    drain_delay_s: Annotated[Seconds, "After SIGTERM: how long it is answered on, not ready."] = 2.0
    drain_s: Annotated[Seconds, "Then: how long answers under way may take."] = 20.0
    log_format: Annotated[str, Choice("text", "json"), "text, or json: an object a line."] = "text"
    log_requests: Annotated[bool, "One line for each request."] = False
    log_queries: Annotated[bool, "Let lines have what was searched for; else none has."] = False
    index: Mapping[str, SearchSettings] = field(default_factory=dict)
    """By patterns of index names; the first that matches counts."""

    def of_index(self, expression: str) -> tuple[str, SearchSettings]:
        """Pattern and settings of a search's index expression: a table's where all its names match that."""
        names = [name for name in expression.split(",") if name and not name.startswith("-")]
        for pattern, settings in self.index.items():
            if names and all(fnmatchcase(name, pattern) for name in names):
                return pattern, settings
        return "", self


SEARCH_KEYS = tuple(item.name for item in fields(SearchSettings))
