"""A socket bound to a port, before any work begins."""

from __future__ import annotations

import errno
import socket

from endcap.errors import InputError


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the port, so that it is known to be free before any work begins; nobody is answered yet.

    Port 0 is any free one. Raises ``InputError`` where the port is taken, or can't be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:  # the latter for what can't be a name, as one with an empty label
        reason = getattr(error, "strerror", None) or "it can't be a name"
        raise InputError(f"the host {host!r:.80} is not known here: {reason}. Give --host an address.") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        return bound
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"port {port} of {host} is in use. Stop what uses it, or give another with --port."
            ) from error
        raise InputError(f"port {port} of {host} can't be had: {error.strerror}. Give another with --port.") from error
