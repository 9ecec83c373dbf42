"""How near products are to words without a meaning: what is no nearer to a search is not shown for it.

There is always a nearest product, also for "asdfgh". How near that is depends on the model and the catalogue, so it is
asked of the index itself, once an hour: the nearest product of each of some nonsense words. What is not above

    mean + 2 standard deviations

of their likenesses is as near to nothing as to the search. Measured in
``docs/experiments/2026-11-30-candidates-by-meaning.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from endcap.plugin.deadline import Deadline
from endcap.plugin.search.dense_request import DenseRequest
from endcap.plugin.search.reply import hits_of
from endcap.plugin.search.target import Target
from endcap.plugin.states.document_states import query_numbers

NONSENSE = (
    *("asdfgh", "qwertz uiop", "zxcvbnm", "xkqzvw", "blorf wimzel", "trunkel gabbo", "fnurp", "7739915"),
    *("jjkkll", "wexo pibra dun", "mumsle", "qqq www", "vrobnik sesta", "oiuytr", "48213 zz", "hjkl"),
)
DEVIATIONS = 2.0


LEAST = 6
"""Words without which nothing can be said."""


async def floor_of(
    target: Target,
    index: Any,
    student: Any,
    request: DenseRequest,
    clause: Mapping[str, Any] | None,
    params: Mapping[str, Any],
    deadline: Deadline,
) -> float | None:
    """The score up to which a product is near to anything, in the engine's unit; None where that can't be said in time.

    ``clause`` is the filter of the index's alias. As many words are asked for as half of the time that is left allows;
    their vectors are remembered by the student. Raises what the target and the student raise.
    """
    limit_ms = deadline.left_ms() / 2

    def vectors() -> list[Any]:
        found = []
        for word in NONSENSE:
            found.append(query_numbers(student, word))
            if deadline.left_ms() < limit_ms:
                break
        return found

    bodies = [request.any_body(clause, vector=vector) for vector in await target.run(vectors)]
    if len(bodies) < LEAST:
        return None
    alone = {name: value for name, value in params.items() if name != "include_named_queries_score"}
    replies = await target.search_all(index, bodies, alone)
    scores = [float(hits[0]["_score"]) for reply in replies if (hits := hits_of(reply))]
    return float(np.mean(scores) + DEVIATIONS * np.std(scores)) if len(scores) >= LEAST else None
