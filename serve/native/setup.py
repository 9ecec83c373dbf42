"""Makes and removes the wiring; what is right already stays as it is."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from typing import Any

from endcap.errors import EngineError, InputError
from endcap.serve.native.cluster import ML, PAUSE_S, TRIES, Cluster
from endcap.serve.native.cluster_settings import addresses, lacking
from endcap.serve.native.removal import PIPELINES, did, remove_doubles, trust_less
from endcap.serve.native.wiring import MARK, PATH, Wiring, connector, is_as, model, pipeline

NEEDED = {"opensearch-ml": "ML Commons", "opensearch-neural-search": "neural-search"}
ROUNDS = 6
"""So often all is looked at again where another setup has changed it meanwhile."""
_BY_OTHERS = re.compile(
    "version conflict|[Ff]ailed to find|already being used|still using|[Nn]ot found|associated model versions"
)
"""What ML Commons says where somebody else works on the same at the same time."""


def set_up(cluster: Cluster, wiring: Wiring, change_settings: bool, dry_run: bool) -> Iterator[str]:
    """Make what is missing, change what is otherwise, and say of each step what was done, or would be.

    Raises ``EngineError`` where the cluster refuses, and ``InputError`` where it lacks what nobody has allowed.
    """
    check_plugins(cluster)
    said: set[str] = set()
    for left in reversed(range(ROUNDS)):
        try:
            for words in _round(cluster, wiring, change_settings, dry_run):
                if words not in said:
                    said.add(words)
                    yield words
            if dry_run or _is_whole(cluster, wiring):
                return
        except EngineError as error:
            if not left or not _BY_OTHERS.search(str(error)):
                raise
        time.sleep(PAUSE_S * (1 + random.random()))  # not in step with the other


def _round(cluster: Cluster, wiring: Wiring, change_settings: bool, dry_run: bool) -> Iterator[str]:
    """One look at each thing, from the settings to the search pipeline."""
    pipeline_there = _own_pipeline(cluster, wiring.name)
    needed = lacking(cluster, wiring)
    if needed and not change_settings:
        raise InputError(
            "the cluster's settings do not allow this connector. Run again with --cluster-settings, or have its "
            f"administrator send PUT _cluster/settings {json.dumps(cluster.layered(needed))}"
        )
    if needed:
        if not dry_run:
            cluster.set(needed)
        for name, value in needed.items():
            words = f"{name}: added {value[-1]}" if isinstance(value, list) else f"{name} = {json.dumps(value)}"
            yield f"{did('set', dry_run)} {words}"
    before = addresses(kept for _, kept in cluster.named("connectors", wiring.name))
    connector_id, changed, words = _connector(cluster, wiring, dry_run)
    yield words
    model_id, words = _model(cluster, wiring, connector_id, changed, dry_run)
    yield words
    yield from _pipeline(cluster, wiring, model_id, pipeline_there, dry_run)
    yield from remove_doubles(cluster, wiring.name, model_id, connector_id, dry_run)
    if change_settings:
        yield from trust_less(cluster, wiring.name, before - {wiring.api_url.rstrip("/")}, dry_run)


def _is_whole(cluster: Cluster, wiring: Wiring) -> bool:
    """Whether all is still as it was made: two that set up at the same time may write over each other's."""
    found = (cluster.find(f"{PIPELINES}/{wiring.name}") or {}).get(wiring.name, {})
    processors = [each["rerank"] for each in found.get("response_processors", ()) if "rerank" in each]
    ids = [each.get("ml_opensearch", {}).get("model_id") for each in processors]
    return bool(ids) and all(id and _state(cluster, id) for id in ids) and not lacking(cluster, wiring)


def wired(cluster: Cluster, name: str) -> dict[str, Any]:
    """What is wired under a name: ``api_url``, ``timeout_s``, ``document_fields``, ``oversample``: each where known."""
    if not set(NEEDED) <= cluster.plugins():
        return {}
    found: dict[str, Any] = {}
    for _, kept in cluster.named("connectors", name)[:1]:
        found["api_url"] = str(kept["actions"][0]["url"]).removesuffix(PATH)
        if timeout_s := (kept.get("client_config") or {}).get("read_timeout"):
            found["timeout_s"] = int(timeout_s)
    pipeline = cluster.find(f"{PIPELINES}/{name}") or {name: {}}
    for each in pipeline[name].get("response_processors", ()):
        if fields := each.get("rerank", {}).get("context", {}).get("document_fields"):
            found["document_fields"] = tuple(fields)
    for each in pipeline[name].get("request_processors", ()):
        if factor := each.get("oversample", {}).get("sample_factor"):
            found["oversample"] = float(factor)
    return found


def check_plugins(cluster: Cluster) -> None:
    """Raise ``EngineError`` where the cluster lacks a plugin."""
    plugins = cluster.plugins()
    missing = [words for name, words in NEEDED.items() if name not in plugins]
    if missing:
        raise EngineError(
            f"the cluster at {cluster.url} lacks {' and '.join(missing)}. Install the plugins on all nodes, or put "
            "`endcap serve` in front, which needs none."
        )


def _connector(cluster: Cluster, wiring: Wiring, dry_run: bool) -> tuple[str, bool, str]:
    """Its id, whether it was made or changed now, and the words."""
    wanted = connector(wiring)
    found = cluster.named("connectors", wiring.name)
    if not found:
        if dry_run:
            return "NEW", True, f"would create connector {wiring.name} to {wiring.url}"
        reply = _once_keyed(cluster, "POST", f"{ML}/connectors/_create", wanted)
        made = str(reply["connector_id"])
        found = cluster.once_listed("connectors", wiring.name, made)
        if not found or found[0][0] == made:
            return made, True, f"created connector {wiring.name} to {wiring.url}"
    id, kept = found[0]
    if is_as(kept, wanted, bool(wiring.key)):
        return id, False, f"kept connector {wiring.name}"
    if not wiring.key:  # the one that it has stays
        old = str(kept["description"]).rpartition(" ")[2]
        wanted["description"] = f"{wanted['description'].rpartition(' ')[0]} {old}"
        del wanted["credential"]
    if not dry_run:
        for model_id, _ in cluster.named("models", wiring.name):
            cluster.call("POST", f"{ML}/models/{model_id}/_undeploy")
        cluster.call("PUT", f"{ML}/connectors/{id}", {key: wanted[key] for key in wanted if key != "version"})
    return id, True, f"{did('change', dry_run)} connector {wiring.name}: it is to {wiring.url} now"


def _model(cluster: Cluster, wiring: Wiring, connector_id: str, changed: bool, dry_run: bool) -> tuple[str, str]:
    """Its id, deployed, and the words."""
    found = [id for id, kept in cluster.named("models", wiring.name) if kept.get("connector_id") == connector_id]
    if dry_run:
        return (found[0], f"kept model {wiring.name}") if found else ("NEW", f"would create model {wiring.name}")
    if found:
        [id, *_], words = found, "kept"
        if changed or _state(cluster, id) != "DEPLOYED":
            cluster.call("POST", f"{ML}/models/{id}/_deploy")
            words = "deployed"
    else:
        body = model(wiring, connector_id)
        if groups := cluster.named("model_groups", wiring.name):
            body["model_group_id"] = groups[0][0]
        reply = cluster.call("POST", f"{ML}/models/_register", body, {"deploy": "true"})
        id, words = str(reply["model_id"]), "created"
        listed = cluster.once_listed("models", wiring.name, id)
        oldest = next((each for each, kept in listed if kept.get("connector_id") == connector_id), id)
        id, words = oldest, "created" if oldest == id else "kept"
    cluster.patiently(lambda: _state(cluster, id) == "DEPLOYED", f"the model {wiring.name}")
    return id, f"{words} model {wiring.name} ({id})"


def _own_pipeline(cluster: Cluster, name: str) -> Any:
    """The search pipeline of a name, if there is one. Raises ``InputError`` where it is somebody else's."""
    found = (cluster.find(f"{PIPELINES}/{name}") or {}).get(name)
    if found is not None and not str(found.get("description", "")).startswith(MARK):
        raise InputError(f"there is a search pipeline {name!r} that endcap has not made. Give another --name.")
    return found


def _pipeline(cluster: Cluster, wiring: Wiring, model_id: str, found: Any, dry_run: bool) -> Iterator[str]:
    can = {"oversample", "truncate_hits"} <= cluster.processors()
    wanted = pipeline(wiring, model_id, can)
    if wiring.oversample is not None and not can:
        yield "note: this cluster has no processor oversample: only the hits that are returned are re-ranked"
    if found == wanted:
        yield f"kept search pipeline {wiring.name}"
        return
    if not dry_run:
        cluster.call("PUT", f"{PIPELINES}/{wiring.name}", wanted)
    yield f"{did('change' if found else 'create', dry_run)} search pipeline {wiring.name}"


def _state(cluster: Cluster, id: str) -> str:
    found = cluster.find(f"{ML}/models/{id}")
    return str(found["model_state"]) if found else ""


def _once_keyed(cluster: Cluster, method: str, path: str, body: Any) -> Any:
    """A request that a new cluster refuses until it has made its encryption key."""
    for left in reversed(range(TRIES)):
        try:
            return cluster.call(method, path, body)
        except EngineError as error:
            if "encryption key" not in str(error) or not left:
                raise
            time.sleep(PAUSE_S)
    return None
