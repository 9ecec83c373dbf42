"""What the tests of the store of states share: keys, states, and a child process."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import random
import signal
from pathlib import Path

from endcap.plugin.states.store import StateStore


def key(i: object) -> bytes:
    return hashlib.sha256(str(i).encode()).digest()


def state(i: int, size: int = 768) -> bytes:
    return random.Random(i).randbytes(size)


def write_some(folder: Path, first: int, last: int) -> None:
    opened = StateStore.open(folder)
    for i in range(first, last):
        assert opened.put([(key(i), state(i))]) == 1
    opened.close()


def in_child(work: object, *arguments: object) -> None:
    """Run in a forked child and see that it ends well."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.alarm(60)
            work(*arguments)  # type: ignore[operator]
            code = 0
        except BaseException:
            logging.exception("in the child")
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0, errno.errorcode
