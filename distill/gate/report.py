"""The gate's verdict in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from endcap.evaluate.report.two_models import check_lines


def verdict_text(report: Mapping[str, Any]) -> str:
    """``gate.json`` in words."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    new, old = report["candidate"], report["against"]
    queries = sum(report["queries"].values())
    yield f"{'Passed' if report['passed'] else 'Refused'}: {new['name']} ({new['checksum'][:8]})"
    yield f"In use: {old['name']} ({old['checksum'][:8]})"
    yield f"Measured on {queries} {report['part']} queries of {', '.join(report['queries'])}"
    for warning in report["warnings"]:
        yield f"Note: {warning}."
    for check in report["checks"]:
        yield ""
        yield from check_lines(check, report["measure"])
