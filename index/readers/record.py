"""What a file is read into before it is a product: records that could be read, and faults that could not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

MAX_RECORD_BYTES = 1 << 20
"""A record of more bytes (1 MiB) is a fault: no product text is that long, and a stream must not fill the memory."""


class Place(NamedTuple):
    """Where something was read: a file, and a line (or ``unit``) counted from 1; 0 is the file as a whole."""

    file: str
    number: int = 0
    unit: str = "line"

    def __str__(self) -> str:
        return f"{self.file}, {self.unit} {self.number}" if self.number else self.file


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file: its named values, and how it stood in the file where it stood there as text."""

    place: Place
    value: Mapping[str, Any]
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that could not be read. ``reason`` is a fixed word to count by, ``detail`` a sentence for people."""

    place: Place
    reason: str
    detail: str
    raw: bytes = b""

    def __str__(self) -> str:
        return f"{self.place}: {self.detail}"


Items = Iterator[Record | Fault]


def too_large(place: Place, raw: bytes) -> Fault:
    """The fault of a record over ``MAX_RECORD_BYTES``."""
    detail = f"the record is over {MAX_RECORD_BYTES:,} bytes. Shorten it, or look for a missing line end or quote."
    return Fault(place, "record too large", detail, raw)


def not_utf8(place: Place, raw: bytes, error: UnicodeDecodeError) -> Fault:
    """The fault of a record that is not UTF-8."""
    detail = (
        f"byte 0x{raw[error.start]:02x} at position {error.start + 1} is not UTF-8. "
        "A file from Windows is cp1252, as a rule: read it so (--encoding cp1252), or save it as UTF-8."
    )
    return Fault(place, "not UTF-8", detail, raw)
