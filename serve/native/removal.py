"""Removes the wiring, and what of it there is twice; nothing that others use."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from endcap.errors import EngineError, InputError
from endcap.serve.native.cluster import ML, Cluster
from endcap.serve.native.cluster_settings import TRUSTED, addresses, left_trusted, trusted_now
from endcap.serve.native.wiring import MARK, Wiring

PIPELINES = "/_search/pipeline"
DEFAULT = "index.search.default_pipeline"
_TEMPLATES = ("index_templates", "component_templates")


def did(word: str, dry_run: bool) -> str:
    """A step in words: what was done, or would be."""
    return f"would {word}" if dry_run else {"set": "set"}.get(word, word + "d")


def tear_down(cluster: Cluster, wiring: Wiring, change_settings: bool, dry_run: bool) -> Iterator[str]:
    """Remove what ``set_up`` has made. Raises ``InputError`` while anybody else uses it, before anything is removed."""
    name = wiring.name
    _check_unused(cluster, name)
    # The address that was given, too: the connector may be gone already, of a removal that broke off.
    gone = addresses(kept for _, kept in cluster.named("connectors", name)) | {wiring.api_url.rstrip("/")}
    found = cluster.find(f"{PIPELINES}/{name}")
    if found and str(found[name].get("description", "")).startswith(MARK):
        yield _removed(cluster, f"{PIPELINES}/{name}", f"search pipeline {name}", dry_run)
    yield from _remove_made(cluster, name, (), dry_run)
    if change_settings:
        yield from trust_less(cluster, name, gone, dry_run)


def remove_doubles(cluster: Cluster, name: str, model_id: str, connector_id: str, dry_run: bool) -> Iterator[str]:
    """Remove all that endcap has made under a name, but for what is in use: two that set up at the same time leave it,
    as does one that was killed."""
    group = (cluster.find(f"{ML}/models/{model_id}") or {}).get("model_group_id", "")
    yield from _remove_made(cluster, name, (model_id, connector_id, group), dry_run)


def _remove_made(cluster: Cluster, name: str, kept: Collection[str], dry_run: bool) -> Iterator[str]:
    """In this order: a connector can't go while a model uses it, nor a group with a model in it."""
    for kind, what in (("models", "model"), ("model_groups", "model group"), ("connectors", "connector")):
        for id, _ in cluster.named(kind, name):
            if id in kept:
                continue
            if kind == "models" and not dry_run:
                _undeploy(cluster, id, name)
            yield _removed(cluster, f"{ML}/{kind}/{id}", f"{what} {name} ({id})", dry_run)


def trust_less(cluster: Cluster, name: str, gone: set[str], dry_run: bool) -> Iterator[str]:
    """Take addresses that are asked no more out of those that the cluster trusts."""
    left = left_trusted(cluster, name, gone)
    if left is None:
        return
    removed = [pattern for pattern in trusted_now(cluster.settings()) if pattern not in left]
    if not dry_run:
        cluster.set({TRUSTED: left})
    for pattern in removed:
        yield f"{did('remove', dry_run)} {pattern} from {TRUSTED}"


def default_users(cluster: Cluster, name: str, index: str = "_all") -> list[str]:
    """The indexes, of an expression, whose default the pipeline is; hidden and closed ones, too."""
    params = {"flat_settings": "true", "expand_wildcards": "all"}
    reply = cluster.call("GET", f"/{index}/_settings/{DEFAULT}", params=params)
    return sorted(index for index, about in reply.items() if about["settings"].get(DEFAULT) == name)


def _check_unused(cluster: Cluster, name: str) -> None:
    """Raise ``InputError`` where an index, a template, a pipeline or a model of somebody else stands on what goes."""
    if users := default_users(cluster, name):
        raise InputError(
            f"the search pipeline {name} is the default of {', '.join(users)}. Take it away first: "
            f'PUT {users[0]}/_settings {{"{DEFAULT}": null}}'
        )
    if templates := list(_templates(cluster, name)):
        raise InputError(
            f"new indexes get the search pipeline {name} as their default by {', '.join(templates)}. Take "
            f"{DEFAULT} out of it first."
        )
    models = {id for id, _ in cluster.named("models", name)}
    for path, what in ((PIPELINES, "search pipeline"), ("/_ingest/pipeline", "ingest pipeline")):
        for other, about in (cluster.find(path) or {}).items():
            if (path, other) != (PIPELINES, name) and any(id in json.dumps(about) for id in models):
                raise InputError(f"the {what} {other} uses the model {name}. Change or remove it first.")
    for id, _ in cluster.named("connectors", name):
        body = {"query": {"term": {"connector_id": id}}, "size": 100}
        for hit in cluster.call("POST", f"{ML}/models/_search", body)["hits"]["hits"]:
            if hit["_id"] not in models and cluster.find(f"{ML}/models/{hit['_id']}") is not None:
                raise InputError(
                    f"the model {hit['_source'].get('name')} ({hit['_id']}), which endcap has not made, uses the "
                    f"connector {name}. Remove that model first."
                )


def _templates(cluster: Cluster, name: str) -> Iterator[str]:
    for kind in _TEMPLATES:
        for each in (cluster.find(f"/_{kind[:-1]}") or {}).get(kind, ()):
            if _default_of(each[kind[:-1]].get("template", {}).get("settings", {})) == name:
                yield f"the {kind[:-1].replace('_', ' ')} {each['name']}"
    for template, about in (cluster.find("/_template") or {}).items():
        if _default_of(about.get("settings", {})) == name:
            yield f"the index template {template}"


def _default_of(settings: Any) -> Any:
    """The default pipeline in a template's settings, which may be nested or flat."""
    for part in ("index", "search", "default_pipeline"):
        if not isinstance(settings, dict):
            return None
        settings = settings.get(part, settings.get(DEFAULT) if part == "index" else None)
    return settings


def _removed(cluster: Cluster, path: str, what: str, dry_run: bool) -> str:
    if not dry_run:
        cluster.remove(path)
    return f"{did('remove', dry_run)} {what}"


def _state(cluster: Cluster, id: str) -> str:
    found = cluster.find(f"{ML}/models/{id}")
    return str(found["model_state"]) if found else ""


def _undeploy(cluster: Cluster, id: str, name: str) -> None:
    try:
        cluster.call("POST", f"{ML}/models/{id}/_undeploy")
    except EngineError:
        if _state(cluster, id):  # else another one has removed it
            raise
    cluster.patiently(partial(_is_idle, cluster, id), f"undeploying {name}")


def _is_idle(cluster: Cluster, id: str) -> bool:
    return _state(cluster, id) not in ("DEPLOYED", "DEPLOYING")
