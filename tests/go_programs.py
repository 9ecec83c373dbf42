"""Programs that are there, or that Go builds once from their modules into the user's cache.

Run as a script it builds helm: that takes minutes, so `.ci/run` begins with it, beside all else.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

HELM = "helm.sh/helm/v3/cmd/helm@v3.19.5"
"""The workflow installs the same."""
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.6.7"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"


class NoProgram(Exception):
    """Neither the program nor Go is there, or Go could not build it."""


def go_program(module: str) -> str:
    """A program's path, by its module; waits where another process builds it. Raises ``NoProgram``."""
    path, _, version = module.partition("@")
    name = path.rpartition("/")[2]
    if found := shutil.which(name):
        return found
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "endcap-tests" / version
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).is_file():
            _build(module, folder)
    return str(folder / name)


def go() -> str:
    """The program go. Raises ``NoProgram``."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None:
        raise NoProgram("neither this program nor go can be had here")
    return found


def _build(module: str, folder: Path) -> None:
    own = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-ldflags=-s"}
    built = subprocess.run([go(), "install", module], env=own, capture_output=True, text=True, check=False)
    if built.returncode:
        raise NoProgram(f"go could not build {module}: {built.stderr[-2000:]}")


if __name__ == "__main__":
    go_program(HELM)
