"""Spans of OpenTelemetry for a search and its stages, in the trace of who asked.

Nothing is made where its API is not installed (``pip install endcap[otel]``), and nothing kept where the process has no
SDK set up. No span holds a query's text, and so none holds an error's message either.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

try:
    from opentelemetry import context, propagate, trace
    from opentelemetry.propagators.textmap import Getter
except ImportError:
    HERE = False
else:
    HERE = True
    _TRACER = trace.get_tracer("endcap")

    class _AllOfOneName(Getter[Any]):
        """Reads headers that may stand several times, as ``tracestate``."""

        def get(self, carrier: Any, key: str) -> list[str] | None:
            found = carrier.getall(key, None)
            return [",".join(found)] if found else None

        def keys(self, carrier: Any) -> list[str]:
            return list(carrier.keys())

    _GETTER = _AllOfOneName()

_NOTHING = nullcontext()
_HEADER = "traceparent"
_BY_ENVIRONMENT = bool(os.environ.get("OTEL_PYTHON_TRACER_PROVIDER"))


def is_recorded() -> bool:
    """Whether the process has an SDK set up."""
    # Where there is none, the API looks at the environment each time it is asked.
    if not HERE or (getattr(trace, "_TRACER_PROVIDER", trace) is None and not _BY_ENVIRONMENT):
        return False
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def span(name: str) -> AbstractContextManager[Any]:
    """A span while this is entered; a child of the current one."""
    if not is_recorded():
        return _NOTHING
    return _TRACER.start_as_current_span(name, record_exception=False, set_status_on_exception=False)


def note(**values: str | int | float | Sequence[str]) -> None:
    """Attributes ``endcap.NAME`` of the current span."""
    if HERE and (current := trace.get_current_span()).is_recording():
        current.set_attributes({f"endcap.{name}": value for name, value in values.items()})


def joined(headers: Any) -> AbstractContextManager[None]:
    """The trace that a request's headers (a multidict) name, while this is entered."""
    return _joined(headers) if HERE and (_HEADER in headers or is_recorded()) else _NOTHING


@contextmanager
def _joined(headers: Any) -> Iterator[None]:
    token = context.attach(propagate.extract(headers, getter=_GETTER))
    try:
        yield
    finally:
        context.detach(token)


def name_parent(headers: Any) -> None:
    """Name the current span as the parent of what a request with these headers begins; they stay where none is kept."""
    if HERE and trace.get_current_span().is_recording():
        propagate.inject(headers)


def trace_id() -> str:
    """The current trace's id, 32 hex digits; empty where there is none."""
    found = trace.get_current_span().get_span_context() if HERE else None
    return f"{found.trace_id:032x}" if found is not None and found.is_valid else ""
