"""Candidates by number: where a query is a model's number, and the engine's window has no product of it, the number is
searched for once more by its pieces ("bt", "4410" and "bt4410" for "BT-4410").

An engine cuts texts at hyphens and blanks, each index in its own way, so that one spelling does not find another. What
is found joins the window only if the number is its own. A search that is no number, or finds its product, costs no
request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.index.number_spellings import pieces, without_marks
from endcap.language.text import has_digit
from endcap.plugin.blend.document_words import DocumentWords, compact, with_said_id
from endcap.plugin.blend.own_number import NAMED, VARIANT, AskedNumber
from endcap.plugin.blend.query_words import QueryWords
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault
from endcap.plugin.search.dense import Nearest
from endcap.plugin.search.dense_effects import asked_rules
from endcap.plugin.search.dense_request import KEEPS
from endcap.plugin.search.page_request import candidate_parameters
from endcap.plugin.search.reply import Hit, hit_key, hits_of
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.search.search_model import SearchModel
from endcap.plugin.search.searched_text import same_text
from endcap.plugin.search.target import Target
from endcap.plugin.search.workers import NoPlace, NoTime

COUNT = 20
"""So many hits of the second search are looked at."""
_DEMANDS = ("operator", "default_operator", "minimum_should_match", "type")
"""What a clause asks of several words, which are spellings of one here."""


@dataclass(frozen=True, slots=True)
class NumberSearch:
    """Finds the products of a number for one search."""

    target: Target
    model: SearchModel
    index: Any
    deadline: Deadline

    async def found(self, plan: SearchPlan, window: Sequence[Hit], nearest: Sequence[Hit] = ()) -> Nearest:
        """The products of the query's number, where neither the window nor what is nearest has one; nothing where
        something fails."""
        try:
            known = [*window[: plan.options.window], *nearest]
            asked = None if not has_digit(plan.text) else await self.target.run(lambda: self._asked(plan, known))
            if asked is None or self.deadline.expired():
                return Nearest()
            body: Mapping[str, Any] = number_body(plan, asked.compact)
            params: Mapping[str, Any] = candidate_parameters(plan)
            rules = None
            if plan.body_rules is not None:
                rules = asked_rules(plan.body_rules, plan.window_body, plan.options.window)
                query = {"bool": {"must": [body["query"]], "filter": list(rules.clauses)}}
                body, params = self.target.naming_scores({**body, "query": query}, params)
            reply = await self.target.search(self.index, body, params)
            seen = {hit_key(hit) for hit in (*window, *nearest)}
            others = [hit for hit in hits_of(reply) or [] if hit_key(hit) not in seen]
            ruled = {} if rules is None else rules.scored(others)
            own = await self.target.run(lambda: self._own(asked, plan.text, others))
            return Nearest(tuple(own), ruled=ruled, found_by="of that number")
        except (NoPlace, NoTime):
            return Nearest(detail="The number's other spellings were not searched for: there was no time.")
        except Exception as error:  # it costs the candidates, and never the search
            log_fault("the other spellings of a number could not be searched for", error)
            return Nearest()

    def _asked(self, plan: SearchPlan, window: Sequence[Hit]) -> AskedNumber | None:
        """The number that is searched for; None where there is none, or where the window has its product."""
        assert self.model.words is not None
        words, patience_ms = list[DocumentWords](), self.deadline.left_ms() / 2
        for hit in window:
            if self.deadline.left_ms() < patience_ms:  # the student needs the rest
                return None
            words.append(self.model.words.value(hit.get("_source") or {}))
        asked = AskedNumber.of(QueryWords.from_text(plan.text, words, self.model.words.languages), words)
        has_it = asked is not None and max(self._levels(asked, plan.text, window), default=0.0) >= NAMED
        return None if has_it else asked

    def _own(self, asked: AskedNumber, text: str, hits: Sequence[Hit]) -> list[Hit]:
        levels = self._levels(asked, text, hits)
        return [hit for hit, level in zip(hits, levels, strict=True) if level >= VARIANT]

    def _levels(self, asked: AskedNumber, text: str, hits: Sequence[Hit]) -> list[float]:
        assert self.model.words is not None
        memory, said = self.model.words, compact(text)
        words = (with_said_id(memory.value(hit.get("_source") or {}), str(hit.get("_id", "")), said) for hit in hits)
        return asked.ownerships(list(words))


_DECIDES = ("filter", "must_not", "negative", "term", "terms", "match_phrase_prefix", "prefix", "wildcard", "regexp")
"""What a body decides of products, and whole values: another spelling would let through what it excludes."""


def number_body(plan: SearchPlan, number: str) -> dict[str, Any]:
    """The window's body with the pieces of a number beside its text, of which any will do."""
    spellings = " ".join(dict.fromkeys([*without_marks(plan.text).split(), *pieces(number)]))
    window = plan.window_body
    kept = {name: window[name] for name in (*KEEPS, "post_filter", "track_scores", "min_score") if name in window}
    query = _with_text(window.get("query"), same_text(plan.text), spellings)
    return {**kept, "query": query, "size": COUNT, "track_total_hits": True}


def _with_text(value: Any, text: str, spellings: str) -> Any:
    """A clause with another text in the place of one; what else it says of the text is left out."""
    if isinstance(value, str):
        return spellings if same_text(value) == text else value
    if isinstance(value, Mapping):
        changed = {
            name: inner if name in _DECIDES else _with_text(inner, text, spellings) for name, inner in value.items()
        }
        is_text = any(isinstance(inner, str) and same_text(inner) == text for inner in value.values())
        return {name: inner for name, inner in changed.items() if not (is_text and name in _DEMANDS)}
    if isinstance(value, (list, tuple)):
        return [_with_text(inner, text, spellings) for inner in value]
    return value
