"""How many optional clauses must match: OpenSearch's ``minimum_should_match``."""

import re
from typing import Any

from endcap.errors import EngineError

_NUMBER = re.compile(r"\s*([+-]?\d+)(%?)\s*$")
_CONDITION = re.compile(r"\s*(\d+)\s*<\s*([+-]?\d+%?)")


def minimum_should_match(rule: Any, clauses: int) -> int:
    """The number that must match of so many clauses, never below 0 and never above their number.

    ``rule`` is a number, a percentage (rounded down), either one negative (how many may be missing), or conditions as
    in ``"2<75%"``: all up to two clauses must match, of more than two 75%. A plain number may be above ``clauses``:
    it is then returned as it is, since nothing can match.

    Source: https://docs.opensearch.org/latest/query-dsl/minimum-should-match/
    """
    text = str(rule)
    if "<" in text:
        needed = clauses
        for part in text.split():
            condition = _CONDITION.match(part)
            if condition is None:
                raise _unknown(rule)
            if clauses <= int(condition[1]):
                return needed
            needed = minimum_should_match(condition[2], clauses)
        return needed
    number = _NUMBER.match(text)
    if number is None:
        raise _unknown(rule)
    value = int(number[1])
    if number[2]:
        share = abs(value) * clauses // 100
        return max(0, clauses - share if text.strip().startswith("-") else share)
    return max(0, clauses + value if value < 0 else value)


def _unknown(rule: Any) -> EngineError:
    return EngineError(f"minimum_should_match can't be {rule!r}. Use a number, a percentage, or '2<75%'.")
