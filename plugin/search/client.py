"""A client whose searches are re-ranked, and all else of it as it was."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from endcap.plugin.search.multi_search import SEARCH_HEADER, SHARED
from endcap.plugin.search.options import without_rerank

_OWN_OF_TEMPLATES = ("explain", "profile", "ext")
_OF_REQUEST = SHARED | SEARCH_HEADER
"""Parameters that a search has beside its body: of a template's, the engine reads these alone."""


@dataclass(frozen=True, slots=True)
class _Search:
    """One search of an ``_msearch``: what stands in its header, and its body."""

    header: Mapping[str, Any]
    body: Any


class RerankedClient:
    """Stands where a client stood: ``search``, ``msearch``, ``search_template`` and ``msearch_template`` are re-ranked,
    everything else is the client's own. With an asyncio client these four give awaitables, as the client's do."""

    def __init__(self, reranker: Any, client: Any) -> None:
        self.reranker, self._client = reranker, client

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("reranker", "_client"):  # not made yet, or asked for by copy and pickle
            raise AttributeError(name)
        return getattr(self._client, name)

    def __repr__(self) -> str:
        return f"<re-ranked {self._client!r}>"

    def search(self, body: Any = None, index: Any = None, **params: Any) -> Any:
        """As the client's; the reply has ``ext.rerank``."""
        return self.reranker.search(index=index, body=body, **params)

    def msearch(self, body: Any, index: Any = None, **params: Any) -> Any:
        """As the client's; each search goes by itself, and one that fails costs the others nothing. Lines that can't be
        read, and parameters that a search does not have, are left to the client: then nothing is re-ranked."""
        searches = _searches(body)
        if searches is None or not _are_shared(params):
            return self._client.msearch(body=_without_rerank(body), index=index, **params)
        began_s = time.perf_counter()
        found = [self._tried(each, index, params) for each in searches]
        return _joined(found, searches, lambda lines: self._client.msearch(body=lines, index=index, **params), began_s)

    def search_template(self, body: Any, index: Any = None, **params: Any) -> Any:
        """As the client's: the engine renders the template, and what comes of it is searched for."""

        def searched(rendered: Any) -> Any:
            return _as_of_template(self.reranker.search(index=index, body=_of_template(rendered, body), **params))

        def left() -> Any:
            return self._client.search_template(body=_template_of_engine(body), index=index, **params)

        if not _OF_REQUEST.issuperset({*params, *(params.get("params") or {})}):
            return left()
        return _after(lambda: self._rendered(body, params), searched, left)

    def msearch_template(self, body: Any, index: Any = None, **params: Any) -> Any:
        """As the client's, in the same way."""
        searches = _searches(body)
        if searches is None or not _are_shared(params):
            return self._client.msearch_template(body=_without_rerank(body), index=index, **params)
        began_s = time.perf_counter()

        def one(each: _Search) -> Any:
            return self.search_template(each.body, each.header.get("index", index), **_params(each, params))

        def again(_: list[Any]) -> Any:  # templates that it refuses are no request to it, so it has to see the others
            lines = [line for each in searches for line in (each.header, _template_of_engine(each.body))]
            return self._client.msearch_template(body=lines, index=index, **params)

        return _joined([_caught(partial(one, each)) for each in searches], searches, again, began_s)

    def close(self) -> Any:
        """Close the re-ranker, and the client."""
        self.reranker.close()
        return self._client.close()

    def __enter__(self) -> RerankedClient:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    async def __aenter__(self) -> RerankedClient:
        return self

    async def __aexit__(self, *_: Any) -> None:
        closing = self.close()
        if inspect.isawaitable(closing):
            await closing

    def _tried(self, each: _Search, index: Any, params: Mapping[str, Any]) -> Any:
        own = _params(each, params)
        return _caught(lambda: self.reranker.search(index=each.header.get("index", index), body=each.body, **own))

    def _rendered(self, body: Any, params: Mapping[str, Any]) -> Any:
        kept = {name: params[name] for name in ("headers", "request_timeout", "opaque_id") if name in params}
        kept |= {name: params[name] for name in ("http_auth", "api_key") if name in params}
        template = {name: value for name, value in _read(body).items() if name not in _OWN_OF_TEMPLATES}
        return self._client.render_search_template(body=template, **kept)


def _after(first: Any, then: Any, otherwise: Any) -> Any:
    """What ``then`` makes of the first result, or ``otherwise`` where that fails; awaitable where it is."""
    try:
        found = first()
    except Exception:  # it is for the client to say what is wrong
        return otherwise()
    if not inspect.isawaitable(found):
        return then(found)

    async def later() -> Any:
        try:
            result = await found
        except Exception:
            return await otherwise()
        return await then(result)

    return later()


def _as_of_template(reply: Any) -> Any:
    """A search's reply with the status that the engine's replies to templates have; awaitable where it is."""
    if not inspect.isawaitable(reply):
        return {**reply, "status": 200} if isinstance(reply, dict) and "hits" in reply else reply

    async def later() -> Any:
        return _as_of_template(await reply)

    return later()


def _caught(search: Any) -> Any:
    try:
        return search()
    except Exception as error:
        return error


def _joined(
    found: Sequence[Any], searches: Sequence[_Search], again: Callable[[list[Any]], Any], began_s: float
) -> Any:
    """The reply of an ``_msearch``, or an awaitable of it where a search gave one. What the engine has refused is asked
    ``again`` together, for the engine to tell its errors as it does: of some, it refuses all the searches."""
    if not any(map(inspect.isawaitable, found)):
        lines = _refused(found, searches)
        return _reply(found, again(lines) if lines else None, began_s)

    async def later() -> Any:
        waiting = [each if inspect.isawaitable(each) else _given(each) for each in found]
        replies = await asyncio.gather(*waiting, return_exceptions=True)
        lines = _refused(replies, searches)
        return _reply(replies, await again(lines) if lines else None, began_s)

    return later()


async def _given(value: Any) -> Any:
    return value


def _refused(found: Sequence[Any], searches: Sequence[_Search]) -> list[Any]:
    """The lines of the searches that the engine has refused for what they are. Raises what is no answer of its."""
    lines = list[Any]()
    for reply, search in zip(found, searches, strict=True):
        if isinstance(reply, BaseException) and _too_much(reply) is None:
            if not isinstance(getattr(reply, "status_code", None), int):
                raise reply
            lines += [search.header, without_rerank(search.body)]
    return lines


def _too_much(reply: Any) -> dict[str, Any] | None:
    """The error of an engine that has too much to do, as an ``_msearch`` tells it: such a search is not sent again."""
    status, info = getattr(reply, "status_code", None), getattr(reply, "info", None)
    busy = isinstance(status, int) and (status == 429 or status >= 500)
    if not busy or not isinstance(info, Mapping) or "error" not in info:
        return None
    return {"error": info["error"], "status": status}


def _reply(found: Sequence[Any], refused: Any, began_s: float) -> dict[str, Any]:
    told = [] if refused is None else refused["responses"]
    of_all, in_turn = len(told) == len(found), iter(told)
    responses = [
        (_too_much(each) or (told[n] if of_all else next(in_turn)))
        if isinstance(each, BaseException)
        else {**each, "status": 200}
        for n, each in enumerate(found)
    ]
    return {"took": int((time.perf_counter() - began_s) * 1000), "responses": responses}


def _are_shared(params: Mapping[str, Any]) -> bool:
    """Whether a search by itself means the same by all of them, and by those that ``params`` holds for the URL."""
    inner = params.get("params") or {}
    return isinstance(inner, Mapping) and SHARED.issuperset(params) and SHARED.issuperset(inner)


def _params(each: _Search, shared: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in each.header.items() if name not in ("index", "indices")}
    return {**shared, **own}


def _read(body: Any) -> Mapping[str, Any]:
    found = json.loads(body) if isinstance(body, (str, bytes)) else body
    if not isinstance(found, Mapping):
        raise ValueError("no template")
    if "simulate" in found:
        raise ValueError("it is not to be searched for")
    return found


def _template_of_engine(body: Any) -> Any:
    """The template without ``ext.rerank``."""
    return without_rerank(body) if isinstance(body, Mapping) else body


def _of_template(rendered: Mapping[str, Any], body: Any) -> Any:
    own = {name: value for name, value in _read(body).items() if name in _OWN_OF_TEMPLATES}
    return {**rendered["template_output"], **own}


def _lines(body: Any) -> list[Any] | None:
    """The lines of an ``_msearch``, header and body in turns; None where they can't be read."""
    try:
        if isinstance(body, (str, bytes)):
            text = body if isinstance(body, str) else body.decode()
            lines: list[Any] = [json.loads(line) for line in text.rstrip("\n").split("\n")]
        else:
            lines = [json.loads(line) if isinstance(line, (str, bytes)) else line for line in body]
    except (TypeError, ValueError, RecursionError):
        return None
    return None if len(lines) % 2 or not lines or not all(isinstance(line, Mapping) for line in lines) else lines


def _without_rerank(body: Any) -> Any:
    """The same ``_msearch`` for the engine, which knows no ``ext.rerank``."""
    lines = _lines(body)
    return body if lines is None else [without_rerank(line) if n % 2 else line for n, line in enumerate(lines)]


def _searches(body: Any) -> list[_Search] | None:
    """The searches of an ``_msearch``; None where they can't be read, or a header has an unknown key or no value."""
    lines = _lines(body)
    if lines is None:
        return None
    found = [_Search(header, line) for header, line in zip(lines[::2], lines[1::2], strict=True)]
    known = all(SEARCH_HEADER.issuperset(each.header) and None not in each.header.values() for each in found)
    return found if known else None
