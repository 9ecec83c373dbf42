"""The program `helm`: the one that is there, or one that Go builds once into the user's cache.

Run as a script it builds it: that takes minutes, so `.ci/run` begins with it, beside all else.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

HELM = "helm.sh/helm/v3/cmd/helm@v3.19.5"
"""The workflow installs the same."""


class NoHelm(Exception):
    """Neither `helm` nor Go is there, or Go could not build it."""


def helm_program() -> str:
    """The program's path; waits where another process builds it. Raises ``NoHelm``."""
    if found := shutil.which("helm"):
        return found
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "endcap-tests" / HELM.rpartition("@")[2]
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "helm"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.is_file():
            _build(folder)
    return str(program)


def _build(folder: Path) -> None:
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if go is None:
        raise NoHelm("neither helm nor go can be had here")
    own = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-ldflags=-s"}
    built = subprocess.run([go, "install", HELM], env=own, capture_output=True, text=True, check=False)
    if built.returncode:
        raise NoHelm(f"go could not build helm: {built.stderr[-2000:]}")


if __name__ == "__main__":
    helm_program()
