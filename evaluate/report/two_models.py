"""How two models rank, as JSON and in words: for the gate, and for `endcap models compare`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from endcap.evaluate.measures import mean
from endcap.evaluate.non_inferiority import MIN_QUERIES, NOT_SEEN, PROVED, UNDECIDED, Verdict
from endcap.evaluate.two_models import Pair, worst_losses
from endcap.plugin.model.folder import ModelInfo, identity

WORST = 10


def model_json(info: ModelInfo) -> dict[str, str]:
    """Which model took part."""
    return {
        "name": info.name,
        "identity": identity(info.raw),
        "checksum": info.checksum,
        "precision": info.precision,
        "folder": info.folder.name,
    }


def check_json(name: str, verdict: Verdict, pairs: Mapping[str, Pair]) -> dict[str, Any]:
    """One comparison: the verdict, its numbers, each shop's part, and the worst queries with what moved."""
    d = verdict.difference
    return {
        "name": name,
        "passed": verdict.passed,
        "verdict": verdict.verdict,
        "margin": verdict.margin,
        "new": d.better,
        "old": d.base,
        "queries": d.queries,
        "mean": d.mean,
        "low": verdict.low,
        "high": verdict.high,
        "visible": verdict.visible if math.isfinite(verdict.visible) else None,
        "p_value": d.p_value,
        "wins": d.wins,
        "losses": d.losses,
        "ties": d.ties,
        "shops": {
            shop: {"queries": len(pair.grades), "new": mean(pair.new.values), "old": mean(pair.old.values)}
            for shop, pair in pairs.items()
        },
        "worst": [
            {
                "shop": shop,
                "query": case.query,
                "old": case.before,
                "new": case.after,
                "moved": [asdict(product) for product in case.moved],
            }
            for shop, case in worst_losses(pairs, WORST)
        ],
    }


def check_lines(check: Mapping[str, Any], measure: str) -> Iterator[str]:
    """One comparison in words."""
    words = {
        PROVED: "no worse, proved",
        NOT_SEEN: "passed, not proved: no loss can be seen",
        UNDECIDED: "not passed: lower, and so few queries can't tell whether by chance",
    }
    yield f"{check['name']}: {words.get(check['verdict'], check['verdict'])}"
    yield (
        f"  {measure} {check['mean']:+.4f} (one-sided 95 % bounds {check['low']:+.4f} and {check['high']:+.4f}; "
        f"it may lose {check['margin']:g}) over {check['queries']} queries: {check['wins']} better, "
        f"{check['losses']} worse, {check['ties']} the same"
    )
    if len(check["shops"]) > 1:
        for shop, part in check["shops"].items():
            yield f"  {shop}: {part['old']:.4f} before, {part['new']:.4f} now, {part['queries']} queries"
    if check["visible"] is None or check["queries"] < MIN_QUERIES:
        yield f"  So few queries ({check['queries']}) prove nothing; judge at least {MIN_QUERIES}."
    if check["visible"]:
        yield f"  A loss of less than {check['visible']:.4f} would most likely go unseen with so many queries."
    if check["worst"]:
        yield "  Worst queries:"
    for case in check["worst"]:
        yield f"    {case['old']:.3f} -> {case['new']:.3f}  {case['query']}  ({case['shop']})"
        for product in case["moved"]:
            ranks = " -> ".join(str(product[key] or "-") for key in ("rank_before", "rank_after"))
            grade = "not judged" if product["grade"] is None else f"grade {product['grade']:.3g}"
            yield f"        {ranks:>10}  {grade}  {product['title'][:70]}"
