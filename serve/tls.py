"""The certificate that a server answers https with, and those that its clients have to show."""

from __future__ import annotations

import ssl

from endcap.errors import InputError


def server_tls(cert: str, key: str, client_ca: str = "") -> ssl.SSLContext | None:
    """The context of a certificate and its key, None where there is none; with ``client_ca`` clients need a certificate
    of that authority's. Raises ``InputError``."""
    if not cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"tls_cert {cert!r} with tls_key can't be used: {error}.") from error
    if client_ca:
        try:
            context.load_verify_locations(client_ca)
        except (OSError, ssl.SSLError) as error:
            raise InputError(f"client_ca_file {client_ca!r} has no certificate that can be read: {error}.") from error
        context.verify_mode = ssl.CERT_REQUIRED
    return context
