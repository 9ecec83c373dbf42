"""What a shop's rules and signals cost or bring, as a row of an evaluation: the middleware's own pages."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from evaluation_parts import GRADES, WINDOW, evaluated, of, products, write_catalogue
from rules_parts import rules_file

from endcap.cli.main import run
from endcap.evaluate.evaluation import END_TO_END, POOL
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.systems import BLEND, ENGINE, RULES
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.model.student import Student
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.states.store import StateStore


@pytest.mark.parametrize(
    "rules",
    [
        [{"hide": {"ids": ["phone1", "kettle1"]}}],
        [{"words": "coffee", "pin": ["mug1"]}],
        [{"query": "none", "pin": ["tv1"]}],
    ],
)
def test_the_row_is_what_searches_are_answered_with(endcap_home: Path, tmp_path: Path, rules: list[object]) -> None:
    """An index's own rules make a row, which is the middleware's pages; they spoil no other searches."""
    file, student = rules_file(tmp_path, rules), Student.load()
    EmbeddedEngine("small").load(products())
    save_settings(IndexSettings("small", rules=str(file)))
    opened, states = open_catalogue("small"), StateStore.open()
    result = evaluated(opened, student, states)
    whole = of(result, END_TO_END)
    rows = {system.name: system for system in whole.systems}
    assert RULES not in {system.name for system in of(result, POOL).systems}
    assert whole.difference(RULES, BLEND, "nDCG@10") is not None
    assert whole.difference(RULES, ENGINE, "nDCG@10") is not None
    assert str(file) in result.about.rules
    engine = opened.shop.engine
    found = Reranker(engine, student, WINDOW, 60_000, states=states, rules=file)
    for query in whole.queries:
        body = {"query": engine.text_query(query), "size": 10}
        shown = [hit["_id"] for hit in found.search(index="small", body=body)["hits"]["hits"]][:WINDOW]
        relevant = {id for id, grade in GRADES[query].items() if grade >= 2}
        assert rows[RULES].values["P@2"][query] == len(relevant & set(shown[:2])) / 2, query
    changed = [q for q in whole.queries if rows[RULES].values["nDCG@10"][q] != rows[BLEND].values["nDCG@10"][q]]
    assert changed == {"hide": ["phone", "kettle"], "words": ["coffee beans"], "query": []}[next(iter(rules[0]))]
    found.close()
    states.close()


def test_the_command(endcap_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``--rules`` measures a file on a catalogue, and ``compare`` follows it, too; without there is no such row."""
    catalogue, judgments = write_catalogue(tmp_path), tmp_path / "judgments.csv"
    lines = [f"{query},{id},{grade}" for query, of_query in GRADES.items() for id, grade in of_query.items()]
    judgments.write_text("\n".join(["query,docid,rating", *lines]), encoding="utf-8")
    file = rules_file(tmp_path, [{"pin": ["tv1"]}])
    source = f"{file} (sha256 {hashlib.sha256(file.read_bytes()).hexdigest()[:12]})"
    command = ["evaluate", str(catalogue), "--judgments", str(judgments), "--setting", "end-to-end", "--dense", "0"]
    for rules in ([], ["--rules", str(file)]):
        assert run([*command, *rules, "--json", str(tmp_path / "report.json")]) == 0
        report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
        rows = [system["name"] for system in report["settings"][0]["systems"]]
        assert ((RULES in rows), report["about"]["rules"]) == (bool(rules), source if rules else "")
    log = tmp_path / "searches.log"
    log.write_text("phone\n", encoding="utf-8")
    assert run(["compare", "--queries", str(log), "--index", str(catalogue), "--rules", str(file)]) == 0
    spoken = capsys.readouterr().out
    assert "by the shop's rules in" in spoken
    assert source in "".join(spoken.split("\n"))
    assert "Television, 55 inch" in spoken
