"""A reply's body as one piece of JSON, also where an endpoint only streams: server-sent events, or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

_TEXTS = ("content", "refusal", "reasoning_content", "reasoning", "thinking")


def parsed_body(raw: bytes) -> Any:
    """The JSON of a body; of a stream what its parts come to. None where it is neither."""
    whole = _json(raw)
    if whole is not None:
        return whole
    parts = list(_parts(raw))
    if not parts or not all(isinstance(part, Mapping) for part in parts):
        return None
    fault = next((part for part in parts if part.get("error")), None)
    return fault or _joined(parts)


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _parts(raw: bytes) -> Iterator[Any]:
    for line in raw.splitlines():
        line = line.strip()
        if line.startswith(b"data:"):
            line = line[5:].strip()
        elif not line.startswith(b"{"):  # an empty line, a comment, or the name of an event
            continue
        if line and line != b"[DONE]":
            yield _json(line)


def _joined(parts: list[Mapping[str, Any]]) -> Any:
    """One chat completion of the pieces of one; a choice without a ``finish_reason`` broke off."""
    choices: dict[int, dict[str, Any]] = {}
    usage: Any = None
    for part in parts:
        usage = part.get("usage") or usage
        if "choices" not in part and ({"message", "response"} & part.keys()):  # Ollama's own
            message = part.get("message", {"content": part.get("response"), "thinking": part.get("thinking")})
            done = part.get("done_reason") or ("stop" if part.get("done") else None)
            pieces: Any = [{"delta": message, "finish_reason": done, "logprobs": {"content": part.get("logprobs")}}]
            if part.get("done"):
                usage = {"prompt_tokens": part.get("prompt_eval_count"), "completion_tokens": part.get("eval_count")}
        else:
            pieces = part.get("choices")
        for piece in pieces if isinstance(pieces, list) else []:
            if isinstance(piece, Mapping):
                _add(choices, piece)
    for choice in choices.values():
        choice["finish_reason"] = choice["finish_reason"] or "broken off: incomplete"
    return {"choices": list(choices.values()), "usage": usage} if choices else None


def _add(choices: dict[int, dict[str, Any]], piece: Mapping[str, Any]) -> None:
    at = piece.get("index")
    new: dict[str, Any] = {"message": {}, "finish_reason": None, "logprobs": {"content": []}}
    choice = choices.setdefault(at if isinstance(at, int) else 0, new)
    delta = piece.get("delta", piece.get("message"))
    for name in _TEXTS if isinstance(delta, Mapping) else ():
        if isinstance(delta.get(name), str):
            choice["message"][name] = choice["message"].get(name, "") + delta[name]
    if isinstance(piece.get("text"), str):
        choice["message"]["content"] = choice["message"].get("content", "") + piece["text"]
    logprobs = piece.get("logprobs")
    listed = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    choice["logprobs"]["content"] += listed if isinstance(listed, list) else []
    choice["finish_reason"] = piece.get("finish_reason") or choice["finish_reason"]
