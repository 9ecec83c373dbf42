"""Judgments as the storefront keeps them: a line of JSON for each grade given or taken back."""

from collections.abc import Sequence
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.events import FIELDS, grades_by_judge, read_events
from endcap.index.judgments.format_record import JudgmentFormat, Rating, Ratings


def jsonl(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """The judgments of a file of events; several judges are votes."""
    events = read_events(path)
    grades = grades_by_judge(events)
    if not grades:
        raise InputError(f"{path}: there is no judgment in it, or all were taken back.")
    rows = [
        Rating(path, query, product, grade, judge)
        for (query, product), judges in grades.items()
        for judge, grade in judges.items()
    ]
    found = Ratings(rows)
    if changed := len(events) - len(rows):
        found.left_out["changed or taken back"] = changed
    return found


def _fits(start: bytes) -> bool:
    return all(f'"{name}"'.encode() in start for name in FIELDS)


FORMATS = (JudgmentFormat("jsonl", jsonl, f"JSON lines with {', '.join(FIELDS)}", 70, by_head=_fits),)
