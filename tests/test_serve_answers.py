"""The cluster's answers as the proxy's clients get them, byte by byte, whatever their form."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from serve_parts import Running, proxy
from wire import Wire, wire

LONG = b"y" * 200_000
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def line(opensearch: str) -> Iterator[Wire]:
    with wire(opensearch) as line:
        yield line


@pytest.fixture
def served(line: Wire, tmp_path: Path) -> Iterator[Running]:
    with proxy(line.url, tmp_path) as running:
        yield running


def ask(served: Running, request: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The first line, the other lines, and the body of the answer, to the connection's end."""
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(request)
        answer = b""
        try:
            while chunk := client.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    return first, [each for each in lines if not each.lower().startswith(b"date:")], body


GET = b"GET /_any HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
SEARCH = b"POST /shop/_search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("request_", [GET, SEARCH])
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", b"{}"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: t\r\n\r\n", b"{}"),
        (OK + b"Content-Length: 200000\r\n\r\n" + LONG, LONG),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", b"{}"),
        (OK + b"Content-Length: 0\r\n\r\n", b""),
    ],
)
def test_forms_of_an_answer(served: Running, line: Wire, request_: bytes, answer: bytes, body: bytes) -> None:
    line.instead = lambda request: answer
    first, lines, found = ask(served, request_)
    assert (first, found) == (b"HTTP/1.1 200 OK", body)
    assert b"X-Trailer: t" not in lines
    assert sorted(each.lower() for each in lines if each.lower().startswith((b"content-l", b"transfer"))) == [
        b"content-length: %d" % len(body)
    ]


def test_headers_are_the_cluster_s_bytes(served: Running, line: Wire) -> None:
    """In their order and as often as they came, also where they are no UTF-8; those of its connection are not ours."""
    own = [b"Warning: 299 one", b"X-B: Zo\xc3\xab", b"warning: 299 two", b"X-L: Zo\xeb", b"X-Empty: "]
    hop = [b"Connection: keep-alive, X-Hop", b"X-Hop: 1", b"Keep-Alive: timeout=5", b"Content-Length: 0"]
    line.instead = lambda request: b"\r\n".join([b"HTTP/1.1 429 Zo\xeb", *own, *hop, b"", b""])
    for request in (GET, SEARCH):
        first, lines, _ = ask(served, request)
        assert first == b"HTTP/1.1 429 Zo\xeb"
        assert lines[:5] == own
        rest = {each.lower() for each in lines[5:]}
        assert rest - {b"x-endcap-status: skipped; reason=no_query_text", b"x-endcap-status: error; reason=engine"} == {
            b"content-length: 0",
            b"connection: close",
        }


def test_answers_without_a_body(served: Running, line: Wire) -> None:
    """To HEAD the length that GET would have; to a 204 none."""
    line.instead = lambda request: OK + b"Content-Length: 77\r\n\r\n"
    first, lines, body = ask(served, GET.replace(b"GET", b"HEAD"))
    assert (first, body) == (b"HTTP/1.1 200 OK", b"")
    assert b"Content-Length: 77" in lines
    line.instead = lambda request: b"HTTP/1.1 204 No Content\r\n\r\n"
    first, lines, body = ask(served, GET)
    assert (first, body) == (b"HTTP/1.1 204 No Content", b"")
    assert not any(each.lower().startswith((b"content-length", b"transfer")) for each in lines)


def test_an_old_client_s_connection(served: Running, line: Wire) -> None:
    """It ends with the answer, unless the client asks for it to be kept; and an answer has no chunks."""
    line.instead = lambda request: OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    first, lines, body = ask(served, b"GET /_any HTTP/1.0\r\n\r\n")
    assert (first, body) == (b"HTTP/1.0 200 OK", b"{}")
    assert b"Content-Length: 2" in lines
    kept = b"GET /_any HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    _, lines, body = ask(served, kept + b"GET /_any HTTP/1.0\r\n\r\n")
    assert b"Connection: keep-alive" in lines
    assert body.startswith(b"{}HTTP/1.0 200 OK")


def test_requests_one_after_the_other_without_waiting(served: Running, line: Wire) -> None:
    """Each has its own answer, in their order."""
    line.instead = lambda request: OK + b"Content-Length: 4\r\n\r\n/%b" % request.split()[1][-3:]
    many = b"".join(b"GET /_%03d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(50))
    _, _, rest = ask(served, many + GET)
    bodies = [b"/%03d" % number for number in range(50)]
    assert [part[:4] for part in (b"\r\n\r\n" + rest).split(b"\r\n\r\n")[1::1]][:50] == bodies


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 5\r\n\r\n{}",
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        OK + b"Content-Length: 200001\r\n\r\n" + LONG,
    ],
)
@pytest.mark.parametrize("request_", [GET, SEARCH])
def test_half_an_answer_is_never_a_whole_one(served: Running, line: Wire, request_: bytes, answer: bytes) -> None:
    """The client's connection is cut, or it gets 502."""
    line.instead = lambda request: answer
    line.end_after_instead = True
    first, lines, body = ask(served, request_)
    said = [int(each.split()[1]) for each in lines if each.lower().startswith(b"content-length")]
    assert first in (b"", b"HTTP/1.1 502 Bad Gateway") or said != [len(body)]
    assert not (first.startswith(b"HTTP/1.1 200") and body.endswith(b"0\r\n\r\n"))


@pytest.mark.parametrize(
    "header",
    [b"X: a\r\n b", b"X: a\rb", b"X: a\0b", b"X: a\nY: b", b"Content-Length: 1", b"Transfer-Encoding: chunked"],
)
def test_heads_with_two_meanings(served: Running, line: Wire, header: bytes) -> None:
    """Folded lines, bare line breaks, two lengths: 502, or one meaning for both sides; never another line."""
    line.instead = lambda request: OK + b"Content-Length: 2\r\n" + header + b"\r\n\r\n{}"
    first, lines, _ = ask(served, GET)
    assert first == b"HTTP/1.1 502 Bad Gateway" or not any(each.startswith((b"b", b"Y")) for each in lines)
    assert first.startswith((b"HTTP/1.1 502", b"HTTP/1.1 200"))
