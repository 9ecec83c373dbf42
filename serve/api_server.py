"""Runs the API: from the first answer to SIGTERM, and from there to the last one under way."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from socket import socket
from typing import Any

from endcap.errors import InputError
from endcap.plugin.model.cpu import available_cpus
from endcap.plugin.states.memory_states import MemoryStates
from endcap.plugin.states.store import StateStore
from endcap.serve.api.api_metrics import ApiMetrics
from endcap.serve.api.app import Api
from endcap.serve.api.reading import Reading
from endcap.serve.api.replies import malformed
from endcap.serve.api.turns import Turns
from endcap.serve.api_settings import ApiSettings
from endcap.serve.health import Health, State
from endcap.serve.keys import Keys, environment_key, keys_file
from endcap.serve.running import beat, listening, open_student, server_of, stop_event


def check_open(settings: ApiSettings, keys: Keys) -> None:
    """Raise ``InputError`` where other machines would be answered without a key, and nobody has said so."""
    if settings.no_keys or keys.asked_for or settings.host == "localhost":
        return
    with suppress(ValueError):
        if ipaddress.ip_address(settings.host).is_loopback:
            return
    raise InputError(
        f"at {settings.host} other machines could use the API, and there are no keys in {keys.file}. Make one with "
        "`endcap keys make NAME`, give one in the variable ENDCAP_API_KEY, or say --no-keys."
    )


def serve_api(settings: ApiSettings, bound: socket, started: Callable[[Health], None]) -> None:
    """Answer on a bound socket until SIGTERM or SIGINT; ``started`` is called when the first request is answered.

    Raises ``InputError`` and ``ModelError`` where a setting names what there is not.
    """
    keys = keys_of(settings)
    check_open(settings, keys)
    state, metrics = new_state(), ApiMetrics()
    health = Health(settings.health_host or settings.host, settings.health_port, state, metrics, None)
    with closing(health):
        asyncio.run(answer_api(settings, bound, state, metrics, lambda: started(health)))


def keys_of(settings: ApiSettings) -> Keys:
    """The keys that the settings and the environment name."""
    return Keys(keys_file(settings.keys_file), environment_key(os.environ))


def new_state() -> State:
    """That of a process which needs no cluster."""
    return State(time.monotonic(), reached=True, fault="")


async def answer_api(
    settings: ApiSettings, bound: socket, state: State, metrics: ApiMetrics, started: Callable[[], None]
) -> None:
    """Answer in this event loop until SIGTERM or SIGINT."""
    stop = stop_event()
    async with AsyncExitStack() as stack:
        stack.callback(asyncio.create_task(beat(state)).cancel)
        # The model is loaded in a thread: health is told meanwhile that it is not there yet.
        student = await asyncio.to_thread(open_student, settings.model, threads=1)
        store = await asyncio.to_thread(StateStore.open)
        stack.callback(store.close)
        keys = keys_of(settings)
        api = await stack.enter_async_context(api_answering(settings, bound, student, store, keys, metrics))
        state.model = student.info.name
        started()
        await stop.wait()
        state.draining = api.draining = True
        await asyncio.sleep(settings.drain_delay_s)


@asynccontextmanager
async def api_answering(
    settings: ApiSettings, bound: socket, student: Any, store: Any, keys: Keys, metrics: ApiMetrics
) -> AsyncIterator[Api]:
    """The API while it answers on a socket. At the end answers under way have ``drain_s`` to be sent."""
    turns, light = Turns(settings.threads or available_cpus()), Turns(1)
    reading = Reading(student, turns, light, MemoryStates(settings.max_states), store, metrics)
    api = Api(settings, reading, keys, metrics)
    metrics.note_model(student.info.name)
    metrics.slots.set(settings.max_requests)
    metrics.in_flight.set_function(lambda: api.under_way)
    server = server_of(api.handle, auto_decompress=False)
    try:
        async with listening(server, bound, settings, malformed):
            yield api
    finally:
        turns.close()
        light.close()
