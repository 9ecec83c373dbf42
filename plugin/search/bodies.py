"""Bodies as clients take them: what JSON a body is, and what in it the engine refuses that a window would hide."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from opensearchpy.serializer import JSONSerializer

from endcap.errors import InputError

_PATTERNS = frozenset(("includes", "excludes", "include", "exclude"))


def plain_body(body: Any, client: Any = None) -> Any:
    """The body as JSON has it: a JSON text (str or bytes) is read; decimals, numpy's numbers and the like become what
    the client's serialiser makes of them. What can't be read or written is given back as it is, for the client to say.
    """
    try:
        if isinstance(body, (str, bytes, bytearray, memoryview)):
            text = body if isinstance(body, str) else bytes(body).decode()
            found = json.loads(text)
            return found if isinstance(found, Mapping) else body
        if body is None or not isinstance(body, Mapping):
            return body
        orjson.dumps(body)
        return body
    except TypeError:
        return _written(body, client)
    except ValueError:
        return body


def _written(body: Any, client: Any) -> Any:
    transport = getattr(getattr(client, "client", client), "transport", None)
    for serializer in (getattr(transport, "serializer", None), JSONSerializer()):
        try:
            return json.loads(serializer.dumps(body))  # type: ignore[union-attr]
        except Exception:  # not this one's; serialisers raise errors of their own
            continue
    return body


def check_body(body: Mapping[str, Any]) -> None:
    """Raises ``InputError`` for a value that the engine refuses, in a key that the window's request replaces."""
    for name in ("from", "size", "_source"):
        if name in body and body[name] is None:
            raise InputError(f"{name} is null; leave it out, or give it a value.")
    source = body.get("_source", True)
    if not (isinstance(source, bool) or _is_patterns(source)):
        is_filter = isinstance(source, Mapping) and _PATTERNS.issuperset(source)
        if not is_filter or not all(map(_is_patterns, source.values())):
            raise InputError(
                f"_source is {source!r}; it should be true, false, a path, paths, or includes and excludes."
            )


def _is_patterns(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value))
