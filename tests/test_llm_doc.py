"""docs/llm-teacher.md: its commands run in their order, against a server that speaks the API, and end in a student."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from documents import blocks
from llm_server import Server, llm_server

from endcap.cli.main import run
from endcap.distill.llm.cache import AnswerCache
from endcap.distill.work.files import read_json, read_rows

BLOCKS = [(block.language, block.file, block.text) for block in blocks("docs/llm-teacher.md") if not block.indented]
ADDRESS, BASE = "http://localhost:8000/v1", "sentence-transformers/all-MiniLM-L6-v2"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random BERT with the shipped tokenizer, in the place of the page's base."""
    from transformers import AutoTokenizer, BertConfig, BertModel

    from endcap.plugin.model.folder import default_folder

    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(tokenizer), **size)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def test_the_page_from_top_to_bottom(
    tmp_path: Path, tiny: Path, endcap_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Estimate, check, labels, student; then all of it again without a request."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LLM_KEY", "the-key")
    printed = list[str]()
    with llm_server(key="the-key") as server:
        for language, file, text in BLOCKS:
            if file:
                (tmp_path / file).write_text(text.replace(ADDRESS, server.url).replace(BASE, str(tiny)))
            elif language == "python":
                exec(compile(text, "llm-teacher.md", "exec"), {})
            elif language == "sh":
                printed += [command(line, server, capsys) for line in text.splitlines()]
        asked = len(server.requests)
        command("endcap distill run shop/my-llm.toml --until labels", server, capsys)
        assert len(server.requests) == asked
    estimate, checked = printed[1], printed[2]
    assert "labels: generated pairs: 200 to ask" in estimate
    assert "all stages:" in estimate
    assert "weighted kappa" in checked
    assert "people \\ model" in checked
    work = endcap_home / "distill" / "my-llm"
    report = read_json(work / "teacher" / "members" / "0-endpoint" / "agreement.json")
    assert report["kappa"] > 0.2
    assert {row["source"] for row in read_rows(work / "queries" / "queries.parquet")} == {"catalogue", "llm"}
    assert list((work / "student" / "weights").iterdir())
    assert 0 < AnswerCache().spent("my-llm").cost < 5


def command(line: str, server: Server, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a line of the page; what it printed."""
    words, before = shlex.split(line), len(server.requests)
    assert words[0] == "endcap", line
    assert run(words[1:]) == 0, capsys.readouterr().err
    if line.endswith("--pairs 0"):
        assert len(server.requests) == before
    return capsys.readouterr().out
