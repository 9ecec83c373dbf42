"""A process that answers, begun by one that watches: ``python -m endcap.serve.workers.child CHANNEL LISTENING``.

Both are numbers of open sockets. What is said of it (``Told``) comes first over the channel; from then on each message
there is answered with what is known now. Where the channel ends, so does the process, as at SIGTERM.
"""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from endcap.errors import EndcapError
from endcap.serve.api.api_metrics import ApiMetrics
from endcap.serve.api_server import answer_api, new_state
from endcap.serve.api_settings import ApiSettings
from endcap.serve.health import State
from endcap.serve.metrics import Metrics
from endcap.serve.running import SharedSocket
from endcap.serve.server import answer, switch_of
from endcap.serve.settings import ServeSettings
from endcap.serve.workers.channel import Channel
from endcap.serve.workers.merged import families_of


@dataclass(frozen=True, slots=True)
class Told:
    """What a process is told at its start; its share of the searches is in the settings."""

    settings: ServeSettings | ApiSettings
    threads: int
    log_levels: Mapping[str, int]


class Reports(threading.Thread):
    """Answers the process that watches, whatever the event loop does."""

    def __init__(self, channel: Channel, state: State, metrics: Metrics | ApiMetrics) -> None:
        super().__init__(name="endcap-reports", daemon=True)
        self._channel, self._state, self._metrics = channel, state, metrics
        self.started = False
        """Whether requests are answered."""

    def run(self) -> None:
        """Answer until the channel ends."""
        try:
            while self._channel.receive() is not None:
                self._channel.send(self._report())
        except (EOFError, OSError):  # nobody watches any more
            os.kill(os.getpid(), signal.SIGTERM)

    def _report(self) -> bytes:
        about = {**asdict(self._state), "started": self.started, "silent_s": self._state.silent_s()}
        return orjson.dumps({**about, "families": families_of(self._metrics.collect())})


def main() -> None:
    """Answer until SIGTERM."""
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    first = channel.receive()
    assert first is not None
    told: Told = pickle.loads(first)
    logging.basicConfig(format="%(levelname)s: %(message)s")
    for name, level in told.log_levels.items():
        logging.getLogger(name or None).setLevel(level)
    is_api = isinstance(told.settings, ApiSettings)
    state = new_state() if is_api else State()
    metrics = ApiMetrics() if is_api else Metrics()
    reports = Reports(channel, state, metrics)
    reports.start()
    bound = SharedSocket(fileno=int(sys.argv[2]))

    def started() -> None:
        reports.started = True

    try:
        asyncio.run(_answer(told, bound, state, metrics, started))
    except EndcapError as error:
        channel.send(orjson.dumps({"error": str(error)}))
        sys.exit(2)


def _answer(told: Told, bound: SharedSocket, state: State, metrics: Any, started: Callable[[], None]) -> Any:
    """The server of the settings, as a coroutine."""
    settings = told.settings
    if isinstance(settings, ApiSettings):
        return answer_api(settings, bound, state, metrics, started)
    return answer(settings, bound, state, metrics, switch_of(settings), started, told.threads)


if __name__ == "__main__":
    main()
