"""What docs/catalogues.md shows is true."""

from pathlib import Path

import pytest
from documents import blocks

from endcap.index.judgments.reader import FORMATS as JUDGMENT_FORMATS
from endcap.index.readers.known_formats import FORMAT_NAMES

PAGE = (Path(__file__).parent.parent / "docs" / "catalogues.md").read_text(encoding="utf-8")
BLOCKS = [(block.language, block.file, block.text) for block in blocks("docs/catalogues.md") if not block.indented]


def test_examples_run_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python block runs, in a folder with the files that the page shows."""
    monkeypatch.chdir(tmp_path)
    for _, file, text in BLOCKS:
        if file:
            (tmp_path / file).write_text(text, encoding="utf-8")
    programs = [text for language, _, text in BLOCKS if language == "python"]
    assert len(programs) == 5
    for program in programs:
        exec(compile(program, "catalogues.md", "exec"), {})


def test_every_format_is_described() -> None:
    """Each format that can be asked for has its row."""
    judging = (Path(__file__).parent.parent / "docs" / "judging.md").read_text(encoding="utf-8")
    for name in (*FORMAT_NAMES, *JUDGMENT_FORMATS):
        assert f"| `{name}` |" in PAGE + judging
