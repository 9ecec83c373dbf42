"""How far an LLM's grades agree with people's: measured before its labels are used."""

from __future__ import annotations

import hashlib
import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from endcap.distill.labels.logit import score
from endcap.distill.llm.grading import NOTHING, Grading, too_many
from endcap.distill.recipe.settings import LlmRecipe
from endcap.distill.work.files import write_json, write_stage_text
from endcap.errors import InputError
from endcap.evaluate import measures
from endcap.index.judgments.judgments import GRADES, whole
from endcap.index.product import Product

NDCG = "nDCG@10"
PER_QUERY, FEWEST_QUERIES = 20, 5
"""At most so many products of a query are asked, so that there are many queries; fewer where few pairs are asked."""

RESAMPLES = 1_000
SHUFFLES = 20


class JudgedPair(NamedTuple):
    """A query with a product that people gave a grade."""

    shop: str
    query: str
    product: Product
    grade: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """Quadratic weighted kappa of the likeliest grades (with a 95% interval, queries resampled), the share of equal
    grades, ``confusion[people][model]``, and nDCG@10 of the model's order of judged products, and of a random order.

    None stands for what can't be measured: kappa where all grades are alike, nDCG where no query has two grades.
    """

    model: str
    prompt: str
    pairs: int
    queries: int
    ungraded: int
    answered_by: Mapping[str, int]
    kappa: float | None
    kappa_interval: tuple[float, float] | None
    equal: float | None
    confusion: list[list[int]]
    ndcg: float | None
    ndcg_random: float | None
    ndcg_queries: int

    def table(self) -> str:
        """The report for people."""
        low, high = self.kappa_interval or (math.nan, math.nan)
        width = max(6, *(len(f"{n:,}") + 2 for row in self.confusion for n in row))
        lines = [
            f"{self.model}, prompt {self.prompt}, beside people's grades",
            "",
            f"  pairs            {self.pairs:,} of {self.queries:,} queries, {self.ungraded:,} without a grade",
            f"  answers          {', '.join(f'{n:,} by {source}' for source, n in self.answered_by.items()) or 'none'}",
            f"  weighted kappa   {_number(self.kappa)} [{_number(low)}, {_number(high)}]",
            f"  same grade       {_number(self.equal)}",
            f"  {NDCG}          {_number(self.ndcg)} (a random order: {_number(self.ndcg_random)}; "
            f"{self.ndcg_queries:,} queries)",
            "",
            "  people \\ model" + "".join(f"{grade:>{width}}" for grade in GRADES),
        ]
        lines += [f"  {g:>14}" + "".join(f"{n:>{width},}" for n in row) for g, row in enumerate(self.confusion)]
        return "\n".join(lines) + "\n"

    @property
    def is_unreadable(self) -> bool:
        """Whether too many answers, or all, are no grades."""
        return too_many(self.ungraded, self.pairs) or 0 < self.ungraded == self.pairs

    def write(self, folder: Path) -> None:
        """Write ``agreement.json`` and ``agreement.txt``."""
        write_json(folder / "agreement.json", asdict(self))
        write_stage_text(folder / "agreement.txt", self.table().encode("utf-8", "replace").decode())

    def require(self, llm: LlmRecipe) -> None:
        """Raise ``InputError`` where it is less than the recipe asks for, or where too many answers are no grades."""
        if self.is_unreadable:
            raise InputError(
                f"{self.model} gave no grade for {self.ungraded:,} of {self.pairs:,} judged pairs. `endcap distill "
                "llm-check` shows what it said instead. Try another model or llm.prompt, or a higher llm.max_tokens."
            )
        if self.kappa is None:
            raise InputError(
                f"Whether {self.model} agrees with people can't be measured on {self.pairs:,} judged pairs: all grades "
                "are alike. Judge more, or raise llm.check_pairs."
            )
        if self.kappa < llm.min_kappa:
            raise InputError(
                f"{self.model} agrees too little with people's grades: weighted kappa {self.kappa:.2f} on "
                f"{self.pairs:,} pairs, and llm.min_kappa is {llm.min_kappa:g}. "
                "Use a better model or another llm.prompt, look at the judgments, or lower llm.min_kappa to use it."
            )


def sample_pairs(judged: Sequence[JudgedPair], pairs: int, seed: int) -> list[JudgedPair]:
    """At most so many judged pairs, of queries drawn by a hash: the same ones in every run, and more where more."""
    by_query = defaultdict[tuple[str, str], list[JudgedPair]](list)
    for pair in judged:
        by_query[pair.shop, pair.query].append(pair)
    sampled: list[JudgedPair] = []
    for of_one in (max(min(pairs // FEWEST_QUERIES, PER_QUERY), 1), PER_QUERY):
        sampled = []
        for key in sorted(by_query, key=lambda key: _draw_key(seed, *key)):
            chosen = sorted(by_query[key], key=lambda pair: _draw_key(seed, *key, pair.product.id))[:of_one]
            sampled += chosen[: max(pairs - len(sampled), 0)]
        if len(sampled) >= pairs:
            break
    return sampled


def measure_agreement(
    llm: LlmRecipe, judged: Sequence[JudgedPair], gradings: Sequence[Grading], seed: int = 0
) -> Agreement:
    """Agreement of ``gradings[i]`` with people's grade of ``judged[i]``."""
    graded = [
        (pair, grading.probabilities)
        for pair, grading in zip(judged, gradings, strict=True)
        if grading.probabilities is not None
    ]
    queries = list(dict.fromkeys((pair.shop, pair.query) for pair in judged))
    tables = {key: np.zeros((len(GRADES), len(GRADES)), dtype=np.int64) for key in queries}
    for pair, probabilities in graded:
        tables[pair.shop, pair.query][whole(pair.grade), int(np.argmax(probabilities))] += 1
    stacked = np.array(list(tables.values())).reshape(-1, len(GRADES), len(GRADES))
    confusion = stacked.sum(axis=0)
    ndcg, random_ndcg, ranked = _ndcg([(pair, float(score(p[None])[0])) for pair, p in graded], seed)
    return Agreement(
        model=llm.model,
        prompt=llm.prompt,
        pairs=len(judged),
        queries=len(queries),
        ungraded=len(judged) - len(graded),
        answered_by=dict(Counter(grading.source for grading in gradings if grading.source != NOTHING)),
        kappa=weighted_kappa(confusion),
        kappa_interval=_interval(stacked, seed),
        equal=float(np.trace(confusion) / confusion.sum()) if graded else None,
        confusion=confusion.tolist(),
        ndcg=ndcg,
        ndcg_random=random_ndcg,
        ndcg_queries=ranked,
    )


def weighted_kappa(confusion: npt.NDArray[np.integer]) -> float | None:
    """Cohen's kappa with quadratic weights, of counts (4, 4); None where it is not defined.

    ``1 - sum w O / sum w E``, w the squared distance of the grades, O the counts, and E what the margins alone would
    give (Cohen, 1968: https://doi.org/10.1037/h0026256).
    """
    total = confusion.sum()
    grades = np.arange(len(confusion))
    weights = (grades[:, None] - grades[None, :]) ** 2
    expected = float((weights * np.outer(confusion.sum(1), confusion.sum(0))).sum())
    return None if expected == 0 else float(1 - (weights * confusion).sum() * total / expected)


def _interval(tables: npt.NDArray[np.integer], seed: int) -> tuple[float, float] | None:
    """The 95% percentile interval of kappa over resampled queries, from counts (queries, 4, 4)."""
    if len(tables) < 2:
        return None
    rng = np.random.default_rng(seed)
    resampled = (tables[rng.integers(len(tables), size=len(tables))].sum(axis=0) for _ in range(RESAMPLES))
    kappas = [kappa for kappa in map(weighted_kappa, resampled) if kappa is not None]
    if not kappas:
        return None
    low, high = np.percentile(kappas, [2.5, 97.5])
    return float(low), float(high)


def _ndcg(scored: Sequence[tuple[JudgedPair, float]], seed: int) -> tuple[float | None, float | None, int]:
    """nDCG@10 by the scores and in random order, and of how many queries: those with two different grades."""
    grades, scores = defaultdict[str, dict[str, float]](dict), defaultdict[str, dict[str, float]](dict)
    for pair, value in scored:
        name = f"{pair.shop}\0{pair.query}"
        grades[name][pair.product.id], scores[name][pair.product.id] = pair.grade, value
    ranked = {query: judged for query, judged in grades.items() if len(set(judged.values())) > 1}
    if not ranked:
        return None, None, 0
    parsed = measures.parse([NDCG])

    def mean(rankings: Mapping[str, Sequence[str]]) -> float:
        return measures.mean(measures.score(rankings, ranked, parsed)[NDCG])

    # Ties by id, so that the order in which people's grades happen to stand can't help.
    by_score = {q: sorted(ranked[q], key=lambda p: (-scores[q][p], _draw_key(seed, p))) for q in ranked}
    rng = random.Random(seed)
    shuffled = [
        mean({q: rng.sample(list(judged), len(judged)) for q, judged in ranked.items()}) for _ in range(SHUFFLES)
    ]
    return mean(by_score), sum(shuffled) / len(shuffled), len(ranked)


def _draw_key(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).digest()


def _number(value: float | None) -> str:
    return "-" if value is None or math.isnan(value) else f"{value:.3f}"
