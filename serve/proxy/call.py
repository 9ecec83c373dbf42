"""The client's request that is being answered, for the engine that the shared re-rankers search through.

It is kept in a context variable: each request's task sees its own, and there is none to fall back on.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from aiohttp import ClientResponse
from multidict import CIMultiDict


@dataclass(slots=True)
class Call:
    """One search as its client sent it."""

    method: str
    target: str
    """Path and parameters as sent."""
    headers: CIMultiDict[str]
    """What goes on to the cluster."""
    body: bytes
    """What goes on to the cluster where the search is passed through: the client's bytes, or those without
    ``ext.rerank``."""
    exact: bool = False
    """Whether whole numbers above 64 bits are read as what they are, which takes longer."""
    replied: CIMultiDict[str] | None = None
    """The headers of the cluster's last answer that was read."""
    unread: ClientResponse | None = None
    """The cluster's answer to the search as it was passed through; not read yet."""


CALL: ContextVar[Call] = ContextVar("endcap_call")
