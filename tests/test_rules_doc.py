"""What docs/rules.md shows is true: its files are read, its commands run, and its ten examples are as they stand."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

import doc_shop
import pytest
from documents import blocks

from endcap.cli.main import run
from endcap.plugin.blend.signals import WEIGHTS
from endcap.plugin.rules.action_reader import ACTIONS
from endcap.plugin.rules.file import rules_of
from endcap.plugin.rules.query_match import KINDS
from endcap.plugin.rules.rule import STRENGTHS, WHOLLY

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "rules.md").read_text(encoding="utf-8")
BLOCKS = [block for block in blocks("docs/rules.md") if not block.indented]


def test_the_ten_examples_come_out_as_they_stand() -> None:
    """Each table is what the generated shop shows, and each rule changes something."""
    spec = importlib.util.spec_from_file_location("rules_examples", DOCS / "rules_examples.py")
    assert spec is not None
    assert spec.loader is not None
    examples = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(examples)
    found = list(examples.EXAMPLE.finditer(PAGE))
    assert len(found) == 10
    for each in found:
        rows = [line.split(" | ") for line in each["table"].splitlines()[2:]]
        assert [row[1] for row in rows] != [row[2].removesuffix(" |") for row in rows], each["query"]
    assert examples.filled(PAGE) == PAGE


def test_files_are_read_and_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every file that is shown holds; the commands do what the page says of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / ".endcap"))
    doc_shop.fill(tmp_path, "shop")
    files = [block.text for block in BLOCKS if block.language == "toml"]
    assert len(files) == 12
    for text in files:
        rules_of(tomllib.loads(text))
    (tmp_path / "rules.toml").write_text(files[0] + '[[rules]]\nname = "lamps"\npin = ["p4"]\n', encoding="utf-8")
    (commands,) = [block.text for block in BLOCKS if block.language == "sh"]
    spoken = []
    for line in commands.splitlines():
        capsys.readouterr()
        assert run([word.strip('"') for word in split_words(line)[1:]]) == 0
        spoken.append(capsys.readouterr().out)
    assert "School season: searches with the words 'school bag', from 2026-08-01 00:00, until 2026-09-16" in spoken[0]
    assert "Rules that hold: lamps." in spoken[1]
    assert " 1: pin (lamps)" in spoken[1]
    assert run(["search", "usb c charger", "--index", "shop", "--explain"]) == 0
    assert "pin by rule 'lamps'" in capsys.readouterr().out
    assert run(["index", "products.jsonl", "--name", "shop"]) == 0
    assert run(["rules", "use", "--none", "--index", "shop"]) == 0
    assert run(["search", "usb c charger", "--index", "shop", "--explain"]) == 0
    assert "pin by rule" not in capsys.readouterr().out
    (tmp_path / "rules.toml").write_text("[[rules]]\npim = []\n", encoding="utf-8")
    assert run(["rules", "use", "rules.toml", "--index", "shop"]) == 2
    assert "rules.toml, rule 1: the key 'pim' is not known. Did you mean pin?" in capsys.readouterr().err


def split_words(line: str) -> list[str]:
    import shlex

    return shlex.split(line)


def test_every_name_is_described() -> None:
    """Each key, and each word for a strength, stands in the page."""
    for name in (*ACTIONS, *KINDS):
        assert f"`{name}" in PAGE, name
    for word, value in STRENGTHS.items():
        assert f'| "{word}" |' in PAGE
        assert f"| {value:g}" in PAGE
        assert WEIGHTS[word] == value
    assert f'| "{WHOLLY}" |' in PAGE
