"""The LLM as a teacher: class probabilities for queries and products, asked once and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.distill.llm.asking import Asker, ask_all
from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.cache import AnswerCache, answer_key
from endcap.distill.llm.cost import Estimate, cost_of, tokens_of
from endcap.distill.llm.errors import RefusedError
from endcap.distill.llm.grading import (
    LOGPROBS,
    NOTHING,
    SAMPLES,
    TOP_LOGPROBS,
    Grading,
    from_answers,
    from_logprobs,
    read_grade,
    unknown,
)
from endcap.distill.llm.prompts import grading_body, product_data, prompt_of
from endcap.distill.llm.reply import Choice, Reply
from endcap.distill.recipe import Recipe
from endcap.errors import InputError
from endcap.evaluate.systems import Watch, unwatched
from endcap.index.product import Product

Pair = tuple[str, str]
"""A query, and a product as the prompt shows it (``product_data``)."""

MOST_UNGRADED = 0.05
"""The share of pairs that the model may leave without a grade."""


class EndpointTeacher:
    """Grades pairs by the recipe's ``llm``. Answers are looked up in the cache first and kept there.

    ``cache`` is the one in endcap's home where none is given; ``limits`` are the recipe's.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        watch: Watch = unwatched,
        cache: AnswerCache | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.recipe = recipe
        self._prompt = prompt_of(recipe.llm.prompt)
        self._watch, self._cache, self._limits = watch, cache, limits

    def __reduce__(self) -> tuple[Any, ...]:
        # The cache is a file: another process opens its own.
        return (EndpointTeacher, (self.recipe,))

    def probabilities(self, queries: Sequence[str], products: Sequence[Product]) -> npt.NDArray[np.float32]:
        """Class probabilities, float32 (n, 4), of n queries each with its product.

        A pair that the model does not grade gets .25 for each grade. Raises ``InputError`` where more than one in
        twenty are such, and ``EndpointError`` where the endpoint fails or the cap is reached; answers are kept.
        """
        found = self.gradings(queries, products)
        ungraded = [i for i, each in enumerate(found) if each.how == NOTHING]
        if len(ungraded) > max(1.0, MOST_UNGRADED * len(found)):
            first = found[ungraded[0]].answers
            raise InputError(
                f"{self.recipe.llm.model} gave no grade for {len(ungraded):,} of {len(found):,} pairs; for "
                f"{queries[ungraded[0]]!r} it said {first[0][:100]!r}. "
                "Try another model or llm.prompt, or a higher llm.max_tokens."
            )
        rows = [each.probabilities for each in found]
        return np.array(rows, dtype=np.float32).reshape(-1, 4)

    def gradings(self, queries: Sequence[str], products: Sequence[Product]) -> list[Grading]:
        """The gradings of n pairs, in their order; equal pairs are asked once."""
        pairs = self._pairs(queries, products)
        todo = list(dict.fromkeys(pairs))
        if not todo:
            return []
        estimate = self._estimate(todo)
        grader = _Grader(self.recipe, self._prompt)
        found = ask_all(
            self.recipe,
            self._opened(),
            todo,
            grader.grade,
            title=f"Asking {self.recipe.llm.model}" + (f" (about {estimate.cost:,.2f})" if estimate.cost else ""),
            watch=self._watch,
            limits=self._limits,
        )
        known = dict(zip(todo, found, strict=True))
        return [known[pair] for pair in pairs]

    def estimate(self, queries: Sequence[str], products: Sequence[Product], what: str = "grades") -> Estimate:
        """What these pairs would cost, without asking."""
        return self._estimate(list(dict.fromkeys(self._pairs(queries, products))), what)

    def _opened(self) -> AnswerCache:
        if self._cache is None:
            self._cache = AnswerCache()
        return self._cache

    def _pairs(self, queries: Sequence[str], products: Sequence[Product]) -> list[Pair]:
        shown = {id(product): product_data(product) for product in products}
        return [(query, shown[id(product)]) for query, product in zip(queries, products, strict=True)]

    def _estimate(self, pairs: Sequence[Pair], what: str = "grades") -> Estimate:
        llm, cache = self.recipe.llm, self._opened()
        known = [cache.get(_key(self.recipe, LOGPROBS, pair, 0)) for pair in pairs]
        new = [pair for pair, reply in zip(pairs, known, strict=True) if reply is None]
        sampled = any(reply is not None and from_logprobs(reply.choices[0]) is None for reply in known)
        new = [pair for pair in new if cache.get(_key(self.recipe, SAMPLES, pair, 0)) is None]
        answers = llm.samples if sampled else 1
        tokens_in = sum(tokens_of(grading_body(self._prompt, *pair)) for pair in new)
        tokens_out = len(new) * answers * llm.max_tokens
        cost = cost_of(llm, tokens_in, tokens_out)
        return Estimate(what, len(new), len(pairs) - len(new), len(new), tokens_in, tokens_out, cost)


class _Grader:
    """Grades one pair at a time; knows, after the first answer, whether this endpoint gives log-probabilities."""

    def __init__(self, recipe: Recipe, prompt: Any) -> None:
        self._recipe, self._prompt = recipe, prompt
        self._first = asyncio.Lock()
        self._gives: bool | None = None

    async def grade(self, asker: Asker, pair: Pair) -> Grading:
        """The grading of a pair, by log-probabilities where there are some, else by several answers."""
        try:
            reply = await self._with_logprobs(asker, pair)
            if reply is not None:
                found = from_logprobs(reply.choices[0])
                if found is not None:
                    return Grading(found, LOGPROBS, (reply.choices[0].text,))
            return await self._sampled(asker, pair)
        except RefusedError as error:
            return Grading(unknown(), NOTHING, (str(error),))

    async def _with_logprobs(self, asker: Asker, pair: Pair) -> Reply | None:
        if self._gives is None:
            async with self._first:
                if self._gives is None:
                    return await self._try(asker, pair)
        return await self._try(asker, pair)

    async def _try(self, asker: Asker, pair: Pair) -> Reply | None:
        key = _key(self._recipe, LOGPROBS, pair, 0)
        if self._gives is False or not asker.client.dialect.logprobs:
            self._gives = False
            return asker.cache.get(key)
        reply = await asker.ask(key, self._body(pair, logprobs=True), _graded)
        self._gives = bool(reply.choices[0].tokens) or (self._gives is True)
        return reply

    async def _sampled(self, asker: Asker, pair: Pair) -> Grading:
        wanted = self._recipe.llm.samples
        texts = list[str]()
        for attempt in range(wanted + 2):
            graded = sum(read_grade(text) is not None for text in texts)
            if graded >= wanted or (graded == 0 and attempt == 3):
                break
            several = wanted - graded if asker.client.dialect.several else 1
            body = self._body(pair, several=several)
            key = _key(self._recipe, SAMPLES, pair, attempt)
            reply = await asker.ask(key, body, _graded)
            texts += [choice.text for choice in reply.choices]
        found = from_answers(_first(texts, wanted))
        if found is None:
            return Grading(unknown(), NOTHING, tuple(texts))
        return Grading(found, SAMPLES, tuple(texts))

    def _body(self, pair: Pair, *, logprobs: bool = False, several: int = 1) -> dict[str, Any]:
        body = grading_body(self._prompt, *pair) | {"max_tokens": self._recipe.llm.max_tokens}
        if logprobs:
            return body | {"temperature": 0, "logprobs": True, "top_logprobs": TOP_LOGPROBS}
        return body | {"temperature": 1} | ({"n": several} if several > 1 else {})


def _first(texts: Sequence[str], wanted: int) -> list[str]:
    """The first so many answers that are grades: more may be in the cache than the recipe wants now."""
    return [text for text in texts if read_grade(text) is not None][:wanted]


def _graded(choice: Choice) -> bool:
    return read_grade(choice.text) is not None


def _key(recipe: Recipe, how: str, pair: Pair, attempt: int) -> bytes:
    return answer_key(f"grade by {how}", recipe.llm.model, recipe.llm.prompt, *pair, attempt)
