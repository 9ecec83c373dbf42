"""The curve in words, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from endcap.evaluate.measures import mean
from endcap.evaluate.significance import Difference, bootstrap_interval, paired_difference
from endcap.evaluate.verdict import p_words

Values = Mapping[str, float]
"""The measure of each query."""


@dataclass(frozen=True, slots=True)
class Point:
    """A student: the amount of generated pairs that was asked for, and that was used; seconds of training."""

    amount: int
    seed: int
    pairs: int
    seconds: float
    values: Values


@dataclass(frozen=True, slots=True)
class Line:
    """What students are compared with."""

    name: str
    values: Values


@dataclass(frozen=True, slots=True)
class Curve:
    """Students by amount and seed, their teacher (if there is one), and the untrained base."""

    name: str
    measure: str
    points: tuple[Point, ...]
    teacher: Line | None
    zero_shot: Line

    @property
    def amounts(self) -> list[int]:
        """The amounts, growing."""
        return sorted({point.amount for point in self.points})

    def seeds(self, amount: int) -> list[Point]:
        """The students of an amount."""
        return [point for point in self.points if point.amount == amount]

    def at(self, amount: int) -> Values:
        """Each query's measure, the mean over the seeds of an amount."""
        seeds = [point.values for point in self.seeds(amount)]
        return {query: sum(values[query] for values in seeds) / len(seeds) for query in seeds[0]}

    def difference(self, amount: int, base: Values, name: str) -> Difference:
        """Students of an amount (the mean over seeds) beside something else, paired by query."""
        return paired_difference(self.at(amount), base, names=(f"{amount:,} pairs", name), measure=self.measure)


def answers(curve: Curve) -> list[str]:
    """Is more data still worth it, does the student pass its teacher, what has the data brought, in words."""
    amounts, sentences = curve.amounts, []
    last = amounts[-1]
    if len(amounts) > 1:
        step = curve.difference(last, curve.at(amounts[-2]), f"{amounts[-2]:,} pairs")
        words = ("yes", "no: it does harm", "it can't be told from nothing")[_sign(step)]
        sentences.append(f"Is more still worth it? From {amounts[-2]:,} to {last:,} pairs {words}: {_numbers(step)}.")
    if curve.teacher:
        beside = curve.difference(last, curve.teacher.values, "teacher")
        words = ("passes its teacher", "stays below its teacher", "can't be told from its teacher")[_sign(beside)]
        sentences.append(f"The student {words} with {last:,} pairs: {_numbers(beside)}.")
    if len(amounts) > 1 and amounts[0] == 0:
        whole = curve.difference(last, curve.at(0), "gold only")
        words = ("raise", "lower", "make no difference that can be seen in")[_sign(whole)]
        sentences.append(f"{last:,} generated pairs {words} {curve.measure} beside judgments alone: {_numbers(whole)}.")
    zero = curve.difference(last, curve.zero_shot.values, "zero-shot")
    sentences.append(f"Beside the untrained base: {_numbers(zero)}.")
    return sentences


def _sign(difference: Difference) -> int:
    """0: clearly more, 1: clearly less, 2: not clear."""
    return 2 if not difference.clear else 0 if difference.mean > 0 else 1


def _numbers(difference: Difference) -> str:
    low, high, p = difference.low, difference.high, p_words(difference.p_value)
    return f"{difference.mean:+.3f} (95 % interval {low:+.3f} to {high:+.3f}; {p}; {difference.queries} queries)"


def mean_interval(values: Values) -> tuple[float, float]:
    """The 95 % bootstrap interval, over queries, of the mean."""
    return bootstrap_interval(np.array(list(values.values())))


def markdown(curve: Curve) -> str:
    """A table, a row for each line and amount, and the answers."""
    rows = [
        f"| generated pairs | {curve.measure} | 95 % interval | seeds | minutes a student |",
        "|---|---|---|---|---|",
    ]
    lines = [line for line in (curve.zero_shot, curve.teacher) if line]
    rows += [f"| {line.name} | {short(mean(line.values))} | {_between(line.values)} | | |" for line in lines]
    for amount in curve.amounts:
        points = curve.seeds(amount)
        seeds = " ".join(short(mean(point.values)) for point in points)
        minutes = sum(point.seconds for point in points) / len(points) / 60
        name = f"{amount:,}" if amount else "0 (judgments alone)"
        rows.append(
            f"| {name} | {short(mean(curve.at(amount)))} | {_between(curve.at(amount))} | {seeds} | {minutes:.1f} |"
        )
    return "\n".join([*rows, "", *(f"- {answer}" for answer in answers(curve)), ""])


def short(value: float) -> str:
    """A value between 0 and 1 as tables have it, ``.912``."""
    return f"{value:.3f}".removeprefix("0")


def _between(values: Values) -> str:
    low, high = mean_interval(values)
    return f"{short(low)} to {short(high)}"


def to_mapping(curve: Curve) -> dict[str, Any]:
    """The curve as JSON: means, intervals, differences, answers."""

    def summary(values: Values) -> dict[str, Any]:
        return {"mean": mean(values), "interval": mean_interval(values)}

    bases = {line.name: line.values for line in (curve.zero_shot, curve.teacher) if line}
    return {
        "schema": 1,
        "recipe": curve.name,
        "measure": curve.measure,
        "queries": len(curve.zero_shot.values),
        "lines": {name: summary(values) for name, values in bases.items()},
        "points": [
            {
                "amount": amount,
                **summary(curve.at(amount)),
                "pairs": max(point.pairs for point in curve.seeds(amount)),
                "seeds": {str(point.seed): mean(point.values) for point in curve.seeds(amount)},
                "minus": {name: _difference(curve.difference(amount, values, name)) for name, values in bases.items()},
            }
            for amount in curve.amounts
        ],
        "answers": answers(curve),
    }


def _difference(difference: Difference) -> dict[str, float]:
    return {"mean": difference.mean, "low": difference.low, "high": difference.high, "p": difference.p_value}
