"""A proxy's end under load: it loses no request, it ends in time, and of two the one that restarts is not missed."""

from __future__ import annotations

import asyncio
import socket
import threading

from aiohttp import web
from opensearchpy import OpenSearch
from serve_parts import until
from serve_replicas import load, replicas

from endcap.serve.api.replies import malformed
from endcap.serve.api_settings import ApiSettings
from endcap.serve.running import listening, server_of


def test_sigterm_in_full_flow(shop: tuple[OpenSearch, str], opensearch: str) -> None:
    """Clients that look at nothing but /ready lose no request, and the process ends in a bounded time."""
    with replicas(opensearch, 1) as (replica,):
        ports = [replica.ports[0]]
        with load(lambda: list(ports), shop[1]) as seen:
            until(lambda: seen.total() > 20)
            watch = threading.Thread(target=lambda: (until(lambda: not replica.is_ready()), ports.clear()))
            watch.start()
            assert replica.end() < 10
            watch.join()
        assert set(seen) == {"200 5 reranked"}


def test_a_rolling_restart_of_two(shop: tuple[OpenSearch, str], opensearch: str) -> None:
    """One after the other ends and starts again, under load, without one search that fails or is not re-ranked."""
    with replicas(opensearch, 2) as pair:
        known = {replica.ports[0] for replica in pair}

        def ready() -> list[int]:
            return sorted(known)

        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.1):
                for replica in pair:
                    (known.add if replica.is_ready() else known.discard)(replica.ports[0])

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            with load(ready, shop[1]) as seen:
                for replica in pair:
                    before = seen.total()
                    replica.end()
                    replica.start()
                    until(lambda replica=replica: replica.ports[0] in known)
                    until(lambda before=before: seen.total() > before + 30)
        finally:
            ended.set()
            watching.join()
        assert set(seen) == {"200 5 reranked"}


def test_who_has_just_connected_is_answered() -> None:
    """At a server's end, what connected before it takes no more connections may still ask, and is not left without a
    word; what has asked already, or never does, is not waited for."""

    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(text="here")

    async def late() -> bytes:
        bound = socket.create_server(("127.0.0.1", 0))
        async with listening(server_of(handler), bound, ApiSettings(drain_s=1), malformed):
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            await asyncio.sleep(0.05)
            asyncio.get_running_loop().call_later(0.05, writer.write, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        return await reader.read()

    assert asyncio.run(late()).endswith(b"here")
