"""Languages whose word endings the engines take off, so that "lamps" finds "lamp", and what each engine calls that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from endcap.errors import InputError

ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Stemming:
    """The names of a language's stemmer."""

    embedded: str
    opensearch: str


STEMMING: Mapping[str, Stemming] = {
    "ar": Stemming("arabic", "arabic"),
    "da": Stemming("danish", "danish"),
    "de": Stemming("german", "light_german"),
    "el": Stemming("greek", "greek"),
    "en": Stemming("english", "porter2"),
    "es": Stemming("spanish", "light_spanish"),
    "fi": Stemming("finnish", "finnish"),
    "fr": Stemming("french", "light_french"),
    "hu": Stemming("hungarian", "hungarian"),
    "it": Stemming("italian", "light_italian"),
    "nl": Stemming("dutch", "dutch"),
    "no": Stemming("norwegian", "norwegian"),
    "pt": Stemming("portuguese", "light_portuguese"),
    "ro": Stemming("romanian", "romanian"),
    "ru": Stemming("russian", "russian"),
    "sv": Stemming("swedish", "swedish"),
    "tr": Stemming("turkish", "turkish"),
}
"""By ISO 639-1."""


def checked_stemming(language: str) -> str:
    """The language, if there is a stemmer for it. Raises ``InputError`` where there is none."""
    if language not in STEMMING:
        raise InputError(
            f"no word endings are known of {language!r}. Use one of {', '.join(STEMMING)}, or leave it out."
        )
    return language
