"""Which field of a source document is which field of a product.

A map is written ``title=name,brand=maker,attributes.color=colour,attributes=specs,category=cat1|cat2``. On the left is
a field of ``Product``, on the right the dotted path of a source document. ``|`` gives alternatives: the first that is
not empty counts. A backslash takes the meaning from a ``,``, ``|``, ``=`` or ``\\`` that is part of a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from endcap.errors import InputError
from endcap.index.prices import price
from endcap.index.product import FIELDS, NAMED_THINGS, Product, attribute_words, field_words, thing_names
from endcap.index.state_field import NAME

NAMED_ATTRIBUTE = "attributes."
_TEXTS = ("title", "brand", "category", "description")
_TOKEN = re.compile(r"\\.|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Pairs of a ``Product`` field (or ``attributes.NAME``, or ``extra``) and the source paths that it is read from.

    A field that is not named is read from its own name, so ``FieldMap()`` reads documents that endcap loaded.
    A field with no paths (``brand=``) is not read. ``attributes`` takes a mapping, a list or a text;
    ``attributes.NAME`` adds one value. What is not used by any field is kept in ``extra``, unless ``extra=`` says no.
    Raises ``InputError`` where a name on the left is not a field of ``Product``.
    """

    paths: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __post_init__(self) -> None:
        names = set()
        for name, paths in self.paths:
            named = name.startswith(NAMED_ATTRIBUTE) and len(name) > len(NAMED_ATTRIBUTE)
            if name not in FIELDS and not named and name != "extra":
                raise InputError(
                    f"field map: {name!r} is not a field of a product. Left of '=' write one of "
                    f"{', '.join(FIELDS)}, or attributes.NAME."
                )
            if name in names:
                raise InputError(
                    f"field map: {name!r} is given twice. Give it once; join alternatives by '|', as in {name}=a|b."
                )
            if name == "extra" and paths:
                raise InputError("field map: 'extra' keeps what no field uses. Write 'extra=' to drop that.")
            if not all(paths):
                raise InputError(f"field map: {name!r} has an empty path. Write {name}=path, or {name}=a|b.")
            names.add(name)

    @classmethod
    def parse(cls, text: str) -> FieldMap:
        """A map from its written form; ``InputError`` says which part could not be read."""
        pairs = []
        for piece in _split(text, ","):
            if not piece.strip():
                continue
            name, *rest = _split(piece, "=")
            if len(rest) != 1:
                raise InputError(f"field map: {piece.strip()!r} should be FIELD=PATH, as in title=name.")
            alternatives = [_unescape(path) for path in _split(rest[0], "|")]
            pairs.append((_unescape(name), tuple(alternatives) if alternatives != [""] else ()))
        return cls(tuple(pairs))

    @classmethod
    def from_json(cls, data: Mapping[str, str | Sequence[str]]) -> FieldMap:
        """A map from ``{field: path}`` or ``{field: [path, ...]}``; a path here has no alternatives and no escapes."""
        if not isinstance(data, Mapping):
            raise InputError(f"field map: {data!r} should be an object of field: path.")
        pairs = []
        for name, value in data.items():
            alternatives = ([value] if value else []) if isinstance(value, str) else value
            if not isinstance(alternatives, (list, tuple)) or not all(isinstance(path, str) for path in alternatives):
                raise InputError(f"field map: {name!r} has {value!r}; it should be a path or a list of paths.")
            pairs.append((str(name), tuple(alternatives)))
        return cls(tuple(pairs))

    def to_json(self) -> dict[str, list[str]]:
        """The map as plain JSON-ready data, ``{field: [path, ...]}``; ``from_json`` gives it back."""
        return {name: list(paths) for name, paths in self.paths}

    def __str__(self) -> str:
        """The written form; ``parse`` gives the map back."""
        return ",".join(f"{_escape(name)}={'|'.join(map(_escape, paths))}" for name, paths in self.paths)

    def restrict(self, names: Collection[str]) -> FieldMap:
        """The same map reading only these fields of ``Product``; the id is always read, ``extra`` only if named."""
        for name in names:
            if name not in (*FIELDS, "extra"):
                raise InputError(f"{name!r} is not a field of a product. Use some of {', '.join(FIELDS)}.")
        own = {"id", *names}
        pairs = [pair for pair in self.paths if pair[0].partition(".")[0] in own]
        pairs += [(name, ()) for name in (*FIELDS, "extra") if name not in own]
        return FieldMap(tuple(pairs))

    def paths_of(self, name: str) -> tuple[str, ...]:
        """The source paths of a field of ``Product``, or of ``attributes.NAME``, the first choice first."""
        return dict(_plan(self)).get(name, ())

    def source_fields(self) -> list[str]:
        """The source paths that the fields (not ``extra``) are read from, sorted: what to ask for with ``_source``."""
        return sorted({path for _, paths in _plan(self) for path in paths})

    def product(self, source: Mapping[str, Any], id: str | None = None) -> Product:
        """The product that a source document describes; odd values never fail, they are put into words or left empty.

        ``id`` is what the engine calls the document; without it the map's own ``id`` field is read. Of alternatives
        counts the first that says something: "N/A" and the like do not. Texts are without markup.
        """
        values: dict[str, Any] = {}
        used = set()
        named: dict[str, str] = {}
        for name, paths in _plan(self):
            for path in paths:
                value = look_up(source, path)
                if _is_empty(value):
                    continue
                said = _said(name, value)
                if said is None and name == "price":  # it is kept in ``extra``
                    continue
                if not _says_more(name, value, said):
                    used.add(path)
                if said or name == "price":
                    break
            else:
                continue
            if name.startswith(NAMED_ATTRIBUTE):
                named[name[len(NAMED_ATTRIBUTE) :]] = said
            else:
                values[name] = said
        if id is not None and values.get("id") != id:
            values["id"] = id
            used -= set(self.paths_of("id"))
        values["attributes"] = {**values.get("attributes", {}), **named}
        return Product(**{"id": "", "title": "", **values, "extra": self._extra(source, used)})

    def _extra(self, source: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
        if ("extra", ()) in self.paths:
            return {}
        nested = source.get("extra")
        extra = dict(nested) if isinstance(nested, Mapping) else {}
        for name, value in source.items():
            # A document's state is endcap's own, and nothing of the product.
            if name not in used and name != NAME and not _is_empty(value) and value is not nested:
                extra[str(name)] = value
        return extra


@lru_cache(maxsize=64)
def _plan(fields: FieldMap) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every field that is read, with its paths: those of the map, and the rest by their own names."""
    own = [(name, (name,)) for name in FIELDS if name not in dict(fields.paths)]
    return tuple(pair for pair in (*own, *fields.paths) if pair[0] != "extra")


def look_up(source: Any, path: str) -> Any:
    """The value at a dotted path; a key that holds the dots itself goes first, a list gives its items' values."""
    if type(source) is dict or isinstance(source, Mapping):  # a search looks up some thousands: the plain type is quick
        if path in source:
            return source[path]
        dot = path.find(".")
        while dot >= 0:
            if path[:dot] in source:
                return look_up(source[path[:dot]], path[dot + 1 :])
            dot = path.find(".", dot + 1)
        return None
    if isinstance(source, (list, tuple)):
        values = [value for item in source if (value := look_up(item, path)) is not None]
        return values or None
    return None


def _said(name: str, value: Any) -> Any:
    """What a value says in a field; empty where that is nothing, None where it is no price."""
    if name == "price":
        return price(value)
    if name == "attributes":
        return _safely(attribute_words, value) or {}
    return _safely(field_words, "attributes" if name.startswith(NAMED_ATTRIBUTE) else name, value)


def _says_more(name: str, value: Any, said: Any) -> bool:
    """Whether ``extra`` keeps the value, too: markup that was taken out of a text, images after the first, and what
    an object says besides its name."""
    if name in NAMED_THINGS and not isinstance(value, str):
        return bool(thing_names(value) != value)
    if name in _TEXTS:
        return isinstance(value, str) and ("<" in value or "&" in value) and said != value
    return name == "image" and value not in (said, [said])


def _safely(read: Callable[..., Any], *args: Any) -> Any:
    """What can't be put into words (lists nested a thousand deep, numbers of a thousand digits) is empty."""
    try:
        return read(*args)
    except (RecursionError, ValueError):
        return ""


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (str, list, tuple, dict)) and not value)


def _split(text: str, separator: str) -> list[str]:
    """The text cut at each separator that no backslash precedes."""
    parts = [""]
    for token in _TOKEN.findall(text):
        if token == separator:
            parts.append("")
        else:
            parts[-1] += token
    return parts


def _unescape(text: str) -> str:
    """The text without the backslashes, and without the blanks around it that have none."""
    tokens = _TOKEN.findall(text)
    while tokens and tokens[0].isspace():
        del tokens[0]
    while tokens and tokens[-1].isspace():
        del tokens[-1]
    return "".join(token[-1] for token in tokens)


def _escape(text: str) -> str:
    return re.sub(r"([\\,|=\s])", r"\\\1", text)
