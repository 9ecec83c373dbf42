"""Where a Python that a test starts finds the tests' own modules."""

from __future__ import annotations

import os
from pathlib import Path


def environment() -> dict[str, str]:
    """This process' environment, with the tests' folder on the path.

    Not ``sys.path``: what some other test's library has put on it (the checkout's root, say, where a folder has the
    package's name) is no place a child should import from.
    """
    there = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, there))}
