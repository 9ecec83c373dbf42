"""docs/clients.md: each client that can be had here searches through a real proxy, by the very lines shown."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import opensearch_server
import pytest
from ci_rules import ALLOWED
from deploy_parts import ROOT, go
from opensearchpy import OpenSearch
from serve_parts import proxy

PAGE = (ROOT / "docs/clients.md").read_text()
NPM = "@opensearch-project/opensearch@3"
RUN = {
    "bash": ("search.sh", ["bash"]),
    "python": ("search.py", [sys.executable]),
    "javascript": ("search.js", ["node"]),
    "go": ("main.go", ["go"]),
}
GO = "github.com/opensearch-project/opensearch-go/v4@v4.5.0"
LONGEST = {"go": 32}
"""Lines of a block; else twelve."""


@pytest.fixture(scope="module")
def address(shop: tuple[OpenSearch, str], opensearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A proxy's, of whose cluster an alias is called as in the document."""
    client, index = shop
    alias = f"{index}-of-clients"
    client.indices.put_alias(index=index, name=alias)
    with proxy(opensearch, tmp_path_factory.mktemp("proxy")) as running:
        yield f"{running.url.removeprefix('http://')} {alias}"


def test_php_s_lines_are_php(tmp_path: Path) -> None:
    """By PHP's own parser; the client itself is not installed for it."""
    if shutil.which("php") is None:
        pytest.skip(f"{ALLOWED}php can't be had here")
    (block,) = re.findall(r"^```php\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for text, status in ((block, 0), (block.replace("foreach", "forall"), 255)):
        (tmp_path / "search.php").write_text(text)
        assert subprocess.run(["php", "-l", "search.php"], cwd=tmp_path, capture_output=True).returncode == status


@pytest.mark.parametrize("language", RUN)
def test_its_lines_search(language: str, address: str, tmp_path: Path) -> None:
    """The block as it stands, but for port and index: five products, re-ranked."""
    file, command = RUN[language]
    if language == "go":
        command = [go(), "run", "."]
        (tmp_path / "go.mod").write_text("module search\n\ngo 1.22\n")
        subprocess.run([go(), "get", GO], cwd=tmp_path, check=True, timeout=300, capture_output=True)
    elif shutil.which(command[0]) is None:
        (pytest.fail if opensearch_server.in_ci() else pytest.skip)(f"{command[0]} can't be had here")
    if language == "javascript":
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent", NPM]
        (tmp_path / "package.json").write_text("{}")
        subprocess.run(install, cwd=tmp_path, check=True, timeout=300)
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    where, alias = address.split()
    assert "localhost:9201" in block
    assert len(block.splitlines()) <= LONGEST.get(language, 12)
    text = block.replace("localhost:9201", where).replace("shop", alias)
    (tmp_path / file).write_text(text)
    words = command if language == "go" else [*command, file]
    run = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    printed = run.stdout + run.stderr
    assert run.returncode == 0, printed
    assert "reranked" in printed
    assert len(re.findall(r'"_id"|^\d+ ', printed, re.MULTILINE)) == 5
