"""docs/operations.md has each word that a reply, a header or a metric can say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields

from deploy_parts import ROOT
from documents import parse_endcap

from endcap.plugin.search.status import Reason, Status
from endcap.serve.settings import ServeSettings

TEXT = (ROOT / "docs/operations.md").read_text()
TOLD = {word for row in re.findall(r"^\| (`[^|]*) \|", TEXT, re.MULTILINE) for word in re.findall(r"`(\w+)`", row)}
"""The words at the beginning of the tables' rows."""


def constants(tree: ast.AST) -> Iterator[str]:
    """The texts in a piece of a program."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def words_of_the_proxy() -> set[str]:
    """The reasons that the sources of the proxy have: what is left unread, skipped, or answered as an error."""
    words: set[str] = set()
    for file in sorted((ROOT / "serve").rglob("*.py")):
        tree = ast.parse(file.read_text())
        for text in constants(tree):
            words.update(re.findall(r"reason=(\w+)$", text))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id in ("Unread", "skipped"):
                    words.update(constants(node))
                if node.func.id == "answer_error":
                    words.update(text for text in constants(node) if text.endswith("_exception"))
            if isinstance(node, ast.FunctionDef) and node.name == "reason_to_leave":
                words.update(
                    text for each in ast.walk(node) if isinstance(each, ast.Return) for text in constants(each)
                )
    return words - {"", "shadow"}


def test_every_reason_is_told() -> None:
    """Those of the middleware and the proxy's own, each in a row with what to do; none that there is not."""
    own = words_of_the_proxy()
    assert {"busy", "share", "switched_off", "body", "cluster_unreachable_exception", "engine"} <= own
    reasons = {str(reason) for reason in Reason} | own
    assert reasons - TOLD == set()
    rows = TOLD - {word for word in TOLD if word.startswith(("endcap_", "Endcap"))}
    assert rows - reasons == set()


def test_every_status_is_told() -> None:
    """The four of the middleware, and the proxy's two."""
    heads = " ".join(re.findall(r"^### (.*)$", TEXT, re.MULTILINE))
    assert {str(status) for status in Status} | {"shadow", "error"} <= set(re.findall(r"`(\w+)`", heads))


def test_the_command_and_its_flags_are_there() -> None:
    """The one block is a command of ours under an instrumenting one; each flag in the text is one of the command's."""
    (block,) = re.findall(r"^```bash\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    words = block.split()
    parse_endcap(words[words.index("endcap") + 1 :])
    flags = {f"--{item.name.replace('_', '-')}" for item in fields(ServeSettings)}
    used = set(re.findall(r"`(--[\w-]+)", TEXT))
    assert used
    assert used <= flags
