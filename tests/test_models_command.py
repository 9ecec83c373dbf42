"""`endcap models`: list, show, compare, promote and roll back, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from evaluation_parts import write_catalogue, write_judgments
from model_parts import pretended, variant, worst

from endcap.cli import main
from endcap.plugin.model.folder import default_folder, identity, read_model
from endcap.plugin.model.registry import current_folder

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line, in this process: status, output, errors."""
    monkeypatch.setattr(main, "configure_logging", lambda: None)

    def ran(*args: object) -> tuple[int, str, str]:
        try:
            status = main.run([str(arg) for arg in args])
        except SystemExit as end:
            status = int(end.code or 0)
        return status, *capsys.readouterr()

    return ran


def test_promoting_listing_and_going_back(run: Run, tmp_path: Path) -> None:
    """The whole life of two versions, as an operator sees it."""
    one, two = pretended(tmp_path / "one", "one"), pretended(tmp_path / "two", "two")
    assert "Nothing was promoted yet" in run("models", "list")[1]
    assert run("models", "promote", one, "--name", "shop", "--reason", "first")[0] == 0
    status, said, _ = run("models", "promote", two, "--name", "shop", "--reason", "second")
    assert (status, said) == (0, f"shop: {current_folder('shop').name} is in use ({current_folder('shop')}).\n")
    assert "is in use already" in run("models", "promote", "shop", "--name", "shop", "--reason", "again")[1]
    lines = run("models", "list")[1].splitlines()
    assert [line.split()[:3] for line in lines] == [
        ["shop", f"0001-{identity(read_model(one).raw)[:8]}", "before"],
        ["shop", f"0002-{identity(read_model(two).raw)[:8]}", "in"],
    ]
    assert run("models", "rollback", "shop", "--reason", "bad")[1].startswith("shop: 0001-")
    told = json.loads(run("models", "list", "shop", "--history", "--json")[1])
    assert [(line["what"], line["why"]) for line in told] == [
        ("promote", "first"),
        ("promote", "second"),
        ("rollback", "bad"),
    ]
    assert [row["use"] for row in json.loads(run("models", "list", "--json")[1])] == ["current", ""]
    assert "pretended-one" in run("models", "show", "shop")[1]
    assert "pretended-two" in run("models", "show", "shop@2")[1]
    assert run("models", "show", "shop@2", "--card")[1] == "# two\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("models", "rollback", "shop"), "no model named 'shop'"),
        (("models", "show", "shop"), "'shop' is neither a model folder here nor a name in the registry"),
        (("models", "promote", "shipped", "--name", "a/b", "--reason", "why"), "can't be a model's name"),
        (("models", "promote", "shipped", "--name", "shop"), "Missing option '--reason'"),
        (("models", "compare", "shipped", "shipped", "--catalogue", "x"), "give both, or neither"),
    ],
)
def test_mistakes_are_one_line(run: Run, args: tuple[str, ...], said: str) -> None:
    """Each says what was wrong, and exits with 2."""
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_every_command_takes_a_promoted_model(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--model NAME, or ENDCAP_MODEL, is the promoted model wherever a model is used."""
    model = variant(tmp_path / "tiny", "tiny-one", pooling="cls")
    run("models", "promote", model, "--name", "shop", "--reason", "try")
    catalogue = write_catalogue(tmp_path)
    (tmp_path / "queries.txt").write_text("phone\nkettle\n")
    assert "with tiny-one" in run("index", catalogue, "--name", "corner", "--model", "shop")[1]
    assert "model tiny-one" in run("search", "phone", "--index", "corner", "--model", "shop@1", "--explain")[1]
    monkeypatch.setenv("ENDCAP_MODEL", "shop")
    assert "model tiny-one" in run("search", "phone", "--index", "corner", "--explain")[1]
    assert "tiny-one" in run("models", "show")[1]
    judgments = write_judgments(tmp_path)
    assert "Student tiny-one" in run("evaluate", "corner", "--judgments", judgments, "--setting", "pool")[1]
    run("compare", "--queries", tmp_path / "queries.txt", "--index", "corner", "--json", tmp_path / "changes.json")
    assert json.loads((tmp_path / "changes.json").read_text())["about"]["student"]["name"] == "tiny-one"
    shipped = run("search", "phone", "--index", "corner", "--explain", "--model", "shipped")[1]
    assert f"model {read_model().name}" in shipped
    status, _, err = run("search", "phone", "--index", "corner", "--model", "shpo")
    assert (status, "Known: shop" in err) == (2, True)


def test_comparing(run: Run, tmp_path: Path) -> None:
    """What differs is shown side by side; with judgments, how both rank, and the exit status says if it is worse."""
    tiny = worst(tmp_path / "worst")
    status, said, _ = run("models", "compare", tiny, "shipped")
    assert status == 0
    assert f"name       upside-down  |  {read_model().name}" in said
    catalogue, judgments = write_catalogue(tmp_path), write_judgments(tmp_path)
    measured = ("--catalogue", catalogue, "--judgments", judgments)
    status, said, _ = run("models", "compare", tiny, "shipped", *measured)
    assert "End to end: " in said
    assert "engine embedded, tuned multi-field BM25" in said
    assert status == 1
    assert "students alone, judged pool: refused" in said
    assert "Worst queries:" in said
    status, said, _ = run("models", "compare", default_folder(), "shipped", *measured, "--json")
    told = json.loads(said)
    assert status == 0
    assert told["same_states"]
    assert [check["mean"] for check in told["checks"]] == [0.0, 0.0]
