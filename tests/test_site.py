"""`make docs`: the documents as a site that needs no server and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from documents import DOCUMENTS, ROOT

LOADED = {"script": "src", "img": "src", "source": "srcset", "link": "href", "iframe": "src", "video": "src"}
"""What a browser fetches without being asked, and where it is named."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `make docs` builds it: a link that leads nowhere, or a page that nothing names, fails."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-P", "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    run = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


class Page(HTMLParser):
    """What a page loads, where it leads, and its headings' names."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads, self.leads, self.ids = list[str](), list[str](), set[str]()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element's addresses."""
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        if tag in LOADED and (address := given.get(LOADED[tag])):
            self.loads.append(address.split()[0])
        if tag == "a" and (address := given.get("href")):
            self.leads.append(address)


def test_every_document_is_a_page(site: Path) -> None:
    """README is the home page, and each of the others has its own."""
    names = {"README.md": "index.html"}
    expected = {names.get(each, each.removeprefix("docs/").removesuffix(".md") + ".html") for each in DOCUMENTS}
    assert {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"} == expected
    assert not list(site.rglob("*.py"))


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """Scripts, styles, fonts and pictures are files of the site, so that it works without a network."""
    for path in site.rglob("*.html"):
        if path.name == "404.html":  # made for a server's root
            continue
        for address in Page(path).loads:
            assert not urlsplit(address).netloc, f"{path.name} loads {address}"
            assert (path.parent / unquote(urlsplit(address).path)).is_file(), f"{path.name} loads {address}"
    for style in site.rglob("*.css"):
        found = re.findall(r"""(?:url\(|@import\s+)["']?(https?:|//)""", style.read_text(encoding="utf-8"))
        assert found == [], style.name


def test_every_link_within_the_site_leads_to_a_place_in_it(site: Path) -> None:
    """Pages, and headings in pages."""
    pages = {path: Page(path) for path in site.rglob("*.html") if path.name != "404.html"}
    assert sum(len(page.leads) for page in pages.values()) > 500
    for path, page in pages.items():
        for address in page.leads:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{path.name} leads to {address}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].ids, f"{path.name} leads to {address}"


def test_what_code_hosts_write_otherwise_is_shown_right(site: Path) -> None:
    """A file's block has its name, a bar in a table's code no backslash, and no fence is left as text."""
    page = (site / "catalogues.html").read_text(encoding="utf-8")
    assert '<span class="filename">shop.jsonl</span>' in page
    assert "<code>category=cat1&#124;cat2</code>" in page
    for path in site.rglob("*.html"):
        text = re.sub(r"<[^>]*>", "", path.read_text(encoding="utf-8"))
        assert "```" not in text, path.name


def test_the_search_works_from_a_folder(site: Path) -> None:
    """The index is there as a script, and what makes a worker of it without a server."""
    assert "re-ranked" in (site / "search" / "search_index.js").read_text(encoding="utf-8")
    assert any("iframe-worker" in address for address in Page(site / "index.html").loads)
