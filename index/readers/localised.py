"""Texts in several languages: ``{"en": "Kettle", "de": "Kessel"}``, or records with a locale each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from endcap.errors import InputError

_CODE_WORDS = (
    "af am ar az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn "
    "ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn no pa pl ps pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur uz "
    "vi zh zu"
)
_CODES = frozenset(_CODE_WORDS.split())
_CODE = re.compile(r"([a-z]{2})(?:[_-](?:[a-z]{4}[_-])?[a-z]{2,3})?", re.IGNORECASE)
_IN_LANGUAGE = re.compile(r"(?:[_.:@-]|\s*[\[(]|\s+)([a-z]{2}(?:[_-][a-z]{2})?)(?:[\])]|[-.][a-z][a-z0-9_]*)?")
_LOCALES = ("locale", "lang", "language", "@language", "xml:lang", "languageCode", "language_code")
_SAID = ("value", "values", "data", "text", "@value", "name", "title", "label", "content")
TEXTS = ("title", "brand", "category", "description", "attributes")
"""The fields that may be in several languages."""


def is_code(name: str) -> bool:
    """Whether a name is a language's code, with or without a country: "de", "pt-BR", "zh_Hans_CN"."""
    found = _CODE.fullmatch(name)
    return found is not None and found[1].lower() in _CODES


def language_of(column: str, name: str) -> str:
    """The language in which a column is a field, as its code; "" where it is not that field, or in no language.

    Tables write ``title_de``, ``title-en_US-web`` (Akeneo, with a channel), ``title[de]``, ``title (de)``.
    """
    column, name = column.strip().casefold(), name.strip().casefold()
    found = _IN_LANGUAGE.fullmatch(column[len(name) :]) if column.startswith(name) else None
    return found[1] if found and is_code(found[1]) else ""


def is_in(code: str, language: str) -> bool:
    """Whether a code is of the language that is asked for: "de_AT" is German."""
    code, language = _plain(code), _plain(language)
    return code == language or code.partition("-")[0] == language


def in_language(value: Any, language: str, field: str, depth: int = 0) -> Any:
    """What a value says in a language; a value that is not in several stays as it is.

    Raises ``InputError`` where it has several languages, and none is asked for.
    """
    by_language = _by_language(value)
    if by_language is None:
        if field == "attributes" and depth < 2 and isinstance(value, Mapping):
            return {name: in_language(item, language, field, depth + 1) for name, item in value.items()}
        if field == "attributes" and depth < 2 and isinstance(value, list):
            return [in_language(item, language, field, depth + 1) for item in value]
        return value
    if not language and len(by_language) > 1:
        raise InputError(
            f"the field {field!r} is in several languages ({', '.join(sorted(by_language)[:10])}). "
            "Say which to read, as in --language en."
        )
    if not language:
        return next(iter(by_language.values()))
    plain = {_plain(name): item for name, item in by_language.items()}
    near = (item for name, item in plain.items() if name.partition("-")[0] == _plain(language).partition("-")[0])
    return plain.get(_plain(language), next(near, None))


def languages_in(record: Mapping[str, Any]) -> list[str]:
    """The languages that a record's fields are in, in their order."""
    found = (code for value in record.values() for code in _by_language(value) or ())
    return list(dict.fromkeys(found))


def _by_language(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value) if value and all(map(is_code, map(str, value))) else None
    if not isinstance(value, list) or not value:
        return None
    pairs: dict[str, Any] = {}
    for item in value:
        if not isinstance(item, Mapping):
            return None
        locale = next((item[name] for name in _LOCALES if isinstance(item.get(name), str)), "")
        said = next((item[name] for name in _SAID if item.get(name) is not None), None)
        if not is_code(locale) or {"key", "attribute_code"} & set(item) or ("name" in item and "value" in item):
            return None
        pairs.setdefault(locale, said)
    return pairs


def _plain(code: str) -> str:
    return code.replace("_", "-").casefold()
