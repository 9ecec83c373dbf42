"""Progress lines and bars (``endcap.progress``)."""

from __future__ import annotations

import io
import sys
import time

import pytest

from endcap import progress as progress_module
from endcap.progress import progress


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def replace_stderr(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_quick_work_shows_nothing(stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that is over in under a second leaves stderr empty, at a terminal and elsewhere."""
    stderr = replace_stderr(stream(), monkeypatch)
    with progress("Reading", total=10) as advance:
        for done in range(11):
            advance(done)
    assert stderr.getvalue() == ""


def test_lines_are_few_and_end_with_the_last_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a terminal, many advances give few plain lines, the last of them with the last count."""
    stderr = replace_stderr(io.StringIO(), monkeypatch)
    monkeypatch.setattr(progress_module, "QUIET_S", 0.05)
    monkeypatch.setattr(progress_module, "LINE_EVERY_S", 0.1)
    began = time.monotonic()
    with progress("Reading", total=2000) as advance:
        for done in range(1, 2001):
            advance(done)
            if done % 20 == 0:
                time.sleep(0.003)
    lines = stderr.getvalue().splitlines()
    assert 2 <= len(lines) <= (time.monotonic() - began) / 0.1 + 2
    assert lines[-1].startswith("Reading: 2,000 of 2,000 (100%)")


@pytest.mark.parametrize("total", [None, 7])
def test_a_bar_shows_even_if_nothing_advances(total: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal the bar comes by itself once the quiet time is over, and shows the count at the end."""
    stderr = replace_stderr(Terminal(), monkeypatch)
    monkeypatch.setattr(progress_module, "QUIET_S", 0.05)
    with progress("Encoding", total=total) as advance:
        give_up = time.monotonic() + 20  # rich's import takes long on a busy machine
        while "Encoding" not in stderr.getvalue() and time.monotonic() < give_up:
            time.sleep(0.02)
        advance(7)
    text = stderr.getvalue()
    assert "Encoding" in text
    assert "7/" in text


def work_that_breaks() -> None:
    with progress("Reading") as advance:
        advance(1)
        raise RuntimeError("broken")


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
def test_an_error_goes_through(stream: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error raised in the work is not swallowed."""
    replace_stderr(stream(), monkeypatch)
    with pytest.raises(RuntimeError, match="broken"):
        work_that_breaks()
