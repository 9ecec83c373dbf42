"""A proxy in this process, on a thread of its own, for the tests of ``endcap serve``."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rerank_parts

from endcap.listening import listen
from endcap.serve.health import Health, State
from endcap.serve.metrics import Metrics
from endcap.serve.proxy.choice import Switch
from endcap.serve.proxy.proxy import Proxy
from endcap.serve.server import answering
from endcap.serve.settings import ServeSettings
from endcap.serve.settings_file import read_settings
from endcap.serve.wire.upstream import Upstream


@dataclass
class Running:
    """A proxy that answers at ``url``."""

    url: str
    settings: ServeSettings
    metrics: Metrics
    switch: Switch
    health: Health
    proxy: Proxy | None = None

    def counted(self, name: str) -> dict[str, float]:
        """A counter's values by their labels, as Prometheus would read them."""
        lines = [line for line in self.metrics.text().decode().splitlines() if line.startswith(name + "{")]
        return {line.rpartition(" ")[0].removeprefix(name): float(line.rpartition(" ")[2]) for line in lines}


@contextmanager
def proxy(
    cluster: str, folder: Path, student: Any = None, states: Any = None, toml: str = "", **settings: Any
) -> Iterator[Running]:
    """A proxy in front of a cluster. ``settings`` are flags, ``toml`` a settings file's text."""
    flags = {"opensearch_url": cluster, "port": 0, "health_port": 0, "deadline_ms": 60_000.0, **settings}
    file = None
    if toml:
        file = folder / "serve.toml"
        file.write_text(toml)
    read = read_settings({name: str(value) for name, value in flags.items() if value is not None}, {}, file)
    bound = listen("127.0.0.1", 0)
    switch, metrics = Switch(folder / "serve.off"), Metrics()
    health = Health("127.0.0.1", 0, State(time.monotonic(), "readable", True, ""), metrics, switch)
    running = Running(f"http://127.0.0.1:{bound.getsockname()[1]}", read, metrics, switch, health)
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def run() -> None:
        upstream = Upstream(read)
        parts = (student or rerank_parts.ReadableStudent(), states or rerank_parts.Memory(), metrics, switch)
        async with answering(read, bound, upstream, *parts) as running.proxy:
            ready.set()
            await stop.wait()
        await upstream.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    assert ready.wait(20)
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        health.close()


def until(holds: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it has not come to that"
        time.sleep(0.02)
