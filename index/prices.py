"""Reads a price as shops write it: "12,99 €", "EUR 1.299,00", "$1,299.00"."""

import re
import unicodedata
from typing import Any

from endcap.index.product import number

_GAP = "[ '\u2019\u00a0\u202f]"
_AMOUNTS = (
    re.compile(r"(\d+)(?:[.,](\d{1,2}))?", re.ASCII),
    re.compile(rf"(\d{{1,3}}(?:{_GAP}\d{{3}})+)(?:[.,](\d{{1,2}}))?", re.ASCII),
    re.compile(r"(\d{1,3}(?:\.\d{3})+),(\d{1,2})", re.ASCII),
    re.compile(r"(\d{1,3}(?:,\d{3})+)\.(\d{1,2})", re.ASCII),
    re.compile(r"(\d{1,3}(?:,\d{3}){2,}|\d{1,3}(?:\.\d{3}){2,})()", re.ASCII),
    re.compile(r"(\d{1,2}(?:,\d{2})+,\d{3})(?:\.(\d{1,2}))?", re.ASCII),  # lakh and crore, as in India
)
_CURRENCY = re.compile(r"[^\W\d_]{1,3}\.?")
_CODE = re.compile(r"[A-Z]{3}")


def price(value: Any) -> float | None:
    """The number of a price, or None where there is none, or where it could be two.

    A text may have a currency before or after the amount. A comma or a dot before one or two digits is the decimal one.
    "1,299 €" is 1299 in one country and 1.299 in another, so it is not read. Nor is a range, or a price by the kilo.
    """
    if isinstance(value, list) and len(value) == 1:  # as Solr has it
        return price(value[0])
    amount_alone = number(value)
    if amount_alone is not None or not isinstance(value, str):
        return amount_alone
    digits = [i for i, character in enumerate(value) if character in "0123456789"]
    if not digits:
        return None
    text = value[digits[0] : digits[-1] + 1]
    amount = next((match for pattern in _AMOUNTS if (match := pattern.fullmatch(text))), None)
    around = [part.strip() for part in (value[: digits[0]], value[digits[-1] + 1 :].removeprefix(",-"))]
    twice = all(around) and not _sign_and_code(*around)
    if amount is None or twice or not all(map(_is_currency, filter(None, around))):
        return None
    whole, part = amount.groups()
    return float(re.sub(r"\D", "", whole) + "." + (part or "0"))


def asked_price(reduced: Any, usual: Any) -> Any:
    """The reduced price, if there is one: exports write 0 where a product has none."""
    return usual if price(reduced) == 0 else reduced or usual


def _is_currency(text: str) -> bool:
    """Whether a text is a sign, a code, or a sign with its country's letters, as in "R$", "HK$", "$US"."""
    letters = "".join(character for character in text if not _is_sign(character))
    if letters == text:
        return _CURRENCY.fullmatch(text) is not None
    return len(text) - len(letters) == 1 and (not letters or _CURRENCY.fullmatch(letters.strip()) is not None)


def _is_sign(character: str) -> bool:
    return unicodedata.category(character) == "Sc"


def _sign_and_code(before: str, after: str) -> bool:
    """Whether a price has its currency twice, as in "$12.99 USD"."""
    return any(map(_is_sign, before)) and _CODE.fullmatch(after) is not None
