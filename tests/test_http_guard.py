"""A real server on a free port, and connections that ask for nothing, for half of something, or for nonsense."""

from __future__ import annotations

import asyncio
import http.client
import logging
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from aiohttp import web

from endcap.http_guard import Guard, read_body, start_guarded
from endcap.listening import listen

HEAD_S = 0.6
LIMIT = 30
HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "


async def answer(request: web.Request) -> web.Response:
    return web.Response(text=f"{len(await request.read())} bytes")


@web.middleware
async def hurried(request: web.Request, handler: object) -> web.StreamResponse:
    if request.body_exists:
        await read_body(request, 0.4)
    return await answer(request)


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a small application."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    app = web.Application(middlewares=[hurried])
    app.router.add_route("*", "/", answer)
    runner, servers = web.AppRunner(app, access_log=None), list[asyncio.Server]()

    async def start(bound: socket.socket) -> None:
        await runner.setup()
        servers.append(await start_guarded(runner, bound, Guard(HEAD_S, LIMIT)))

    with listen("127.0.0.1", 0) as bound:
        asyncio.run_coroutine_threadsafe(start(bound), loop).result(30)
        yield bound.getsockname()[1]
        loop.call_soon_threadsafe(servers[0].close)
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def opened(port: int, text: bytes) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", port), timeout=20)
    found.sendall(text)
    return found


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed it, at the latest in twenty seconds."""
    try:
        return connection.recv(1000) == b""
    except ConnectionError:
        return True


def is_open(connection: socket.socket) -> bool:
    """Whether the server has not closed it yet."""
    return not select.select([connection], [], [], 0)[0]


def asked(port: int, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, "/", body)
        reply = connection.getresponse()
        return reply.status, reply.read()


@pytest.mark.parametrize("text", [b"", b"GET /", HALF])
def test_who_does_not_ask_to_the_end_is_closed(port: int, text: bytes) -> None:
    """Within seconds, whatever it has sent; also where bytes drip in."""
    began_s = time.monotonic()
    with opened(port, text) as connection:
        if text:
            for _ in range(3):
                time.sleep(0.1)
                connection.sendall(b"x")
        assert is_closed(connection)
    assert HEAD_S * 0.8 < time.monotonic() - began_s < HEAD_S + 10


def test_many_of_them_keep_nobody_out(port: int) -> None:
    """More than there are places: others are answered at once, and most of the first are closed for the last."""
    halves = [opened(port, HALF) for _ in range(3 * LIMIT)]
    assert asked(port) == (200, b"0 bytes")
    assert any(is_open(half) for half in halves)  # nobody waited for their time to be over
    assert all(is_closed(half) for half in halves)
    for half in halves:
        half.close()


def test_a_second_request_on_a_connection_has_its_time_too(port: int) -> None:
    """A kept connection is not closed while it is idle, but where a head has begun."""
    with opened(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        time.sleep(HEAD_S * 1.5)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        connection.sendall(HALF)
        assert is_closed(connection)


def test_a_body_that_does_not_come(port: int) -> None:
    """408 after its time; a whole one is handled."""
    assert asked(port, "POST", b"1234") == (200, b"4 bytes")
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf"
    with opened(port, head) as connection:
        assert connection.recv(1000).startswith(b"HTTP/1.1 408")


def test_malformed_requests_cost_one_line(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever their number, and without a traceback."""
    for name in ("aiohttp.server", "asyncio"):
        for each in logging.getLogger(name).filters:
            each._rate.clear()  # type: ignore[union-attr]
    with caplog.at_level(logging.DEBUG, "aiohttp.server"):
        for n in range(20):
            with opened(port, b"GET / HTTP/9.x\r\nnonsense %d\r\n\r\n" % n) as connection:
                assert connection.recv(1000).startswith(b"HTTP/1.0 400")
    lines = [record for record in caplog.records if record.name == "aiohttp.server"]
    assert len(lines) == 1
    assert lines[0].exc_info is None
    assert "\n" not in lines[0].getMessage()


def test_who_hangs_up_during_the_answer_waits_for_nothing() -> None:
    """Connections that are gone before their answers have no place any more, whatever comes of the answers."""

    async def slow(request: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return web.Response(text="late")

    async def hang_up(bound: socket.socket, guard: Guard) -> None:
        runner = web.ServerRunner(web.Server(slow))
        await runner.setup()
        server = await start_guarded(runner, bound, guard)
        for _ in range(5):
            _, writer = await asyncio.open_connection(*bound.getsockname())
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.close()
        await asyncio.sleep(1)
        assert not guard._waiting
        server.close()
        await runner.cleanup()

    with listen("127.0.0.1", 0) as bound:
        asyncio.run(hang_up(bound, Guard(HEAD_S, LIMIT)))
