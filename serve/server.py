"""Runs the proxy: from the first answer to SIGTERM, and from there to the last one under way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from socket import socket
from typing import Any

from multidict import CIMultiDict

from endcap.index.home import home
from endcap.plugin.states.store import StateStore
from endcap.serve.health import Health, State
from endcap.serve.lag import LoopLag
from endcap.serve.log_lines import format_logs
from endcap.serve.metrics import Metrics
from endcap.serve.proxy.choice import Switch
from endcap.serve.proxy.engine import CallerEngine
from endcap.serve.proxy.parts import Parts, Slots
from endcap.serve.proxy.proxy import Proxy
from endcap.serve.proxy.replies import malformed
from endcap.serve.proxy.request_log import RequestLog
from endcap.serve.rerankers import Rerankers
from endcap.serve.running import BEAT_S, beat, listening, open_student, server_of, stop_event
from endcap.serve.settings import ServeSettings
from endcap.serve.wire.reply import BrokenOff
from endcap.serve.wire.upstream import MAX_LINE_BYTES, Unreachable, Upstream, own_credentials

ASK_S = 2.0
MIN_THREADS = 2
"""To compute in: one that hangs leaves another."""


def serve(settings: ServeSettings, bound: socket, started: Callable[[Health], None]) -> None:
    """Answer on a bound socket until SIGTERM or SIGINT; ``started`` is called when the first request is answered.

    Raises ``InputError`` and ``ModelError`` where a setting names what there is not.
    """
    state, metrics, switch = State(), Metrics(), switch_of(settings)
    health = Health(settings.health_host or settings.host, settings.health_port, state, metrics, switch)
    with closing(health):
        asyncio.run(answer(settings, bound, state, metrics, switch, lambda: started(health)))


def switch_of(settings: ServeSettings) -> Switch:
    """The kill switch that the settings name."""
    return Switch(Path(settings.off_file) if settings.off_file else home() / "serve.off")


async def answer(
    settings: ServeSettings,
    bound: socket,
    state: State,
    metrics: Metrics,
    switch: Switch,
    started: Callable[[], None],
    threads: int | None = None,
) -> None:
    """Answer in this event loop until SIGTERM or SIGINT; ``threads`` compute and read products, by the CPUs if None."""
    stop = stop_event()
    format_logs(settings)
    async with AsyncExitStack() as stack:
        upstream = Upstream(settings)
        stack.push_async_callback(upstream.close)
        for watch in (beat(state), _ask(upstream, settings, state, metrics)):
            stack.callback(asyncio.create_task(watch).cancel)
        # The model is loaded in a thread: health is told meanwhile that it is not there yet.
        student = await asyncio.to_thread(open_student, settings.model, threads)
        states: Any = "index"
        if settings.states != "index":
            states = await asyncio.to_thread(StateStore.open)
            stack.callback(states.close)
            metrics.watch_states(lambda: states.counts)
        proxy = await stack.enter_async_context(
            answering(settings, bound, upstream, student, states, metrics, switch, threads)
        )
        state.model = student.info.name
        started()
        await stop.wait()
        # Not ready first; who sends searches here learns that, and goes elsewhere with its next connection.
        state.draining = proxy.draining = True
        await asyncio.sleep(settings.drain_delay_s)


@asynccontextmanager
async def answering(
    settings: ServeSettings,
    bound: socket,
    upstream: Upstream,
    student: Any,
    states: Any,
    metrics: Metrics,
    switch: Switch,
    threads: int | None = None,
) -> AsyncIterator[Proxy]:
    """The proxy while it answers on a socket. At the end answers under way have ``drain_s`` to be sent."""
    engine = CallerEngine(upstream)
    rerankers = Rerankers(settings, engine, student, states, threads and max(MIN_THREADS, threads))
    slots, log = Slots(settings.max_searches), RequestLog(settings)
    parts = Parts(settings, upstream, engine, rerankers, switch, slots, metrics, log, LoopLag())
    metrics.slots.set_function(lambda: parts.slots.open)
    metrics.in_flight.set_function(lambda: parts.slots.taken)
    metrics.loop_round.set_function(lambda: parts.lag.round_s)
    metrics.circuit.labels("student").set_function(lambda: parts.student.is_open)
    metrics.circuit.labels("windows").set_function(lambda: parts.windows.is_open)
    metrics.note_model(rerankers.all()[""].model)
    proxy = Proxy(parts)
    limits = {"max_line_size": MAX_LINE_BYTES, "max_field_size": MAX_LINE_BYTES}
    server = server_of(proxy.handle, auto_decompress=False, **limits)
    try:
        async with listening(server, bound, settings, malformed):
            yield proxy
    finally:
        for task in parts.background:
            task.cancel()
        rerankers.close()


async def _ask(upstream: Upstream, settings: ServeSettings, state: State, metrics: Metrics) -> None:
    """Ask the cluster whether it is there, again and again; an answer that refuses us is one."""
    own = own_credentials(settings)
    while True:
        headers = CIMultiDict({"Authorization": own} if own else {})
        try:
            async with asyncio.timeout(ASK_S):
                response = await upstream.send("GET", "/", headers, None)
                async with response:
                    await response.read()
            state.fault = f"it answers {response.status}" if response.status >= 500 else ""
            state.reached = state.reached or response.status < 500
        except (Unreachable, BrokenOff, OSError) as error:
            state.fault = f"{settings.opensearch_url} does not answer: {str(error) or type(error).__name__}"
        metrics.upstream.set(not state.fault)
        await asyncio.sleep(ASK_S if state.reached else BEAT_S)
