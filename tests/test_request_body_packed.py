"""A packed body is unpacked whole, within its limit, or it is refused: gzip of any number of members."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.serve import request_body
from endcap.serve.request_body import Unread, plain_bytes

PARTS = st.lists(st.binary(max_size=60), min_size=1, max_size=8)


@given(PARTS, st.integers(1, 40))
def test_members_are_one_body(parts: list[bytes], part_bytes: int) -> None:
    """Also empty ones, wherever the bytes that are unpacked at once end; one byte over the limit is too long."""
    whole, packed = b"".join(parts), b"".join(map(gzip.compress, parts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request_body, "_PART_BYTES", part_bytes)
        assert plain_bytes(packed, "gzip", len(whole)) == whole
        if whole:
            with pytest.raises(Unread, match="long_body"):
                plain_bytes(packed, "gzip", len(whole) - 1)


@given(PARTS, st.data())
def test_what_is_cut_or_followed_by_more_is_refused(parts: list[bytes], data: st.DataObject) -> None:
    """But where it is cut between two members, which nothing tells from fewer."""
    packed = [gzip.compress(part) for part in parts]
    whole, ends = b"".join(packed), {sum(map(len, packed[:n])) for n in range(len(packed) + 1)}
    cut = data.draw(st.integers(1, len(whole) - 1).filter(lambda at: at not in ends))
    for broken in (whole[:cut], whole + b"x", whole + whole[:5]):
        with pytest.raises(Unread, match="body"):
            plain_bytes(broken, "gzip", 10_000)


def test_bombs_and_floods_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that unpacks to much, members beyond count, and deflate, which has no members."""
    bomb = gzip.compress(b"a") + gzip.compress(b" " * 5_000_000)
    with pytest.raises(Unread, match="long_body"):
        plain_bytes(bomb, "gzip", 100_000)
    monkeypatch.setattr(request_body, "MAX_MEMBERS", 5)
    assert plain_bytes(gzip.compress(b"a") * 5, "x-gzip", 10) == b"aaaaa"
    for broken, encoding in ((gzip.compress(b"a") * 6, "gzip"), (zlib.compress(b"a") * 2, "deflate")):
        with pytest.raises(Unread, match=r"^body$"):
            plain_bytes(broken, encoding, 10)
