"""Whether the service of this container is ready, asked at the port of health or, of the storefront, at its own.

Run by the image's HEALTHCHECK. The command of the first process says which. Ends with 1 where it is not ready.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path


def flag(name: str, words: list[str]) -> str:
    """The value of an option among the words of a command; empty where there is none."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return ""


HEALTH = {"serve": ("ENDCAP_HEALTH_PORT", "9290"), "api": ("ENDCAP_API_HEALTH_PORT", "9390")}
"""Of a command: the variable with its port of health, and the port that it has without."""


def port_of(words: list[str], environment: Mapping[str, str]) -> str:
    """Where the service of a command says whether it is ready."""
    for command, (variable, port) in HEALTH.items():
        if command in words:
            return flag("--health-port", words) or environment.get(variable) or port
    return flag("--port", words) or "8080"


def main() -> int:
    """Ask. Prints what the service says."""
    port = port_of(Path("/proc/1/cmdline").read_bytes().decode(errors="replace").split("\0"), os.environ)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=4) as reply:
            print(reply.read().decode())
            return 0
    except urllib.error.HTTPError as error:
        print(error.read().decode())
    except OSError as error:
        print(f"port {port}: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
