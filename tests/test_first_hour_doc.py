"""docs/first-hour.md: every command runs, in the order of the page, and prints what the page says that it prints."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from documents import blocks
from storefront_server import Server

from endcap.index.judgments.reader import read_judgments
from endcap.index.query_log import read_query_log

BLOCKS = [block for block in blocks("docs/first-hour.md") if not block.indented]
SAID = "Storefront at http://localhost:"


def program(words: list[str], folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "ENDCAP_HOME": str(folder / "home"), "COLUMNS": "120", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-P", "-m", "endcap.cli.main", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=subprocess.STDOUT, text=True)


@contextmanager
def storefront(words: list[str], folder: Path) -> Iterator[Server]:
    """The page's storefront, on a free port, until Ctrl-C."""
    words[words.index("--port") + 1] = "0"
    process = program(words, folder)
    assert process.stdout is not None
    try:
        address = next(line for line in process.stdout if line.startswith(SAID))
        yield Server(int(address.removeprefix(SAID).strip(" /\n")))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def judge(server: Server, queries: list[str], file: Path) -> None:
    """Grade the first of both orders for each query, by the share of its words in the title, and export the grades."""
    for query in queries:
        columns = server.get("/api/search", q=query).json["columns"]
        for hit in {hit["id"]: hit for order in columns.values() for hit in order}.values():
            met = sum(word in hit["title"].lower() for word in query.split()) / len(query.split())
            judgment = {"query": query, "product": hit["id"], "grade": round(3 * met), "judge": "anna"}
            assert server.post("/api/judgments", judgment).json["saved"]
    export = server.get("/api/judgments/export", format="quepid")
    assert file.name in export.heads["content-disposition"]
    file.write_bytes(export.body)


def test_the_page_from_top_to_bottom(tmp_path: Path) -> None:
    """All that the page says is run: from two files to a report that says whether it is better."""
    printed, ran = "", set[str]()
    for block in BLOCKS:
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "text":
            assert [line for line in block.text.splitlines() if line not in printed] == []
        else:
            assert block.language == "sh"
            for line in block.text.splitlines():
                first, *words = shlex.split(line)
                assert first == "endcap"
                ran.add(words[0])
                if words[0] == "storefront":
                    with storefront(words, tmp_path) as server:
                        log = read_query_log(tmp_path / "Queries.csv")
                        judge(server, list(log.counts), tmp_path / "shop-judgments.csv")
                    continue
                process = program(words, tmp_path)
                printed, _ = process.communicate(timeout=300)
                assert process.returncode == 0, f"{line}\n{printed}"
    assert ran == {"check", "index", "search", "compare", "storefront", "evaluate"}
    assert len(read_judgments(tmp_path / "shop-judgments.csv").grades) == 7
    assert "nDCG@10" in printed
    assert all((tmp_path / name).stat().st_size > 10_000 for name in ("changes.html", "report.html"))


def test_the_zip_is_read_as_it_is(tmp_path: Path) -> None:
    """Search Console's zip holds a report of each kind; the page's queries are found in it."""
    (queries,) = [block.text for block in BLOCKS if block.file == "Queries.csv"]
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("Queries.csv", queries)
        archive.writestr("Pages.csv", "Top pages,Clicks,Impressions,CTR,Position\nhttps://shop.example/,9,99,9.09%,3\n")
        archive.writestr("Chart.csv", "Date,Clicks,Impressions,CTR,Position\n2026-11-01,9,99,9.09%,3\n")
        archive.writestr("Countries.csv", "Country,Clicks,Impressions,CTR,Position\nGermany,9,99,9.09%,3\n")
        archive.writestr("Devices.csv", "Device,Clicks,Impressions,CTR,Position\nMobile,9,99,9.09%,3\n")
        archive.writestr("Appearance.csv", "Search Appearance,Clicks,Impressions,CTR,Position\nVideos,1,9,9%,3\n")
        archive.writestr("Filters.csv", "Filter,Value\nSearch type,Web\nDate,Last 3 months\nQuery,+kettle\n")
    log = read_query_log(tmp_path / "shop.zip")
    assert (len(log.counts), log.searches) == (7, 5219)
