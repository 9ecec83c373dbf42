"""Bodies on their way to the cluster and back: their framing, their limits, and what ends them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from flaky_proxy import CERTIFICATES
from flaky_proxy import proxy as flaky
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict
from scripted_server import Answer, Scripted, full_server
from test_serve_wire import HEAD, WHOLE, talk, within

from endcap.serve.settings import ServeSettings
from endcap.serve.wire import upstream as upstreams
from endcap.serve.wire.reply import HIGH_BYTES
from endcap.serve.wire.request_head import NotSendable, request_head
from endcap.serve.wire.upstream import Unreachable, Upstream

MANY = 2**24


async def pieces(*chunks: bytes | Exception) -> AsyncIterator[bytes]:
    for chunk in chunks:
        await asyncio.sleep(0)
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk


PARTS = (b"a", b"", b"bc")


@pytest.mark.parametrize(
    ("method", "body", "headers", "end"),
    [
        ("POST", b"{}", {"Content-Length": "999"}, b"Content-Length: 2\r\n\r\n{}"),
        ("POST", b"{}", {"transfer-encoding": "chunked"}, b"Content-Length: 2\r\n\r\n{}"),
        ("POST", b"", {}, b"Content-Length: 0\r\n\r\n"),
        ("DELETE", None, {}, b"Content-Length: 0\r\n\r\n"),
        ("POST", b"x" * 300_000, {}, b"Content-Length: 300000\r\n\r\n" + b"x" * 300_000),
        ("POST", PARTS, {}, b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"),
        ("POST", PARTS, {"content-length": "3"}, b"Content-Length: 3\r\n\r\nabc"),
        ("GET", None, {}, b"\r\n\r\n"),
    ],
)
def test_a_body_s_framing(method: str, body: Any, headers: dict[str, str], end: bytes) -> None:
    """A length where one is known, chunks where none is, and no second word on either."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        await talk(upstream, method, pieces(*body) if body is PARTS else body, **headers)
        await talk(upstream, "GET", None)
        request = server.requests[0]
        assert request.endswith(end)
        lower = request.partition(b"\r\n\r\n")[0].lower()
        assert lower.count(b"content-length") + lower.count(b"transfer-encoding") == (end != b"\r\n\r\n")
        assert server.by_connection == [2]

    within(test, Answer([WHOLE]))


@pytest.mark.parametrize("chunks", [(b"abcd",), (b"ab", b"cd"), (b"a",), ()])
def test_a_body_of_another_length_than_it_says(chunks: tuple[bytes, ...]) -> None:
    """Not one byte more is sent, and what was begun is ended with its connection."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        with pytest.raises(Unreachable, match="length"):
            await talk(upstream, "POST", pieces(*chunks), **{"Content-Length": "3"})
        await asyncio.sleep(0.02)
        assert (server.requests, server.n_ended) == ([], 1)

    within(test, Answer([WHOLE]))


def test_a_body_that_fails() -> None:
    """What it raises is raised, and the request is not ended as if it were whole."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        with pytest.raises(TimeoutError):
            await talk(upstream, "POST", pieces(b"ab", TimeoutError()))
        await asyncio.sleep(0.02)
        assert (server.requests, server.n_ended) == ([], 1)

    within(test, Answer([WHOLE]))


def test_an_answer_before_the_body_has_gone() -> None:
    """It is given at once, the rest is not sent, and the connection is not used again."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b"x" * 100

    async def test(server: Scripted, upstream: Upstream) -> None:
        assert (await talk(upstream, "POST", endless()))[1] == b"hello"
        assert (await talk(upstream, "GET", None))[1] == b"hello"
        assert server.by_connection == [1, 1]

    within(test, Answer([WHOLE], at_once=True), Answer([WHOLE]))


def test_a_cluster_that_does_not_read() -> None:
    """No more of a body is taken from the client than fits on the way."""
    taken = 0

    async def much() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += 2**16
            yield b"x" * 2**16

    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            upstream = Upstream(ServeSettings(opensearch_url=f"http://127.0.0.1:{deaf.getsockname()[1]}"))
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await upstream.send("POST", "/_bulk", CIMultiDict(), much())
            await upstream.close()
        assert 0 < taken < MANY

    asyncio.run(main())


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_does_not_read(chunked: bool) -> None:
    """No more of an answer is held than is said; what was held back comes when it is read, to its last byte."""
    block = b"y" * 2**16
    framed = b"%x\r\n%b\r\n" % (len(block), block) if chunked else block
    about = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % MANY
    end = [b"0\r\n\r\n"] if chunked else []

    async def test(server: Scripted, upstream: Upstream) -> None:
        reply = await upstream.send("GET", "/", CIMultiDict(), None)
        await asyncio.sleep(0.3)
        assert not reply.is_over
        assert reply._size < HIGH_BYTES + 2**20
        assert sum([len(chunk) async for chunk in reply.chunks()]) == MANY
        assert (await talk(upstream, "GET", None))[1] == b"hello"
        assert server.by_connection == [2]

    within(test, Answer([HEAD + about + b"\r\n\r\n", *[framed] * (MANY // 2**16), *end]), Answer([WHOLE]))


@pytest.mark.parametrize("read", [False, True])
def test_who_gives_up_ends_the_connection(read: bool) -> None:
    """Before an answer or within it: the cluster sees the end."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        if read:
            reply = await upstream.send("GET", "/", CIMultiDict(), None)
            reply.close()
        else:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await upstream.send("GET", "/", CIMultiDict(), None)
        await asyncio.sleep(0.05)
        assert server.n_ended == 1

    within(test, Answer([HEAD + b"Content-Length: 100000\r\n\r\n"] if read else [b""]))


def test_who_gives_up_when_the_answer_is_there_ends_nobody_else_s() -> None:
    """In the moment in which an answer is whole its connection may be another request's already."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        await talk(upstream)  # the connection is kept from here on
        [connection] = upstream._pool._idle
        first = asyncio.create_task(talk(upstream))
        while connection._answer is None:
            await asyncio.sleep(0)
        connection.data_received(WHOLE)
        second = asyncio.create_task(talk(upstream))
        first.cancel()
        assert (await second)[1] == b"hello"
        assert await asyncio.gather(first, return_exceptions=True) != [None]
        assert server.by_connection == [3]

    within(test, Answer([WHOLE]), Answer([b""]), Answer([WHOLE]))


def test_connections_that_nobody_uses_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstreams, "IDLE_S", 0.2)

    async def test(server: Scripted, upstream: Upstream) -> None:
        await asyncio.gather(*[talk(upstream) for _ in range(3)])
        for _ in range(4):
            await asyncio.sleep(0.1)
            await talk(upstream)
        assert (len(server.by_connection), server.n_ended) == (3, 2)
        await asyncio.sleep(0.4)
        assert server.n_ended == 3

    within(test, Answer([WHOLE]))


def test_a_cluster_that_does_not_accept() -> None:
    """The time to connect is limited, and the error says what was waited for."""

    async def main() -> None:
        with full_server() as url:
            upstream = Upstream(ServeSettings(opensearch_url=url, connect_s=0.2))
            with pytest.raises(Unreachable, match="TimeoutError"):
                async with asyncio.timeout(10):
                    await upstream.send("GET", "/", CIMultiDict(), None)
            await upstream.close()

    asyncio.run(main())


def test_a_cluster_s_certificate(opensearch: str) -> None:
    """It is checked by the authority that is named; without one it is refused, unless told."""
    authority = str(CERTIFICATES / "authority.pem")

    async def asked(url: str, **more: Any) -> int:
        upstream = Upstream(ServeSettings(opensearch_url=url, **more))
        try:
            reply, _ = await talk(upstream, "GET", None)
            return int(reply.status)
        finally:
            await upstream.close()

    with flaky(opensearch, tls=True) as url:
        assert asyncio.run(asked(url, ca_file=authority)) == 404  # there is no such index
        assert asyncio.run(asked(url, insecure=True)) == 404
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            asyncio.run(asked(url))
        with pytest.raises(Unreachable):
            asyncio.run(asked(url.replace("https", "http")))


@given(
    where=st.sampled_from(["method", "target", "name", "value"]),
    text=st.text(max_size=5),
    bad=st.sampled_from(["\r", "\n", "\r\n", "\0", "\r\nX: y"]),
)
def test_no_part_of_a_head_begins_another_line(where: str, text: str, bad: str) -> None:
    """Whatever holds a line break or a zero byte is not sent; in a method or an address, nor is a space."""
    parts = {"method": "GET", "target": "/", "name": "X", "value": "y", where: text + bad + text}
    with pytest.raises(NotSendable):
        request_head(parts["method"], parts["target"], [(parts["name"], parts["value"])])
    with pytest.raises(NotSendable):
        request_head("GET", f"/{text} HTTP/1.1", [])
