"""Makes a site of the documents as they lie: mkdocs.yml has this file as its hook, and nothing is written twice."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "NOTICE")
"""Files beside mkdocs.yml that belong to the site."""
CODE_WITH_BAR = re.compile(r"^\|.*\\\|.*$", re.MULTILINE)
FENCE = re.compile(r"^```(\w+) file=(\S+)$", re.MULTILINE)


def on_files(files: Files, config: Any) -> Files:
    """Add the files of the top, with their links turned to where the documents are in the site."""
    top = Path(config.config_file_path).parent
    for name in TOP:
        content = (top / name).read_text(encoding="utf-8")
        if name.endswith(".md"):
            content = re.sub(r'(\]\(|(?:src|srcset|href)=")docs/', r"\1", content)
            content = content.replace("](README.md", "](index.md")
        files.append(File.generated(config, name.replace("README", "index"), content=content))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Say in this Markdown's way what the documents say in that of code hosts.

    A block that shows a file has the file's name as its title, and a bar in a table's code has no backslash.
    """
    titled = FENCE.sub(r'```\1 title="\2"', markdown)
    return CODE_WITH_BAR.sub(lambda row: re.sub(r"`([^`\n]*)`", _bars_as_html, row[0]), titled)


def _bars_as_html(code: re.Match[str]) -> str:
    if r"\|" not in code[1]:
        return code[0]
    return f"<code>{html.escape(code[1]).replace(chr(92) + '|', '&#124;')}</code>"
