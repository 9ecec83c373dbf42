"""How long the proxy's image takes from `docker run` to /ready, with the limits of the chart's pods.

docker build -t endcap:local . && python benchmarks/image_ready.py --opensearch-url http://localhost:9200
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import time
import urllib.request

LIMITS = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--cpus", "2", "--memory", "1g"]


def started_in(image: str, url: str, port: int) -> float:
    """Seconds from the start to the first 200 of /ready."""
    words = ["serve", "--opensearch-url", url, "--port", str(port), "--health-port", str(port + 1)]
    began = time.monotonic()
    command = ["docker", "run", "--detach", "--rm", "--network", "host", *LIMITS, image, *words]
    container = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    try:
        while time.monotonic() - began < 60:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port + 1}/ready", timeout=1):
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.02)
        raise SystemExit("not ready within a minute")
    finally:
        subprocess.run(["docker", "kill", container], capture_output=True, check=False)
        time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", default="endcap:local")
    parser.add_argument("--opensearch-url", default="http://localhost:9200")
    parser.add_argument("--port", type=int, default=29301)
    parser.add_argument("--times", type=int, default=10)
    words = parser.parse_args()
    taken = [started_in(words.image, words.opensearch_url, words.port) for _ in range(words.times)]
    print(
        f"ready after {statistics.median(taken):.2f} s in the median of {len(taken)}, {max(taken):.2f} s at the most;"
    )
    print(f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
