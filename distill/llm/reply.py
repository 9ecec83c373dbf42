"""What an endpoint answered, read from whatever JSON came: nothing here fails on any JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Alternatives = dict[str, float]
"""Tokens that could stand at one position, with their log-probabilities."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its text, for each of its first tokens the alternatives (or none), and why it ended."""

    text: str
    tokens: tuple[tuple[str, Alternatives], ...] = ()
    finish: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """All answers to one request, and the tokens that it cost (None where the endpoint does not say)."""

    choices: tuple[Choice, ...]
    tokens_in: int | None = None
    tokens_out: int | None = None
    token_limit: int = 0
    """The token limit under which each answer was given."""

    def to_json(self) -> dict[str, Any]:
        """As plain data, for the cache."""
        record = asdict(self)
        return record | {"asked": record.pop("token_limit")}

    @classmethod
    def from_json(cls, data: Any) -> Reply:
        """From what ``to_json`` gave."""
        choices = (Choice(c["text"], tuple((t, dict(a)) for t, a in c["tokens"]), c["finish"]) for c in data["choices"])
        return cls(tuple(choices), data["tokens_in"], data["tokens_out"], data["asked"])


KEPT_TOKENS = 16
"""So many tokens' alternatives are kept: an answer's digit stands among the first."""


def read_reply(data: Any) -> Reply:
    """The reply in a JSON body; one without choices where the body holds no answer that can be read."""
    choices = data.get("choices") if isinstance(data, Mapping) else None
    answers = [_choice(choice) for choice in choices] if isinstance(choices, list) else []
    usage = data.get("usage") if isinstance(data, Mapping) else None
    usage = usage if isinstance(usage, Mapping) else {}
    return Reply(
        tuple(c for c in answers if c is not None and (c.text or c.tokens or c.finish == "content_filter")),
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
    )


def why_empty(data: Any) -> str:
    """What to say of a body that holds no answer."""
    choices = data.get("choices") if isinstance(data, Mapping) else None
    for choice in choices if isinstance(choices, list) else []:
        if isinstance(choice, Mapping) and choice.get("finish_reason") == "length":
            return "an empty answer, cut at the token limit (a model that thinks first needs a higher llm.max_tokens)"
    return "an empty answer" if isinstance(choices, list) else "JSON that is no chat completion"


def _choice(data: Any) -> Choice | None:
    if not isinstance(data, Mapping):
        return None
    message = data.get("message")
    message = message if isinstance(message, Mapping) else {}
    content = _text(message.get("content")) or _text(message.get("refusal"))
    text = without_thoughts(content)
    # The digits in a model's thoughts are not its answer, and tokens do not say where thoughts end.
    thought = text != content or message.get("reasoning_content") or message.get("reasoning")
    finish = data.get("finish_reason")
    return Choice(text, () if thought else _tokens(data.get("logprobs")), finish if isinstance(finish, str) else "")


def _text(content: Any) -> str:
    """A message's text; some endpoints give a list of parts."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content if isinstance(part, Mapping))
    # A lone surrogate is legal JSON but can't be written to disk.
    return content.encode("utf-8", "replace").decode().strip() if isinstance(content, str) else ""


def without_thoughts(text: str) -> str:
    """An answer without what a model thought aloud before it; thoughts that never end leave nothing."""
    return re.sub(r"<think>.*?(</think>|\Z)", "", text, flags=re.DOTALL | re.IGNORECASE).strip()


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
