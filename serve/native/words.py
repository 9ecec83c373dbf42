"""What ML Commons' refusals mean, and what to do."""

from __future__ import annotations

import re

MEANINGS = (
    (
        r"trusted connector endpoint regex",
        "the cluster does not trust the API's address: it matches no entry of "
        "plugins.ml_commons.trusted_connector_endpoints_regex. `setup --cluster-settings` adds one.",
    ),
    (
        r"private ip address",
        "the API has a private address, and plugins.ml_commons.connector.private_ip_enabled is false. "
        "`setup --cluster-settings` turns it on.",
    ),
    (
        r"API key is|\b401\b|[Uu]nauthorized",
        "the API refused the cluster's key. Make one (`endcap keys make NAME`), name its variable with "
        "--rerank-key-env, and run setup again.",
    ),
    (
        r"Connection refused|Acquire operation took longer|UnknownHost|Unknown host|Name or service not known|timed out"
        r"|[Tt]imeout|No route to host|Connection reset|Unable to execute HTTP request|failed to respond|closed",
        "the cluster can't reach the API. Is it running (`endcap api`), does it listen at an address that the "
        "cluster's nodes can reach (--host), and is --api-url that address as the nodes see it, not only this machine?",
    ),
    (
        r"SSL|PKIX|certificat",
        "the cluster does not trust the API's certificate. Its authority must be in the trust store of the cluster's "
        "Java.",
    ),
    (
        r"[Cc]ircuit [Bb]reaker",
        "ML Commons does no work while memory or disk is short. Raise plugins.ml_commons.native_memory_threshold, "
        "jvm_heap_memory_threshold or disk_free_space_threshold, or give the nodes more.",
    ),
    (
        r"[Nn]o eligible node|ML node",
        "no node may run models: plugins.ml_commons.only_run_on_ml_node is true and there is no ML node. "
        "`setup --cluster-settings` turns it off.",
    ),
    (
        r"master key has not been initialized",
        "ML Commons has not made its encryption key yet. A new cluster needs some seconds: run it again.",
    ),
    (r"[Ii]nvalid payload", "the query's text looks like JSON, which ML Commons does not escape."),
    (
        r"429|overloaded",
        "the API has too much to do (429). Give it more threads, or another process behind a balancer.",
    ),
    (r"not ready yet|not deployed", "the model is not deployed. Run setup again."),
)


def meaning(reason: str) -> str:
    """A refusal in plain words, with the cluster's own; empty where nobody knows better."""
    for sign, words in MEANINGS:
        if re.search(sign, reason):
            return f"{words} (The cluster says: {reason[:200].rstrip('.')}.)"
    return ""
