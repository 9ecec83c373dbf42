"""A message's head as bytes: nothing in it can begin another line, or another message."""

from __future__ import annotations

from collections.abc import Iterable


class NotSendable(ValueError):
    """A head that would be read otherwise than it is meant."""


def head_bytes(first: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """A first line and headers, in their order. Raises ``NotSendable`` where one holds a line break or a zero byte."""
    lines = [first, *[f"{name}: {value}" for name, value in headers]]
    text = "\r\n".join(lines)
    breaks = len(lines) - 1
    if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
        raise NotSendable("a header or an address has a line break in it")
    return (text + "\r\n\r\n").encode("utf-8", "surrogateescape")


def request_head(method: str, target: str, headers: Iterable[tuple[str, str]]) -> bytes:
    """A request's head. Raises ``NotSendable``, also for a space in the method or the address."""
    if " " in method or " " in target or not method or not target:
        raise NotSendable("a method or an address has a space in it, or is empty")
    return head_bytes(f"{method} {target} HTTP/1.1", headers)
