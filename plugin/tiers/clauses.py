"""What a clause scores by: the text that is searched for, or a rule of the shop.

Text is what matches words that are searched for (``match`` and its kin, query strings, spans, patterns of what was
typed), vectors and learning to rank. A rule is all else that makes one hit's score differ from another's: constant
scores, functions, scripts, ``boosting``, features of the document, exact values under ``should``, pinned documents, and
what matches other words (``match: {sponsored: true}``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntFlag
from typing import Any

from endcap.plugin.tiers.script import reads_vectors
from endcap.plugin.tiers.searched import Searched


class By(IntFlag):
    """What a clause's score is made of; 0 where it is the same for all hits."""

    NOTHING = 0
    TEXT = 1
    RULE = 2


TEXT_KINDS = frozenset(
    (
        *("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix", "multi_match", "combined_fields"),
        *("query_string", "simple_query_string", "intervals", "more_like_this", "fuzzy", "prefix", "wildcard"),
        *("regexp", "span_term", "span_near", "span_or", "span_first", "span_not", "span_multi", "span_containing"),
        *("span_within", "field_masking_span", "common", "neural", "neural_sparse", "knn", "sltr", "semantic"),
        *("text_expansion", "sparse_vector", "agentic"),
    )
)
# Where every hit must match these, each has the same score for them.
_EVEN = frozenset(("term", "terms", "range", "exists", "ids", "constant_score"))
_NEUTRAL = frozenset(("match_all", "match_none"))
# What holds a clause and changes its score by a rule, and the key of that clause.
RULED = {"function_score": "query", "script_score": "query", "boosting": "positive", "pinned": "organic"}
JOINS = ("nested", "has_child", "has_parent")
FUNCTIONS = frozenset(
    ("functions", "field_value_factor", "script_score", "random_score", "weight", "gauss", "exp", "linear")
)


def kind_of(clause: Any) -> tuple[str, Mapping[str, Any]]:
    """Name and options of a clause; an empty name where it is none."""
    if isinstance(clause, Mapping) and len(clause) == 1:
        ((kind, options),) = clause.items()
        if isinstance(options, Mapping):
            return str(kind), options
    return "", {}


def listed(value: Any) -> Sequence[Any]:
    """One clause, or several."""
    if isinstance(value, (list, tuple)):
        return value
    return [] if value is None else [value]


def scored_by(clause: Any, searched: Searched, optional: bool = False) -> By:
    """What a clause's score is made of. ``optional``: hits need not match it, so what it demands besides its text is a
    rule: ``should: [{"bool": {"must": [TEXT], "filter": [IN STOCK]}}]`` lifts what is in stock."""
    kind, options = kind_of(clause)
    if kind in TEXT_KINDS:
        if not searched.has(kind, options):
            return By.RULE
        return By.TEXT | By.RULE if searched.lifts_others(kind, options) else By.TEXT
    if not kind or kind in _NEUTRAL:
        return By.NOTHING
    if kind == "function_score" and not FUNCTIONS & options.keys():
        return scored_by(options.get("query"), searched, optional)
    found = By.RULE if kind in RULED else By.NOTHING
    if kind == "script_score" and reads_vectors(options.get("script")):
        found = By.TEXT
    inner = list(_inner(kind, options, optional, searched.fields))
    if not inner and kind not in RULED and kind != "bool":
        return By.RULE
    for part, is_optional in inner:
        found |= scored_by(part, searched, is_optional)
    if kind in JOINS:
        return found or By.RULE  # how many parts it matches, or whether it matches any
    if kind == "bool" and optional and _demands(options, searched):
        found |= By.RULE
    return found


def _demands(options: Mapping[str, Any], searched: Searched) -> bool:
    """Whether a ``bool`` with a score asks more of a hit than that it matches texts."""
    conditions = [*listed(options.get("filter")), *listed(options.get("must_not"))]
    scores = options.get("must") or options.get("should")
    return bool(scores) and any(scored_by(each, searched) is not By.TEXT for each in conditions if each)


def searched_by(text: str, clauses: Sequence[Any]) -> Searched:
    """What a search for ``text`` by these clauses looks for."""
    return Searched.read(text, (found for clause in clauses for found in _texts(clause)))


def _texts(clause: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The clauses of text that a clause scores by, itself and those in it."""
    kind, options = kind_of(clause)
    if kind in TEXT_KINDS:
        yield kind, options
    for part, _ in _inner(kind, options):
        yield from _texts(part)


def _inner(
    kind: str, options: Mapping[str, Any], optional: bool = False, texts: frozenset[str] = frozenset()
) -> Iterator[tuple[Any, bool]]:
    """The clauses whose scores a clause passes on, each with whether a hit need not match it. ``texts`` are fields of
    words."""
    if kind == "bool":
        must, should = listed(options.get("must")), listed(options.get("should"))
        # Each hit has the same score for what it must match, but for texts.
        yield from ((clause, optional) for clause in must if optional or not _is_even(clause, texts))
        yield from ((clause, optional or not needs_should(options)) for clause in should)
    elif kind == "dis_max":
        queries = listed(options.get("queries"))
        is_optional = optional or not demand_alike(queries)
        yield from ((clause, is_optional) for clause in queries)
    elif kind == "hybrid":  # its parts have the search's filters, each in its own way: nothing stands around it
        yield from ((clause, optional) for clause in listed(options.get("queries")))
    elif kind in RULED:
        yield options.get(RULED[kind]), optional
    elif kind in JOINS:  # what it demands of a part says which parts are read
        yield options.get("query"), False


def demand_alike(clauses: Sequence[Any]) -> bool:
    """Whether what is asked besides texts is the same in all of them, so that each hit has it."""
    demands = [[kind_of(clause)[1].get(name) for name in ("filter", "must_not")] for clause in clauses]
    is_bool = all(kind_of(clause)[0] == "bool" for clause in clauses)
    return len(clauses) == 1 or (is_bool and all(each == demands[0] for each in demands))


def _is_even(clause: Any, texts: frozenset[str]) -> bool:
    kind, options = kind_of(clause)
    return kind in _EVEN and not (kind == "term" and options.keys() & texts)


def needs_should(options: Mapping[str, Any]) -> bool:
    """Whether a ``bool`` has one clause alone that should match, and that must."""
    least = options.get("minimum_should_match", 0 if options.get("must") or options.get("filter") else 1)
    return len(listed(options.get("should"))) == 1 and str(least) in ("1", "100%")


def names_in(clause: Any) -> Iterator[str]:
    """All names that a query's clauses were given."""
    return (inner["_name"] for inner in _mappings(clause) if isinstance(inner.get("_name"), str))


def _mappings(clause: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [clause]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
