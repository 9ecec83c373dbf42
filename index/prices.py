"""Reads a price as shops write it: "12,99 €", "EUR 1.299,00", "$1,299.00"."""

import re
import unicodedata
from typing import Any

from endcap.index.product import number

_GAP = "[ '\u2019\u00a0\u202f]"
_AMOUNT = re.compile(
    rf"""(?P<plain>\d+) (?:[.,](?P<part>\d{{1,2}}))?
       | (?P<gaps>\d{{1,3}}(?:{_GAP}\d{{3}})+) (?:[.,](?P<gaps_part>\d{{1,2}}))?
       | (?P<dots>\d{{1,3}}(?:\.\d{{3}})+),(?P<dots_part>\d{{1,2}})
       | (?P<commas>\d{{1,3}}(?:,\d{{3}})+)\.(?P<commas_part>\d{{1,2}})""",
    re.VERBOSE | re.ASCII,
)
_CURRENCY = re.compile(r"[^\W\d_]{1,3}\.?")


def price(value: Any) -> float | None:
    """The number of a price, or None where there is none, or where it could be two.

    A text may have a currency before or after the amount. A comma or a dot before one or two digits is the decimal one.
    "1,299 €" is 1299 in one country and 1.299 in another, so it is not read. Nor is a range, or a price by the kilo.
    """
    amount_alone = number(value)
    if amount_alone is not None or not isinstance(value, str):
        return amount_alone
    digits = [i for i, character in enumerate(value) if character in "0123456789"]
    if not digits:
        return None
    amount = _AMOUNT.fullmatch(value[digits[0] : digits[-1] + 1])
    around = [part.strip() for part in (value[: digits[0]], value[digits[-1] + 1 :].removeprefix(",-"))]
    if amount is None or all(around) or not all(map(_is_currency, filter(None, around))):
        return None
    groups = amount.groupdict()
    kind = next(name for name in ("plain", "gaps", "dots", "commas") if groups[name])
    part = groups["part" if kind == "plain" else f"{kind}_part"]
    return float(re.sub(r"\D", "", groups[kind]) + "." + (part or "0"))


def _is_currency(text: str) -> bool:
    signs = {unicodedata.category(character) for character in text}
    return signs == {"Sc"} or _CURRENCY.fullmatch(text) is not None
