"""Whether this container's service is ready: `endcap serve` at its health port, or the storefront at its own.

Run by the image's HEALTHCHECK. The command of the first process says which. Ends with 1 where it is not ready.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from pathlib import Path


def flag(name: str, words: list[str]) -> str:
    """The value of an option among the words of a command; empty where there is none."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == name:
            return following
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return ""


def main() -> int:
    """Ask. Prints what the service says."""
    words = Path("/proc/1/cmdline").read_bytes().decode(errors="replace").split("\0")
    health = flag("--health-port", words) or os.environ.get("ENDCAP_HEALTH_PORT") or "9290"
    port = health if "serve" in words else flag("--port", words) or "8080"
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
