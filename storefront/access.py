"""Who may ask: by which names the storefront is reached, and that no page of another site uses its API."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from endcap.errors import InputError

OPEN = ("/health", "/ready", "/metrics")
"""Asked by what watches over a storefront, under whatever name that knows it by; they tell nothing of a shop."""
OWN = ("same-origin", "none")
"""What a browser's ``Sec-Fetch-Site`` says of our own page, and of an address that somebody has typed."""
_HOST = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::\d*)?", re.ASCII)


class Refusal(Exception):
    """A request that is not answered, and why; ``status`` is that of HTTP."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def access_check(names: Collection[str] = ()) -> Middleware:
    """A middleware that refuses what a page of another site could have sent.

    ``names`` are host names that the storefront is reached by, beside localhost and addresses in numbers.
    """
    own_hosts = {"localhost"} | {normalised_host(name) for name in names}

    @web.middleware
    async def checked(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in OPEN:
            check_host(request, own_hosts)
        if request.path.startswith("/api/"):
            check_sender(request)
        if request.method == "POST" and request.content_type != "application/json":
            raise Refusal(415, f"the body is {request.content_type[:80]}; send application/json.")
        return await handler(request)

    return checked


def check_host(request: web.Request, own_hosts: Collection[str]) -> None:
    """Raise ``Refusal`` where the request is for a name that nobody has said is ours.

    A page of another site can have its own name lead to this machine, and would then be of our origin. It can't do so
    with an address in numbers, nor with localhost.
    """
    host = host_of(request.headers.get("Host", ""))
    if host not in own_hosts and not is_address(host):
        raise Refusal(
            403,
            f"this storefront is not known as {host[:80]!r}. If it should be, start it with --allow-host {host[:80]}.",
        )


def check_sender(request: web.Request) -> None:
    """Raise ``Refusal`` where a browser says that a page of another site (or another port) is asking.

    A page of another site can't send JSON here without asking first, which nothing here answers; this says so in words,
    and also keeps such pages from searches, which would be noted as somebody's.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site", "none")
    foreign = origin is not None and origin.partition("://")[2] != request.host
    if foreign or site not in OWN:
        by = f"a page of {origin[:80]}" if foreign and origin else "a page of another site"
        raise Refusal(403, f"this was sent by {by}; only the storefront's own page may.")


def host_of(head: str) -> str:
    """The name in a ``Host`` header, without its port: ``[::1]:8080`` is ``::1``; empty where it is no such header."""
    match = _HOST.fullmatch(head)
    return (match["six"] or match["name"]).rstrip(".").lower() if match else ""


def is_address(host: str) -> bool:
    """Whether a host is an address in numbers."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def normalised_host(name: str) -> str:
    """A host name as it is compared: as browsers send it, who write ``bücher.example`` as ``xn--bcher-kva.example``.

    Raises ``InputError`` for what is none, as one with a port or a path.
    """
    if is_address(name):
        return name.lower()
    try:
        if not name.strip() or any(sign in name for sign in " /:*@?#"):
            raise ValueError
        return name.rstrip(".").encode("idna").decode().lower()
    except ValueError as error:  # a UnicodeError is one
        raise InputError(
            f"{name!r:.80} is no host name. Give the name alone, as in shop.example.com, without a port."
        ) from error
