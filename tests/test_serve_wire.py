"""Answers as a cluster, or what stands before it, may give them: each is read as it is meant, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict
from scripted_server import Answer, Scripted, scripted

from endcap.serve.settings import ServeSettings
from endcap.serve.wire.connection import MAX_HEAD_BYTES
from endcap.serve.wire.reply import BrokenOff
from endcap.serve.wire.upstream import Unreachable, Upstream

HEAD = b"HTTP/1.1 200 All right\r\nWarning: one\r\nX-B: 2 \t\r\nwarning: two\r\nX-Text: Zo\xc3\xab\r\n"
WHOLE = HEAD + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3;name=x\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: y\r\n\r\n"
CLOSING = HEAD + b"Connection: close\r\n\r\nhello"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
LONG = b"x" * 100_000


async def talk(upstream: Upstream, method: str = "POST", body: Any = b"{}", **headers: str) -> tuple[Any, bytes]:
    """An answer and its body."""
    async with asyncio.timeout(20):
        reply = await upstream.send(method, "/shop/_search?q=%2F", CIMultiDict(headers), body)
        async with reply:
            return reply, await reply.read()


def within(test: Callable[[Scripted, Upstream], Awaitable[None]], *answers: Answer, **more: Any) -> None:
    """Run a test with a server that gives these answers, and the upstream to it."""

    async def run() -> None:
        async with scripted(*answers) as server:
            upstream = Upstream(ServeSettings(opensearch_url=server.url, **more))
            try:
                await test(server, upstream)
            finally:
                await upstream.close()

    asyncio.run(run())


def split(text: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % len(text) for place in places} | {len(text)})
    return [text[start:end] for start, end in zip([0, *ends], ends, strict=False) if start < end]


@settings(max_examples=60, deadline=None)
@given(
    answer=st.sampled_from([WHOLE, CHUNKED, CLOSING, INTERIM + WHOLE, INTERIM + CHUNKED]),
    places=st.lists(st.integers(0, 400), max_size=12),
)
def test_an_answer_in_pieces(answer: bytes, places: list[int]) -> None:
    """However it is cut into packets: status, reason, headers in their order, and the body's bytes."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        reply, body = await talk(upstream)
        assert (reply.status, reply.reason, body) == (200, "All right", b"hello")
        own = [(name, value) for name, value in reply.headers.items() if name.lower() in ("warning", "x-b", "x-text")]
        assert own == [("Warning", "one"), ("X-B", "2"), ("warning", "two"), ("X-Text", "Zoë")]
        assert "X-Trailer" not in reply.headers
        assert server.requests[0].startswith(b"POST /shop/_search?q=%2F HTTP/1.1\r\nHost: 127.0.0.1:")

    within(test, Answer(split(answer, places), "close" if answer is CLOSING else "keep"))


@pytest.mark.parametrize("answer", [WHOLE, INTERIM + WHOLE, CHUNKED, CLOSING])
def test_an_answer_byte_by_byte(answer: bytes) -> None:
    """And the connection is used again, where the answer does not say that it ends."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        for _ in range(2):
            assert (await talk(upstream))[1] == b"hello"
        assert server.by_connection == ([1, 1] if answer is CLOSING else [2])

    within(test, Answer([bytes([byte]) for byte in answer], "close" if answer is CLOSING else "keep"))


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_answers_without_a_body(method: str, answer: bytes) -> None:
    """They end with their head, whatever length it says; the next answer is its own."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        for _ in range(3):
            reply, body = await talk(upstream, method, None)
            assert (body, reply.status) == (b"", int(answer.split()[1]))
        assert server.by_connection == [3]

    within(test, Answer([answer]))


@pytest.mark.parametrize("method", ["HEAD", "GET"])
@pytest.mark.parametrize("rest", [WHOLE, b"x", b"HTTP/1.1 200 OK\r\n", b"\0\0\0"])
@pytest.mark.parametrize("later", [False, True])
def test_bytes_that_nobody_asked_for(method: str, rest: bytes, later: bool) -> None:
    """Behind an answer, or on a connection where nothing is asked: never a part of the next answer."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        reply, body = await talk(upstream, method, None)
        assert (reply.status, body) == (200, b"" if method == "HEAD" else b"hello")
        if later:
            server.writers[0].write(rest)
        await asyncio.sleep(0.02)
        reply, body = await talk(upstream, "GET", None)
        assert (reply.status, body) == (201, b"next")
        assert server.by_connection == [1, 1]

    first = HEAD + b"Content-Length: 5\r\n\r\n" if method == "HEAD" else WHOLE
    within(
        test, Answer([first if later else first + rest]), Answer([b"HTTP/1.1 201 X\r\nContent-Length: 4\r\n\r\nnext"])
    )


@pytest.mark.parametrize("rest", [b"0\r\n\r\n", b"5\r\n", b"5", b"ok\r\n"])
def test_a_body_behind_the_head_that_was_asked_for(rest: bytes) -> None:
    """A part of a body where nobody has asked for one: the connection is not used again."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        assert (await talk(upstream, "HEAD", None))[1] == b""
        assert (await talk(upstream, "GET", None))[1] == b"hello"
        assert server.by_connection == [1, 1]

    within(test, Answer([HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + rest]), Answer([WHOLE]))


@pytest.mark.parametrize(
    "answer",
    [
        b"no HTTP\r\n\r\n",
        b"\x16\x03\x01",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1 9999 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        HEAD + b"Content-Length: -5\r\n\r\nhello",
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\nhello",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        HEAD + b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X : y\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X: y\rContent-Length: 0\r\n\r\n",
        HEAD + b"X: " + b"y" * MAX_HEAD_BYTES + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_HEAD_BYTES // 20),
        HEAD[:30],
        b"",
    ],
)
@pytest.mark.parametrize("end", ["close", "reset"])
def test_answers_that_are_none(answer: bytes, end: Any) -> None:
    """Garbage, heads that can be read in two ways, or never end: an error, and the connection is not used again."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        with pytest.raises(Unreachable):
            await talk(upstream)
        assert (await talk(upstream))[1] == b"hello"
        assert server.by_connection == [1, 1]

    within(test, Answer([answer], end), Answer([WHOLE]))


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE[:-1],
        WHOLE[:-5],
        CHUNKED[:-2],
        CHUNKED[:-20],
        HEAD + b"Content-Length: 100001\r\n\r\n" + LONG,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnone",
    ],
)
@pytest.mark.parametrize("end", ["close", "reset"])
def test_answers_that_break_off(answer: bytes, end: Any) -> None:
    """Nobody gets the half for the whole."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        with pytest.raises((BrokenOff, Unreachable)):
            await talk(upstream)
        assert (await talk(upstream))[1] == b"hello"

    within(test, Answer([answer], end), Answer([WHOLE]))


def test_an_answer_that_ends_by_closing_is_no_answer_where_it_is_cut() -> None:
    """A reset is not an end."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        with pytest.raises((BrokenOff, Unreachable)):
            await talk(upstream)

    within(test, Answer([CLOSING], "reset"))


MUTATED = st.builds(
    lambda text, at, new, cut: text[: at % len(text)] + new + text[at % len(text) + cut :],
    st.sampled_from([WHOLE, CHUNKED, CLOSING, INTERIM + WHOLE]),
    st.integers(0, 400),
    st.binary(max_size=4) | st.sampled_from([b"\r\n", b"\n", b"\r", b"0", b"\r\n\r\n", b"-1", b"fffffffffffffffff"]),
    st.integers(0, 3),
)


@settings(max_examples=150, deadline=None)
@given(answer=MUTATED, places=st.lists(st.integers(0, 400), max_size=3))
def test_answers_that_are_nearly_right(answer: bytes, places: list[int]) -> None:
    """Each is an answer or an error, and none waits for ever or harms the next one."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        try:
            reply, _ = await talk(upstream)
            assert 200 <= reply.status <= 999
        except (Unreachable, BrokenOff):
            pass
        await asyncio.sleep(0)
        assert (await talk(upstream))[0].status == 200

    within(test, Answer(split(answer or b"x", places), "close"), Answer([WHOLE]))


async def streamed() -> AsyncIterator[bytes]:
    yield b"{}"


@pytest.mark.parametrize(
    ("method", "body", "is_repeated"),
    [
        ("POST", b"{}", True),
        ("GET", b"", True),
        ("GET", None, True),
        ("HEAD", None, True),
        ("DELETE", None, False),
        ("PUT", streamed, False),
        ("POST", streamed, False),
    ],
)
@pytest.mark.parametrize("is_back", [True, False])
def test_who_is_asked_again(method: str, body: Any, is_repeated: bool, is_back: bool) -> None:
    """A search, and a request that changes nothing, where the kept connection is closed; nothing else, and once."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        await talk(upstream, "GET", None)
        sent = body() if callable(body) else body
        if is_repeated and is_back:
            assert (await talk(upstream, method, sent))[0].status == 200
        else:
            with pytest.raises(Unreachable):
                await talk(upstream, method, sent)
        assert len(server.requests) == 2 + is_repeated

    empty, ended = Answer([HEAD + b"Content-Length: 0\r\n\r\n"]), Answer([b""], "close")
    within(test, empty, ended, empty if is_back else ended)


def test_nothing_is_asked_again_once_an_answer_has_begun() -> None:
    async def test(server: Scripted, upstream: Upstream) -> None:
        await talk(upstream)
        with pytest.raises(Unreachable):
            await talk(upstream)
        assert len(server.requests) == 2

    within(test, Answer([WHOLE]), Answer([b"H"], "close"), Answer([WHOLE]))
