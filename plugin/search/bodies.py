"""Bodies as clients take them: what JSON a body is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson
from opensearchpy.serializer import JSONSerializer

MAX_DEPTH = 100
"""A body that is nested deeper is not looked into: no shop's is, and Python's own stack ends somewhere."""


def is_deep(body: Any) -> bool:
    """Whether a body is nested deeper than ``MAX_DEPTH``."""
    level = [body]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, Mapping) else value)
            if isinstance(item, (dict, list, tuple, Mapping))
        ]
        if not level:
            return False
    return True


def plain_body(body: Any, client: Any = None) -> Any:
    """The body as JSON has it: a JSON text (str or bytes) is read; decimals, numpy's numbers and the like become what
    the client's serialiser makes of them. What can't be read or written is given back as it is, for the client to say.
    """
    try:
        if isinstance(body, (str, bytes, bytearray, memoryview)):
            text = body if isinstance(body, str) else bytes(body).decode()
            found = json.loads(text)
            return found if isinstance(found, Mapping) and not is_deep(found) else body
        if body is None or not isinstance(body, Mapping):
            return body
        orjson.dumps(body)
        return body
    except TypeError:
        return _written(body, client)
    except (ValueError, RecursionError):
        return body


def _written(body: Any, client: Any) -> Any:
    transport = getattr(getattr(client, "client", client), "transport", None)
    for serializer in (getattr(transport, "serializer", None), JSONSerializer()):
        try:
            return json.loads(serializer.dumps(body))  # type: ignore[union-attr]
        except Exception:  # not this one's; serialisers raise errors of their own
            continue
    return body
