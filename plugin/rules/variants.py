"""Which product of a ``collapse`` group is shown: the group's members come as inner hits, under a name of our own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from endcap.index.field_map import FieldMap
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.rules.arrange import hides
from endcap.plugin.rules.documents import Documents
from endcap.plugin.rules.rule import Rule, Variant

MEMBERS = "endcap_variants"
MAX_MEMBERS = 50
"""Members of a group that are looked at, the engine's best."""

Hit = dict[str, Any]
Scores = Callable[[Sequence[Hit]], FloatArray]
# What an inner hit may show like a hit.
_SHOWN = (
    *("fields", "docvalue_fields", "stored_fields", "script_fields", "highlight", "explain", "version"),
    "seq_no_primary_term",
)


def variant_of(rules: Sequence[Rule]) -> Variant | None:
    """What the first rule with a word on variants says."""
    found = (each.action for rule in rules for each in rule.actions)
    return next((action for action in found if isinstance(action, Variant)), None)


def is_collapsed(body: Mapping[str, Any]) -> bool:
    """Whether a body shows one hit of each group."""
    collapse = body.get("collapse")
    return isinstance(collapse, Mapping) and isinstance(collapse.get("field"), str)


def with_members(body: Mapping[str, Any]) -> dict[str, Any]:
    """A collapsed search's body that also brings each group's members."""
    collapse = body["collapse"]
    own = collapse.get("inner_hits")
    listed = list(own) if isinstance(own, (list, tuple)) else [own] if isinstance(own, Mapping) else []
    members = {name: body[name] for name in _SHOWN if name in body}
    members |= {"name": MEMBERS, "size": MAX_MEMBERS, "_source": body.get("_source", True)}
    return {**body, "collapse": {**collapse, "inner_hits": [*listed, members]}}


def with_chosen(
    hits: Sequence[Hit], variant: Variant, rules: Sequence[Rule], fields: FieldMap, scores: Scores
) -> list[Hit]:
    """Each hit as its group's chosen member, at the hit's place and with its score; ours taken out again.

    What ``rules`` hide is chosen only where they hide all members. ``scores`` gives the members' relevance, float64
    (n,), NaN where it is not known: then the engine's first is taken.
    """
    groups = [_members(hit) for hit in hits]
    members = [member for group in groups for member in group]
    documents = Documents(members, fields)
    meant = documents.meant(variant.filter) if variant.filter else [True] * len(members)
    hidden = hides(rules, documents)
    if variant.field:
        worth = documents.numbers(variant.field) * (1 if variant.highest else -1)
    else:
        worth = np.full(len(members), np.nan) if variant.filter else scores(members)
    chosen, start = list[Hit](), 0
    for hit, group in zip(hits, groups, strict=True):
        keys = [(not hidden[n], meant[n], _or_least(worth[n])) for n in range(start, start + len(group))]
        start += len(group)
        best = max(range(len(group)), key=lambda n: keys[n], default=None)
        chosen.append(hit if best is None else _as_shown(hit, group[best]))
    return chosen


def _or_least(value: float) -> float:
    return -np.inf if np.isnan(value) else float(value)


def _members(hit: Hit) -> list[Hit]:
    """A hit's members, which are taken out of it; none where the group is this hit alone."""
    inner = hit.get("inner_hits")
    if not isinstance(inner, dict) or MEMBERS not in inner:
        return []
    found = inner.pop(MEMBERS)["hits"]["hits"]
    if not inner:
        del hit["inner_hits"]
    return list(found) if len(found) > 1 else []


def _as_shown(hit: Hit, member: Hit) -> Hit:
    """A member in the place of its group's hit."""
    if (member.get("_index"), member.get("_id")) == (hit.get("_index"), hit.get("_id")):
        return hit
    shown = {**member, "_score": hit.get("_score")}
    if "fields" in hit:  # the group's value
        shown["fields"] = {**hit["fields"], **member.get("fields", {})}
    shown |= {name: hit[name] for name in ("inner_hits", "sort", "matched_queries") if name in hit}
    return shown
