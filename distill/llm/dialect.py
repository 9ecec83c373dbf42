"""What an endpoint does not take of a request: learnt from its refusals, and left out from then on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_UNSUPPORTED = re.compile(
    r"un(supported|known|recogni[sz]ed|expected)|not (be )?(supported|permitted|allowed|available|enabled|valid)|"
    r"invalid|does(n't| not) support|extra (inputs|fields)|instead|must be|less than|at most|maximum|exceed|disabled",
    re.IGNORECASE,
)
_TOO_LONG = re.compile(r"context|prompt is too long|reduce the length", re.IGNORECASE)
_LOGPROBS = re.compile(r"log[\s_-]?prob", re.IGNORECASE)
_ONLY_STREAMED = re.compile(
    r"stream\w*.{0,20}(only|must|required|needs|has to|true)|(only|must|requires?|set).{0,30}\bstream", re.IGNORECASE
)
FEWER_LOGPROBS = 5


class Dialect:
    """Rewrites requests for one endpoint. ``learn`` is given each refusal and says whether it helped."""

    def __init__(self) -> None:
        self._dropped = set[str]()
        self._renamed = False
        self._most_logprobs: int | None = None
        self._streamed = False

    @property
    def several(self) -> bool:
        """Whether several answers (``n``) can be asked for at once."""
        return "n" not in self._dropped

    def adapted(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The request as this endpoint takes it."""
        adapted_body = {name: value for name, value in body.items() if name not in self._dropped}
        if self._renamed and "max_tokens" in adapted_body:
            adapted_body["max_completion_tokens"] = adapted_body.pop("max_tokens")
        if self._most_logprobs and "top_logprobs" in adapted_body:
            adapted_body["top_logprobs"] = min(adapted_body["top_logprobs"], self._most_logprobs)
        if self._streamed:
            adapted_body["stream"] = True
        return adapted_body

    def learn(self, body: Mapping[str, Any], message: str, parameter: str | None = None) -> bool:
        """Learn from a refusal of ``body``, as sent; True where the next request will be another."""
        if not body.get("stream") and _ONLY_STREAMED.search(message):
            self._streamed = True
            return True
        if _TOO_LONG.search(message) or not (_UNSUPPORTED.search(message) or parameter):
            return False
        culprit = parameter or message
        if "max_tokens" in culprit and "max_tokens" in body:
            self._renamed = True
        elif "top_logprobs" in culprit and body.get("top_logprobs", 0) > FEWER_LOGPROBS:
            self._most_logprobs = FEWER_LOGPROBS
        elif _LOGPROBS.search(culprit) and "logprobs" in body:
            self._dropped |= {"logprobs", "top_logprobs"}
        elif "temperature" in culprit and "temperature" in body:
            self._dropped.add("temperature")
        elif body.get("n", 1) > 1 and (parameter == "n" or re.search(r"['\"`]n['\"`]|\bn\b ?(>|=|must)", message)):
            self._dropped.add("n")
        return self.adapted(body) != body  # another request may have learnt it already
