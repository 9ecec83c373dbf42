"""What the tests of the storefront's page share: a browser, a running storefront, and what holds on every page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
WIDTHS = {"desk": (1280, 900), "phone": (390, 844)}
START_S = 600
"""Enough for a busy machine to index the demo shop and read it in advance."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser: Debian's Chromium, or the one that ENDCAP_CHROMIUM names."""
    path = os.environ.get("ENDCAP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium, or name one with ENDCAP_CHROMIUM")
    # a busy machine answers late; what is right at once is not waited for
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        # the sandbox wants a user who is not root, which a container seldom has
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def storefront(home: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`endcap storefront` with these arguments and this home: its address, and its process."""
    port = _free_port()
    log = home.with_suffix(".log")
    command = [sys.executable, "-m", "endcap.cli.main", "storefront", "--port", str(port), *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, "ENDCAP_HOME": str(home)}, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process, log)
        yield url, process
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"the storefront ended with {process.returncode}:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    pytest.fail(f"the storefront was not ready after {START_S} s:\n{log.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Wire:
    """A wire to a server, which can be cut and joined again: what is under way breaks, and nothing answers."""

    def __init__(self, url: str) -> None:
        target = urlsplit(url)
        self._target = (target.hostname or "", target.port or 80)
        self._ends: list[socket.socket] = []
        self._port = 0
        self.join()
        self.url = f"http://127.0.0.1:{self._port}"

    def join(self) -> None:
        """Let connections through, at the same port as before."""
        listener = socket.create_server(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        self._ends = [listener]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        for end in self._ends:
            # closed alone, a socket that a thread waits at stays open
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = listener.accept()[0]
                far = socket.create_connection(self._target)
                self._ends += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=(one, other), daemon=True).start()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@contextmanager
def opened(browser: Browser, url: str, width: str = "desk", **options: object) -> Iterator[Page]:
    """A page of its own context. Nothing may fail in it or break its policy unseen, or be asked of anybody else."""
    across, down = WIDTHS[width]
    context = browser.new_context(base_url=url, viewport={"width": across, "height": down}, **options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(30_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    try:
        yield page
        # a refused request is what some tests are about; the page says it in words
        failed = [line for line in said if not line.startswith("Failed to load resource")]
        assert not failed, failed
        elsewhere = [address for address in asked if not address.startswith((url, "data:"))]
        assert not elsewhere, elsewhere
    finally:
        context.close()


def serious_faults(page: Page) -> list[str]:
    """axe-core's serious and critical findings, each with where it is."""
    page.evaluate(AXE.read_text())
    return _found(page, "{resultTypes: ['violations'], preload: false}")


def low_contrasts(page: Page) -> list[str]:
    """axe-core's findings of too little contrast alone, where ``serious_faults`` was asked before on the same page."""
    return _found(page, "{resultTypes: ['violations'], preload: false, runOnly: ['color-contrast']}")


def _found(page: Page, options: str) -> list[str]:
    found = page.evaluate(f"axe.run({options})")
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:160]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def titles(page: Page, column: str) -> list[str]:
    """The products of a column, in order."""
    return page.locator(f".of-{column} .title").all_inner_texts()


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than the window: 0, or it would have to be pushed sideways."""
    return int(page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)"))


def box(page: Page) -> Locator:
    return page.get_by_label("Search the shop")


def search(page: Page, text: str) -> None:
    box(page).fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".column .card").first).to_be_visible()
