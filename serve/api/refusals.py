"""What a request is refused with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Refusal(Exception):
    """A status, a fixed word for programs, and what people read."""

    status: int
    kind: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)


def malformed(message: str) -> Refusal:
    """The body is JSON, but not what it should be."""
    return Refusal(422, "malformed", message)


def too_large(message: str) -> Refusal:
    """There is too much of something."""
    return Refusal(413, "too_large", message)


def overloaded(message: str, seconds: int) -> Refusal:
    """Ask again after some seconds."""
    return Refusal(429, "overloaded", message, {"Retry-After": str(seconds)})
