"""A state with a checksum over its key and itself, so that a damaged one, or one under another key, is known."""

from __future__ import annotations

from zlib import crc32

CHECKSUM_BYTES = 4
RESIDUE = 0x2144DF1C
"""The CRC-32 of any bytes that end with their own CRC-32 (little-endian): one pass checks key, state and checksum."""


def sealed(key: bytes, state: bytes) -> bytes:
    """The state, and behind it four bytes of checksum."""
    return state + crc32(state, crc32(key)).to_bytes(CHECKSUM_BYTES, "little")


def unsealed(key: bytes, value: bytes) -> bytes | None:
    """The state in what ``sealed`` gave for this key; None where it is not that."""
    return value[:-CHECKSUM_BYTES] if crc32(value, crc32(key)) == RESIDUE else None
