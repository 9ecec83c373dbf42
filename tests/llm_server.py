"""A real HTTP server that speaks the chat completions' API, grades by a rule, and fails on purpose."""

from __future__ import annotations

import asyncio
import json
import math
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from aiohttp import web

from endcap.distill.llm.backoff import Limits
from endcap.distill.recipe.settings import LlmRecipe, Recipe

QUICK = Limits(timeout_s=5, wait_s=0.01, longest_wait_s=0.05, patience_s=0.5, failures=12)

Script = Sequence[str] | Callable[[int, dict[str, Any]], str]
"""What to do with the first requests, one word each, or a rule by the request's number (from 0) and body; else "ok"."""


@dataclass
class Server:
    """A running server: its address, and all requests that it got (time, headers in lower case, body)."""

    url: str = ""
    requests: list[tuple[float, dict[str, str], dict[str, Any]]] = field(default_factory=list)
    answered: int = 0
    """Whole replies, which a vendor would charge for."""

    def recipe(self, **llm: Any) -> Recipe:
        """A recipe that asks this server."""
        known = {"url": self.url, "model": "words", "key_env": "LLM_TEST_KEY", "timeout_s": 5.0}
        return Recipe("test", "base", "MIT", llm=LlmRecipe(**(known | llm)))

    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, _, body in self.requests]


def words(text: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", text.lower())}


def grade_of(query: str, product: dict[str, Any]) -> float:
    """The server's opinion, 0 to 3: the share of the query's words that the product's text has."""
    asked = words(query)
    return 3 * len(asked & words(json.dumps(product))) / len(asked) if asked else 0.0


def probabilities_of(opinion: float) -> list[float]:
    """What it says of each grade: a softmax that falls with the distance from its opinion."""
    weights = [math.exp(-1.5 * abs(grade - opinion)) for grade in range(4)]
    return [weight / sum(weights) for weight in weights]


@contextmanager
def llm_server(
    script: Script = (), *, key: str = "", usage: bool = True, delay_s: float = 0.0, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """A server on loopback. Words of a script: ok, 429 (or 429:SECONDS, 429:date), any status, garbage, wrong-json,
    empty, half, hang, cut-off, slow, no-logprobs, refusal, quota, say:TEXT, no:PARAMETER (a 400 that names it),
    forbid:PARAMETER (a 403), reasoned:TEXT (nothing but thoughts), cut:TEXT and broke:TEXT (partial answers), stream
    (whatever is asked), stream-only. Ollama's own API is at ``/api/chat``."""
    server = Server()
    ready = threading.Event()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def chat(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        number = len(server.requests)
        server.requests.append(
            (time.monotonic(), {name.lower(): value for name, value in request.headers.items()}, body)
        )
        if key and request.headers.get("Authorization") != f"Bearer {key}":
            return _error(401, f"Incorrect API key provided: {request.headers.get('Authorization', '')}")
        await asyncio.sleep(delay_s)
        word = script(number, body) if callable(script) else script[number] if number < len(script) else "ok"
        return await _answer(server, request, body, word, usage)

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", chat)
        app.router.add_post("/api/chat", partial(_ollama, server))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        server.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}/v1"
        end = asyncio.Event()
        running.append((asyncio.get_running_loop(), end))
        ready.set()
        await end.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        [(loop, end)] = running
        loop.call_soon_threadsafe(end.set)
        thread.join(10)


async def _answer(
    server: Server, request: web.Request, body: dict[str, Any], word: str, usage: bool
) -> web.StreamResponse:
    name, _, detail = word.partition(":")
    if name.isdigit():
        headers = {}
        if detail == "date":
            headers["Retry-After"] = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 1.5))
        elif detail:
            headers["Retry-After"] = detail
        return _error(int(name), "not now", headers=headers)
    if name == "quota":
        return _error(429, "You exceeded your current quota", code="insufficient_quota")
    if name == "forbid" and detail in body:
        return _error(403, f"You are not allowed to request {detail} from this model")
    if name == "stream-only" and not body.get("stream"):
        return _error(400, "This model only supports stream mode: set stream to true.")
    if name == "no" and detail in body:
        return _error(400, f"Unsupported parameter: '{detail}' is not supported with this model.", param=detail)
    if name == "long":
        return _error(400, "This model's maximum context length is 4096 tokens.")
    if name == "hang":
        await asyncio.sleep(3600)
    if name == "cut-off" and request.transport is not None:
        request.transport.abort()
        return web.Response()
    if name == "slow":
        await asyncio.sleep(float(detail or 0.2))
    if name == "garbage":
        server.answered += 1
        return web.Response(text="<html>Bad gateway</html>", content_type="text/html")
    if name == "wrong-json":
        server.answered += 1
        return web.json_response({"choices": [{"message": {"content": 7}, "logprobs": [1]}, None, 3], "usage": "much"})
    if name == "empty":
        server.answered += 1
        return web.json_response({"choices": [{"message": {"content": ""}, "finish_reason": detail or "stop"}]})
    reply = _reply(body, name, detail)
    if not usage:
        del reply["usage"]
    raw = _stream(reply) if name.startswith("stream") else json.dumps(reply).encode()
    if name == "half":
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(raw))})
        await response.prepare(request)
        await response.write(raw[: len(raw) // 2])
        assert request.transport is not None
        request.transport.close()
        return response
    server.answered += 1
    return web.Response(body=raw, content_type="application/json", headers={"X-Request-Id": f"req-{server.answered}"})


def _error(status: int, message: str, headers: dict[str, str] | None = None, **more: Any) -> web.Response:
    body = {"error": {"message": message, "type": "error", **more}}
    return web.json_response(body, status=status, headers=headers)


def _reply(body: dict[str, Any], name: str, detail: str) -> dict[str, Any]:
    user = json.loads(body["messages"][-1]["content"].replace("[ ", "["))
    tokens_in = sum(len(message["content"]) for message in body["messages"]) // 4
    if "query" not in user:
        texts = [json.dumps(_queries(user))]
    else:
        shares = probabilities_of(grade_of(user["query"], user["product"]))
        best = max(range(4), key=shares.__getitem__)
        # Several answers come in the proportions of the shares.
        count = body.get("n", 1)
        texts = [str(best)] if count == 1 else [str(_quantile(shares, (i + 0.5) / count)) for i in range(count)]
    if name == "refusal":
        texts = ["I'm sorry, but I can't help with that."] * len(texts)
    if name in ("say", "cut", "broke", "reasoned"):
        texts = [detail] * len(texts)
    choices: list[dict[str, Any]] = [
        {"index": i, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        for i, text in enumerate(texts)
    ]
    for choice in choices:
        choice["finish_reason"] = {"cut": "length", "broke": "error"}.get(name, "stop")
        if name == "reasoned":
            choice["message"] = {"role": "assistant", "content": None, "reasoning_content": detail}
    given = ("no-logprobs", "refusal", "say", "cut", "broke", "reasoned")
    if body.get("logprobs") and name not in given and "query" in user:
        top = [
            {"token": f"{blank}{g}", "logprob": math.log(p * share)}
            for g, p in enumerate(shares)
            for blank, share in (("", 0.9), (" ", 0.1))
        ]
        choices[0]["logprobs"] = {
            "content": [{"token": texts[0], "logprob": math.log(0.9 * shares[best]), "top_logprobs": top}]
        }
    tokens_out = sum(max(1, len(text) // 4) for text in texts)
    return {"choices": choices, "usage": {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}}


def _stream(reply: dict[str, Any]) -> bytes:
    """A reply as server-sent events, a few characters each, the usage last."""
    events: list[dict[str, Any]] = []
    for choice in reply["choices"]:
        at, text = choice["index"], choice["message"]["content"]
        events.append({"choices": [{"index": at, "delta": {"role": "assistant"}}]})
        events += [{"choices": [{"index": at, "delta": {"content": part}}]} for part in re.findall(r".{1,3}", text)]
        ended = {"index": at, "delta": {}, "finish_reason": choice["finish_reason"]}
        events.append({"choices": [ended | {"logprobs": choice.get("logprobs")}]})
    events.append({"choices": [], "usage": reply["usage"]})
    return b": ping\n\n" + b"".join(b"data: %s\n\n" % json.dumps(e).encode() for e in events) + b"data: [DONE]\n\n"


async def _ollama(server: Server, request: web.Request) -> web.Response:
    """Ollama's own API: options in a table of their own, and what it does not know is refused."""
    body = await request.json()
    server.requests.append((time.monotonic(), {}, body))
    unknown = body.keys() - {"model", "messages", "stream", "options", "think", "logprobs", "top_logprobs"}
    if unknown:
        return web.json_response({"error": f"unknown field {sorted(unknown)[0]!r}"}, status=400)
    reply = _reply({"messages": body["messages"]}, "ok", "")
    message = {"role": "assistant", "content": reply["choices"][0]["message"]["content"], "thinking": "It may be 3."}
    ended = {"done": True, "done_reason": "stop", "prompt_eval_count": 50, "eval_count": 1}
    if not body.get("stream", True):
        return web.json_response({"model": "words", "message": message, **ended})
    lines = [{"message": message, "done": False}, {"message": {"content": ""}, **ended}]
    return web.Response(text="".join(json.dumps(line) + "\n" for line in lines), content_type="application/x-ndjson")


def _quantile(shares: list[float], at: float) -> int:
    total = 0.0
    for grade, share in enumerate(shares):
        total += share
        if at < total:
            return grade
    return 3


def _queries(product: dict[str, Any]) -> dict[str, list[str]]:
    title = product["title"].split()
    return {
        "exact": [" ".join(title[:2]), product["title"]],
        "substitute": [f"{title[-1]} pink"],
        "accessory": [f"{title[-1]} case"],
        "unrelated": [f"{title[0]} poster"],
    }


def quicker(**limits: Any) -> Limits:
    """Limits with short waits."""
    return replace(QUICK, **limits)
