"""A shop's own query: a ``_search`` body with a place for the words, or a search template of the cluster."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from endcap.errors import EngineError, InputError
from endcap.index.boosts import boosted_fields
from endcap.index.field_map import FieldMap

PLACE = re.compile(r"\{\{\{?\s*query\s*\}?\}\}|%searchtext%|#\$query##", re.IGNORECASE)
"""Where the words stand; the last two are those of the Search Relevance Workbench and of Quepid."""
_OTHER_PLACE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_TEMPLATE = frozenset(("id", "source", "params"))
NOT_KEPT = frozenset(
    (
        *("size", "from", "_source", "track_total_hits", "aggs", "aggregations", "highlight", "suggest", "profile"),
        *("explain", "fields", "stored_fields", "docvalue_fields", "script_fields", "version", "seq_no_primary_term"),
    )
)
"""Parts that say what is shown of the hits, not which they are: who searches sets them by need."""
_REFUSED = ("search_after", "pit", "slice", "scroll")


SAMPLE = "lamp"
"""The words of the search that shows whether an engine takes an own query."""


class _Asked(Protocol):
    def text_query(self, text: str) -> dict[str, Any]: ...
    def search(self, *, index: str | None = None, body: Mapping[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class OwnQuery:
    """What is sent for a text. ``name`` is its file's; ``content`` is the file's JSON.

    ``content`` is a ``_search`` body, or what ``_render/template`` takes: ``id`` or ``source``, and ``params``.
    """

    name: str
    content: dict[str, Any]

    @property
    def is_template(self) -> bool:
        """Whether the cluster makes the body of it."""
        return "query" not in self.content

    @property
    def words(self) -> str:
        """How a report names it: the file, a checksum of its content, and what of the cluster it uses."""
        written = json.dumps(self.content, sort_keys=True).encode("utf-8", "replace")
        parts = [f"the shop's own query {self.name} (sha256 {hashlib.sha256(written).hexdigest()[:12]})"]
        if self.is_template:
            parts.append(f"search template {self.content.get('id', 'of the file')}")
        if "search_pipeline" in self.content:
            pipeline = self.content["search_pipeline"]
            parts.append(f"search pipeline {pipeline if isinstance(pipeline, str) else 'of the body'}")
        return ", ".join(parts)

    def body(self, engine: Any, text: str) -> dict[str, Any]:
        """The body for a text, but for what it says of how hits are shown. Raises ``EngineError`` where the cluster
        makes none of the template."""
        words = text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair has no UTF-8
        if not self.is_template:
            filled = _filled(self.content, words)
        else:  # its source has places of its own
            render = getattr(engine, "render_template", None)
            if render is None:
                raise EngineError(f"{self.name} is a search template, which a cluster has: use --engine opensearch.")
            given = self.content | {"params": _filled(self.content["params"], words)}
            filled = render({name: value for name, value in given.items() if name in _TEMPLATE})
            filled |= {name: value for name, value in given.items() if name not in _TEMPLATE}
            _check(self.name, filled)
        return {name: value for name, value in filled.items() if name not in NOT_KEPT}


def search_body(engine: _Asked, own: OwnQuery | None, text: str) -> dict[str, Any]:
    """What a search for a text is, but for how its hits are shown: the shop's own query, or endcap's."""
    return {"query": engine.text_query(text)} if own is None else own.body(engine, text)


def query_words(own: OwnQuery | None, fields: FieldMap | None = None) -> str:
    """How a report names what was asked. ``fields`` are those of an index that endcap has not loaded: neither its
    analysis nor its fields are those that endcap's weights were tuned with."""
    if own is not None:
        return own.words
    if fields is None:
        return "tuned multi-field BM25"
    return (
        f"endcap's own query over {', '.join(boosted_fields(fields))} (weights that were tuned on other shops, not the "
        "query of this one; --body gives that)"
    )


def check_engine(engine: _Asked, own: OwnQuery | None, index: str | None) -> None:
    """Search once, before anything else is done. ``InputError`` has the engine's words where it refuses the query."""
    if own is None:
        return
    try:
        # With the source: processors of a search pipeline may fail where a document lacks its fields.
        reply = engine.search(index=index, body={**own.body(engine, SAMPLE), "size": 1})
    except EngineError as error:
        if getattr(error.__cause__, "status_code", 400) in (400, 404, 500):
            raise InputError(f"{own.name} can't be searched by, as a search for {SAMPLE!r} shows: {error}") from error
        raise
    check_whole(reply, own)


def check_whole(reply: Mapping[str, Any], own: OwnQuery | None) -> None:
    """``EngineError`` where a part of the index has not answered, or not in the time that the query gives it."""
    name, shards = "endcap's query" if own is None else own.name, reply.get("_shards", {})
    if shards.get("failed"):
        failures = shards.get("failures") or [{}]
        first = failures[0].get("reason", {})
        words = (first.get("caused_by") or first).get("reason", "the engine does not say why")
        raise EngineError(f"{shards['failed']} of {shards['total']} shards failed in a search by {name}: {words}.")
    if reply.get("timed_out"):
        raise EngineError(f"a search by {name} ended before it was done: its 'timeout' is too short.")


def own_query(file: str) -> OwnQuery | None:
    """The own query of a file; None for no file. ``InputError`` says what is wrong with it."""
    if not file:
        return None
    path = Path(file)
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_object)
    except FileNotFoundError as error:
        raise InputError(f"the own query {file} is not there. Give its file with --body, or --body '' for none.") from (
            error
        )
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"the own query {file} can't be read ({error}). It should be JSON; the place of the words stands in "
            'quotes, as in {"query": {"match": {"title": "{{query}}"}}}.'
        ) from error
    name = path.name
    if not isinstance(content, dict):
        raise InputError(f"{name} holds {type(content).__name__}; a _search body is an object with 'query'.")
    if "query" not in content and not ({"id", "source"} & content.keys()):
        raise InputError(
            f"{name} has no 'query', and no 'id' or 'source' of a search template; it has "
            f"{', '.join(map(repr, list(content)[:5])) or 'nothing'}. Give a whole _search body."
        )
    own = OwnQuery(name, content)
    if own.is_template and not isinstance(content.get("params"), dict):
        raise InputError(f"{name} is a search template: its 'params' should say where the words go: \"{{{{query}}}}\".")
    kept = {key: value for key, value in content.items() if key not in NOT_KEPT}
    texts = _texts(content["params"] if own.is_template else kept)
    other = next((found for text in texts if (found := _OTHER_PLACE.search(PLACE.sub("", text)))), None)
    if other is not None:
        raise InputError(
            f"{name} has a place {other.group()!r:.60}, which endcap can't fill: it fills {{{{query}}}} alone. Call it "
            'so, or put a template with more into the cluster, and give {"id": NAME, "params": {…}}.'
        )
    if not any(PLACE.search(text) for text in texts):
        raise InputError(f'{name} has no place for the words. Write "{{{{query}}}}" where they go.')
    _check(name, content)
    return own


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; ``ValueError`` where a name stands twice, of which a cluster would take neither."""
    if twice := [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]:
        raise ValueError(f"{twice[0]!r} stands twice in one object")
    return dict(pairs)


def _check(name: str, body: Mapping[str, Any]) -> None:
    for part in _REFUSED:
        if part in body:
            raise InputError(f"{name} has {part!r}: that goes on with an earlier search. Leave it out.")
    ext = body.get("ext")
    if isinstance(ext, Mapping) and "rerank" in ext:
        raise InputError(f"{name} has 'ext.rerank', which endcap sets itself. Leave it out, and use the options.")


def _texts(value: Any) -> list[str]:
    """All texts within a JSON value, but for its names."""
    found, waiting = [], [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, (Mapping, list)):
            waiting.extend(item.values() if isinstance(item, Mapping) else item)
    return found


def _filled(value: Any, words: str) -> Any:
    if isinstance(value, str):
        return PLACE.sub(lambda _: words, value)
    if isinstance(value, Mapping):
        return {name: _filled(item, words) for name, item in value.items()}
    return [_filled(item, words) for item in value] if isinstance(value, list) else value
