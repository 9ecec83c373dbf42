"""The mapping of ``endcap`` in an index: for a new one, and added to one that is there."""

from collections.abc import Mapping
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException

from endcap.errors import InputError
from endcap.index.state_field import NAME, VECTOR_FIELD, StateField

_KEYWORD = {"type": "keyword"}
ATTRIBUTE_TEXT = "attribute_text"


def state_properties(field: StateField) -> dict[str, Any]:
    """The mapping of the fields of ``endcap``."""
    fields = {"model": _KEYWORD, "key": _KEYWORD, "state": {"type": "binary"}}
    if field.kept == "states":
        return fields
    vector = {
        "type": "knn_vector",
        "dimension": field.size,
        # Lucene's engine is part of the k-NN plugin wherever that runs; the others need native libraries.
        "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"},
    }
    return {**fields, "vector": vector | ({"data_type": "byte"} if field.whole_numbers else {})}


def with_state_field(body: dict[str, Any], field: StateField) -> dict[str, Any]:
    """The body of a request that creates an index, with the field."""
    settings, mappings = body["settings"], body["mappings"]
    index = settings["index"] | ({"knn": True} if field.kept == "vectors" else {})
    properties = mappings["properties"] | {NAME: {"dynamic": False, "properties": state_properties(field)}}
    # A vector's numbers are four times as long as the rest of a state, and would travel with each document.
    excludes = [*mappings["_source"]["excludes"], *([VECTOR_FIELD] if field.kept == "vectors" else [])]
    mappings = {**mappings, "properties": properties, "_source": {"excludes": excludes}}
    return {**body, "settings": {**settings, "index": index}, "mappings": mappings}


def add_state_field(client: OpenSearch, name: str, field: StateField, url: str) -> None:
    """Give the field to each index that the name stands for, where it has none yet.

    Raises ``InputError`` where an index can't have it, or a partial update would lose something of its documents.
    """
    for index, about in client.indices.get(index=name).items():
        mapping = about.get("mappings", {})
        _refuse_lossy_updates(index, mapping)
        present = mapping.get("properties", {}).get(NAME, {}).get("properties", {})
        wanted = state_properties(field)
        if hides_vectors(mapping) and field.kept == "states":
            raise InputError(
                f"index {index!r} keeps its vectors outside of _source, so a new state beside an old vector could not "
                "be told from a whole one. Write both: --vectors."
            )
        if "vector" in wanted and "vector" in present:
            _check_vector(index, present["vector"], field)
        elif "vector" in wanted and str(about["settings"]["index"].get("knn")).lower() != "true":
            raise InputError(f"index {index!r} at {url} can't be searched by vectors: {_reason(client)}")
        missing = {part: kind for part, kind in wanted.items() if part not in present}
        if missing:
            client.indices.put_mapping(index=index, body={"properties": {NAME: {"properties": missing}}})


def no_knn(url: str) -> InputError:
    """What to say where the cluster does not know what a vector is."""
    return InputError(f"the cluster at {url} has no vectors to search by: {_WITHOUT_PLUGIN}")


_WITHOUT_PLUGIN = (
    "it has no k-NN plugin. Install opensearch-knn, or keep states that come with the hits and can't be searched by: "
    "--vectors states."
)
_WITHOUT_SETTING = (
    'its setting index.knn is not true, and only a new index can be given that. Make one with "index.knn": true and '
    "reindex into it (endcap's own: 'endcap index --vectors'), or keep states that come with the hits and can't be "
    "searched by: --vectors states."
)


def _reason(client: OpenSearch) -> str:
    try:
        plugins = client.cat.plugins(params={"format": "json", "h": "component"})
    except OpenSearchException:  # no right to ask
        return _WITHOUT_SETTING
    return _WITHOUT_SETTING if "opensearch-knn" in str(plugins) else _WITHOUT_PLUGIN


def _check_vector(index: str, present: Mapping[str, Any], field: StateField) -> None:
    """``InputError`` where the vectors that are there are not of this kind."""
    kind = "whole numbers" if str(present.get("data_type")).lower() == "byte" else "floats"
    wanted = "whole numbers" if field.whole_numbers else "floats"
    fault = ""
    if present.get("type") != "knn_vector":
        fault = f"is a field of type {present.get('type', 'object')!r}, not 'knn_vector'"
    elif present.get("dimension") != field.size:
        fault = f"has vectors of {present.get('dimension')} numbers; this model's have {field.size}"
    elif kind == "whole numbers" and not field.whole_numbers:
        fault = f"has vectors of {kind}; this model's are {wanted}"
    if fault:
        raise InputError(f"endcap.vector of index {index!r} {fault}. A field can't be changed: make a new index.")


def _refuse_lossy_updates(index: str, mapping: Mapping[str, Any]) -> None:
    """A partial update writes a document anew from its ``_source``: what is not in there is lost."""
    source = mapping.get("_source", {})
    left_out = set(source.get("excludes", ())) - {VECTOR_FIELD}  # written again with each update
    if is_own(mapping):
        left_out.discard(ATTRIBUTE_TEXT)  # this one, too
    if source.get("enabled") is False or source.get("includes") or left_out:
        lost = ", ".join(sorted(left_out)) or "fields"
        raise InputError(
            f"index {index!r} does not keep whole documents (its mapping's _source leaves out {lost}), and an update "
            "would lose what is left out. Write the object endcap where you make the documents (docs/states.md)."
        )


def hides_vectors(mapping: Mapping[str, Any]) -> bool:
    """Whether documents come without their vectors, so that it can't be seen whether they have one."""
    return VECTOR_FIELD in mapping.get("_source", {}).get("excludes", ())


def is_own(mapping: Mapping[str, Any]) -> bool:
    """Whether endcap made the index."""
    return "endcap" in mapping.get("_meta", {})
