"""The LLM as a teacher: class probabilities for queries and products, asked once and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.cache import AnswerCache, answer_key, extra_key
from endcap.distill.llm.cost import Estimate, cost_of, money, tokens_of
from endcap.distill.llm.dialect import Dialect
from endcap.distill.llm.errors import RefusedError
from endcap.distill.llm.grading import (
    LOGPROBS,
    NOTHING,
    SAMPLES,
    Grading,
    choice_grade,
    from_answers,
    from_logprobs,
    too_many,
)
from endcap.distill.llm.prompts import grading_body, product_data, prompt_of
from endcap.distill.llm.question_batch import Asker, ask_all
from endcap.distill.llm.reply import Choice, Reply
from endcap.distill.recipe.settings import Recipe
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.progress import Watch, unwatched

Pair = tuple[str, str]
"""A query, and a product as the prompt shows it (``product_data``)."""

TOP_LOGPROBS = 10
"""Four digits, each with and without a blank before it, and two to see what else there could have been."""

MORE_REQUESTS = 3
"""So many requests beyond one a sample, where answers are no grades; as many without any grade are enough."""


class EndpointTeacher:
    """Grades pairs by the recipe's ``llm``. Answers are looked up in the cache first and kept there."""

    def __init__(self, recipe: Recipe, *, watch: Watch = unwatched, limits: Limits | None = None) -> None:
        self.recipe = recipe
        self._grader = Grader(recipe)
        self._watch, self._limits = watch, limits
        self._pairs = self._ungraded = 0

    def __reduce__(self) -> tuple[Any, ...]:
        # The cache is a file: another process opens its own.
        return (EndpointTeacher, (self.recipe,))

    def probabilities(self, queries: Sequence[str], products: Sequence[Product]) -> npt.NDArray[np.float32]:
        """Class probabilities, float32 (n, 4), of n queries each with its product; NaN where the model gave no grade.

        Raises ``InputError`` where that are more than one in twenty of all pairs so far, and ``EndpointError`` where
        the endpoint fails or the cap is reached; answers are kept.
        """
        gradings = self.gradings(queries, products)
        self._check(queries, gradings)
        rows = [np.full(4, np.nan) if grading.probabilities is None else grading.probabilities for grading in gradings]
        return np.array(rows, dtype=np.float32).reshape(-1, 4)

    def gradings(self, queries: Sequence[str], products: Sequence[Product]) -> list[Grading]:
        """The gradings of n pairs, in their order; equal pairs are asked once."""
        pairs = prompt_pairs(queries, products)
        unique_pairs = list(dict.fromkeys(pairs))
        if not unique_pairs:
            return []
        cost = self._estimate(unique_pairs, "").cost
        answers = ask_all(
            self.recipe,
            self.cache,
            unique_pairs,
            self._grader.grade,
            title=f"Asking {self.recipe.llm.model}" + (f" ({money(cost)})" if cost else ""),
            watch=self._watch,
            limits=self._limits,
            dialect=self._grader.dialect,
        )
        grading_of = dict(zip(unique_pairs, answers, strict=True))
        return [grading_of[pair] for pair in pairs]

    def estimate(self, queries: Sequence[str], products: Sequence[Product], subject: str = "grades") -> Estimate:
        """What these pairs would cost, without asking."""
        return self._estimate(list(dict.fromkeys(prompt_pairs(queries, products))), subject)

    def tokens(self, query: str, product: Product) -> int:
        """About how many tokens a request for this pair has."""
        return tokens_of(self._grader.body((query, product_data(product))))

    @cached_property
    def cache(self) -> AnswerCache:
        """Where answers are kept, opened when it is first needed."""
        return AnswerCache()

    def _estimate(self, pairs: Sequence[Pair], subject: str) -> Estimate:
        uncached = [pair for pair in pairs if not self._is_answered(pair)]
        requests, answers, certain = self.requests_per_pair(pairs)
        tokens_in = requests * sum(tokens_of(self._grader.body(pair)) for pair in uncached)
        tokens_out = len(uncached) * self.recipe.llm.max_tokens * answers
        new, cached, cost = len(uncached), len(pairs) - len(uncached), cost_of(self.recipe.llm, tokens_in, tokens_out)
        return Estimate(subject, new, cached, new * requests, tokens_in, tokens_out, cost, certain or not new)

    def _is_answered(self, pair: Pair) -> bool:
        """Whether nothing more is asked of a pair: samples are there, or log-probabilities that were a grade."""
        reply = self._first_reply(LOGPROBS, pair) if self.recipe.llm.logprobs else None
        graded = reply is not None and from_logprobs(reply.choices[0]) is not None
        return graded or self._first_reply(SAMPLES, pair) is not None

    def _first_reply(self, source: str, pair: Pair) -> Reply | None:
        return self.cache.get(self._grader.key(source, pair, 0))

    def requests_per_pair(self, pairs: Sequence[Pair]) -> tuple[int, int, bool]:
        """How many requests and how many answers a pair costs at most, and whether answers that are kept have shown it.

        One with log-probabilities; else ``llm.samples`` answers, in one request where the endpoint gives several at
        once. Before anything is known, all of that, each answer by a request of its own.
        """
        samples = self.recipe.llm.samples
        if not self.recipe.llm.logprobs:
            return samples, samples, False
        first = (self._first_reply(LOGPROBS, pair) for pair in pairs)
        has_logprobs = [from_logprobs(reply.choices[0]) is not None for reply in first if reply is not None]
        if has_logprobs and all(has_logprobs):
            return 1, 1, True
        sampled = (self._first_reply(SAMPLES, pair) for pair in pairs)
        has_several = [len(reply.choices) > 1 for reply in sampled if reply is not None]
        if has_several:
            return 1 if all(has_several) else samples, samples, True
        return 1 + samples, 1 + samples, False

    def _check(self, queries: Sequence[str], gradings: Sequence[Grading]) -> None:
        ungraded = [i for i, grading in enumerate(gradings) if grading.probabilities is None]
        self._pairs, self._ungraded = self._pairs + len(gradings), self._ungraded + len(ungraded)
        if too_many(self._ungraded, self._pairs):
            answer = gradings[ungraded[0]].answers[0][:200]
            raise InputError(
                f"{self.recipe.llm.model} gave no grade for {self._ungraded:,} of {self._pairs:,} pairs; for "
                f"{queries[ungraded[0]]!r} it said {answer!r}. "
                "Try another model or llm.prompt, or a higher llm.max_tokens."
            )


class Grader:
    """Grades one pair at a time; knows, after the first answer, whether this endpoint gives log-probabilities."""

    def __init__(self, recipe: Recipe) -> None:
        self._llm, self._prompt = recipe.llm, prompt_of(recipe.llm.prompt)
        self._probing: asyncio.Event | None = None
        self._has_logprobs: bool | None = None if recipe.llm.logprobs else False
        self.dialect = Dialect()

    async def grade(self, asker: Asker, pair: Pair) -> Grading:
        """The grading of a pair, by log-probabilities where there are some, else by several answers."""
        try:
            reply = await self._with_logprobs(asker, pair)
            probabilities = from_logprobs(reply.choices[0]) if reply is not None else None
            if reply is not None and probabilities is not None:
                return Grading(probabilities, LOGPROBS, (reply.choices[0].raw,))
            return await self._sampled(asker, pair)
        except RefusedError as error:
            return Grading(None, NOTHING, (str(error),))

    async def _with_logprobs(self, asker: Asker, pair: Pair) -> Reply | None:
        """One pair finds out for all whether there are log-probabilities; the others wait for that."""
        key = self.key(LOGPROBS, pair, 0)
        while self._has_logprobs is None and self._probing is not None:
            await self._probing.wait()
        if self._has_logprobs is False:
            return asker.cache.get(key) if self._llm.logprobs else None
        if self._has_logprobs:
            return await asker.ask(key, self.body(pair), _is_graded)
        self._probing = asyncio.Event()
        try:
            reply = await asker.ask(key, self.body(pair), _is_graded)
            self._has_logprobs = bool(reply.choices[0].tokens)
            return reply
        finally:
            self._probing.set()
            self._probing = None

    async def _sampled(self, asker: Asker, pair: Pair) -> Grading:
        samples = self._llm.samples
        choices = list[Choice]()
        for attempt in range(samples + MORE_REQUESTS):
            graded = sum(choice_grade(choice) is not None for choice in choices)
            if graded >= samples or (graded == 0 and attempt == MORE_REQUESTS):
                break
            several = samples - graded if self.dialect.several else 1
            reply = await asker.ask(self.key(SAMPLES, pair, attempt), self.body(pair, several), _is_graded)
            choices += reply.choices
        # More may be in the cache than the recipe wants now.
        probabilities = from_answers([choice for choice in choices if choice_grade(choice) is not None][:samples])
        said = tuple(choice.raw for choice in choices)
        return Grading(probabilities, NOTHING if probabilities is None else SAMPLES, said)

    def body(self, pair: Pair, several: int = 0) -> dict[str, Any]:
        """A request for one answer with log-probabilities, or for ``several`` without."""
        body = grading_body(self._prompt, *pair) | {"max_tokens": self._llm.max_tokens}
        if not several:
            return body | {"temperature": 0, "logprobs": True, "top_logprobs": TOP_LOGPROBS, **self._llm.extra}
        return body | {"temperature": 1} | ({"n": several} if several > 1 else {}) | dict(self._llm.extra)

    def key(self, source: str, pair: Pair, attempt: int) -> bytes:
        """Where an answer is kept."""
        return answer_key(
            f"grade by {source}", self._llm.model, self._llm.prompt, *pair, attempt, *extra_key(self._llm)
        )


def prompt_pairs(queries: Sequence[str], products: Sequence[Product]) -> list[Pair]:
    """Queries, each with its product as the prompt shows it."""
    data_of = {id(product): product_data(product) for product in products}
    return [(query, data_of[id(product)]) for query, product in zip(queries, products, strict=True)]


def _is_graded(choice: Choice) -> bool:
    return choice_grade(choice) is not None
