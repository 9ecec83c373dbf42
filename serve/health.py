"""Health and metrics on a port of their own, answered by a thread of their own: a busy proxy can't starve them.

Live is not ready: live says that the process answers at all, ready that it should be sent searches.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

import orjson
from prometheus_client import Gauge

from endcap.errors import InputError
from endcap.serve.metrics import CONTENT_TYPE
from endcap.serve.proxy.choice import Switch

STUCK_S = 20.0
"""So long the event loop may be silent before the process counts as stuck."""
SOCKET_S = 5.0


class Counted(Protocol):
    """The metrics of a server."""

    ready: Gauge

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        ...


@dataclass(slots=True)
class State:
    """What is known of the process; written by the event loop, read by the thread of health."""

    beat_s: float = field(default_factory=time.monotonic)
    """When the event loop was last seen to go round."""
    model: str = ""
    reached: bool = False
    """Whether the cluster has ever answered."""
    fault: str = "it has not been asked yet"
    """Why the cluster did not answer when it was last asked; empty where it did."""
    draining: bool = False

    def problem(self) -> str:
        """Why the process is not ready; empty where it is."""
        if self.draining:
            return "it is being stopped"
        if not self.model:
            return "the model is not loaded yet"
        return "" if self.reached else f"the cluster has not answered yet: {self.fault}"

    def silent_s(self) -> float:
        """How long the event loop has not gone round."""
        return time.monotonic() - self.beat_s

    def about(self) -> dict[str, Any]:
        """What else is worth knowing."""
        return {"model": self.model, "cluster": self.fault or "answers"}


class Known(Protocol):
    """What health has to know: of this process (``State``), or of several."""

    def problem(self) -> str:
        """Why it is not ready; empty where it is."""

    def silent_s(self) -> float:
        """How long nothing has moved."""

    def about(self) -> dict[str, Any]:
        """What else is worth knowing."""


class Health:
    """The server. ``close`` ends it."""

    def __init__(
        self,
        host: str,
        port: int,
        state: Known,
        metrics: Counted,
        switch: Switch | None,
    ) -> None:
        self.state, self.metrics, self.switch = state, metrics, switch
        try:
            self._server = _Server((host, port), self)
        except OSError as error:
            raise InputError(
                f"health_port {port} of {host} can't be had: {error.strerror}. Give another with --health-port."
            ) from error
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, name="endcap-health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def reply(self, method: str, path: str, sender: str) -> tuple[int, bytes, str]:
        """Status, body and content type."""
        if path == "/metrics" and method == "GET":
            self.metrics.ready.set(not self.state.problem())
            return 200, self.metrics.text(), CONTENT_TYPE
        if path in ("/live", "/health") and method == "GET":
            is_live = self.state.silent_s() < STUCK_S
            return self._json(200 if is_live else 503, {"live": is_live})
        if path == "/ready" and method == "GET":
            problem = self.state.problem()
            about = {"ready": not problem, **self.state.about()}
            if self.switch is None:
                about.pop("cluster")
            return self._json(503 if problem else 200, about | ({"why": problem} if problem else {}))
        if path == "/rerank" and self.switch is not None:
            return self._switched(self.switch, method, sender)
        return self._json(404, {"error": "there are /live, /ready, /metrics and, of a proxy, /rerank."})

    def _switched(self, switch: Switch, method: str, sender: str) -> tuple[int, bytes, str]:
        """The kill switch: ``DELETE /rerank`` turns re-ranking off, ``PUT /rerank`` on again."""
        if method in ("PUT", "DELETE"):
            if not sender or not ipaddress.ip_address(sender.partition("%")[0]).is_loopback:
                return self._json(403, {"error": f"only this machine may do that; else make {switch.file}."})
            try:
                switch.turn(off=method == "DELETE")
            except OSError as error:
                return self._json(500, {"error": f"{switch.file}: {error.strerror}"})
        return self._json(200, {"off": switch.file.exists(), "file": str(switch.file)})

    def _json(self, status: int, about: Mapping[str, Any]) -> tuple[int, bytes, str]:
        return status, orjson.dumps(about) + b"\n", "application/json"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], health: Health) -> None:
        self.health = health
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = SOCKET_S  # half-sent requests are dropped
    server: _Server

    def _answer(self) -> None:
        # A page in a browser of this machine is none of ours.
        by_page = "Origin" in self.headers or "Sec-Fetch-Site" in self.headers
        sender = "" if by_page else str(self.client_address[0])
        status, body, kind = self.server.health.reply(self.command, self.path.partition("?")[0], sender)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_DELETE = _answer

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: probes come all the time."""
