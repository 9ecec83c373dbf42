"""Runs ``endcap serve`` and ``endcap api``: in this process alone, or as one that watches several."""

from __future__ import annotations

import logging
import signal
import sys
import time
from collections.abc import Callable
from contextlib import closing
from socket import socket

from endcap.plugin.model.cpu import available_cpus
from endcap.serve.api_server import check_open, keys_of
from endcap.serve.api_server import serve_api as serve_api_alone
from endcap.serve.api_settings import ApiSettings
from endcap.serve.health import Health
from endcap.serve.log_lines import format_logs
from endcap.serve.proxy.choice import Switch
from endcap.serve.server import serve as serve_alone
from endcap.serve.server import switch_of
from endcap.serve.settings import ServeSettings
from endcap.serve.workers.team import Team

LOG = logging.getLogger("endcap.serve")
LOOK_EVERY_S, MOST_BY_CPUS = 0.25, 4


def serve(settings: ServeSettings, bound: socket, started: Callable[[Health], None]) -> None:
    """Answer on a bound socket until SIGTERM or SIGINT; ``started`` is called when all that are to answer do.

    Raises ``InputError`` and ``ModelError`` where a setting names what there is not, ``EndcapError`` where
    processes end again and again.
    """
    count = workers_of(settings)
    if count == 1:
        serve_alone(settings, bound, started)
        return
    format_logs(settings)
    _serve_together(settings, bound, started, count, switch_of(settings))


def serve_api(settings: ApiSettings, bound: socket, started: Callable[[Health], None]) -> None:
    """The same for the API."""
    count = workers_of(settings)
    if count == 1:
        serve_api_alone(settings, bound, started)
        return
    check_open(settings, keys_of(settings))
    _serve_together(settings, bound, started, count, None)


def _serve_together(
    settings: ServeSettings | ApiSettings,
    bound: socket,
    started: Callable[[Health], None],
    count: int,
    switch: Switch | None,
) -> None:
    is_told_to_end: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: is_told_to_end.append(number))
    with closing(Team(settings, bound, count)) as team:
        health = Health(settings.health_host or settings.host, settings.health_port, team, team, switch)
        with closing(health):
            try:
                _look_after(team, health, started, is_told_to_end)
            finally:
                if team.has_started:
                    team.end()


def _look_after(team: Team, health: Health, started: Callable[[Health], None], is_told_to_end: list[int]) -> None:
    is_said = False
    while not is_told_to_end:
        team.look()
        if team.has_started and not is_said:
            is_said = True
            started(health)
        time.sleep(LOOK_EVERY_S if is_said else LOOK_EVERY_S / 5)


def workers_of(settings: ServeSettings | ApiSettings) -> int:
    """How many processes answer: those of the settings, else by the CPUs; never more than are worked on at once."""
    if sys.platform != "linux":
        if settings.workers > 1:
            LOG.warning("workers is %d: several processes at one port are for Linux, so one answers", settings.workers)
        return 1
    by_cpus = max(1, min(available_cpus() // 2, MOST_BY_CPUS))
    most = settings.max_requests if isinstance(settings, ApiSettings) else settings.max_searches
    return min(settings.workers or by_cpus, most)
