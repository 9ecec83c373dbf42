"""A storefront for the tests: the real server on a free port, in a thread of its own, and what asks it."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web

from endcap.cli.storefront_shop import show_demo_shop
from endcap.demo import catalogue, translation
from endcap.http_guard import start_guarded
from endcap.index.product import Product
from endcap.index.settings import IndexSettings
from endcap.listening import listen
from endcap.storefront.app import make_app
from endcap.storefront.behaviour import Behaviour
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.shop import Shop
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import FileSink

PART = ("Computers", "Baby & Toys")
"""Departments of the demo shop, so that a test run need not read all of it."""
PATIENT_MS = 60_000.0
"""So much time a search has where its order is looked at, on however busy a machine."""
SCRIPT = "Script <3 & '5>4' \"quotes\" alert(1)"
OWN = [
    Product("a1", SCRIPT, brand="<b>Acme</b>", category="Mice", price=12.5, image="pics/a1.svg"),
    Product("a2", "Wireless mouse, silent", brand="Bolt", category="Mice", price=25.0, image="../outside.svg"),
    Product(
        "a/3 ü", "Mouse pad with script", brand="Bolt", category="Pads", price=7.0, image="https://cdn.example/3.png"
    ),
    Product("a4", "Mouse trap", brand="Acme", price=3.0, image="notes.txt"),
]
JUDGED_BY_EVE = {"query": "mouse", "product": "x1", "grade": 3, "judge": "Eve"}


@contextmanager
def demo_part(folders: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two departments of the demo shop, in the embedded engine; what one module has read, the next need not."""
    few = tuple(item for item in catalogue.items() if item.product.category.split(" > ")[0] in PART)
    with pytest.MonkeyPatch.context() as patch:
        for module in (catalogue, translation):
            patch.setattr(module, "items", lambda: few)
        patch.setattr(catalogue, "products", lambda: (item.product for item in few))
        patch.setenv("ENDCAP_HOME", str(folders.getbasetemp() / "storefront-demo"))
        shop = show_demo_shop(IndexSettings("demo", budget_ms=PATIENT_MS), None)
    yield shop
    shop.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply as it came: nothing is decoded, but for ``json``."""

    status: int
    heads: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Server:
    """Asks a running storefront. Paths are sent as they are, without anything being tidied up on the way."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None, heads: Mapping[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(heads or {}))
            reply = connection.getresponse()
            return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def get(self, path: str, heads: Mapping[str, str] | None = None, **parameters: Any) -> Answer:
        suffix = f"?{urlencode(parameters, doseq=True)}" if parameters else ""
        return self.ask("GET", path + suffix, heads=heads)

    def post(self, path: str, data: Any, heads: Mapping[str, str] | None = None) -> Answer:
        return self.ask("POST", path, json.dumps(data).encode(), {"Content-Type": "application/json", **(heads or {})})


@contextmanager
def served(app: web.Application) -> Iterator[Server]:
    """The application, answering on a free port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    with listen("127.0.0.1", 0) as bound:
        runner, servers = web.AppRunner(app, access_log=None, shutdown_timeout=1.0), list[asyncio.Server]()

        async def start() -> None:
            await runner.setup()
            servers.append(await start_guarded(runner, bound))

        asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        try:
            yield Server(bound.getsockname()[1])
        finally:
            loop.call_soon_threadsafe(servers[0].close)
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()


@contextmanager
def served_page(shop: Shop, folders: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a storefront of this shop, which keeps what visitors do."""
    folder = folders.mktemp("page")
    kept = Behaviour(UbiLog(FileSink(folder / "ubi")))
    with served(make_app(shop, JudgmentStore(folder / "judged.jsonl"), kept)) as server:
        yield server.url


def page_of(server: Server, q: str, **more: Any) -> Any:
    answer = server.get("/api/search", q=q, **more)
    assert answer.status == 200, answer.body
    return answer.json


def ids(hits: list[dict[str, Any]]) -> list[str]:
    return [hit["id"] for hit in hits]


def error_of(answer: Any) -> tuple[int, str]:
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"kind", "message"}
    assert answer.json["error"]["message"]
    return answer.status, answer.json["error"]["kind"]
