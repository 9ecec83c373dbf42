"""Every command that reads judgments beside a catalogue looks up their ids, and refuses and allows them alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click_parts import event, search, write_lines
from rules_parts import rules_file

from endcap.cli.main import endcap, run
from endcap.cli.shared_options import unknown_ids_option
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.split.run import run as split
from endcap.distill.work.folder import Work
from endcap.errors import InputError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings, save_settings
from endcap.progress import unwatched

LISTED = {
    "evaluate": "evaluate {shop} --judgments {judgments} --setting pool --dense 0",
    "models compare": "models compare shipped shipped --catalogue {shop} --judgments {judgments}",
    "models check": "models check shipped {shop} --against shipped --judgments {judgments}",
    "rules learn": "rules learn {rules} --index small --judgments {judgments}",
    "storefront": "storefront --catalogue {shop} --judgments {judgments} --port 0",
    "distill init": "distill init {shop} {judgments} --to {folder}",
    "judgments from-clicks": "judgments from-clicks {clicks} --catalogue {shop} --write {folder}/out.csv",
}
"""A line for each; that of the distilling stage is its recipe's setting."""


def leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from leaves(found, f"{name} {inner}".strip())
    else:
        yield name, command


def test_all_that_read_judgments_have_the_one_option() -> None:
    """Who takes judgments, or makes them of clicks, is listed above and has the option as all have it."""

    @unknown_ids_option
    def one() -> None:
        pass

    [option] = one.__click_params__  # type: ignore[attr-defined]
    having = {}
    for name, command in leaves(endcap):
        params = {param.name: param for param in command.params}
        if {"judgments", "events"} & params.keys():
            having[name] = params["unknown_ids"]
    assert having.keys() == LISTED.keys()
    for param in having.values():
        assert (param.opts, param.help, param.default) == (option.opts, option.help, option.default)


@pytest.fixture
def files(tmp_path: Path, endcap_home: Path) -> dict[str, Path]:
    """A shop of 40 products; judgments and lists of searches in which three of ten ids are as pandas writes them."""
    products = [Product(f"{n}", f"lamp number {n}", extra={"sold": n}) for n in range(100, 140)]
    EmbeddedEngine("small").load(products)
    save_settings(IndexSettings("small"))
    shop, judgments = tmp_path / "shop.jsonl", tmp_path / "ratings.csv"
    shop.write_text("".join(json.dumps(product.to_mapping()) + "\n" for product in products))
    ids = [f"{product.id}.0" if n % 10 < 3 else product.id for n, product in enumerate(products)]
    rows = [f"lamp {n % 25},{id},{n % 4}" for n, id in enumerate(ids)]
    judgments.write_text("\n".join(["query,docid,rating", *rows]))
    records = [
        record for n in range(30) for record in (search(f"{n}", "lamp", ids), event(f"{n}", "click", ids[n], n + 1))
    ]
    clicks = write_lines(tmp_path / "ubi.ndjson", records)
    rules = rules_file(tmp_path, [], signals={"sold": {"field": "sold"}})
    return {"shop": shop, "judgments": judgments, "clicks": clicks, "rules": rules, "folder": tmp_path}


@pytest.mark.parametrize("name", LISTED)
def test_they_refuse_alike(name: str, files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Three of ten are too many where they are spelled otherwise; so are they where somebody allows a quarter."""
    if name in ("rules learn", "distill init"):
        pytest.importorskip("torch")
    line = LISTED[name].format(**files).split()
    for more, most in (([], 10), (["--unknown-ids", "0.25"], 25)):
        assert run([*line, *more]) == 2
        told = capsys.readouterr().err
        assert "(30.0 %) name products that the catalogue lacks, such as '100.0', '101.0'" in told
        assert "Likely '.0' at the end, as pandas writes whole numbers" in told
        assert f"At most {most} % may be unknown (--unknown-ids)" in told


def test_a_recipe_has_it_as_a_setting(files: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """What was allowed to ``distill init`` stands in the recipe; the stage that reads judgments refuses as all do."""
    pytest.importorskip("torch")
    folder, rows = files["folder"], [f"lamp {n},{id},{g}" for n in range(24) for id, g in (("101", 3), ("102", 0))]
    rows += [f"lamp {n},{n + 103}.0,0" for n in range(12)]
    files["judgments"].write_text("\n".join(["query,docid,rating", *rows]))
    line = ["distill", "init", str(files["shop"]), str(files["judgments"]), "--to", str(folder), "--name", "own"]
    assert run(line) == 2
    assert run([*line, "--unknown-ids", "0.3"]) == 0
    recipe = read_recipe(folder / "own.toml")
    assert recipe.split.unknown_ids == 0.3
    split(recipe, Work(folder / "work"), unwatched)
    (folder / "own.toml").write_text((folder / "own.toml").read_text().replace("unknown_ids = 0.3\n", ""))
    with pytest.raises(InputError, match="At most 10 %"):
        split(read_recipe(folder / "own.toml"), Work(folder / "work"), unwatched)
