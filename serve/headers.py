"""Which headers a proxy passes on: all that mean something from end to end, each as often and in its order."""

from __future__ import annotations

from collections.abc import Iterable

from multidict import CIMultiDict, CIMultiDictProxy

from endcap.plugin.search.principal import says_who

Headers = CIMultiDict[str] | CIMultiDictProxy[str]

HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "expect",
    ]
)
"""Between two neighbours alone (RFC 9110, 7.6.1). ``Expect`` is answered here, so that a body is never waited for."""
OWN = "x-endcap-status"
"""The reply's header that says what became of a search."""


def passed_on(headers: Headers, without: Iterable[str] = ()) -> CIMultiDict[str]:
    """The headers without those of this hop, the ones that ``Connection`` names among them, and ``without``."""
    kept = CIMultiDict(headers)
    named = [word.strip() for value in headers.getall("Connection", ()) for word in value.split(",")]
    for name in (*HOP_BY_HOP, *named, *without):
        if name in kept:
            del kept[name]
    return kept


def who_asks(headers: Headers) -> dict[str, str]:
    """The headers that may say who asks, as ``Authorization`` and ``Cookie``: what the reply may depend on."""
    names = {name.lower() for name in headers}
    return {name: ", ".join(headers.getall(name)) for name in sorted(names) if says_who(name)}
