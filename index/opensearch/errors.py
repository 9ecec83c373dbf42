"""What a cluster's failures mean, one sentence each."""

from typing import Any

from opensearchpy.exceptions import ConnectionError as NotConnected
from opensearchpy.exceptions import ConnectionTimeout, OpenSearchException, SerializationError, SSLError, TransportError

from endcap.errors import EngineError

BLOCKS = {
    "read-only-allow-delete": (
        "the cluster has made the index read-only because a disk is nearly full (flood-stage watermark). "
        "Free disk space or raise the watermark, then load again."
    ),
    "create-index blocked": (
        "the cluster lets no new index be made, most often because all disks are nearly full. "
        "Free disk space (or unset cluster.blocks.create_index), then load again."
    ),
    "index read-only": "the index is set read-only (index.blocks). Lift the block, then try again.",
    "index write": "the index is closed to writing (index.blocks.write). Lift the block, then try again.",
}


def explained(error: OpenSearchException, url: str, index: str) -> EngineError:
    """The failure in one sentence, with what to do about it; to be raised ``from`` the client's own error."""
    return EngineError(_sentence(error, url, index))


def _sentence(error: OpenSearchException, url: str, index: str) -> str:
    if isinstance(error, ConnectionTimeout):
        return f"OpenSearch at {url} did not answer in time. Is it overloaded? Try again, or allow more time."
    if isinstance(error, SSLError) or (isinstance(error, NotConnected) and _is_tls(error)):
        return (
            f"the TLS connection to {url} failed: {_cause(error)}. Name the authority that signed the server's "
            "certificate with --ca-file, or check that the url says https where the server does."
        )
    if isinstance(error, NotConnected):
        return f"OpenSearch at {url} can't be reached: {_cause(error)}. Is it running, and is the url right?"
    if isinstance(error, SerializationError):
        return f"what answers at {url} is no OpenSearch, or its reply was cut on the way: {_one_line(error)[:150]}"
    if not isinstance(error, TransportError):
        return f"OpenSearch at {url}: {error}"
    status, kind, reason = error.status_code, _kind(error), reason_of(error)
    if status == 401:
        return f"OpenSearch at {url} did not accept the credentials (401). Check the user name, password or API key."
    for sign, sentence in BLOCKS.items():
        if sign in reason:
            return f"index {index!r} at {url}: {sentence}"
    if status == 403:
        return (
            f"OpenSearch at {url} does not allow this (403): {reason}. Give the user the rights it needs on {index!r}."
        )
    if status == 404 and kind == "index_not_found_exception":
        return f"there is no index {index!r} at {url}. Load a catalogue with 'endcap index', or check the name."
    if status == 429:
        return f"OpenSearch at {url} is overloaded (429): {reason}. Try again later."
    if kind == "search_phase_execution_exception" and "all shards failed" in reason:
        return f"no shard of {index!r} at {url} could answer: {reason}. See GET _cluster/health/{index} (is it red?)."
    if status == 503:
        return f"OpenSearch at {url} is not available (503): {reason}. Is the cluster still starting, or red?"
    return f"OpenSearch at {url} refused the request ({status}): {reason}."


def reason_of(error: TransportError) -> str:
    """The cluster's own words for the root of a failure."""
    info: Any = error.info
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        roots = info["error"].get("root_cause") or [info["error"]]
        root = roots[0] if isinstance(roots[0], dict) else info["error"]
        return _one_line(root.get("reason") or info["error"].get("reason") or root.get("type") or error.error)
    return _one_line(info if isinstance(info, str) and info else error.error)


def _kind(error: TransportError) -> str:
    info: Any = error.info
    inner = info.get("error") if isinstance(info, dict) else None
    return str(inner.get("type")) if isinstance(inner, dict) else ""


def _is_tls(error: TransportError) -> bool:
    text = str(error.error) + str(error.info)
    return any(sign in text for sign in ("SSL", "WRONG_VERSION_NUMBER", "CERTIFICATE_VERIFY"))


def _cause(error: TransportError) -> str:
    """The innermost reason of a failed connection, without the library's layers around it."""
    inner: Any = error.info
    while isinstance(inner, BaseException) and (inner.__cause__ or inner.__context__ or getattr(inner, "reason", None)):
        reason = getattr(inner, "reason", None)
        inner = reason if isinstance(reason, BaseException) else inner.__cause__ or inner.__context__ or str(inner)
    return _one_line(inner or error.error).rstrip(".")


def _one_line(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 300 else text[:297] + "..."
