"""OpenSearch's query clauses as tantivy's, for the part of the language that the embedded engine understands.

``_CLAUSES`` lists them; ``multi_match`` has best_fields, most_fields and cross_fields, ``range`` is on price alone.
Anything else raises ``EngineError``.
Text never goes through a query parser: it is cut into terms, so no text can be a syntax error.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tantivy

from endcap.errors import EngineError
from endcap.index.embedded.minimum_should_match import minimum_should_match
from endcap.index.embedded.schema import KEYWORD_FIELDS, PAIR, PAIR_SEPARATOR, TEXT_FIELDS, analyser, schema

MAX_TERMS = 1024
"""Of a longer text only the first terms are looked for."""

_LARGEST = 3e38  # scores are 32-bit floats
_TEXT_OPTIONS = {"query", "operator", "minimum_should_match", "boost", "_name", "zero_terms_query"}
_MULTI_OPTIONS = _TEXT_OPTIONS | {"fields", "type", "tie_breaker"}
Boosted = list[tuple[str, float]]


def translate(clause: Any) -> tantivy.Query:
    """The query of one clause, such as ``{"match": {"title": "lamp"}}``."""
    name, options = _single(clause, "a query")
    if name not in _CLAUSES:
        clauses = ", ".join(sorted(_CLAUSES))
        raise EngineError(f"the embedded engine does not know the query clause {name!r}. It knows {clauses}.")
    return _CLAUSES[name](options)


def _match(options: Any) -> tantivy.Query:
    field, wanted = _single(options, "match")
    wanted = wanted if isinstance(wanted, Mapping) else {"query": wanted}
    refuse_unknown(wanted, _TEXT_OPTIONS, "match")
    return _boosted(_text(text_of(wanted, "match"), [(field, 1.0)], "best_fields", 0.0, wanted), wanted)


def _multi_match(options: Any) -> tantivy.Query:
    options = _mapping(options, "multi_match")
    refuse_unknown(options, _MULTI_OPTIONS, "multi_match")
    kind = options.get("type", "best_fields")
    if kind not in ("best_fields", "most_fields", "cross_fields"):
        raise EngineError(f"the embedded engine does not know the multi_match type {kind!r}; use best_fields.")
    tie = _number(options.get("tie_breaker", 1.0 if kind == "most_fields" else 0.0), "tie_breaker")
    fields = parse_boosts(options.get("fields", list(dict.fromkeys(TEXT_FIELDS.values()))))
    return _boosted(_text(text_of(options, "multi_match"), fields, kind, tie, options), options)


def _text(text: str, fields: Boosted, kind: str, tie: float, options: Mapping[str, Any]) -> tantivy.Query:
    """Text in fields. best_fields and most_fields ask field by field, cross_fields term by term."""
    operator = str(options.get("operator", "or")).lower()
    if operator not in ("and", "or"):
        raise EngineError(f"operator should be 'and' or 'or', not {options['operator']!r}.")
    rule = "100%" if operator == "and" else options.get("minimum_should_match", 1)
    texts = [(name, boost) for name, boost in fields if name in TEXT_FIELDS]
    whole = [_boost(_keyword(name, text), boost) for name, boost in fields if name not in TEXT_FIELDS]
    terms = Counter(analyser().analyze(text)[:MAX_TERMS])
    if not terms:
        if str(options.get("zero_terms_query", "none")) == "all":
            return _everything()
        return _any_of(whole, tie)
    if kind == "cross_fields":
        of_terms = [_any_of([_term(n, t, b * c) for n, b in texts], tie) for t, c in terms.items()]
        return _any_of([_at_least(of_terms, rule), *whole], tie) if texts else _any_of(whole, tie)
    of_fields = [_at_least([_term(name, t, boost * c) for t, c in terms.items()], rule) for name, boost in texts]
    return _any_of([*of_fields, *whole], tie)


def _term(field: str, term: str, boost: float) -> tantivy.Query:
    return _boost(tantivy.Query.term_query(schema(), TEXT_FIELDS[field], term, "freq"), boost)


def _at_least(queries: Sequence[tantivy.Query], rule: Any) -> tantivy.Query:
    if len(queries) == 1:
        return queries[0]
    needed = max(1, minimum_should_match(rule, len(queries)))
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, q) for q in queries], needed)


def _any_of(queries: Sequence[tantivy.Query], tie: float) -> tantivy.Query:
    if not queries:
        return tantivy.Query.empty_query()
    return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(list(queries), tie)


def _keyword(field: str, value: Any) -> tantivy.Query:
    """An exact value: of a keyword field, of one attribute, or one term of a text field."""
    words = _valid_unicode(str(value).lower() if isinstance(value, bool) else str(value))
    if field in KEYWORD_FIELDS:
        return tantivy.Query.term_query(schema(), KEYWORD_FIELDS[field], words, "basic")
    if field.startswith("attributes."):
        pair = field.removeprefix("attributes.") + PAIR_SEPARATOR + words
        return tantivy.Query.const_score_query(tantivy.Query.term_query(schema(), PAIR, pair, "basic"), 1.0)
    if field in TEXT_FIELDS:
        return tantivy.Query.term_query(schema(), TEXT_FIELDS[field], words, "freq")
    if field == "price":
        price = _number(value, "price")
        return _range({"price": {"gte": price, "lte": price}})
    raise _no_field(field)


def _term_clause(options: Any) -> tantivy.Query:
    field, value = _single(options, "term")
    wanted = value if isinstance(value, Mapping) else {"value": value}
    refuse_unknown(wanted, {"value", "boost", "_name"}, "term")
    return _boosted(_keyword(field, wanted.get("value", "")), wanted)


def _terms(options: Any) -> tantivy.Query:
    options = _mapping(options, "terms")
    wanted = {name: value for name, value in options.items() if name not in ("boost", "_name")}
    field, values = _single(wanted, "terms")
    if not isinstance(values, (list, tuple)):
        raise EngineError(f"terms on {field!r} should have a list of values, not {values!r}.")
    return _boosted(_constant([_keyword(field, value) for value in values]), options)


def _ids(options: Any) -> tantivy.Query:
    options = _mapping(options, "ids")
    refuse_unknown(options, {"values", "boost", "_name"}, "ids")
    values = options.get("values", [])
    values = values if isinstance(values, (list, tuple)) else [values]
    return _boosted(_constant([_keyword("_id", str(value)) for value in values]), options)


def _constant(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if not queries:
        return tantivy.Query.empty_query()
    return tantivy.Query.const_score_query(_at_least(queries, 1), 1.0)


def _range(options: Any) -> tantivy.Query:
    field, limits = _single(options, "range")
    if field != "price":
        raise EngineError(f"the embedded engine has a range on price only, not on {field!r}.")
    limits = _mapping(limits, "range")
    refuse_unknown(limits, {"gt", "gte", "lt", "lte", "boost", "_name"}, "range")
    low = [(_number(limits[k], f"range {k}"), k == "gte") for k in ("gt", "gte") if limits.get(k) is not None]
    high = [(_number(limits[k], f"range {k}"), k == "lte") for k in ("lt", "lte") if limits.get(k) is not None]
    lower, with_lower = max(low, key=lambda end: (end[0], not end[1]), default=(-math.inf, True))
    upper, with_upper = min(high, key=lambda end: (end[0], end[1]), default=(math.inf, True))
    if lower > upper:
        return tantivy.Query.empty_query()
    between = tantivy.Query.range_query(
        schema(), "price", tantivy.FieldType.Float, lower, upper, include_lower=with_lower, include_upper=with_upper
    )
    return _boosted(tantivy.Query.const_score_query(between, 1.0), limits)


def _bool(options: Any) -> tantivy.Query:
    options = _mapping(options, "bool")
    refuse_unknown(options, {"must", "should", "filter", "must_not", "minimum_should_match", "boost", "_name"}, "bool")
    must, should, filters, must_not = (_many(options.get(k)) for k in ("must", "should", "filter", "must_not"))
    parts = [(tantivy.Occur.Must, query) for query in must]
    parts += [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in filters]
    required = minimum_should_match(options.get("minimum_should_match", 0 if parts else 1), len(should))
    if required > len(should) and (should or "minimum_should_match" in options):
        return tantivy.Query.empty_query()
    parts += [(tantivy.Occur.Should, query) for query in should]
    if not parts:
        score = 0.0 if must_not else 1.0
        parts = [(tantivy.Occur.Must, tantivy.Query.const_score_query(tantivy.Query.all_query(), score))]
    parts += [(tantivy.Occur.MustNot, query) for query in must_not]
    return _boosted(tantivy.Query.boolean_query(parts, min(required, len(should)) if should else None), options)


def _dis_max(options: Any) -> tantivy.Query:
    options = _mapping(options, "dis_max")
    refuse_unknown(options, {"queries", "tie_breaker", "boost", "_name"}, "dis_max")
    tie = _number(options.get("tie_breaker", 0.0), "tie_breaker")
    return _boosted(_any_of(_many(options.get("queries")), tie), options)


def _constant_score(options: Any) -> tantivy.Query:
    options = _mapping(options, "constant_score")
    refuse_unknown(options, {"filter", "boost", "_name"}, "constant_score")
    return _boosted(tantivy.Query.const_score_query(translate(options.get("filter")), 1.0), options)


def _match_all(options: Any) -> tantivy.Query:
    options = _mapping(options, "match_all")
    refuse_unknown(options, {"boost", "_name"}, "match_all")
    return _boosted(_everything(), options)


def _everything() -> tantivy.Query:
    # tantivy leaves its own "all" out of a boolean query, and its score of 1 with it
    return tantivy.Query.const_score_query(tantivy.Query.all_query(), 1.0)


def _match_none(options: Any) -> tantivy.Query:
    refuse_unknown(_mapping(options, "match_none"), {"boost", "_name"}, "match_none")
    return tantivy.Query.empty_query()


_CLAUSES = {
    "match": _match,
    "multi_match": _multi_match,
    "match_all": _match_all,
    "match_none": _match_none,
    "ids": _ids,
    "term": _term_clause,
    "terms": _terms,
    "range": _range,
    "bool": _bool,
    "dis_max": _dis_max,
    "constant_score": _constant_score,
}


def parse_boosts(fields: Any) -> Boosted:
    """``["title^3", "brand"]`` as pairs of a known field and its boost."""
    pairs = []
    for item in [fields] if isinstance(fields, str) else list(fields):
        name, _, boost = str(item).partition("^")
        if name not in TEXT_FIELDS and name not in KEYWORD_FIELDS and not name.startswith("attributes."):
            raise _no_field(name)
        pairs.append((name, _number(boost, f"the boost of {name}") if boost else 1.0))
    return pairs


def text_of(options: Mapping[str, Any], clause: str) -> str:
    """The text that a match clause searches for; a number is taken as it is written."""
    if "query" not in options or isinstance(options["query"], (Mapping, list)) or options["query"] is None:
        raise EngineError(f"{clause} needs a text as its query, not {options.get('query')!r}.")
    return _valid_unicode(str(options["query"]))


def _valid_unicode(text: str) -> str:
    """A text may hold half of a surrogate pair, which has no UTF-8; a search must not fail of it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _boosted(query: tantivy.Query, options: Mapping[str, Any]) -> tantivy.Query:
    return _boost(query, _number(options.get("boost", 1.0), "boost"))


def _boost(query: tantivy.Query, boost: float) -> tantivy.Query:
    if not 0.0 <= boost <= _LARGEST:
        raise EngineError(f"a boost should be a number from 0 up, not {boost!r}.")
    return query if boost == 1.0 else tantivy.Query.boost_query(query, boost)


def _many(clauses: Any) -> list[tantivy.Query]:
    if clauses is None:
        return []
    return [translate(clause) for clause in (clauses if isinstance(clauses, (list, tuple)) else [clauses])]


def _single(value: Any, what: str) -> tuple[str, Any]:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise EngineError(f"{what} should be an object with one entry, not {_short(value)}.")
    return next((str(name), item) for name, item in value.items())


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise EngineError(f"{what} should be an object, not {_short(value)}.")
    return value


def refuse_unknown(options: Mapping[str, Any], known: Iterable[str], clause: str) -> None:
    """Raise ``EngineError`` where a clause or an aggregation has an option that is not one of these."""
    if unknown := sorted(set(map(str, options)) - set(known)):
        raise EngineError(f"the embedded engine does not know the option {unknown[0]!r} of {clause}.")


def _number(value: Any, what: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise EngineError(f"{what} should be a number, not {_short(value)}.") from None


def _no_field(name: str) -> EngineError:
    names = sorted({*TEXT_FIELDS, *KEYWORD_FIELDS, "attributes.NAME", "price"})
    return EngineError(f"the embedded engine has no searchable field {name!r}. It has {', '.join(names)}.")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
