"""The API in this process, on a thread of its own, for the tests of ``endcap api``."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import urllib3

from endcap.listening import listen
from endcap.plugin import Student
from endcap.plugin.states.memory_states import MemoryStates
from endcap.serve.api.api_metrics import ApiMetrics
from endcap.serve.api.app import Api
from endcap.serve.api_server import api_answering
from endcap.serve.api_settings import ApiSettings
from endcap.serve.keys import Keys
from endcap.serve.settings_file import read_api_settings

POOL = urllib3.PoolManager(retries=False, maxsize=32)
DOCUMENTS = ["Garden hose, 20 m", "USB-C charger 20 W", "Table lamp", "Charging cable, USB-C, braided"]
QUERY = "usb c charger"


class CountingStudent(Student):
    """The shipped student, which counts the texts that it reads."""

    read = 0

    def encode_texts(self, texts: Any) -> Iterator[list[tuple[int, bytes]]]:
        self.read += len(texts)
        yield from super().encode_texts(texts)


@dataclass
class Running:
    """An API that answers at ``url``."""

    url: str
    settings: ApiSettings
    student: Any
    metrics: ApiMetrics
    api: Api | None = None

    def post(self, path: str, body: Any, **headers: str) -> urllib3.BaseHTTPResponse:
        """The answer to a body, which may be bytes already."""
        sent = body if isinstance(body, bytes) else orjson.dumps(body)
        return POOL.request("POST", self.url + path, body=sent, headers={"Content-Type": "application/json"} | headers)

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        """What is at a path."""
        return POOL.request("GET", self.url + path, headers=headers)


@contextmanager
def api(folder: Path, student: Any = None, store: Any = None, **settings: Any) -> Iterator[Running]:
    """An API; ``settings`` are flags."""
    read = read_api_settings({name: str(value) for name, value in {"port": 0, **settings}.items()}, {})
    bound = listen("127.0.0.1", 0)
    scheme = "https" if read.tls_cert else "http"
    url = f"{scheme}://{'localhost' if read.tls_cert else '127.0.0.1'}:{bound.getsockname()[1]}"
    running = Running(url, read, student or CountingStudent.load(threads=1), ApiMetrics())
    ready, stop = threading.Event(), asyncio.Event()
    keys = Keys(Path(read.keys_file) if read.keys_file else folder / "api-keys.json")
    loop = asyncio.new_event_loop()

    async def run() -> None:
        states = store or MemoryStates(2)
        async with api_answering(read, bound, running.student, states, keys, running.metrics) as running.api:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
