"""Documents into an index by bulk requests that give way when the cluster is busy.

What the cluster rejects for lack of room (``RETRIED``, or no answer) is sent again, after a pause that grows twofold
from a quarter of a second to half a minute, with jitter. What it refuses for good is reported with its reason.
"""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionError as NotConnected
from opensearchpy.exceptions import SSLError, TransportError

from endcap.errors import EngineError
from endcap.index.opensearch.errors import BLOCKS, reason_of

RETRIED = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class BulkLimits:
    """How large a request may be, and how patient the loader is."""

    max_documents: int = 500
    max_bytes: int = 4_000_000
    attempts: int = 10
    first_pause_s: float = 0.25
    longest_pause_s: float = 30.0
    request_timeout_s: float = 120.0


Document = tuple[str, bytes]
"""A document's id, and its two lines of a bulk request."""


def bulk(
    client: OpenSearch, index: str, documents: Iterable[Document], failed: dict[str, str], *, limits: BulkLimits
) -> Iterator[int]:
    """Send all documents; gives, after each request, how many of its documents are in the index for good.

    Documents that could not be indexed are added to ``failed``. Raises ``EngineError`` where going on has no point: the
    index became read-only. Raises the client's own error where the cluster is gone or refuses the request as a whole.
    """
    return map(_Loader(client, index, failed, limits).send, bulk_chunks(documents, limits))


def bulk_chunks(documents: Iterable[Document], limits: BulkLimits) -> Iterator[list[Document]]:
    """The documents in pieces within the limits; one that is over the limit of bytes by itself goes alone."""
    chunk: list[Document] = []
    size = 0
    for document in documents:
        length = len(document[1])
        if chunk and (len(chunk) >= limits.max_documents or size + length > limits.max_bytes):
            yield chunk
            chunk, size = [], 0
        chunk.append(document)
        size += length
    if chunk:
        yield chunk


@dataclass(frozen=True, slots=True)
class _Loader:
    client: OpenSearch
    index: str
    failed: dict[str, str]
    limits: BulkLimits

    def send(self, chunk: list[Document]) -> int:
        """Send one request, again where that helps; gives how many of its documents are indexed."""
        limits, waiting, done = self.limits, chunk, 0
        for attempt in range(limits.attempts):
            last = attempt == limits.attempts - 1
            if attempt:
                # "Full jitter": many loaders that were refused together do not come back together.
                # https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
                longest = min(limits.longest_pause_s, limits.first_pause_s * 2**attempt)
                time.sleep(random.uniform(longest / 4, longest))
            body = b"".join(lines for _, lines in waiting)
            try:
                reply = self.client.bulk(body=body, index=self.index, request_timeout=limits.request_timeout_s)
            except SSLError:
                raise
            except TransportError as error:
                if error.status_code == 413:
                    return done + self.send_halves(waiting)
                if last or not (isinstance(error, NotConnected) or error.status_code in RETRIED):
                    raise
                self.stop_if_blocked(reason_of(error))
                continue
            again, n_refused = self.sort_out(reply, waiting, last)
            done += len(waiting) - len(again) - n_refused
            waiting = again
            if not waiting:
                break
        return done

    def sort_out(self, reply: Any, sent: list[Document], last: bool) -> tuple[list[Document], int]:
        """The documents to send again, and how many were refused for good."""
        again: list[Document] = []
        n_refused = 0
        for document, item in zip(sent, reply["items"], strict=True) if reply["errors"] else ():
            result = next(iter(item.values()))
            if not result.get("error"):
                continue
            reason = _reason(result["error"])
            self.stop_if_blocked(reason)
            if result["status"] in RETRIED and not last:
                again.append(document)
            else:
                n_refused += 1
                self.failed[document[0]] = reason
        return again, n_refused

    def send_halves(self, chunk: list[Document]) -> int:
        """Send a request that was too large for the cluster in two."""
        if len(chunk) == 1:
            id, lines = chunk[0]
            self.failed[id] = f"the document has {len(lines)} bytes, more than the cluster takes in a request (413)"
            return 0
        middle = len(chunk) // 2
        return self.send(chunk[:middle]) + self.send(chunk[middle:])

    def stop_if_blocked(self, reason: str) -> None:
        for sign, sentence in BLOCKS.items():
            if sign in reason:
                raise EngineError(f"index {self.index!r}: {sentence}")


def _reason(error: Any) -> str:
    if not isinstance(error, dict):
        return " ".join(str(error).split())
    text = f"{error.get('type', 'error')}: {error.get('reason', '')}"
    cause = error.get("caused_by")
    if isinstance(cause, dict) and cause.get("reason"):
        text += f" ({cause['reason']})"
    text = " ".join(text.split())
    return text if len(text) <= 400 else text[:397] + "..."
