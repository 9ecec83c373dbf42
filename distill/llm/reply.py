"""What an endpoint answered, read from whatever JSON came: nothing here fails on any JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from endcap.distill.llm.thoughts import without_thoughts

READER = 4
"""The version of what reads answers. A kept answer is told apart by it: one of an older reader is read anew, and asked
for again where the older one may have taken a part of it for all. Raise it when ``thoughts`` or ``grade_words`` change
what they make of an answer."""

_PARTIAL = ("length", "max", "error", "filter", "abort", "cancel", "timeout", "incomplete", "safety", "interrupt")
"""Words in the reason why an answer ended that say: it is not whole."""
_BROKEN = ("error", "abort", "cancel", "timeout", "incomplete", "interrupt")
"""Of these, those after which asking again may help."""

Alternatives = dict[str, float]
"""Tokens that could stand at one position, with their log-probabilities."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its text without thoughts, for each of its first tokens the alternatives (or none), why it ended, and
    the text as it came, with what was thought."""

    text: str
    tokens: tuple[tuple[str, Alternatives], ...] = ()
    finish: str = ""
    raw: str = ""

    @property
    def whole(self) -> bool:
        """Whether it came to its own end: what was cut, filtered or broken off is no answer, whatever it says."""
        return not any(word in self.finish.lower() for word in _PARTIAL)


@dataclass(frozen=True, slots=True)
class Reply:
    """All answers to one request, and the tokens that it cost (None where the endpoint does not say)."""

    choices: tuple[Choice, ...]
    tokens_in: int | None = None
    tokens_out: int | None = None
    token_limit: int = 0
    """The token limit under which each answer was given."""
    reader: int = READER
    """The version of the reader that kept it."""

    def to_json(self) -> dict[str, Any]:
        """As plain data, for the cache."""
        record = asdict(self)
        return record | {"asked": record.pop("token_limit")}

    @classmethod
    def from_json(cls, data: Any) -> Reply:
        """From what ``to_json`` gave; what is an answer in it is read anew."""
        choices = tuple(_kept(choice) for choice in data["choices"])
        return cls(choices, data["tokens_in"], data["tokens_out"], data["asked"], data.get("reader", 1))


def _kept(data: Any) -> Choice:
    raw = data.get("raw") or data["text"]
    text = without_thoughts(raw)
    tokens = tuple((token, dict(alternatives)) for token, alternatives in data["tokens"])
    return Choice(text, tokens if text == raw.strip() else (), data["finish"], data.get("raw", ""))


KEPT_TOKENS = 16
"""So many tokens' alternatives are kept: an answer's digit stands among the first."""


MOST_RAW = 20_000
"""Of a text, so many characters are kept, the last ones: the answer stands at the end."""


def read_reply(data: Any, limit: int | None = None) -> Reply:
    """The reply in a JSON body; one without choices where the body holds no answer that can be read.

    ``limit`` is the token limit that was sent. Chat completions are read, and Ollama's own shape.
    """
    data = _as_completion(data)
    choices = data.get("choices") if isinstance(data, Mapping) else None
    answers = [_choice(choice, limit) for choice in choices] if isinstance(choices, list) else []
    usage = data.get("usage") if isinstance(data, Mapping) else None
    usage = usage if isinstance(usage, Mapping) else {}
    return Reply(
        tuple(c for c in answers if c is not None and (c.text or c.tokens or c.finish == "content_filter")),
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
    )


def why_empty(data: Any) -> str:
    """What to say of a body that holds no answer."""
    data = _as_completion(data)
    choices = data.get("choices") if isinstance(data, Mapping) else None
    for choice in choices if isinstance(choices, list) else []:
        finish = choice.get("finish_reason") if isinstance(choice, Mapping) else None
        if finish == "length":
            return "an empty answer, cut at the token limit (a model that thinks first needs a higher llm.max_tokens)"
        if _is_broken(finish):
            return f"an answer that broke off (finish_reason {finish!r:.40})"
    return "an empty answer" if isinstance(choices, list) else "JSON that is no chat completion"


def _as_completion(data: Any) -> Any:
    """Ollama's own reply (``message`` or ``response``, ``done_reason``) as a chat completion; others as they are."""
    if not isinstance(data, Mapping) or "choices" in data or not ({"message", "response"} & data.keys()):
        return data
    message = data.get("message", {"content": data.get("response"), "thinking": data.get("thinking")})
    logprobs = data.get("logprobs")
    choice = {
        "message": message,
        "finish_reason": data.get("done_reason"),
        "logprobs": {"content": logprobs} if isinstance(logprobs, list) else logprobs,
    }
    usage = {"prompt_tokens": data.get("prompt_eval_count"), "completion_tokens": data.get("eval_count")}
    return {"choices": [choice], "usage": usage}


def _is_broken(finish: Any) -> bool:
    return isinstance(finish, str) and any(word in finish.lower() for word in _BROKEN)


def _choice(data: Any, limit: int | None) -> Choice | None:
    if not isinstance(data, Mapping) or _is_broken(data.get("finish_reason")):
        return None
    message = data.get("message")
    message = message if isinstance(message, Mapping) else {}
    content = _text(message.get("content")) or _text(message.get("refusal")) or _text(data.get("text"))
    reasoned = next(
        (t for name in ("reasoning_content", "reasoning", "thinking") if (t := _text(message.get(name)))), ""
    )
    # Some servers take a whole answer for thoughts: then its last statement is the answer.
    raw = (content or reasoned)[-MOST_RAW:]
    text = without_thoughts(raw)
    # The digits in a model's thoughts are not its answer, and tokens do not say where thoughts end.
    tokens = () if reasoned or text != raw else _tokens(data.get("logprobs"))
    finish = data.get("finish_reason")
    finish = _encodable(finish)[:40] if isinstance(finish, str) else ""
    # Who allows one token gets a whole digit, and is told that it was cut.
    if finish == "length" and limit is not None and limit <= 2 and re.fullmatch(r"[0-3]", text):
        finish = "stop"
    return Choice(text, tokens, finish, raw)


def _text(content: Any) -> str:
    """A message's text; some endpoints give a list of parts."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, Mapping))
    # A lone surrogate is legal JSON but can't be written to disk.
    return content.encode("utf-8", "replace").decode().strip() if isinstance(content, str) else ""


def _tokens(logprobs: Any) -> tuple[tuple[str, Alternatives], ...]:
    """Tokens with their alternatives, from today's shape (``content``) or the older completions' (``tokens``)."""
    if not isinstance(logprobs, Mapping):
        return ()
    rows = list[tuple[str, Alternatives]]()
    if isinstance(logprobs.get("content"), list):
        for item in logprobs["content"][:KEPT_TOKENS]:
            if isinstance(item, Mapping) and isinstance(item.get("token"), str):
                top = item.get("top_logprobs")
                listed = [item, *(top if isinstance(top, list) else [])]
                pairs = [(entry.get("token"), entry.get("logprob")) for entry in listed if isinstance(entry, Mapping)]
                rows.append((_encodable(item["token"]), _alternatives(pairs)))
    elif isinstance(logprobs.get("tokens"), list) and isinstance(logprobs.get("top_logprobs"), list):
        for token, top in list(zip(logprobs["tokens"], logprobs["top_logprobs"], strict=False))[:KEPT_TOKENS]:
            if isinstance(token, str) and isinstance(top, Mapping):
                rows.append((_encodable(token), _alternatives(list(top.items()))))
    return tuple(row for row in rows if row[1])


def _alternatives(pairs: list[tuple[Any, Any]]) -> Alternatives:
    alternatives: Alternatives = {}
    for token, value in pairs:
        if isinstance(token, str) and isinstance(value, (int, float)) and not isinstance(value, bool):
            try:
                number = float(value)
            except OverflowError:
                continue
            if not math.isnan(number) and number < 0.01:  # rounding can lift a certain token a little above 0
                alternatives.setdefault(_encodable(token), max(min(number, 0.0), -1e4))
    return alternatives


def _encodable(token: str) -> str:
    return token.encode("utf-8", "replace").decode()


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40 else None
