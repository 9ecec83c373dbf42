"""Says in words what is wired wrong between a cluster, the API and an index's searches."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import aiohttp

from endcap.errors import EngineError
from endcap.index.field_guess import mapped_fields
from endcap.serve.native.cluster import ML, Cluster
from endcap.serve.native.cluster_settings import lacking
from endcap.serve.native.removal import DEFAULT, PIPELINES, default_users
from endcap.serve.native.setup import check_plugins
from endcap.serve.native.wiring import Wiring, connector, is_as

PROBE = ("usb c charger", ("garden hose", "USB-C charger 20 W"))
"""A query and two documents, of which the second fits."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``wrong`` where searches are not re-ranked because of it."""

    wrong: bool
    words: str


async def api_findings(wiring: Wiring, ca_file: str = "") -> list[Finding]:
    """What the API says to this machine, which need not be what it says to the cluster.

    Its certificate may also be signed by the authority of the cluster's, ``ca_file``.
    """
    query, documents = PROBE
    headers = {"Authorization": f"Bearer {wiring.key}"} if wiring.key else {}
    body = {"query": query, "documents": list(documents)}
    tls = ssl.create_default_context()
    if ca_file:
        tls.load_verify_locations(ca_file)
    try:
        timeout = aiohttp.ClientTimeout(total=wiring.timeout_s)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(wiring.url, json=body, headers=headers, ssl=tls) as response,
        ):
            status, text = response.status, await response.text()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        why = str(error) or type(error).__name__
        return [Finding(True, f"the API at {wiring.api_url} can't be reached from this machine: {why}")]
    if status == 401 and not wiring.key:
        words = "asks for a key; none was given here to try it with (--rerank-key-env)"
        return [Finding(False, f"the API at {wiring.api_url} {words}")]
    if status == 401:
        return [Finding(True, f"the API at {wiring.api_url} refuses the key that was given here: {text[:200]}")]
    if status != 200 or '"relevance_score"' not in text:
        return [Finding(True, f"what answers at {wiring.url} is not the API ({status}): {text[:200]}")]
    return [Finding(False, f"the API at {wiring.api_url} answers this machine")]


def check(cluster: Cluster, wiring: Wiring) -> Iterator[Finding]:
    """What is right and wrong in the cluster, in the order in which it is best mended."""
    try:
        check_plugins(cluster)
    except EngineError as error:
        yield Finding(True, str(error))
        return
    yield Finding(False, "the cluster has ML Commons and neural-search")
    for name, value in lacking(cluster, wiring).items():
        words = f"have {value[-1]} in it" if isinstance(value, list) else f"be {json.dumps(value)}"
        yield Finding(True, f"the cluster's setting {name} must {words}: run setup with --cluster-settings")
    yield from _connector(cluster, wiring)
    models = cluster.named("models", wiring.name)
    if not models:
        yield Finding(True, f"there is no model {wiring.name}: run setup")
        return
    model_id, about = models[0]
    yield from _model(cluster, wiring, model_id, str(about.get("model_state")))
    yield from _pipeline(cluster, wiring, [id for id, _ in models])
    fields = list(_fields(cluster, wiring))
    yield from fields
    if not any(finding.wrong for finding in fields):
        yield from _search(cluster, wiring)


def _connector(cluster: Cluster, wiring: Wiring) -> Iterator[Finding]:
    found = cluster.named("connectors", wiring.name)
    if not found:
        yield Finding(True, f"there is no connector {wiring.name}: run setup")
        return
    kept = found[0][1]
    urls = [str(action.get("url")) for action in kept.get("actions", ())]
    if urls != [wiring.url]:
        yield Finding(True, f"the connector {wiring.name} asks {', '.join(urls)}, not {wiring.url}: run setup")
    elif not is_as(kept, connector(wiring), bool(wiring.key)):
        yield Finding(True, f"the connector {wiring.name} has another key or other settings than given here: run setup")
    else:
        yield Finding(False, f"the connector {wiring.name} asks {wiring.url}")


def _model(cluster: Cluster, wiring: Wiring, id: str, state: str) -> Iterator[Finding]:
    if state != "DEPLOYED":
        yield Finding(True, f"the model {wiring.name} ({id}) is {state.lower()}, not deployed: run setup")
    query, documents = PROBE
    body = {"parameters": {"query": query, "documents": list(documents), "top_n": len(documents)}}
    try:
        reply = cluster.call("POST", f"{ML}/models/{id}/_predict", body)
        scores = [output["data"][0] for output in reply["inference_results"][0]["output"]]
    except EngineError as error:
        yield Finding(True, f"the cluster gets no scores: {error}")
    except (KeyError, IndexError, TypeError):
        yield Finding(True, f"the cluster gets something else than scores from {wiring.url}: is this the API?")
    else:
        right = len(scores) == 2 and scores[0] < scores[1]
        words = f"the cluster gets scores from the API ({', '.join(f'{score:.3f}' for score in scores)})"
        yield Finding(not right, words if right else f"{words}, but {documents[1]!r} is not first for {query!r}")


def _pipeline(cluster: Cluster, wiring: Wiring, models: list[str]) -> Iterator[Finding]:
    found = cluster.find(f"{PIPELINES}/{wiring.name}")
    if not found:
        yield Finding(True, f"there is no search pipeline {wiring.name}: run setup")
        return
    processors = [each["rerank"] for each in found[wiring.name].get("response_processors", ()) if "rerank" in each]
    if not processors:
        yield Finding(True, f"the search pipeline {wiring.name} has no rerank processor: run setup")
        return
    model_id = processors[0].get("ml_opensearch", {}).get("model_id")
    fields = processors[0].get("context", {}).get("document_fields", [])
    if model_id not in models:
        yield Finding(True, f"the search pipeline {wiring.name} uses model {model_id}, not endcap's: run setup")
    elif list(fields) != list(wiring.document_fields):
        yield Finding(True, f"the search pipeline {wiring.name} reads {', '.join(fields)}: run setup to change that")
    else:
        yield Finding(False, f"the search pipeline {wiring.name} reads {', '.join(fields)}")
    if not processors[0].get("ignore_failure"):
        yield Finding(True, f"a search fails where the API does: {wiring.name} lacks ignore_failure. Run setup")


def _fields(cluster: Cluster, wiring: Wiring) -> Iterator[Finding]:
    """Whether the index has what the model is to read, in ``_source``."""
    reply = cluster.find(f"/{wiring.index}/_mapping")
    if not reply:
        yield Finding(True, f"there is no index {wiring.index!r}")
        return
    for index, about in sorted(reply.items()):
        mappings = about["mappings"]
        known = {path for path, _ in mapped_fields(mappings)}
        missing = [field for field in wiring.document_fields if field not in known]
        if missing:
            some = ", ".join(sorted(known)[:10]) or "none"
            yield Finding(
                True,
                f"index {index} has no field {', '.join(missing)}; it has {some}. Give --document-fields to setup",
            )
        if mappings.get("_source", {}).get("enabled") is False:
            yield Finding(True, f"index {index} keeps no _source, and that is what the model reads")


def _search(cluster: Cluster, wiring: Wiring) -> Iterator[Finding]:
    """A real search through the pipeline, beside the API's own scores."""
    path, params = f"/{wiring.index}/_search", {"search_pipeline": wiring.name}
    ext = {"rerank": {"query_context": {"query_text": PROBE[0]}}}
    plain = {"query": {"match_all": {}}, "size": 5}
    try:
        before = cluster.call("POST", path, plain, {"search_pipeline": "_none"})["hits"]["hits"]
        after = cluster.call("POST", path, {**plain, "ext": ext}, params)["hits"]["hits"]
        without = cluster.call("POST", path, plain, params)["hits"]["hits"]
    except EngineError as error:
        yield Finding(True, f"a search through {wiring.name} fails: {error}")
        return
    if not before:
        yield Finding(False, f"index {wiring.index} is empty: no search can be tried")
    elif [hit["_score"] for hit in after] == [hit["_score"] for hit in before]:
        yield Finding(True, f"a search through {wiring.name} has the engine's order and scores: it is not re-ranked")
    elif len(after) > 1 and len({hit["_score"] for hit in after}) == 1:
        fields = ", ".join(wiring.document_fields)
        yield Finding(
            True,
            f"all of {len(after)} documents have the same score: the cluster sends none of their text. Of {fields} it "
            "reads what lies at the top of a document, and nothing inside an object (as p.name). Give others with "
            "--document-fields",
        )
    else:
        yield Finding(False, f"a search with search_pipeline={wiring.name} and ext.rerank is re-ranked")
    if [hit["_id"] for hit in without] == [hit["_id"] for hit in before]:
        words = "a search without ext.rerank.query_context keeps the engine's order: each has to bring query_text"
        if not default_users(cluster, wiring.name, wiring.index):
            words += f", and to name search_pipeline={wiring.name}, which is not the {DEFAULT} of {wiring.index}"
        yield Finding(False, words)
