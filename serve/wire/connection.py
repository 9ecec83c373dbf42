"""One connection to the cluster: a request is written in one piece, its answer is read by a parser in C (llhttp)."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterable, Callable
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from multidict import CIMultiDict

from endcap.serve.wire.reply import BrokenOff, Reply

SMALL_BYTES = 2**16
"""An answer up to this length is waited for until it is whole."""
MAX_HEAD_BYTES = 2**20
"""Of an answer, interim ones (1xx) included. One header has no limit of its own."""
ONE_WRITE_BYTES = 2**18
"""A longer body is not copied to its head."""


class Ended(Exception):
    """The connection has ended before a byte of the answer came."""


class Connection(asyncio.Protocol):
    """Answers one request after the other; ``free`` is told when it can take the next one, ``gone`` when it has ended.

    Whatever is no clear answer ends it: bytes that nobody asked for, two lengths, an end before the end.
    """

    def __init__(self, free: Callable[[Connection], None], gone: Callable[[Connection], None]) -> None:
        self._free, self._gone = free, gone
        self.transport: asyncio.Transport
        self.idle_s = 0.0
        """Since when nothing is asked."""
        self.was_used = False
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[Reply] | None = None
        self._reply: Reply | None = None
        self._sending: asyncio.Task[None] | None = None
        self._can_write: asyncio.Future[None] | None = None
        self._of_head = self._is_kept = self._is_over = self._ends_by_closing = self._is_interim = False
        self._is_unasked = self._is_paused = self._is_at_end = False
        self._tail = b""
        self._head_size, self._length = 0, -1
        self._reason, self._headers = b"", list[tuple[str, str]]()

    async def ask(
        self, head: bytes, body: bytes | AsyncIterable[bytes], length: int | None, is_head: bool = False
    ) -> Reply:
        """Send a request, and give its answer once that is whole, or has begun and is long.

        ``head`` says that the body is so long, or chunked where ``length`` is None. Raises ``Ended``, ``BrokenOff``,
        and what a body raises that is given piece by piece.
        """
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._reply, self._of_head, self._is_over, self._is_interim, self._head_size = None, is_head, False, False, 0
        if not isinstance(body, bytes):
            self.transport.write(head)
            self._sending = asyncio.create_task(self._send(body, length))
        elif len(body) <= ONE_WRITE_BYTES:
            self.transport.write(head + body)
        else:
            self.transport.write(head)
            self.transport.write(body)
        try:
            return await answer
        except BaseException:
            # Who is given up when the answer is whole has no part in the connection any more: it may be another's.
            if not answer.done() or answer.cancelled() or answer.exception() or not answer.result().is_over:
                self.end()
            raise

    def end(self) -> None:
        """End the connection at once."""
        self.transport.abort()

    @property
    def is_open(self) -> bool:
        """Whether something can be asked."""
        return not self.transport.is_closing()

    async def _send(self, body: AsyncIterable[bytes], length: int | None) -> None:
        """Send a body piece by piece; one that is not as long as was said, or fails, ends the connection."""
        left = length
        try:
            async for chunk in body:
                if not chunk:
                    continue
                if left is not None:
                    left -= len(chunk)
                    if left < 0:
                        break
                self.transport.write(chunk if length is not None else b"%x\r\n%b\r\n" % (len(chunk), chunk))
                if self._can_write is not None:
                    await self._can_write
            if left:
                raise BrokenOff("the request's body has not the length that its head says")
            if length is None:
                self.transport.write(b"0\r\n\r\n")
            self._sending = None
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Tell who waits that there is no answer, or no end of it; and end the connection."""
        if self._reply is not None and not self._is_over:
            self._is_over = True
            self._reply.end(error if isinstance(error, BrokenOff) else BrokenOff(f"{type(error).__name__}: {error}"))
            self._give(self._reply)
        elif self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self._answer = self._reply = None
        self.end()

    def _give(self, reply: Reply) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(reply)
        self._answer = None

    # What asyncio says.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is there."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """A part of an answer has come, or all of it."""
        if self._reply is None:
            self._head_size += len(data)
            if self._head_size > MAX_HEAD_BYTES and self._answer is not None:
                self._fail(BrokenOff("the answer's head is too long"))
                return
        if self._answer is None and self._reply is None:
            self.end()  # nothing was asked
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._is_unasked = True
            if not self._is_over:
                self._fail(BrokenOff(f"the answer is no HTTP that is understood: {error.__context__ or error}"))
                return
        reply = self._reply
        if self._of_head:
            self._tail = (self._tail + data)[-4:]
        if reply is None:
            return
        if self._answer is not None and (self._is_over or not 0 <= self._length <= SMALL_BYTES):
            self._give(reply)
        if self._is_over:
            self._over()

    def _over(self) -> None:
        """The answer is whole: the connection is free, where it is clear that it is."""
        self._reply = None
        if self._sending is not None:  # who has answered before all was sent reads no more of it
            self._is_kept = False
            self._sending.cancel()
        self._is_unasked = self._is_unasked or (self._of_head and not self._tail.endswith((b"\r\n\r\n", b"\n\n")))
        if not self._is_kept or self._is_unasked:
            self.end()
            return
        if self._of_head:  # the parser waits for a body that does not come
            self._tail = b""
            self._parser = HttpResponseParser(self)
        self.was_used = True
        self._pause(False)
        self._free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        if self._sending is not None:
            self._sending.cancel()
        if self._can_write is not None and not self._can_write.done():
            self._can_write.set_result(None)
        is_end = self._ends_by_closing and self._is_at_end and exc is None
        if self._reply is not None and is_end and not self._is_over:
            self._is_over = True
            self._reply.end()
            self._give(self._reply)
        elif self._reply is not None:
            self._fail(BrokenOff("the connection ended in the middle of the answer"))
        elif self._head_size:
            self._fail(BrokenOff("the connection ended in the middle of the answer's head"))
        else:
            self._fail(Ended(f"{exc}" if exc is not None else "the connection was closed"))
        self._gone(self)
        del self._parser  # it refers to this object

    def eof_received(self) -> None:
        """The other side has said that nothing more comes; over TLS it says so in a message that nobody can forge."""
        tls: ssl.SSLObject | None = self.transport.get_extra_info("ssl_object")
        try:
            self._is_at_end = tls is None or not tls.read(1)
        except ssl.SSLError:  # it would read on
            self._is_at_end = False

    def pause_writing(self) -> None:
        """The cluster reads slower than the body comes."""
        self._can_write = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """The cluster has read on."""
        if self._can_write is not None and not self._can_write.done():
            self._can_write.set_result(None)
        self._can_write = None

    def _pause(self, wait: bool) -> None:
        """Read no more of the answer, or go on."""
        if wait is not self._is_paused:
            self._is_paused = wait
            self.transport.pause_reading() if wait else self.transport.resume_reading()

    # What the parser says.

    def on_message_begin(self) -> None:
        """An answer begins: the one that was asked for, or one more."""
        self._is_unasked = self._is_unasked or self._is_over or self._reply is not None
        self._reason, self._headers, self._is_interim = b"", [], False

    def on_status(self, text: bytes) -> None:
        """The reason, or a part of it."""
        self._reason += text

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or one of a trailer, which ends here."""
        if self._reply is None:
            text = value.rstrip(b" \t").decode("utf-8", "surrogateescape")
            self._headers.append((name.decode("latin-1"), text))

    def on_headers_complete(self) -> None:
        """The head is there."""
        status = self._parser.get_status_code()
        if self._is_unasked:
            return
        if 100 <= status < 200:
            if status == 101:
                raise ValueError("it changes the protocol, and nobody has asked for that")
            self._is_interim = True
            return
        headers = CIMultiDict(self._headers)
        codings, self._length = headers.getall("Transfer-Encoding", ()), length_of(headers)
        if codings and [coding.lower() for coding in codings] != ["chunked"]:
            raise ValueError(f"its transfer encoding is {', '.join(codings)[:100]!r}")
        has_body = not self._of_head and status not in (204, 304)
        self._ends_by_closing = has_body and not codings and self._length < 0
        self._is_kept = self._parser.should_keep_alive()
        reason = self._reason.decode("utf-8", "surrogateescape")
        self._reply = Reply(status, reason, headers, self._pause, self.end)
        if self._of_head:
            self._end_reply()

    def on_chunk_header(self) -> None:
        """A part of a chunked body begins: behind the head of an answer to HEAD, nobody has asked for one."""
        self._is_unasked = self._is_unasked or self._of_head

    def on_body(self, chunk: bytes) -> None:
        """A part of the body."""
        if self._reply is None or self._is_over:
            self._is_unasked = True
        else:
            self._reply.feed(chunk)

    def on_message_complete(self) -> None:
        """The answer's end; or that of an interim one, after which it comes."""
        if not self._is_interim and not self._is_over and not self._is_unasked:
            self._end_reply()

    def _end_reply(self) -> None:
        assert self._reply is not None
        self._is_over = True
        self._reply.end()


def length_of(headers: CIMultiDict[str]) -> int:
    """The length that a head says; -1 where it says none. Raises ``ValueError`` where it says two."""
    found = headers.getall("Content-Length", None)
    if found is None:
        return -1
    if len(found) > 1 or not (found[0].isascii() and found[0].isdigit()):
        raise ValueError(f"its length is {', '.join(found)[:100]!r}")
    return int(found[0])
