"""What the gate found, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from endcap.evaluate.report.two_models import check_lines


def say(told: Mapping[str, Any]) -> str:
    """``gate.json`` in words."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    new, old = told["candidate"], told["against"]
    queries = sum(told["queries"].values())
    yield f"{'Passed' if told['passed'] else 'Refused'}: {new['name']} ({new['checksum'][:8]})"
    yield f"In use: {old['name']} ({old['checksum'][:8]})"
    yield f"Measured on {queries} {told['part']} queries of {', '.join(told['queries'])}"
    for warning in told["warnings"]:
        yield f"Note: {warning}."
    for check in told["checks"]:
        yield ""
        yield from check_lines(check, told["measure"])
