"""The cluster's settings that ML Commons needs before it asks an API."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from typing import Any

from yarl import URL

from endcap.serve.native.cluster import Cluster
from endcap.serve.native.wiring import PATH, Wiring

PREFIX = "plugins.ml_commons."
TRUSTED = PREFIX + "trusted_connector_endpoints_regex"
PRIVATE = PREFIX + "connector.private_ip_enabled"
ML_NODES_ONLY = PREFIX + "only_run_on_ml_node"


def lacking(cluster: Cluster, wiring: Wiring) -> dict[str, Any]:
    """The settings that must be others, with the values that they need."""
    settings, needed = cluster.settings(), dict[str, Any]()
    trusted = trusted_now(settings)
    if not any(_matches(pattern, wiring.url) for pattern in trusted):
        needed[TRUSTED] = [*trusted, own_pattern(wiring.api_url)]
    if _is_true(settings.get(PRIVATE)) is False and is_private(URL(wiring.api_url).host or ""):
        needed[PRIVATE] = True
    if _is_true(settings.get(ML_NODES_ONLY)):
        nodes = cluster.call("GET", "/_nodes/_all/none")["nodes"].values()
        if not any("ml" in node.get("roles", ()) for node in nodes):
            needed[ML_NODES_ONLY] = False
    return needed


def trusted_now(settings: dict[str, Any]) -> list[str]:
    """The addresses that connectors may have."""
    value = settings.get(TRUSTED, [])
    return list(value) if isinstance(value, list) else [str(value)]


def own_pattern(api_url: str) -> str:
    """The entry for an API's own address, and no other."""
    return f"^{re.escape(api_url.rstrip('/'))}/.*$"


def addresses(connectors: Iterable[Mapping[str, Any]]) -> set[str]:
    """The APIs' addresses that connectors ask."""
    urls = (str(action.get("url", "")) for each in connectors for action in each.get("actions", ()))
    return {url.removesuffix(PATH) for url in urls}


def left_trusted(cluster: Cluster, name: str, gone: set[str]) -> list[str] | None:
    """The trusted addresses without those that the connector of a name asks no more; None where nothing changes.

    What another connector of ours asks stays.
    """
    gone = gone - addresses(each for _, each in cluster.ours("connectors") if each["name"] != name)
    trusted, dropped = trusted_now(cluster.settings()), {own_pattern(address) for address in gone}
    left = [pattern for pattern in trusted if pattern not in dropped]
    return left if left != trusted else None


def is_private(host: str) -> bool:
    """Whether a host has an address that is not of the public network, as far as this machine can tell."""
    try:
        found = [entry[4][0] for entry in socket.getaddrinfo(host, None)]
    except (OSError, UnicodeError):
        return True  # a name that only the cluster knows is of its own network
    return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in found)


def _matches(pattern: str, url: str) -> bool:
    try:
        return re.fullmatch(pattern, url) is not None
    except re.error:  # Java's, and not Python's
        return False


def _is_true(value: Any) -> bool | None:
    return None if value is None else str(value).lower() == "true"
