"""A server of one's own bytes: what it answers, in which pieces, and how its connections end, is a test's to say."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Literal

End = Literal["keep", "close", "reset"]


@dataclass
class Answer:
    """The pieces of an answer, each a packet of its own, and what becomes of the connection after the last."""

    pieces: Sequence[bytes]
    end: End = "keep"
    at_once: bool = False
    """Whether it is sent before the request's body has come."""


@dataclass
class Scripted:
    """The server's state."""

    answers: list[Answer]
    """The next is given to the next request, whichever connection it comes by; the last is given again."""
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    """Head and body of each, as they came."""
    by_connection: list[int] = field(default_factory=list)
    """How many requests each connection has had."""
    n_ended: int = 0
    """How many connections the client has ended."""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.writers.append(writer)
        self.by_connection.append(0)
        place = len(self.by_connection) - 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                self.by_connection[place] += 1
                if not answer.at_once:
                    head += await body_after(head, reader)
                self.requests.append(head)
                await send(writer, answer)
                if answer.end != "keep":
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.n_ended += 1
        finally:
            writer.close()


async def body_after(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """A request's body, with its framing."""
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        return await reader.readuntil(b"0\r\n\r\n")
    if b"content-length: " not in lower:
        return b""
    return await reader.readexactly(int(lower.partition(b"content-length: ")[2].partition(b"\r")[0]))


async def send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Send an answer's pieces; between two, who reads in this loop has read the one."""
    for piece in answer.pieces:
        writer.write(piece)
        await writer.drain()
        for _ in range(3):
            await asyncio.sleep(0)
    if answer.end == "reset":
        option = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        writer.transport.abort()


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[Scripted]:
    """A server in this loop."""
    state = Scripted(list(answers))
    server = await asyncio.start_server(state.handle, "127.0.0.1", 0, limit=2**20)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        for writer in state.writers:
            writer.transport.abort()


@contextmanager
def full_server() -> Iterator[str]:
    """The address of a server whose queue of connections is full: it accepts none."""
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (one, two):
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}"
