"""Whether judgments and catalogue speak of the same products: ids that only one of them has, counted and explained.

What matches nothing counts as irrelevant end to end and is left out of a pool, so it changes any result in silence.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from endcap.errors import InputError
from endcap.index.engine import Engine
from endcap.index.judgments.id_spellings import SCANNED, field_of, plain, spelled_alike

MOST_UNKNOWN, MOST_RESPELLED = 0.5, 0.1
"""A larger share of judgments that name no product of the catalogue is refused; the second, where another spelling of
their ids makes most of them known: then they are no products of the past, but lost."""
CHUNK, SAMPLE, TRIED, SHOWN = 1_000, 5_000, 2_000, 3
_THOUSANDS = re.compile(r"\d{1,3}(\.\d{3})+")
Known = Callable[[Sequence[str]], Collection[str]]
"""Which of these ids the catalogue has."""


@dataclass(frozen=True, slots=True)
class IdMatch:
    """How many judgments there are, and of how many the catalogue lacks the product; ids of both sides, and the change
    that makes most of the unknown ones known (``mending``; empty: none was found), for so many of those tried."""

    judgments: int
    unknown: int
    judged_ids: tuple[str, ...] = ()
    catalogue_ids: tuple[str, ...] = ()
    mending: str = ""
    mended: int = 0
    tried: int = 0
    noun: str = "judgments"
    """What was counted."""

    @property
    def share(self) -> float:
        """The part of the judgments whose product is unknown, 0 to 1."""
        return self.unknown / self.judgments if self.judgments else 0.0

    def sentence(self) -> str:
        """What there is to say, without a full stop; empty where all products are known."""
        if not self.unknown:
            return ""
        words = (
            f"{self.unknown:,} of {self.judgments:,} {self.noun} ({100 * self.share:.1f} %) name products that the "
            f"catalogue lacks, such as {_listed(self.judged_ids)}; the catalogue has ids such as "
            f"{_listed(self.catalogue_ids)}"
        )
        if self.mending:
            words += f". Likely {self.mending}: so changed, {self.mended:,} of {self.tried:,} of these ids are known"
        return words

    def check(self, name: object, most: float | None = None) -> str:
        """The sentence, as a warning. Raises ``InputError`` where more than the share ``most`` is unknown; None: as
        ``share_allowed`` has it."""
        allowed = share_allowed(most, self.mended, self.tried)
        if self.judgments and (self.share > allowed or self.unknown == self.judgments):
            some = f"At most {100 * allowed:g} % may be unknown (--unknown-ids)"
            limit = some if self.unknown < self.judgments else "Some must be known, whatever --unknown-ids allows"
            raise InputError(
                f"{name}: {self.sentence()}. {limit}, since no number would mean anything: give judgments and "
                'catalogue the same ids (check --fields "id=..." too).'
            )
        return self.sentence()


def share_allowed(most: float | None, mended: int, tried: int) -> float:
    """The share of unknown ids that is not refused: ``most`` where somebody said it."""
    if most is not None:
        return most
    return MOST_RESPELLED if mended and 2 * mended >= tried else MOST_UNKNOWN


def match_ids(
    grades: Mapping[str, Collection[str]], known: Known, catalogue_ids: Iterable[str], noun: str = "judgments"
) -> IdMatch:
    """How the products of judgments (query to product ids) match a catalogue, of which some ids are given."""
    counts: dict[str, int] = {}
    for products in grades.values():
        for id in products:
            counts[id] = counts.get(id, 0) + 1
    found = _known(known, list(counts))
    unknown = [id for id in counts if id not in found]
    total, lost = sum(counts.values()), sum(counts[id] for id in unknown)
    if not unknown:
        return IdMatch(total, 0, noun=noun)
    sample = list(islice(catalogue_ids, SAMPLE))
    tried = unknown[:: -(-len(unknown) // TRIED)]
    mending, mended = _likely(tried, sample, known)
    return IdMatch(total, lost, tuple(unknown[:SHOWN]), tuple(sample[:SHOWN]), mending, mended, len(tried), noun)


def match_engine(
    grades: Mapping[str, Collection[str]], engine: Engine, index: str | None = None, noun: str = "judgments"
) -> IdMatch:
    """The same for a catalogue in an engine, which is asked for the ids."""
    known = known_in(engine, index)
    found = match_ids(grades, known, (each.id for each in engine.products()), noun)
    return _in_another_field(found, grades, known, engine) if found.unknown else found


def known_in(engine: Engine, index: str | None = None) -> Known:
    """Asks an engine which of some ids it has; at most 10,000 at once."""

    def known(ids: Sequence[str]) -> set[str]:
        sent = [id for id in ids if 0 < len(id.encode()) <= 512]
        body = {"query": {"ids": {"values": sent}}, "size": max(len(sent), 1), "_source": False}
        return {str(hit["_id"]) for hit in engine.search(index=index, body=body)["hits"]["hits"]} if sent else set()

    return known


def _in_another_field(found: IdMatch, grades: Mapping[str, Collection[str]], known: Known, engine: Engine) -> IdMatch:
    """The same, with the field in which judged ids stand, as SKUs of variants do."""
    judged = list(dict.fromkeys(id for products in grades.values() for id in products))
    have = _known(known, judged)
    unknown = [id for id in judged if id not in have][:TRIED]
    name, example, count = field_of(unknown, engine.products())
    if count * 10 < min(len(unknown), SCANNED) or count < found.mended:
        return found
    words = (
        f"what products have in the field {name!r} (of {example!r}, for one): judge by the products' ids, or load with "
        f'--fields "id={name}"'
    )
    return replace(found, mending=words, mended=count, tried=len(unknown))


def _known(known: Known, ids: Sequence[str]) -> set[str]:
    return {id for start in range(0, len(ids), CHUNK) for id in known(ids[start : start + CHUNK])}


def _likely(unknown: Sequence[str], sample: Sequence[str], known: Known) -> tuple[str, int]:
    """The change that makes most of the unknown ids known, and how many."""
    best = ("", 0)
    for words, changed in _changes(unknown, sample):
        new = [id for id, old in zip(changed, unknown, strict=True) if id and id != old]
        count = len(_known(known, list(dict.fromkeys(new)))) if new else 0
        if count > best[1]:
            best = (words, count)
    return best if best[1] * 10 >= len(unknown) else ("", 0)


def _changes(unknown: Sequence[str], sample: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Ways in which ids come to differ between two exports, each with the judged ids changed back."""
    yield "'.0' at the end, as pandas writes whole numbers", [re.sub(r"\.0+$", "", id) for id in unknown]
    yield "'.0' at the end of the catalogue's ids, as pandas writes whole numbers", [f"{id}.0" for id in unknown]
    yield "blanks around or in the ids", ["".join(id.split()) for id in unknown]
    yield "blanks around the ids", [id.strip() for id in unknown]
    yield "quotation marks around the ids", [id.strip(" '\"`") for id in unknown]
    yield "commas in numbers", [id.replace(",", "") for id in unknown]
    yield "dots in numbers", [id.replace(".", "") if _THOUSANDS.fullmatch(id) else "" for id in unknown]
    yield "numbers in scientific notation, as Excel writes them", [_whole(id) for id in unknown]
    yield "other characters of the same meaning (Unicode)", [unicodedata.normalize("NFKC", id) for id in unknown]
    yield "small letters in place of capitals", [id.upper() for id in unknown]
    yield "capitals in place of small letters", [id.lower() for id in unknown]
    spelling = {id.casefold(): id for id in sample}
    yield "capitals and small letters", [spelling.get(id.casefold(), "") for id in unknown]
    yield "leading zeros that the catalogue lacks", [id.lstrip("0") for id in unknown]
    for width in sorted({len(id) for id in sample if id.isdigit()}):
        yield f"lost leading zeros ({width} digits in the catalogue)", [id.zfill(width) for id in unknown]
        yield f"more leading zeros ({width} digits in the catalogue)", [id.lstrip("0").zfill(width) for id in unknown]
        yield (
            f"'.0' of pandas, and lost leading zeros ({width} digits in the catalogue)",
            [re.sub(r"\.0+$", "", id).zfill(width) for id in unknown],
        )
    yield "addresses or paths around the ids", [re.split(r"[/=#:]", id.rstrip("/"))[-1] for id in unknown]
    ours, theirs = _affixes(unknown), _affixes(sample)
    for (before, after), (new_before, new_after) in ((ours, theirs), (ours, ("", "")), (("", ""), theirs)):
        if (before, after) != (new_before, new_after):
            words = (
                f"another beginning or end of the ids: {before!r}…{after!r} in place of {new_before!r}…{new_after!r}"
            )
            changed = [id.removeprefix(before).removesuffix(after) for id in unknown]
            yield words, [f"{new_before}{id}{new_after}" for id in changed]
    told_apart = len({plain(id) for id in sample}) == len(sample)
    for sign, other in product(_signs(unknown), ["", *_signs(sample)]) if told_apart else ():
        if sign != other:
            words = f"{sign!r} in place of {other!r}" if other else f"the sign {sign!r}"
            yield f"{words} in the ids", [id.replace(sign, other) for id in unknown]
    parts = re.compile(r"[-_:. ]")
    yield "a prefix of the judged ids", [parts.split(id, maxsplit=1)[-1] for id in unknown]
    yield "a suffix of the judged ids", [parts.split(id[::-1], maxsplit=1)[-1][::-1] for id in unknown]
    yield "variants of products: their first part is the product's id", [parts.split(id)[0] for id in unknown]
    yield from spelled_alike(unknown, sample)


def _affixes(ids: Sequence[str]) -> tuple[str, str]:
    """What all ids begin and end with; a digit or the last letters of a word are an id's own."""
    if len(ids) < 2:
        return "", ""
    before, after = _beginning(ids), _beginning([id[::-1] for id in ids])[::-1]
    return re.sub(r"\d+$", "", before), re.sub(r"^\d+", "", after)


def _beginning(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return next((first[:n] for n, (one, two) in enumerate(zip(first, last, strict=False)) if one != two), first)


def _signs(ids: Sequence[str]) -> list[str]:
    """The most frequent characters of ids that are neither letters nor digits."""
    counts = Counter(sign for id in ids for sign in set(id) if not sign.isalnum())
    return [sign for sign, _ in counts.most_common(4)]


def _whole(id: str) -> str:
    return str(int(float(id))) if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d{1,2}", id) else ""


def _listed(ids: Sequence[str]) -> str:
    return ", ".join(repr(id if len(id) <= 60 else f"{id[:59]}…") for id in ids) or "none"
