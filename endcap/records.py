"""Frozen records from plain data, as TOML, flags and environment variables have it. What is wrong is said by its name.

A field's type and limits stand in the record itself, and perhaps what help says of it:
``Annotated[int, Range(1, 10), "How many."]``.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
import typing
from collections.abc import Collection, Mapping
from typing import Annotated, Any, TypeVar

from endcap.errors import InputError

Record = TypeVar("Record")
_MAX_SHOWN = 200
_WORDS = {str: "text", float: "number", int: "whole number", bool: "true or false"}
_TRUTHS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def read_record(file: str, kind: type[Record], raw: Any, left_out: Collection[str] = (), where: str = "") -> Record:
    """A record from a table, its parts from the tables within.

    ``file`` is what the table was read from, ``where`` its key and a dot, ``left_out`` are fields that it can't have.
    Raises ``InputError`` naming the key and the value that are wrong.
    """
    if not isinstance(raw, Mapping):
        raise InputError(f"{file}: {where.rstrip('.')} must be a table; got {shown(raw)}.")
    hints = typing.get_type_hints(kind, include_extras=True)
    known = {f.name: f for f in dataclasses.fields(kind) if f.name not in left_out}  # type: ignore[arg-type]
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise InputError(f"{file}: unknown key {where}{unknown[0]}. Known are: {', '.join(sorted(known))}.")
    missing = [
        name
        for name, f in known.items()
        if name not in raw and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise InputError(f"{file}: the key {where}{missing[0]} is missing.")
    return kind(**{name: read_value(file, f"{where}{name}", hints[name], value) for name, value in raw.items()})


def read_value(file: str, where: str, hint: Any, value: Any) -> Any:
    """A setting's value by its annotation."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        value = read_value(file, where, parts[0], value)
        for limit in parts[1:]:
            if not isinstance(limit, str) and value is not None and (problem := limit.problem(value)):
                raise InputError(f"{file}: {where}{problem}")
        return value
    if origin in (typing.Union, types.UnionType):  # with None, which TOML can't say
        return read_value(file, where, parts[0], value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return read_record(file, hint, value, ("data",), f"{where}.")
    if origin is tuple:
        if not isinstance(value, list):
            raise InputError(f"{file}: {where} must be a list; got {shown(value)}.")
        return tuple(read_value(file, f"{where}[{i}]", parts[0], item) for i, item in enumerate(value))
    if origin is not None:  # a mapping
        if not isinstance(value, Mapping):
            raise InputError(f"{file}: {where} must be a table; got {shown(value)}.")
        return dict(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 2**1023 else math.inf
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise InputError(f"{file}: {where} = {shown(value)}; it must be a {_WORDS[hint]}.")
    if hint is float and not math.isfinite(value):
        raise InputError(f"{file}: {where} = {shown(value)}; it must be a number that is finite.")
    return value


def shown(value: Any) -> str:
    """A wrong value in a message: not all of a long one, and no password in an address."""
    text = repr(value)
    text = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."
    return re.sub(r"//[^/\s]*@", "//***@", text)


def plain_value(hint: Any, text: str) -> Any:
    """What a flag's or an environment variable's text is in TOML; the text itself where it can't be that."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated or origin in (typing.Union, types.UnionType):
        return plain_value(parts[0], text)
    if origin is tuple:
        return [plain_value(parts[0], part.strip()) for part in text.split(",") if part.strip()]
    if hint is bool:
        return _TRUTHS.get(text.strip().lower(), text)
    if hint in (int, float) and text.isascii():  # Python takes the digits of all scripts, TOML does not
        try:
            return hint(text)
        except ValueError:
            return text
    return text
