"""OpenSearch's query clauses as tantivy's, for the part of the language that the embedded engine understands.

``_CLAUSES`` lists them; ``multi_match`` has best_fields, most_fields and cross_fields, ``range`` is on price alone.
Anything else raises ``EngineError``.
Text never goes through a query parser: it is cut into terms, so no text can be a syntax error.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tantivy

from endcap.errors import EngineError
from endcap.index.embedded.clause_options import clause_options, listed, mapping, number, short, single
from endcap.index.embedded.functions import boosting, function_score
from endcap.index.embedded.schema import KEYWORD_FIELDS, PAIR, PAIR_SEPARATOR, SEARCHED_AS, analyser, schema
from endcap.index.minimum_should_match import minimum_should_match

MAX_TERMS = 1024
"""Of a longer text only the first terms are looked for."""

_LUCENE = 1 / 2.2
"""Lucene has left the factor k₁ + 1 out of BM25; with it out here, too, constants and words weigh the same in both."""
_LARGEST = 3e38  # scores are 32-bit floats
_TEXT_OPTIONS = ("query", "operator", "minimum_should_match", "zero_terms_query")
Boosted = list[tuple[str, float]]


def translate(clause: Any) -> tantivy.Query:
    """The query of one clause, such as ``{"match": {"title": "lamp"}}``; what is a query already (of ``knn``) stays."""
    if isinstance(clause, tantivy.Query):
        return clause
    name, options = single(clause, "a query")
    if name not in _CLAUSES:
        clauses = ", ".join(sorted(_CLAUSES))
        raise EngineError(f"the embedded engine does not know the query clause {name!r}. It knows {clauses}.")
    return _CLAUSES[name](options)


def _match(value: Any) -> tantivy.Query:
    field, text = single(value, "match")
    options = clause_options(text if isinstance(text, Mapping) else {"query": text}, "match", *_TEXT_OPTIONS)
    return _boosted(_text(_query_text(options, "match"), [(field, 1.0)], "best_fields", 0.0, options), options)


def _multi_match(value: Any) -> tantivy.Query:
    options = clause_options(value, "multi_match", *_TEXT_OPTIONS, "fields", "type", "tie_breaker")
    kind = options.get("type", "best_fields")
    if kind not in ("best_fields", "most_fields", "cross_fields"):
        raise EngineError(f"the embedded engine does not know the multi_match type {kind!r}; use best_fields.")
    tie = number(options.get("tie_breaker", 1.0 if kind == "most_fields" else 0.0), "tie_breaker")
    fields = _field_boosts(options.get("fields", list(dict.fromkeys(SEARCHED_AS.values()))))
    return _boosted(_text(_query_text(options, "multi_match"), fields, kind, tie, options), options)


def _text(text: str, fields: Boosted, kind: str, tie: float, options: Mapping[str, Any]) -> tantivy.Query:
    """Text in fields. best_fields and most_fields ask field by field, cross_fields term by term."""
    operator = str(options.get("operator", "or")).lower()
    if operator not in ("and", "or"):
        raise EngineError(f"operator should be 'and' or 'or', not {options['operator']!r}.")
    rule = options.get("minimum_should_match")
    if rule is None and "minimum_should_match" in options:
        raise EngineError("minimum_should_match is null: leave it out.")
    zero_terms = options.get("zero_terms_query", "none")
    zero_terms = zero_terms.lower() if isinstance(zero_terms, str) else zero_terms
    if zero_terms not in ("none", "all"):
        raise EngineError(f"zero_terms_query should be 'none' or 'all', not {options['zero_terms_query']!r}.")
    texts = [(name, boost) for name, boost in fields if name in SEARCHED_AS]
    whole = [_boost(_keyword(name, text), boost) for name, boost in fields if name not in SEARCHED_AS]
    words = analyser().analyze(text)[:MAX_TERMS]
    if not words:
        if zero_terms == "all":  # once for each field, or once for those that are searched as one
            return _any_of([_everything()] * (1 if kind == "cross_fields" else max(1, len(texts))), tie)
        return _any_of(whole, tie)
    if len(words) > 1 and operator == "and" and rule is not None and minimum_should_match(rule, 0):
        return _any_of(whole, tie)  # none of the words is optional, and so many optional ones are asked for
    # A word that is said twice counts twice where some may lack; else its score does, which is the same and faster.
    each = [(word, 1) for word in words] if rule is not None and operator == "or" else list(Counter(words).items())
    needed: Any = "100%" if operator == "and" else 1 if rule is None else rule
    if kind == "cross_fields":
        of_words = [_any_of([_term(n, word, b * count) for n, b in texts], tie) for word, count in each]
        return _any_of([_at_least(of_words, needed), *whole], tie) if texts else _any_of(whole, tie)
    of_fields = [_at_least([_term(name, word, boost * n) for word, n in each], needed) for name, boost in texts]
    return _any_of([*of_fields, *whole], tie)


def _term(field: str, term: str, boost: float) -> tantivy.Query:
    return _boost(tantivy.Query.term_query(schema(), SEARCHED_AS[field], term, "freq"), boost * _LUCENE)


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
    if value is None or isinstance(value, (Mapping, list)):
        raise EngineError(f"a term of {field!r} should be a text, a number, true or false, not {short(value)}.")
    words = _valid_unicode(str(value).lower() if isinstance(value, bool) else str(value))
    if field in KEYWORD_FIELDS:  # scored as OpenSearch 3 does
        same = tantivy.Query.term_query(schema(), KEYWORD_FIELDS[field], words, "basic")
        return tantivy.Query.const_score_query(same, 1.0)
    if field.startswith("attributes."):
        pair = field.removeprefix("attributes.") + PAIR_SEPARATOR + words
        return tantivy.Query.const_score_query(tantivy.Query.term_query(schema(), PAIR, pair, "basic"), 1.0)
    if field in SEARCHED_AS:
        return _term(field, words, 1.0)
    if field == "price":
        price = number(value, "price")
        return _range({"price": {"gte": price, "lte": price}})
    raise _no_field(field)


def _term_clause(value: Any) -> tantivy.Query:
    field, term = single(value, "term")
    options = clause_options(term if isinstance(term, Mapping) else {"value": term}, "term", "value")
    return _boosted(_keyword(field, options.get("value")), options)


def _terms(value: Any) -> tantivy.Query:
    options = mapping(value, "terms")
    field, values = single({k: v for k, v in options.items() if k not in ("boost", "_name")}, "terms")
    if not isinstance(values, (list, tuple)):
        raise EngineError(f"terms on {field!r} should have a list of values, not {values!r}.")
    return _boosted(_constant([_keyword(field, value) for value in values]), options)


def _ids(value: Any) -> tantivy.Query:
    options = clause_options(value, "ids", "values")
    values = options.get("values", [])
    if not isinstance(values, (str, list, tuple)):
        raise EngineError(f"ids should have a list of values, not {short(values)}.")
    return _boosted(_constant([_keyword("_id", id) for id in listed(values)]), options)


def _constant(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    if not queries:
        return tantivy.Query.empty_query()
    return tantivy.Query.const_score_query(_at_least(queries, 1), 1.0)


def _range(value: Any) -> tantivy.Query:
    field, limits = single(value, "range")
    if field != "price":
        raise EngineError(f"the embedded engine has a range on price only, not on {field!r}.")
    limits = clause_options(limits, "range", "gt", "gte", "lt", "lte")
    for ends in (("gte", "gt"), ("lte", "lt")):
        if all(end in limits for end in ends):
            raise EngineError(f"a range has {ends[0]} or {ends[1]}, not both.")
    low = [(number(limits[k], f"range {k}"), k == "gte") for k in ("gt", "gte") if limits.get(k) is not None]
    high = [(number(limits[k], f"range {k}"), k == "lte") for k in ("lt", "lte") if limits.get(k) is not None]
    lower, with_lower = low[0] if low else (-math.inf, True)
    upper, with_upper = high[0] if high else (math.inf, True)
    if lower > upper:
        return tantivy.Query.empty_query()
    between = tantivy.Query.range_query(
        schema(), "price", tantivy.FieldType.Float, lower, upper, include_lower=with_lower, include_upper=with_upper
    )
    return _boosted(tantivy.Query.const_score_query(between, 1.0), limits)


def _bool(value: Any) -> tantivy.Query:
    kinds = ("must", "should", "filter", "must_not")
    options = clause_options(value, "bool", *kinds, "minimum_should_match")
    must, should, filters, must_not = (_translated(options.get(kind)) for kind in kinds)
    parts = [(tantivy.Occur.Must, query) for query in must]
    parts += [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in filters]
    required = minimum_should_match(options.get("minimum_should_match", 0 if parts else 1), len(should))
    if required > len(should) and (parts or should):
        return tantivy.Query.empty_query()
    parts += [(tantivy.Occur.Should, query) for query in should]
    if not parts:
        score = 0.0 if must_not else 1.0
        parts = [(tantivy.Occur.Must, tantivy.Query.const_score_query(tantivy.Query.all_query(), score))]
    parts += [(tantivy.Occur.MustNot, query) for query in must_not]
    return _boosted(tantivy.Query.boolean_query(parts, min(required, len(should)) if should else None), options)


def _dis_max(value: Any) -> tantivy.Query:
    options = clause_options(value, "dis_max", "queries", "tie_breaker")
    tie = number(options.get("tie_breaker", 0.0), "tie_breaker")
    if not (queries := _translated(options.get("queries"))):
        raise EngineError("dis_max should have queries, and has none.")
    return _boosted(_any_of(queries, tie), options)


def _constant_score(value: Any) -> tantivy.Query:
    options = clause_options(value, "constant_score", "filter")
    return _boosted(tantivy.Query.const_score_query(translate(options.get("filter")), 1.0), options)


def _match_all(value: Any) -> tantivy.Query:
    return _boosted(_everything(), clause_options(value, "match_all"))


def _everything() -> tantivy.Query:
    # tantivy leaves its own "all" out of a boolean query, and its score of 1 with it
    return tantivy.Query.const_score_query(tantivy.Query.all_query(), 1.0)


def _match_none(value: Any) -> tantivy.Query:
    clause_options(value, "match_none")
    return tantivy.Query.empty_query()


_CLAUSES: dict[str, Callable[[Any], tantivy.Query]] = {
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
    "boosting": lambda value: boosting(value, translate),
    "function_score": lambda value: function_score(value, translate),
}


def _field_boosts(fields: Any) -> Boosted:
    """``["title^3", "brand"]`` as pairs of a known field and its boost."""
    pairs = []
    for item in [fields] if isinstance(fields, str) else list(fields):
        name, _, boost = str(item).partition("^")
        if name not in SEARCHED_AS and name not in KEYWORD_FIELDS and not name.startswith("attributes."):
            raise _no_field(name)
        pairs.append((name, number(boost, f"the boost of {name}") if boost else 1.0))
    return pairs


def _query_text(options: Mapping[str, Any], clause: str) -> str:
    """The text that a match clause searches for; a number is taken as it is written."""
    text = options.get("query")
    if text is None or isinstance(text, (Mapping, list)):
        raise EngineError(f"{clause} needs a text as its query, not {text!r}.")
    return _valid_unicode(str(text))


def _valid_unicode(text: str) -> str:
    """A text may hold half of a surrogate pair, which has no UTF-8; a search must not fail of it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _boosted(query: tantivy.Query, options: Mapping[str, Any]) -> tantivy.Query:
    return _boost(query, number(options.get("boost", 1.0), "boost"))


def _boost(query: tantivy.Query, boost: float) -> tantivy.Query:
    if not 0.0 <= boost <= _LARGEST:
        raise EngineError(f"a boost should be a number from 0 up, not {boost!r}.")
    return query if boost == 1.0 else tantivy.Query.boost_query(query, boost)


def _translated(clauses: Any) -> list[tantivy.Query]:
    return [] if clauses is None else [translate(clause) for clause in listed(clauses)]


def _no_field(name: str) -> EngineError:
    names = sorted({*SEARCHED_AS, *KEYWORD_FIELDS, "attributes.NAME", "price"})
    return EngineError(f"the embedded engine has no searchable field {name!r}. It has {', '.join(names)}.")
