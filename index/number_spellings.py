"""Other ways to write the numbers of models in a text, so that a search finds each of them by any.

A shop writes "BT-4410", a shopper "bt4410", "BT 4410" or "bt/4410". An engine cuts a text at hyphens and blanks, so
that one of these does not find the other. What it lacks is written beside the text when a product is indexed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MAX_CHARACTERS = 600
"""What is read of a text."""
MAX_PARTS = 8
"""Letters and digits in turn; a longer run is no number that somebody types."""
MIN_CHARACTERS, MIN_DIGITS = 3, 5
_LONGEST, _LONGEST_WORD, _SHORT_WORD = 24, 12, 4
_MARK = re.compile(r"[-/._]+")
_CHUNK = re.compile(r"[^\W_]+(?:[-/._][^\W_]+)*|[^\w\s]|\n")
_PART = re.compile(r"[^\W\d_]+|\d+")
_DIGIT = re.compile(r"\d")
_LIKE_AN_AMOUNT = re.compile(r"\d+(?:[-.,/x]\d+)*[^\W\d_]{0,4}")
_MARK_IN_NUMBER = re.compile(r"(?<=[^\W\d_])[._/](?=\d)|(?<=\d)[._/](?=[^\W\d_])")

_NUMBERS = 1_000
"""Of a product with variants, so many of each such number are read."""
OWN_NUMBERS = (
    *("mpn", "ean", "gtin", "upc", "isbn", "asin", "sku", "model", "model_number", "modelNumber"),
    *("part_number", "partNumber", "article_number", "item_number"),
)
"""Names that shops give to fields with such a number."""


def number_spellings(text: str) -> list[str]:
    """The other spellings of what looks like a model's number: all of it in one ("wh1000xm4"), where its letters and
    digits meet ("wh1000", "xm4"), and with what stands before it ("rtx4070" of "RTX 4070")."""
    text = text[:MAX_CHARACTERS]
    if not _DIGIT.search(text):
        return []
    found, before = dict[str, None](), ["", ""]
    for chunk in _CHUNK.findall(text.casefold().replace("×", "x")):
        if not chunk[0].isalnum():  # what is behind a comma, a bracket or a line is no part of what is before
            before = ["", ""]
            continue
        joined = _MARK.sub("", chunk)
        if _DIGIT.search(chunk):
            found.update(dict.fromkeys(_parts_of(chunk, joined)))
            found.update(dict.fromkeys(_with_what_is_before(before, joined)))
        elif len(chunk) <= _SHORT_WORD and _DIGIT.search(before[1]):  # "A7 III", "652 XL"
            found[before[1] + joined] = None
            if before[0].isalpha() and len(before[0]) <= _LONGEST_WORD:  # "rtx4060ti" of "RTX 4060 Ti"
                found[before[0] + before[1] + joined] = None
        is_decimal = joined != chunk and joined.isdigit() and len(joined) < MIN_DIGITS  # "2.5 l", "5-10 kg"
        before = [before[1], "" if is_decimal else joined]
    return list(found)


def _parts_of(chunk: str, joined: str) -> Iterator[str]:
    parts = _PART.findall(chunk)
    if joined.isdigit() and joined != chunk and len(joined) >= MIN_DIGITS:  # "978-3-16-148410-0"
        yield joined
    if _LIKE_AN_AMOUNT.fullmatch(chunk):
        yield from (part for part in parts if part.isdigit() and len(part) > 2 and part != chunk)  # "652XL"
        return
    if not 2 <= len(parts) <= MAX_PARTS or len(joined) < MIN_CHARACTERS:
        return
    if joined != chunk:
        yield joined
    cut = frozenset(_MARK.split(chunk))  # the engine has these
    if len(parts[0]) > 1 and parts[1].isdigit():  # "TZ-E231" of "TZE-231"
        yield parts[0][-1] + "".join(parts[1:])
    digits = 2 if len(parts) == 2 else 3
    yield from (part for part in parts if part.isdigit() and len(part) >= digits and part not in cut)
    for end in range(1, len(parts)):
        pieces = ("".join(parts[:end]), "".join(parts[end:]))
        yield from (piece for piece in pieces if len(piece) > 1 and piece not in cut and _is_mixed(piece))


def _is_mixed(piece: str) -> bool:
    return not piece.isdigit() and _DIGIT.search(piece) is not None


def _with_what_is_before(before: Sequence[str], number: str) -> Iterator[str]:
    """A number and the word or number before it as one: "rtx4070", "hll2350dw", "62052rs", "wh1000xm4"."""
    first, last = before
    if last == "x" and _DIGIT.search(first) and number[0].isdigit():  # "m8x40" of "M8 x 40"
        yield f"{first}x{number}"[:_LONGEST]
    if not last or len(last) > (_LONGEST_WORD if number[0].isdigit() else _SHORT_WORD):
        return
    joined = last + number
    if len(joined) <= _LONGEST:
        yield joined
    if first and _DIGIT.search(last) and len(first) <= _SHORT_WORD and len(first + joined) <= _LONGEST:
        yield first + joined


def pieces(number: str) -> list[str]:
    """What any index may have of a number that is cut where letters and digits meet: each run of its parts, as one."""
    parts = _PART.findall(number)[:MAX_PARTS]
    runs = ("".join(parts[one:two]) for one in range(len(parts)) for two in range(one + 1, len(parts) + 1))
    return list(dict.fromkeys(run for run in runs if len(run) > 1))


def without_marks(text: str) -> str:
    """A search text in which a dot, slash or underscore between letters and digits ("wh.1000") is a blank."""
    return _MARK_IN_NUMBER.sub(" ", text)


def own_numbers(identifier: str, extra: Mapping[str, Any]) -> list[str]:
    """A product's id, where that looks like a number, and its numbers in fields that it has beside those of every
    product (``OWN_NUMBERS``)."""
    found = [identifier] if len(identifier) >= _SHORT_WORD and len(_DIGIT.findall(identifier)) > 1 else []
    for name in OWN_NUMBERS:
        value = extra.get(name)
        for each in value[:_NUMBERS] if isinstance(value, list) else (value,):  # a product's variants have one each
            if isinstance(each, (str, int)) and not isinstance(each, bool):
                found.append(str(each)[:100])
    return found
