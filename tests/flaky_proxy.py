"""A proxy in front of a real OpenSearch that fails on purpose: a busy cluster, a checked password, a certificate."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

CERTIFICATES = Path(__file__).parent / "certificates"
Answer = tuple[int, bytes]
Forward = Callable[[bytes], Answer]
Fault = Callable[[bytes, Forward], Answer | None]
"""Given a request's body and the way to the server, what to answer; None: hang up without a word."""


@contextmanager
def proxy(
    target: str,
    *,
    bulk: Callable[[], Fault | None] = lambda: None,
    searches: Callable[[], Fault | None] = lambda: None,
    refused: Callable[[str, str], Answer | None] = lambda method, path: None,
    authorization: str = "",
    tls: bool = False,
    port: int = 0,
) -> Iterator[str]:
    """The url of a proxy to ``target``; ``bulk`` and ``searches`` give, at each request, the fault that it meets, and
    ``refused`` what a request by this method to this path is answered instead."""
    server_address = urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if authorization and self.headers.get("authorization") != authorization:
                self.reply(401, b'{"error": "Unauthorized", "status": 401}')
                return
            if (instead := refused(self.command, self.path)) is not None:
                self.reply(*instead)
                return
            fault = bulk() if "_bulk" in self.path else searches() if "search" in self.path else None
            found = fault(body, self.forward) if fault else self.forward(body)
            if found is None:
                self.close_connection = True
                return
            self.reply(*found)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

        def forward(self, body: bytes) -> Answer:
            connection = http.client.HTTPConnection(
                server_address.hostname or "", server_address.port or 80, timeout=60
            )
            headers = {"content-type": self.headers.get("content-type", "application/json")}
            connection.request(self.command, self.path, body, headers)
            reply = connection.getresponse()
            found = reply.status, reply.read()
            connection.close()
            return found

        def reply(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing: the tests look at what comes back."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "server.pem", CERTIFICATES / "server.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def status(code: int, reason: str = "busy") -> Fault:
    """The whole request is refused, and reaches no index."""
    body = json.dumps({"error": {"type": "es_rejected_execution_exception", "reason": reason}, "status": code}).encode()
    return lambda request, forward: (code, body)


def hang_up(request: bytes, forward: Forward) -> Answer | None:
    """The documents are indexed, but the answer is lost."""
    forward(request)
    return None


def refuse(code: int, kind: str, which: Callable[[str], bool]) -> Fault:
    """Some documents, chosen by id, are refused; the others are indexed."""

    def fault(request: bytes, forward: Forward) -> Answer:
        lines = request.splitlines(keepends=True)
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        refused = [which(json.loads(action)["index"]["_id"]) for action, _ in pairs]
        kept = b"".join(a + d for (a, d), no in zip(pairs, refused, strict=True) if not no)
        items = iter(json.loads(forward(kept)[1])["items"] if kept else [])
        answer = [
            {
                "index": {
                    "_id": json.loads(action)["index"]["_id"],
                    "status": code,
                    "error": {"type": kind, "reason": "no"},
                }
            }
            if no
            else next(items)
            for (action, _), no in zip(pairs, refused, strict=True)
        ]
        return 200, json.dumps({"took": 1, "errors": any(refused), "items": answer}).encode()

    return fault


def too_large(limit_bytes: int) -> Fault:
    """A request over the limit is refused with 413."""
    return lambda request, forward: (413, b"{}") if len(request) > limit_bytes else forward(request)
