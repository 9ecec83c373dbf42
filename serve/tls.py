"""The certificate that a server answers https with."""

from __future__ import annotations

import ssl

from endcap.errors import InputError


def server_tls(cert: str, key: str) -> ssl.SSLContext | None:
    """The context of a certificate and its key, None where there is none. Raises ``InputError``."""
    if not cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"tls_cert {cert!r} with tls_key can't be used: {error}.") from error
    return context
