"""The documents lead somewhere."""

import re
import subprocess

import pytest
from documents import DOCUMENTS, ROOT


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_to_a_file_has_its_file(document: str) -> None:
    """A relative link in a document names a file of the project."""
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", (ROOT / document).read_text())
    assert [link for link in links if not (ROOT / document).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_in_a_document_is_one(document: str) -> None:
    """A `make TARGET` that a document names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / document).read_text(), re.MULTILINE))
    assert named - targets == set()


def test_the_table_of_experiments_leads_to_every_entry() -> None:
    """An entry has a row in docs/experiments.md, dated as the entry is."""
    rows = re.findall(r"\| (\d{4}-\d\d-\d\d) \| \[.*\]\((.*)\) \|", (ROOT / "docs" / "experiments.md").read_text())
    entries = {path.name for path in (ROOT / "docs" / "experiments").glob("*.md")}
    assert {address.removeprefix("experiments/") for _, address in rows} == entries
    assert [address for date, address in rows if not address.startswith(f"experiments/{date}-")] == []


def test_nothing_is_built_into_the_checkout() -> None:
    """What make builds, installs and caches is ignored by git."""
    made = [".venv/x", ".endcap/x", "dist/x", "build/x", "endcap.egg-info/x", ".mypy_cache/x", ".hypothesis/x"]
    run = subprocess.run(["git", "check-ignore", *made], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.split() == made
