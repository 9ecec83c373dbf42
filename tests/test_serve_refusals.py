"""What is no request, or comes packed or unproven: an error in the form of the server that was asked."""

from __future__ import annotations

import gzip
import logging
import socket
import ssl
import subprocess
import zlib
from pathlib import Path
from typing import Any

import orjson
import pytest
import urllib3
from api_parts import QUERY, Running, api
from serve_parts import proxy

from endcap.errors import InputError
from endcap.rates import OneLine
from endcap.serve.settings_file import read_api_settings, read_settings
from endcap.serve.tls import server_tls

CERTIFICATES = Path(__file__).parent / "certificates"
BODY = orjson.dumps({"query": QUERY, "texts": ["a hose"], "documents": ["a hose"], "input": "a hose"})
MALFORMED = {
    b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n": 431,
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n": 400,
    b"G@T /?q=zanzibar HTTP/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET /?q=zanzibar\x00 HTTP/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\n\r\n": 400,
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n": 400,
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n": 400,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": 400,
}


def answered(url: str, sent: bytes) -> tuple[int, bytes, bytes]:
    """Status, head and body of the answer to some bytes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as client:
        client.sendall(sent)
        read = b""
        while chunk := client.recv(65536):
            read += chunk
    head, _, body = read.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.lower(), body


@pytest.mark.parametrize("kind", ["api", "proxy"])
def test_what_is_no_request_gets_an_error_in_the_server_s_form(
    opensearch: str, tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As JSON, each by its own status; neither answer nor log repeats what was asked for."""
    for name in ("aiohttp.server", "asyncio"):
        for each in logging.getLogger(name).filters:
            assert isinstance(each, OneLine)
            each._rate.clear()
    with api(tmp_path) if kind == "api" else proxy(opensearch, tmp_path) as running:
        for sent, expected in MALFORMED.items():
            status, head, body = answered(running.url, sent)
            assert (status, b"content-type: application/json" in head) == (expected, True), sent[:40]
            about = orjson.loads(body)
            assert about["message"] if kind == "api" else about["error"]["root_cause"][0]["reason"], sent[:40]
            assert b"zanzibar" not in body
            assert b"aaaa" not in body
    lines = [record.getMessage() for record in caplog.records if record.name == "aiohttp.server"]
    assert lines
    assert not [line for line in lines if "zanzibar" in line or "aaaa" in line]


def packed(running: Running, path: str, raw: bytes, encoding: str) -> Any:
    return running.post(path, raw, **{"Content-Encoding": encoding})


def test_packed_bodies_of_the_api(tmp_path: Path) -> None:
    """gzip and deflate are read; any other packing is 415, a broken one 400, a bomb 413, each in its route's form."""
    with api(tmp_path, max_body_bytes=100_000) as running:
        for path, key in (("/rerank", "error"), ("/v1/rerank", "message"), ("/v2/rerank", "message")):
            assert packed(running, path, gzip.compress(BODY), "gzip").status == 200
            assert packed(running, path, zlib.compress(BODY), "Deflate").status == 200
            assert packed(running, path, gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]), "gzip").status == 200
            for encoding in ("br", "zstd", "gzip, gzip", "nonsense"):
                reply = packed(running, path, BODY, encoding)
                assert (reply.status, reply.headers["Accept-Encoding"]) == (415, "gzip, deflate")
                assert encoding in reply.json()[key]
            for broken in (BODY, gzip.compress(BODY)[:-9], gzip.compress(BODY) + b"more"):
                assert packed(running, path, broken, "gzip").status == 400
            bomb = gzip.compress(b" " * 10_000_000)
            assert len(bomb) < 100_000
            assert isinstance(packed(running, path, bomb, "gzip").json()[key], str)
            assert packed(running, path, bomb, "gzip").status == 413


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two clients, each with a certificate that is its own authority."""
    folder = tmp_path_factory.mktemp("clients")
    for name in ("known", "unknown"):
        words = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name}"
        files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
        subprocess.run([*words.split(), *files], check=True, capture_output=True)
    return {name: folder / f"{name}.pem" for name in ("known", "unknown")}


@pytest.mark.parametrize("kind", ["api", "proxy"])
def test_clients_show_a_certificate(opensearch: str, tmp_path: Path, clients: dict[str, Path], kind: str) -> None:
    """With ``client_ca_file`` one of that authority's is answered, one of another's, or none at all, is not."""
    files = {"tls_cert": CERTIFICATES / "server.pem", "tls_key": CERTIFICATES / "server.key"}
    files["client_ca_file"] = clients["known"]
    with api(tmp_path, **files) if kind == "api" else proxy(opensearch, tmp_path, **files) as running:
        address = running.url.replace("http://127.0.0.1", "https://localhost")
        for name in ("known", "unknown", ""):
            trusted = ssl.create_default_context(cafile=str(CERTIFICATES / "authority.pem"))
            if name:
                trusted.load_cert_chain(clients[name], clients[name].with_suffix(".key"))
            with urllib3.PoolManager(ssl_context=trusted, retries=False) as pool:
                path = address + ("/health" if kind == "api" else "/")
                if name == "known":
                    assert pool.request("GET", path).status == 200
                else:
                    with pytest.raises((urllib3.exceptions.HTTPError, OSError)):
                        pool.request("GET", path)


def test_a_client_s_authority_that_can_t_be_used_is_said(tmp_path: Path) -> None:
    """Without TLS, and with a file that is none; for both servers by the same words."""
    for read in (read_api_settings, read_settings):
        flags = {"client_ca_file": "ca.pem", "opensearch_url": "http://x:9200"}
        with pytest.raises(InputError, match="client_ca_file needs tls_cert"):
            read({name: value for name, value in flags.items() if read is read_settings or "ca" in name}, {})
    (tmp_path / "none.pem").write_text("nothing")
    for file in ("no-such.pem", str(tmp_path / "none.pem")):
        with pytest.raises(InputError, match="client_ca_file"):
            server_tls(str(CERTIFICATES / "server.pem"), str(CERTIFICATES / "server.key"), file)
