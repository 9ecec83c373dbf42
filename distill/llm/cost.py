"""What asking costs: estimated before, counted from the endpoint's own figures, and kept under a cap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from endcap.distill.llm.cache import AnswerCache, Spent
from endcap.distill.llm.errors import CostCapError
from endcap.distill.llm.reply import Reply
from endcap.distill.recipe.settings import LlmRecipe
from endcap.errors import InputError

BYTES_PER_TOKEN = 4.0
"""Of English and of JSON; other alphabets have more bytes a letter and more tokens a letter, which about evens out."""

UNTRIED = 2.0
"""Before the first reply tells better, a request is reckoned to have at most this many times the estimated tokens."""

MESSAGE_TOKENS = 4
"""What a chat template adds to each message."""


def tokens_of(body: Mapping[str, Any]) -> int:
    """About how many tokens a request's messages have: UTF-8 bytes / 4, and 4 a message."""
    texts = [str(message["content"]) for message in body["messages"]]
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    return round(size / BYTES_PER_TOKEN) + MESSAGE_TOKENS * len(texts)


def cost_of(llm: LlmRecipe, tokens_in: float, tokens_out: float) -> float:
    """The price of tokens, in the unit of ``price_in`` and ``price_out`` (per million tokens)."""
    return (tokens_in * llm.price_in + tokens_out * llm.price_out) / 1e6


def money(cost: float) -> str:
    """A cost for people: two decimals, and no zero for what costs something."""
    return f"about {cost:,.2f}" if cost >= 0.01 else "less than 0.01"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is still to be asked. Tokens in are estimated (``tokens_of``), tokens out are an upper bound.

    ``certain`` is False while no answer has shown whether there are log-probabilities: then each pair is reckoned with
    one request for them and with one for each of ``llm.samples``.
    """

    subject: str
    uncached: int
    cached: int
    requests: int
    tokens_in: int
    tokens_out: int
    cost: float
    certain: bool = True

    def __str__(self) -> str:
        if not self.requests:
            return f"{self.subject}: all {self.cached:,} are in the cache and cost nothing"
        price = f", {money(self.cost)}" if self.cost else ", at no price (llm.price_in and price_out are 0)"
        unsure = "" if self.certain else "; far less if answers have log-probabilities, as `llm-check` finds out"
        return (
            f"{self.subject}: {self.uncached:,} to ask, {self.cached:,} in the cache; {self.requests:,} requests, "
            f"{self.tokens_in:,} tokens in, at most {self.tokens_out:,} out{price}{unsure}"
        )


@dataclass(slots=True)
class Ledger:
    """Counts what a recipe costs, over all its runs, and refuses a request that could go beyond ``llm.max_cost``.

    A request's cost is reserved before it is sent: the estimate, times the most that a reply has exceeded its estimate
    by (twice, before the first). It is counted by the endpoint's ``usage`` when the reply comes. Attempts that may have
    been paid for and gave nothing count as estimated.
    """

    llm: LlmRecipe
    recipe: str
    cache: AnswerCache
    _reserved: float = 0.0
    _worst: float | None = None
    _reported: int = 0
    _estimated: int = 0

    def __post_init__(self) -> None:
        if self.llm.max_cost is not None and not (self.llm.price_in or self.llm.price_out):
            raise InputError("llm.max_cost needs prices: set llm.price_in and llm.price_out, per million tokens.")

    @contextmanager
    def request(self, body: Mapping[str, Any], tokens_out: int) -> Iterator[Bill]:
        """Reserve a request's cost while it is under way. Raises ``CostCapError`` where it could exceed the cap."""
        bill = Bill(self, tokens_of(body), tokens_out)
        worst = UNTRIED if self._worst is None else max(1.0, self._worst)
        cost = cost_of(self.llm, bill.tokens_in * worst, tokens_out)
        self.check_cap(cost)
        self._reserved += cost
        try:
            yield bill
        finally:
            self._reserved -= cost

    def check_cap(self, cost: float) -> None:
        """Raise ``CostCapError`` where so much more could exceed the cap."""
        cap = self.llm.max_cost
        if cap is None:
            return
        spent = self.cache.spent(self.recipe).cost
        if spent + self._reserved + cost > cap:
            raise CostCapError(
                f"The recipe {self.recipe!r} has cost {spent:.4g}; the next request could exceed "
                f"llm.max_cost = {cap:g}. All answers are kept: raise llm.max_cost and run again to go on."
            )

    def expected_tokens(self, estimated: int) -> int:
        """A request's tokens, from the estimate and from how far off earlier estimates were."""
        return round(estimated * self._reported / self._estimated) if self._estimated else estimated

    def learn(self, reported: int, estimated: int) -> None:
        """Take in how many tokens a request had, beside the estimate."""
        self._reported, self._estimated = self._reported + reported, self._estimated + estimated
        self._worst = max(self._worst or 0.0, reported / max(estimated, 1))


@dataclass(slots=True)
class Bill:
    """One request's cost: ``settle`` with its reply, ``lost`` for an attempt that gave nothing."""

    ledger: Ledger
    tokens_in: int
    """As estimated."""
    tokens_out: int

    def settle(self, key: bytes, reply: Reply) -> None:
        """Keep the reply with what it cost."""
        ledger = self.ledger
        tokens_in = ledger.expected_tokens(self.tokens_in) if reply.tokens_in is None else reply.tokens_in
        tokens_out = self.tokens_out if reply.tokens_out is None else reply.tokens_out
        if reply.tokens_in is not None:
            ledger.learn(reply.tokens_in, self.tokens_in)
        cost = cost_of(ledger.llm, tokens_in, tokens_out)
        ledger.cache.put(key, reply, ledger.recipe, Spent(1, tokens_in, tokens_out, cost))

    def lost(self) -> None:
        """Count an attempt that may have been paid for. Raises ``CostCapError`` where another could exceed the cap."""
        ledger = self.ledger
        tokens = ledger.expected_tokens(self.tokens_in)
        cost = cost_of(ledger.llm, tokens, self.tokens_out)
        ledger.cache.add(ledger.recipe, Spent(1, tokens, self.tokens_out, cost))
        ledger.check_cap(0.0)
