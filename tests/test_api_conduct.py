"""How the API behaves: keys, limits, turns, the deadline, hang-ups, TLS, and its end."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
import urllib3
from api_parts import DOCUMENTS, POOL, QUERY, CountingStudent, Running, api
from child_process import environment
from serve_parts import proxy, until

from endcap.cli.main import run
from endcap.errors import InputError
from endcap.listening import listen
from endcap.serve.api_server import serve_api
from endcap.serve.keys import make_key, read_keys, remove_key
from endcap.serve.settings_file import read_api_settings, read_settings
from endcap.serve.tls import server_tls

BODY = {"query": QUERY, "texts": DOCUMENTS}
CERTIFICATES = Path(__file__).parent / "certificates"


class SlowStudent(CountingStudent):
    """Takes 20 ms for each text."""

    def encode_texts(self, texts: Any) -> Iterator[list[tuple[int, bytes]]]:
        time.sleep(0.02 * len(texts))
        yield from super().encode_texts(texts)


def many(count: int, word: str = "product") -> dict[str, Any]:
    return {"query": QUERY, "texts": [f"{word} number {place}" for place in range(count)]}


def test_keys(tmp_path: Path) -> None:
    """Once there is one, it is asked for; a new one and a removed one count within a second, without a restart."""
    file = tmp_path / "api-keys.json"
    with api(tmp_path) as running:
        assert running.post("/rerank", BODY).status == 200
        first, second = make_key(file, "first"), make_key(file, "second")
        time.sleep(0.6)
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {first}"}):
            reply = running.post("/rerank", BODY, **headers)
            assert (reply.status, reply.headers["www-authenticate"]) == (401, 'Bearer realm="endcap"')
            assert running.get("/v1/models", **headers).status == 401
        assert running.get("/health").status == running.get("/docs").status == 200
        for key in (first, second):
            assert running.post("/rerank", BODY, Authorization=f"Bearer {key}").status == 200
        remove_key(file, "first")
        time.sleep(0.6)
        assert running.post("/rerank", BODY, Authorization=f"Bearer {first}").status == 401
        file.write_text("{")
        time.sleep(0.6)
        assert running.post("/rerank", BODY, Authorization=f"Bearer {second}").status == 200
        file.unlink()
        time.sleep(0.6)
        assert running.post("/rerank", BODY).status == 401  # never open again by accident


def test_keys_are_kept_as_hashes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints a key once; the file has no part of it, and is for its owner alone."""
    file = tmp_path / "keys.json"
    assert run(["keys", "make", "shop", "--keys-file", str(file)]) == 0
    key = capsys.readouterr().out.strip()
    assert len(key) > 40
    assert key.removeprefix("endcap-")[:10] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert [kept.name for kept in read_keys(file)] == ["shop"]
    for words in (["make", "shop"], ["make", "no/name"], ["remove", "other"]):
        assert run(["keys", *words, "--keys-file", str(file)]) == 2
    assert run(["keys", "remove", "shop", "--keys-file", str(file)]) == 0
    assert read_keys(file) == ()


def test_other_machines_are_not_answered_without_a_key(tmp_path: Path) -> None:
    """Where no key is made, the API begins at this machine's own address only, unless that is said."""
    settings = read_api_settings({"host": "0.0.0.0", "health_port": "0"}, {})
    with listen("127.0.0.1", 0) as bound, pytest.raises(InputError, match="endcap keys make"):
        serve_api(settings, bound, lambda health: None)


def test_settings_have_three_spellings(tmp_path: Path) -> None:
    """Flag, variable, and key of the table [api] in the file that `endcap serve` reads, too."""
    file = tmp_path / "serve.toml"
    file.write_text('opensearch_url = "http://x:9200"\nport = 9201\n[api]\nport = 1\nthreads = 3\ndeadline_ms = 5\n')
    settings = read_api_settings({"port": "3"}, {"ENDCAP_API_PORT": "2", "ENDCAP_API_THREADS": "2"}, file)
    assert (settings.port, settings.threads, settings.deadline_ms) == (3, 2, 5.0)
    assert read_settings({}, {}, file).port == 9201
    file.write_text("[api]\nprot = 1\n")
    with pytest.raises(InputError, match=r"api\.prot"):
        read_api_settings({}, {}, file)
    for flags in ({"threads": "0"}, {"tls_cert": "a"}, {"deadline_ms": "soon"}):
        with pytest.raises(InputError):
            read_api_settings(flags, {})


def test_sizes_are_bounded(tmp_path: Path) -> None:
    """A body that is too long is refused, also one that does not say how long it is, or that is compressed."""
    import gzip

    long = orjson.dumps({"query": "a", "texts": ["x" * 5000]})
    with api(tmp_path, max_body_bytes=4000) as running:
        assert running.post("/rerank", long).status == 413
        in_parts = POOL.request(
            "POST",
            running.url + "/rerank",
            body=iter([long[:2000], long[2000:]]),
            headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"},
        )
        assert in_parts.status == 413
        assert running.post("/rerank", gzip.compress(long), **{"Content-Encoding": "gzip"}).status == 413
        assert running.post("/rerank", gzip.compress(orjson.dumps(BODY)), **{"Content-Encoding": "gzip"}).status == 200
        assert running.post("/rerank", b"not gzip", **{"Content-Encoding": "gzip"}).status == 400
        assert POOL.request("POST", running.url + "/rerank", body=b"a=b").status == 415
        assert running.post("/rerank", BODY).status == 200


def test_small_requests_are_not_held_up_by_large_ones(tmp_path: Path) -> None:
    """While large ones take seconds, a small one takes a few turns."""
    settings = {"threads": 2, "deadline_ms": 60_000}
    with api(tmp_path, SlowStudent.load(threads=1), **settings) as running, ThreadPoolExecutor(3) as threads:
        assert running.api is not None
        large = [threads.submit(running.post, "/rerank", many(80, word)) for word in ("a", "b", "c")]
        until(lambda: running.api.under_way == 3)
        until(lambda: running.student.read)
        began = time.perf_counter()
        assert running.post("/rerank", {"query": QUERY, "texts": ["a small one"]}).status == 200
        took_s = time.perf_counter() - began
        assert not any(each.done() for each in large)
        assert [each.result().status for each in large] == [200, 200, 200]
        assert took_s < (time.perf_counter() - began) / 3


def test_too_many_requests_are_turned_away(tmp_path: Path) -> None:
    """Above the bound the answer is 429 at once, and says when to come again."""
    with (
        api(tmp_path, SlowStudent.load(threads=1), max_requests=1) as running,
        ThreadPoolExecutor(1) as threads,
    ):
        assert running.api is not None
        first = threads.submit(running.post, "/rerank", many(60))
        until(lambda: running.api.under_way == 1)
        reply = running.post("/rerank", BODY)
        assert (reply.status, reply.headers["retry-after"]) == (429, "1")
        assert first.result().status == 200
        assert running.post("/rerank", BODY).status == 200


def test_the_deadline(tmp_path: Path) -> None:
    """What takes too long is answered 429, its work ends, and asked again it gets further: in the end it is done."""
    with api(tmp_path, SlowStudent.load(threads=1), threads=2, deadline_ms=500) as running:
        reply = running.post("/v2/rerank", {"query": QUERY, "documents": many(100)["texts"]})
        assert 0 < running.student.read < 100  # nobody waited for the rest
        assert reply.status == 429
        assert int(reply.headers["retry-after"]) >= 1
        time.sleep(0.3)
        read = running.student.read
        assert 0 < read < 100
        time.sleep(0.3)
        assert running.student.read == read
        body = {"query": QUERY, "documents": many(100)["texts"]}
        assert any(running.post("/v2/rerank", body).status == 200 for _ in range(40))


def test_a_hang_up_stops_the_work(tmp_path: Path) -> None:
    """A client that goes ends its work between two pieces, and gives its place back."""
    with api(tmp_path, SlowStudent.load(threads=1), threads=1) as running:
        body = orjson.dumps(many(200))
        host, port = running.url.removeprefix("http://").split(":")
        client = socket.create_connection((host, int(port)))
        head = f"POST /rerank HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        client.sendall(head.encode() + b"\r\n\r\n" + body)
        until(lambda: running.student.read)
        client.close()
        assert running.api is not None
        until(lambda: running.api.under_way == 0)
        time.sleep(0.3)  # the piece that is being read is read to its end
        read = running.student.read
        assert 0 < read < 200
        time.sleep(0.3)
        assert running.student.read == read
        assert running.post("/rerank", BODY).status == 200


def test_malformed_requests_do_not_fill_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is no HTTP is refused each time, and said once; a whole URL counts for its path."""
    with api(tmp_path) as running:
        address = running.url.removeprefix("http://").split(":")

        def sent(raw: bytes) -> bytes:
            with socket.create_connection((address[0], int(address[1])), 5) as client:
                client.sendall(raw)
                return client.recv(1000)

        both = b"POST /rerank HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert all(b" 400 " in sent(raw).partition(b"\r\n")[0] for raw in [b"XX\r\n\r\n", both] * 3)
        assert b"HTTP/1.1 200" in sent(b"GET http://elsewhere/health HTTP/1.1\r\nHost: a\r\n\r\n")
    assert len([record for record in caplog.records if record.levelname != "DEBUG"]) <= 1


class NotANumber(CountingStudent):
    """Scores that are no numbers."""

    def score(self, query: str, items: Any) -> np.ndarray:
        return np.full(len(items), np.nan, dtype=np.float32)


def test_never_not_a_number(tmp_path: Path) -> None:
    """A model that gives one is an error of the server; the reply is JSON all the same."""
    with api(tmp_path, NotANumber.load(threads=1)) as running:
        reply = running.post("/rerank", BODY)
        assert (reply.status, reply.json()["error_type"]) == (500, "model_error")


def test_tls(tmp_path: Path) -> None:
    """With a certificate and its key it is https; a pair that is none is said before anything begins."""
    files = {"tls_cert": CERTIFICATES / "server.pem", "tls_key": CERTIFICATES / "server.key"}
    trusted = ssl.create_default_context(cafile=str(CERTIFICATES / "authority.pem"))
    with api(tmp_path, **files) as running, urllib3.PoolManager(ssl_context=trusted) as pool:
        reply = pool.request("POST", running.url + "/rerank", json=BODY)
        assert reply.json()[0]["index"] == 1
    with pytest.raises(InputError, match="tls_cert"):
        server_tls(str(CERTIFICATES / "server.pem"), str(CERTIFICATES / "authority.pem"))


def test_tls_of_the_proxy(opensearch: str, tmp_path: Path) -> None:
    """The proxy answers https by the same settings."""
    files = {"tls_cert": CERTIFICATES / "server.pem", "tls_key": CERTIFICATES / "server.key"}
    trusted = ssl.create_default_context(cafile=str(CERTIFICATES / "authority.pem"))
    with proxy(opensearch, tmp_path, **files) as running, urllib3.PoolManager(ssl_context=trusted) as pool:
        address = running.url.replace("http://127.0.0.1", "https://localhost")
        assert pool.request("GET", address + "/").json()["version"]


def test_the_command_runs_and_drains(tmp_path: Path) -> None:
    """`endcap api` says where it is; after SIGTERM it is not ready, still answers, and ends."""
    program = [sys.executable, "-m", "endcap.cli.main", "api", "--port", "0", "--health-port", "0"]
    child = subprocess.Popen([*program, "--drain-delay-s", "1"], stdout=subprocess.PIPE, text=True, env=environment())
    try:
        assert child.stdout is not None
        url = child.stdout.readline().split()[-1].removesuffix("/docs")
        health = f"http://127.0.0.1:{child.stdout.readline().split()[-1]}"
        running = Running(url, read_api_settings({}, {}), None, None)  # type: ignore[arg-type]
        assert running.post("/rerank", BODY).json()[0]["index"] == 1
        assert POOL.request("GET", f"{health}/ready").status == 200
        assert "endcap_api_texts_total" in POOL.request("GET", f"{health}/metrics").data.decode()
        child.send_signal(signal.SIGTERM)
        until(lambda: POOL.request("GET", f"{health}/ready").status == 503)
        reply = running.post("/rerank", BODY)
        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert child.wait(15) == 0
    finally:
        child.kill()
        child.wait()
