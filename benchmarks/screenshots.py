"""Make the pictures of the storefront that README and docs show: two screenshots and a short recording.

    python benchmarks/screenshots.py http://localhost:8080 --folder docs/pictures

Needs `endcap[test]`, a Chromium (ENDCAP_CHROMIUM, or `chromium` on the path) and a running `endcap storefront`, in a
home of its own, since judgments are made: those of the demo shop itself. What is shown is what the storefront answers,
its times too, so let nothing else run; the recording steps the page's own animations, so that it is the same on a slow
machine.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright

QUERY, JUDGED = "cordless drill 18v", "decaf coffee beans"
GRADED = 4
"""So many products are judged in the picture."""
MAX_BYTES = 1_500_000
SEEN, SHOWN = (1280, 920), (1024, 736)
"""The recording's window, and what it is made smaller to."""
STEP_MS = 70
GLIDE_MS = 420
"""As long as glide.js takes."""
POINTER = """(at) => {
  let dot = document.getElementById("pointer");
  if (!dot) {
    dot = document.createElement("div");
    dot.id = "pointer";
    Object.assign(dot.style, {position: "fixed", width: "18px", height: "18px", borderRadius: "50%", zIndex: 99,
      background: "rgba(29, 107, 79, .35)", border: "2px solid rgb(29, 107, 79)", pointerEvents: "none"});
    document.body.append(dot);
  }
  Object.assign(dot.style, {left: `${at.x - 9}px`, top: `${at.y - 9}px`});
}"""
"""A screenshot has no pointer; a recording without one is hard to follow."""


class Recording:
    """Frames of a page, each with how long it is shown, in milliseconds."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames: list[Image.Image] = []
        self.times: list[int] = []
        self.at = {"x": 470.0, "y": 330.0}

    def hold(self, ms: int) -> None:
        """Show the page as it is now for so long."""
        frame = (
            Image.open(io.BytesIO(self.page.screenshot(animations="allow")))
            .convert("RGB")
            .resize(SHOWN, Image.Resampling.LANCZOS)
        )
        if self.frames and frame.tobytes() == self.frames[-1].tobytes():
            self.times[-1] += ms
            return
        self.frames.append(frame)
        self.times.append(ms)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        for letter in text:
            self.page.keyboard.type(letter)
            self.hold(STEP_MS)

    def point(self, x: float, y: float, steps: int = 6) -> None:
        """Move the pointer there."""
        start = dict(self.at)
        for step in range(1, steps + 1):
            share = step / steps
            share = share * share * (3 - 2 * share)
            self.at = {"x": start["x"] + (x - start["x"]) * share, "y": start["y"] + (y - start["y"]) * share}
            self.page.evaluate(POINTER, self.at)
            self.page.mouse.move(self.at["x"], self.at["y"])
            self.hold(STEP_MS)

    def glide(self) -> None:
        """Step through the animations that have just begun."""
        for at in range(0, GLIDE_MS + STEP_MS, STEP_MS):
            self.page.evaluate(
                "at => document.getAnimations().forEach((one) => {"
                "one.pause(); one.currentTime = Math.min(at, one.effect.getComputedTiming().endTime)})",
                at,
            )
            self.hold(STEP_MS)
        self.page.evaluate("document.getAnimations().forEach((one) => one.finish())")

    def save(self, path: Path) -> None:
        """Write the frames as an animated WebP that loops, in the best quality that stays small enough."""
        for quality in (80, 70, 60, 50, 40):
            recording = io.BytesIO()
            frames: dict[str, Any] = {"save_all": True, "append_images": self.frames[1:], "duration": self.times}
            self.frames[0].save(recording, "WEBP", loop=0, quality=quality, method=4, **frames)
            if recording.tell() <= MAX_BYTES:
                break
        else:
            raise click.ClickException(f"{path.name} has {recording.tell():,} bytes; at most {MAX_BYTES:,} are wanted.")
        path.write_bytes(recording.getvalue())
        click.echo(f"{path}: {len(self.frames)} frames, {sum(self.times) / 1000:.1f} s, {recording.tell():,} bytes")


@contextmanager
def page_of(browser: Browser, url: str, width: int, height: int, **options: object) -> Iterator[Page]:
    context = browser.new_context(base_url=url, viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def shoot(page: Page, path: Path) -> None:
    """The window as a WebP."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(900)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(path, "WEBP", quality=86, method=6)
    click.echo(f"{path}: {picture.width} x {picture.height}, {path.stat().st_size:,} bytes")


def judge(page: Page) -> None:
    """Grade the first products as the demo shop's judgments do, each when the one before is kept."""
    hits = page.request.get(f"/api/window?q={JUDGED}").json()["hits"]
    grades = {hit["id"]: hit["grade"] for hit in hits}
    cards = page.locator(".card.judging")
    cards.first.wait_for()
    for index in range(GRADED):
        product = str(cards.nth(index).get_attribute("data-product"))
        with page.expect_response("**/api/judgments") as answer:
            page.keyboard.press(str(grades[product] or 0))
        if not answer.value.ok:
            raise click.ClickException(f"the storefront does not keep judgments: {answer.value.text()}")
        page.locator(f".card.judging.given[data-product='{product}']").wait_for()


def box_of(element: Locator) -> FloatRect:
    box = element.bounding_box()
    assert box is not None
    return box


def record(page: Page, path: Path) -> None:
    """A search is typed, a product is followed to its place, the blend is moved, and a reason is read."""
    page.goto("/")
    page.wait_for_selector(".telling")
    recording = Recording(page)
    recording.hold(500)
    recording.type(QUERY)
    with page.expect_response("**/api/search*"):
        page.keyboard.press("Enter")
    page.wait_for_selector(".ties path")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)
    recording.hold(1800)

    title = box_of(page.locator(".of-endcap .card .title").nth(2))
    recording.point(title["x"] + 90, title["y"] + 12)
    recording.hold(1300)

    scale = page.locator("#blend")
    box = box_of(scale)
    recording.point(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2)
    for weight in ("0", "1"):
        with page.expect_response("**/api/search*"):
            scale.fill(weight)
        page.wait_for_url(f"**blend={weight}*")
        page.wait_for_selector(".results[aria-busy=false]")
        page.evaluate(POINTER, recording.at | {"x": box["x"] + 8 + float(weight) * (box["width"] - 16)})
        recording.glide()
        recording.hold(1100)
    back = page.get_by_role("button", name="back to the model's own")
    button = box_of(back)
    recording.point(button["x"] + 60, button["y"] + 14)
    with page.expect_response("**/api/search*"):
        back.click()
    page.wait_for_selector(".blend.own")
    page.wait_for_selector(".results[aria-busy=false]")
    recording.glide()
    recording.hold(900)

    first = page.locator(".of-endcap .card .title").first
    title = box_of(first)
    recording.point(title["x"] + 90, title["y"] + 12)
    first.click()
    page.wait_for_selector(".parts")
    page.wait_for_load_state("networkidle")
    recording.hold(2600)
    recording.save(path)


@click.command()
@click.argument("url")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/pictures"), show_default=True
)
def main(url: str, folder: Path) -> None:
    """Make the pictures from the storefront at URL."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("ENDCAP_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with page_of(browser, url, 1280, 860, device_scale_factor=1.5) as page:
            for _ in range(8):  # a new process's first searches take longer than those that follow
                page.request.get(f"/api/search?q={QUERY}")
            page.goto(f"/?q={QUERY}")
            page.locator(".of-endcap .title").nth(2).hover()
            shoot(page, folder / "storefront.webp")
        with page_of(browser, url, 1280, 860, device_scale_factor=1.5, color_scheme="dark") as page:
            page.goto(f"/?q={JUDGED}&view=judge")
            page.get_by_label("Who judges").fill("Ada")
            page.keyboard.press("Enter")
            judge(page)
            page.evaluate("scrollTo(0, 0)")
            shoot(page, folder / "storefront-judge.webp")
        with page_of(browser, url, *SEEN) as page:
            record(page, folder / "storefront-tour.webp")
        browser.close()


if __name__ == "__main__":
    main()
