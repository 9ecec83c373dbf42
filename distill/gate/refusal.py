"""What the gate has refused, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from endcap.evaluate.non_inferiority import UNDECIDED


def refusal(report: Mapping[str, Any], text: Path) -> str:
    """Why the report (``gate.json``) refuses; empty where it does not, or where it is none yet.

    ``text`` is where the report is in words.
    """
    lost = [check for check in report.get("checks", ()) if not check["passed"]]
    if not lost:
        return ""
    losses = "; ".join(
        f"{check['name']}: {report.get('measure', 'nDCG@10')} {check['mean']:+.4f} over {check['queries']} queries "
        f"(it may lose {check['margin']:g})"
        for check in lost
    )
    name = report["candidate"]["name"]
    if all(check["verdict"] == UNDECIDED for check in lost):
        return (
            f"The gate refuses {name}, though so few queries can't tell whether it is worse: {losses}. Judge more "
            f"queries, or raise split.test; the worst queries are in {text}."
        )
    return f"The gate refuses {name}: {losses}. The worst queries are in {text}."
