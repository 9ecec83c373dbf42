"""Check that a tag may be released, and print its notes: the changelog's section of that version.

Run as ``python .github/release_notes.py v0.1.0``. Ends with 1, and says why, where the tag is not the version of the
package, or where the changelog lacks that version, has it without a date, or says nothing of it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def notes(tag: str, root: Path = ROOT) -> str:
    """The notes. Raises ``ValueError`` that says what is missing."""
    package = (root / "endcap/__init__.py").read_text(encoding="utf-8")
    (version,) = re.findall(r'^__version__ = "(.+)"$', package, re.MULTILINE)
    if tag != f"v{version}":
        raise ValueError(f"the tag is {tag}, but endcap.__version__ is {version}: the tag must be v{version}")
    chart = (root / "deploy/helm/endcap/Chart.yaml").read_text(encoding="utf-8")
    if f'appVersion: "{version}"' not in chart:
        raise ValueError(f"the chart's appVersion is not {version}: change deploy/helm/endcap/Chart.yaml")
    changes = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL))
    heading = next((each for each in sections if each.split()[0].strip("[]") == version), None)
    if heading is None:
        raise ValueError(f'CHANGELOG.md has no "## {version} - YYYY-MM-DD": move what is unreleased there')
    if not re.search(r" - \d{4}-\d{2}-\d{2}$", heading):
        raise ValueError(f'CHANGELOG.md says "## {heading}" without a date: "## {version} - YYYY-MM-DD"')
    if not re.search(r"^- ", sections[heading], re.MULTILINE):
        raise ValueError(f"CHANGELOG.md says nothing of {version}")
    return sections[heading].strip()


if __name__ == "__main__":
    try:
        print(notes(sys.argv[1] if len(sys.argv) > 1 else ""))
    except ValueError as error:
        sys.exit(f"Error: {error}.")
