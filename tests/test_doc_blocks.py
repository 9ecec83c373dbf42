"""Every code block of the documents is run, or checked in the way that a list below says; none passes unseen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import timeit
import tomllib
from pathlib import Path
from typing import Any

import doc_shop
import pytest
from composed import need_docker
from documents import DOCUMENTS, ROOT, Block, blocks, command_lines, parse_endcap, split, wrong_words
from opensearchpy import OpenSearch

from endcap.cli.main import run

OWN_TEST = {
    "docs/catalogues.md": "test_catalogues_doc.py",
    "docs/clients.md": "test_clients_doc.py",
    "docs/distil-your-own.md": "test_distil_your_own.py",
    "docs/first-hour.md": "test_first_hour_doc.py",
    "docs/kubernetes.md": "test_deploy_chart.py",
    "docs/llm-teacher.md": "test_llm_doc.py",
    "docs/operations.md": "test_operations_doc.py",
    "docs/rules.md": "test_rules_doc.py",
}
"""Documents whose fenced blocks are run from top to bottom by a test of their own, in a folder with the files shown."""

OWN_BLOCK = {
    ("README.md", "python"): "test_readme.py",
    ("docs/distillation.md", "python"): "test_teacher.py",  # a teacher that was trained
}
"""Blocks that a test of their own runs; here the names that they import are looked up."""

PARSED = {
    r"\bDATA\b|\bchorus\b|\besci\b|^endcap evaluate …": "on the public data sets, some for hours",
    r"^endcap distill |^endcap models build ": "trains: test_distil_your_own.py runs such, small",
    r"^endcap datasets fetch ": "fetches from elsewhere: test_datasets.py runs it against a server of its own",
    r"^endcap demo(?! --write demo-shop$)|demo-shop/": "half a minute each: test_demo_command.py runs them",
    r"\bshop-de/|^endcap index katalog.jsonl|--model (zero|my-student)$": "test_demo_translation.py does such",
    r"^endcap (serve|api)\b": "run until they are stopped: test_serve_conduct.py, test_api_conduct.py do that",
    r"^endcap opensearch |^endcap storefront": "test_native.py (ML Commons) and the storefront's tests run them",
    r"^endcap bench ": "measures for a minute: test_bench.py runs it",
}
"""Commands that are not run but read by click (commands, options and their values exist), and why."""

SHOWN = {
    "README.md": 0,
    **dict.fromkeys(("docs/architecture.md", "docs/distillation.md", "docs/order.md"), 3),  # the map, floors; formulas
    **dict.fromkeys(("docs/work-folder.md", "docs/states.md", "docs/clicks.md"), 1),  # a status, a document, a formula
    **dict.fromkeys(("docs/interleaving.md", "docs/llm-teacher.md", "docs/models.md"), 1),  # formulas, a drawing
    "docs/experiments/2026-12-01-written-queries.md": 1,  # how a server is begun
    **{"docs/first-hour.md": 3, "docs/reliability.md": 2},  # what commands print; how other projects' suites are run
}
"""How many blocks of a document are drawings and formulas, which nothing can run."""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_block_of_a_document_works(
    document: str, opensearch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands and programs run, in their order, in one folder with a shop's files; data can be read."""
    found = blocks(document)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / ".endcap"))
    if any(runs(block) for block in found):
        doc_shop.fill(tmp_path, index_of(document))
    with OpenSearch(opensearch) as client:
        own = Shop(opensearch, client, tmp_path)
        for block in found:
            capsys.readouterr()
            check(block, own, capsys)
        own.clean()


def test_drawings_are_counted() -> None:
    """A block that nothing can check is one that the list names."""
    counts = {document: sum(block.language == "text" for block in blocks(document)) for document in DOCUMENTS}
    assert {name: count for name, count in counts.items() if count} == {n: c for n, c in SHOWN.items() if c}


def test_the_lists_are_not_stale() -> None:
    """Each exception is one for something, and names a test that there is."""
    lines = [line for document in DOCUMENTS for block in blocks(document) for line in sh_lines(block)]
    assert [pattern for pattern in PARSED if not any(re.search(pattern, line) for line in lines)] == []
    languages = {(block.document, block.language) for document in DOCUMENTS for block in blocks(document)}
    assert OWN_BLOCK.keys() <= languages
    assert {each.document for document in OWN_TEST for each in blocks(document)} == set(OWN_TEST)
    named = {*OWN_TEST.values(), *OWN_BLOCK.values(), *re.findall(r"test_\w+\.py", " ".join(PARSED.values()))}
    assert [name for name in sorted(named) if not (ROOT / "tests" / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_in_the_text_is_one(document: str) -> None:
    """A command of endcap's that stands in a sentence exists, and its options do."""
    page = re.sub(r"^```.*?^```$", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    wrong = {code: wrong_words(code) for code in re.findall(r"`(endcap [^`]*)`", page)}
    assert {code: words for code, words in wrong.items() if words} == {}


class Shop:
    """What a document's blocks find: a folder, a cluster, and the names that the programs take for granted."""

    def __init__(self, url: str, client: OpenSearch, folder: Path) -> None:
        self.url, self.client, self.folder = url, client, folder
        self.made = set(client.indices.get_alias(index="*"))

    def names(self) -> dict[str, Any]:
        from endcap.index.field_map import FieldMap
        from endcap.index.open_engine import open_engine
        from endcap.index.settings import settings_of
        from endcap.plugin import Reranker, Student

        return {
            "client": self.client,
            "engine_or_client": open_engine(settings_of(None)),
            "student": Student.load(),
            "products": [FieldMap().product(each) for each in doc_shop.products()],
            "Reranker": Reranker,
            "Student": Student,
        }

    def clean(self) -> None:
        """Remove the indexes that were made here, by these documents' names: others may use the cluster, too."""
        for index in set(self.client.indices.get_alias(index="*")) - self.made:
            if index.startswith(("products", "shop", "my-shop")):
                self.client.indices.delete(index=index)


def index_of(document: str) -> str:
    """What the document calls the index that its blocks search: the only one that there is, since some do not say."""
    return "products" if re.search('index(="| )products', (ROOT / document).read_text(encoding="utf-8")) else "shop"


def runs(block: Block) -> bool:
    """Whether a shop is needed for the block."""
    return block.language in ("sh", "python") and not has_own_test(block)


def has_own_test(block: Block) -> bool:
    return block.document in OWN_TEST and not block.indented


def check(block: Block, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """Do with a block what its language asks for; one that nobody has thought of fails."""
    if has_own_test(block):
        return
    match block.language:
        case "sh":
            for line in command_lines(block.text):
                check_command(line, block, shop, capsys)
        case "python" if (block.document, block.language) in OWN_BLOCK:
            imports = "\n".join(line for line in block.text.splitlines() if re.match("(from|import) ", line))
            compile(block.text, str(block), "exec")
            exec(compile(imports, str(block), "exec"), {})
        case "python":
            prepare(block, shop)
            exec(compile(block.text, str(block), "exec"), shop.names())
        case "json":
            read_json(block.text)
        case "toml":
            tomllib.loads(block.text)
        case "diff":
            pass  # test_contributing.py applies them all
        case "text":
            pass  # counted in SHOWN
        case _:
            pytest.fail(f"{block}: no check for this language; add one to tests/test_doc_blocks.py")


def read_json(text: str) -> list[Any]:
    """One value, or one a line; what is left out (...) and a member without its object are allowed."""
    text = text.replace(", ...", "").strip()
    if text.startswith('"'):
        text = f"{{{text}}}"
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def sh_lines(block: Block) -> list[str]:
    return command_lines(block.text) if block.language == "sh" else []


def check_command(line: str, block: Block, shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command, or look at it as the list at the top says."""
    words = [re.sub("^~", str(shop.folder), word) for word in split(line)]
    match words[0]:
        case "endcap" if any(re.search(pattern, line.split(" #")[0].rstrip()) for pattern in PARSED):
            parse_endcap([word for word in words[1:] if word != "…"], whole="…" not in words)
        case "endcap":
            prepare(block, shop)
            status = run([word.replace("http://localhost:9200", shop.url) for word in words[1:]])
            said = capsys.readouterr()
            assert status == 0, f"{block}: {line}\n{said.out}\n{said.err}"
        case "make":
            targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
            assert {word for word in words[1:] if "=" not in word} <= targets, line
        case "pip":
            extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
            assert words[1] == "install", line
            assert set(re.findall(r"\.\[(\w+)\]", line)) <= extras.keys(), line
        case "python" if words[1:3] == ["-m", "timeit"]:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sys, "path", [*sys.path])  # timeit puts the current folder on it, for good
                assert timeit.main(words[3:]) is None
        case "python":
            source = source_of(words[1], block.document)
            assert [word for word in words if word.startswith("--") and f'"{word}"' not in source] == [], line
        case "docker":
            check_docker(words)
        case "curl":
            from endcap.serve.api.app import ROUTES

            assert words[1].removeprefix("localhost:9300") in ROUTES
        case "export":
            assert words[1].partition("=")[0] in (ROOT / "docker" / "secured.yml").read_text(), line
        case ".ci/run":
            assert os.access(ROOT / words[0], os.X_OK)
        case _:
            pytest.fail(f"{block}: no check for {words[0]!r}; add one to tests/test_doc_blocks.py")


def source_of(script: str, document: str) -> str:
    """A script as it is, or, where the document says which commit has it, as it was there."""
    if (ROOT / script).exists():
        return (ROOT / script).read_text(encoding="utf-8")
    page = (ROOT / document).read_text(encoding="utf-8")
    commit = re.search(rf"`{script}`[^.]*the script is in commit ([0-9a-f]+)\.", page)
    assert commit, f"{document} runs {script}, which is not there, and names no commit that has it"
    command = ["git", "show", f"{commit[1]}:{script}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def prepare(block: Block, shop: Shop) -> None:
    """What a document's commands take for granted beyond the shop's files."""
    home = shop.folder / ".endcap"
    if block.document == "docs/models.md" and not (home / "models" / "shop").exists():
        from endcap.plugin.model.folder import default_folder

        assert run(["models", "promote", str(default_folder()), "--name", "shop", "--reason", "the first"]) == 0
    if block.document == "docs/evaluation.md" and block.language == "python":
        for name in ("shop", "other"):
            given = [
                "products.jsonl",
                "--judgments",
                "ratings.csv",
                "--setting",
                "end-to-end",
                "--json",
                f"{name}.json",
            ]
            assert run(["evaluate", *given]) == 0
    if block.document == "docs/states.md" and "endcap warm" in block.text:
        # an index that endcap did not load, and knows nothing of
        (home / "settings.json").unlink(missing_ok=True)
        body = {"mappings": {"properties": {name: {"type": "text"} for name in ("name", "maker", "cat1", "cat2")}}}
        shop.client.indices.create(index="shop", body=body)
        for product in doc_shop.products():
            named = {"name": product["title"], "maker": product["brand"], "cat1": product["category"]}
            shop.client.index(index="shop", id=product["id"], body=named, refresh=True)


def check_docker(words: list[str]) -> None:
    """The files, profiles and services that a command names are there, and Docker knows its options.

    test_compose.py runs the composed stack.
    """
    need_docker()
    assert words[1] == "compose"
    at = 2
    options: dict[str, list[str]] = {"-f": [], "--profile": []}
    while words[at] in options:
        options[words[at]].append(words[at + 1])
        at += 2
    assert all((ROOT / file).exists() for file in options["-f"])
    known = json.loads(compose("config", "--format", "json", profiles=options["--profile"]))["services"]
    profiles = {name for service in known.values() for name in service.get("profiles", [])}
    assert set(options["--profile"]) <= profiles
    command, rest = words[at], words[at + 1 :]
    given = [word for word in rest[: next((n for n, w in enumerate(rest) if w in known), len(rest))] if word[0] == "-"]
    said = compose(command, "--help")
    assert [word for word in given if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said)] == []
    if command in ("exec", "run"):
        service = next(word for word in rest if word in known)
        inside = rest[rest.index(service) + 1 :]
        if service == "storefront":
            parse_endcap(inside)


def compose(*words: str, profiles: list[str] | None = None) -> str:
    chosen = [word for name in profiles or [] for word in ("--profile", name)]
    command = ["docker", "compose", *chosen, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
