"""Several processes at one port: started, watched, replaced where one ends, and told to end."""

from __future__ import annotations

import logging
import signal
import socket
import time
from collections import deque
from dataclasses import replace
from typing import Any

from prometheus_client import Gauge

from endcap.errors import EndcapError, InputError
from endcap.plugin.model.cpu import available_cpus
from endcap.serve.api_settings import ApiSettings
from endcap.serve.settings import ServeSettings
from endcap.serve.workers.child import Told
from endcap.serve.workers.merged import Merged, families_of
from endcap.serve.workers.process import Process, log_levels

LOG = logging.getLogger("endcap.serve")
MAX_DEATHS, DEATHS_S = 5, 60.0
"""More processes than this and one for each place that end within this time are a fault that does not pass."""
FIRST_REST_S, MAX_REST_S = 0.5, 8.0
"""So long no process is started where the one before has ended; twice as long each time, while none has answered."""
GRACE_S = 5.0
"""So much longer than its drain's time a process has to end."""
HEARD_EVERY_S = 1.0


class Team:
    """Processes that share a listening socket. To be looked after (``look``) by one thread; others may ask."""

    def __init__(self, settings: ServeSettings | ApiSettings, bound: socket.socket, count: int) -> None:
        self._settings, self._bound = settings, bound
        self._told = [_told(settings, count, place) for place in range(count)]
        self._places: list[Process | None] = [Process(told, bound) for told in self._told]
        self._begin_s = [0.0] * count
        self._in_vain = [0] * count
        self._deaths: deque[float] = deque()
        self._merged, self.restarts = Merged(), 0
        self.draining = self.has_started = False
        self._prefix = "endcap_api_" if isinstance(settings, ApiSettings) else "endcap_"
        self.ready = Gauge(f"{self._prefix}ready", "1 where /ready says so.", registry=None)

    @property
    def processes(self) -> list[Process]:
        """Those there are."""
        return [process for process in self._places if process is not None]

    def look(self) -> None:
        """Hear of all, and replace those that have ended or hang. Raises ``EndcapError`` where that is in vain."""
        for place, process in enumerate(self._places):
            if process is None:
                if time.monotonic() >= self._begin_s[place] and not self.draining:
                    self._begin(place)
                continue
            process.look(HEARD_EVERY_S)
            if process.is_started:
                self._in_vain[place] = 0
            if process.is_stuck():
                LOG.error("worker %d has said nothing for long: it is ended, and another one begins", process.pid)
                process.signal(signal.SIGKILL)
                process.close(GRACE_S)
            if (status := process.ended()) is not None:
                self._has_ended(place, process, status)
        self.has_started = self.has_started or not any(map(_problem_of_start, self._places))

    def _begin(self, place: int) -> None:
        try:
            self._places[place] = Process(self._told[place], self._bound)
        except OSError as error:  # no memory, or no more processes
            LOG.error("no worker can be started now (%s); it is tried again in %g s", error, MAX_REST_S)
            self._begin_s[place] = time.monotonic() + MAX_REST_S

    def _has_ended(self, place: int, process: Process, status: int) -> None:
        self._merged.ended(process.report.get("families", []))
        self._places[place] = None
        process.close()
        if self.draining:
            return
        if process.error and not self.has_started:
            raise InputError(process.error)
        now_s = time.monotonic()
        self.restarts += 1
        if status != 0:  # by a signal to it alone, it has ended as it should
            LOG.error("worker %d has ended (%s): another one begins", process.pid, process.error or _words(status))
            self._deaths.append(now_s)
        while self._deaths and now_s - self._deaths[0] > DEATHS_S:
            self._deaths.popleft()
        self._in_vain[place] += not process.is_started
        are_many = len(self._deaths) > MAX_DEATHS + len(self._places)
        if (are_many or self._in_vain[place] > MAX_DEATHS) and not any(each.is_started for each in self.processes):
            why = process.error or _words(status)
            raise EndcapError(f"the workers end again and again, the last one so: {why}. The log has more.")
        rest_s = FIRST_REST_S * 2 ** (self._in_vain[place] - 1) if self._in_vain[place] else 0.0
        self._begin_s[place] = now_s + (MAX_REST_S if are_many else min(rest_s, MAX_REST_S))

    def end(self) -> None:
        """Let them drain, as long as the settings say, and end those that take longer."""
        self.draining = True
        for process in self.processes:
            process.signal(signal.SIGTERM)
        until_s = time.monotonic() + self._settings.drain_delay_s + self._settings.drain_s + GRACE_S
        while self.processes and time.monotonic() < until_s:
            self.look()
            time.sleep(0.05)

    def close(self) -> None:
        """End all of them now."""
        for process in self.processes:
            process.close()
        self._places = [None] * len(self._places)

    def problem(self) -> str:
        """Why they are not ready: at first where one is not, later where none is."""
        if self.draining:
            return "it is being stopped"
        problems = [_problem(process) for process in self._places]
        counts = all if self.has_started else any
        return next(filter(None, problems)) if counts(problems) else ""

    def silent_s(self) -> float:
        """Nothing here stands still: who hangs is replaced."""
        return 0.0

    def about(self) -> dict[str, Any]:
        """What else is worth knowing: the model in use, the cluster, and how many answer."""
        reports = [process.report for process in self.processes if process.is_started]
        models = dict.fromkeys(report["model"] for report in reports)
        faults = [report["fault"] for report in reports]
        cluster = "answers" if "" in faults else next(iter(faults), "it has not been asked yet")
        return {"model": ", ".join(models), "cluster": cluster, "workers": len(reports)}

    def text(self) -> bytes:
        """The metrics of all, those that have ended among them."""
        for process in self.processes:
            process.look()
        found = [family for process in self.processes for family in process.report.get("families", [])]
        restarts = f"{self._prefix}worker_restarts"
        own = [
            [restarts, "", "counter", [[f"{restarts}_total", {}, self.restarts]]],
            *families_of(self.ready.collect()),
        ]
        return self._merged.text([*found, *own])


def _problem_of_start(process: Process | None) -> str:
    return "" if process is not None and process.is_started else "a worker has not started yet"


def _problem(process: Process | None) -> str:
    if process is None or not process.is_started:
        return _problem_of_start(process)
    report = process.report
    return "" if report["reached"] else f"the cluster has not answered yet: {report['fault']}"


def _told(settings: ServeSettings | ApiSettings, count: int, place: int) -> Told:
    """What a process is told: its share of what is done at once, and of the processors."""
    threads = max(1, available_cpus() // count)
    if isinstance(settings, ApiSettings):
        requests, own = _share(settings.max_requests, count, place), settings.threads or available_cpus()
        return Told(replace(settings, max_requests=requests, threads=max(1, own // count)), threads, log_levels())
    return Told(replace(settings, max_searches=_share(settings.max_searches, count, place)), threads, log_levels())


def _share(whole: int, count: int, place: int) -> int:
    return whole // count + (place < whole % count)


def _words(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    return f"by {signal.Signals(-status).name}" if -status in set(signal.Signals) else f"by signal {-status}"
