"""docs/distil-your-own.md: every command runs, in the order of the page, and ends in a promoted student."""

from __future__ import annotations

import csv
import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

from documents import blocks

from endcap.distill.stages.split.draw import drawn_grades

BLOCKS = [(block.language, block.file, block.text) for block in blocks("docs/distil-your-own.md") if not block.indented]


def endcap(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ENDCAP_HOME": str(folder / "home")}
    program = [sys.executable, "-P", "-m", "endcap.cli.main", *words]
    return subprocess.run(program, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def make_smaller(shop: Path, per_query: int = 10, others: int = 150) -> None:
    """The shop of the page with fewer judged products a query and fewer products: the way is the same, and shorter."""
    with (shop / "made-judgments.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    grades: dict[str, dict[str, int]] = {}
    for row in rows:
        grades.setdefault(row["query"], {})[row["docid"]] = int(row["rating"])
    kept = {query: drawn_grades(query, of_query, per_query, 0) for query, of_query in grades.items()}
    judged = {product for of_query in kept.values() for product in of_query}
    with (shop / "catalogue.csv").open(newline="", encoding="utf-8") as file:
        products = list(csv.DictReader(file))
    rest = [product for product in products if product["id"] not in judged]
    thinned = {product["id"] for product in rest[:: -(-len(rest) // others)]} | judged
    for path, table in (
        (shop / "made-judgments.csv", [row for row in rows if row["docid"] in kept[row["query"]]]),
        (shop / "catalogue.csv", [product for product in products if product["id"] in thinned]),
    ):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(table[0]))
            writer.writeheader()
            writer.writerows(table)


def test_the_page_from_top_to_bottom(tmp_path: Path) -> None:
    """All that the page says is run: the student is in use, and the teacher has labelled. On a smaller shop."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
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
                if words[1] == "demo":
                    make_smaller(tmp_path / "shop")
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
    gate = tmp_path / "home" / "distill" / "my-shop" / "gate"
    assert "Measured on 24 train (by folds) queries of shop" in (gate / "gate.txt").read_text(encoding="utf-8")
    assert "hybrid (BM25 and this student)" in (gate / "figures.md").read_text(encoding="utf-8")
    assert list((tmp_path / "home" / "distill" / "more" / "labels").glob("shard-*.parquet"))
    again = endcap(["distill", "run", "shop/my-shop.toml"], tmp_path)
    assert again.returncode == 0
    assert again.stderr.count("up to date") == 6
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.0f} s of CPU time")
