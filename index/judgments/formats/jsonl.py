"""Judgments as the storefront keeps them: a line of JSON for each grade given or taken back."""

from collections.abc import Sequence
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.events import FIELDS, collected, grades_by_judge, read_events
from endcap.index.judgments.format_record import JudgmentFormat
from endcap.index.judgments.judgments import AS_THEY_ARE, Judgments


def jsonl(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """The judgments of a file of events; several judges are votes."""
    collector = collected(grades_by_judge(read_events(path)), path)
    if not collector.grades:
        raise InputError(f"{path}: there is no judgment in it, or all were taken back.")
    return collector.judgments(path, "jsonl", AS_THEY_ARE)


def _fits(start: bytes) -> bool:
    return all(f'"{name}"'.encode() in start for name in FIELDS)


FORMATS = (JudgmentFormat("jsonl", jsonl, 70, by_head=_fits),)
