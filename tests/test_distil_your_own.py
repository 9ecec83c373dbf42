"""docs/distil-your-own.md: every command runs, in the order of the page, and ends in a promoted student."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from documents import blocks

BLOCKS = [(block.language, block.file, block.text) for block in blocks("docs/distil-your-own.md") if not block.indented]


def endcap(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ENDCAP_HOME": str(folder / "home")}
    program = [sys.executable, "-P", "-m", "endcap.cli.main", *words]
    return subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_page_from_top_to_bottom(tmp_path: Path) -> None:
    """All that the page says is run: the student is in use, and the teacher has labelled."""
    ran, said = 0, dict[str, str]()
    for language, file, text in BLOCKS:
        if file:
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_text(text, encoding="utf-8")
        elif language == "sh":
            for line in text.splitlines():
                words = shlex.split(line)
                assert words[0] == "endcap", line
                done = endcap(words[1:], tmp_path)
                assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
                said[line] = done.stdout
                ran += 1
    assert ran >= 14
    assert (
        "24 of these queries"
        in said["endcap distill init shop/catalogue.csv shop/made-judgments.csv --to shop --name my-shop"]
    )
    assert "my-shop" in said["endcap models list"]
    assert "@" in said["endcap models list my-shop --history"].split()[4]
    status = said["endcap distill status shop/my-shop.toml"]
    assert status.count("up to date") == 6
    assert "teacher" not in status
    gate = tmp_path / "home" / "distill" / "my-shop" / "gate" / "gate.txt"
    assert "Measured on 24 train (by folds) queries of shop" in gate.read_text(encoding="utf-8")
    assert list((tmp_path / "home" / "distill" / "more" / "labels").glob("shard-*.parquet"))
    again = endcap(["distill", "run", "shop/my-shop.toml"], tmp_path)
    assert again.returncode == 0
    assert again.stderr.count("up to date") == 6
