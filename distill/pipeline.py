"""Runs stages in order and skips what is up to date, by content."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path

from endcap.distill.recipe import Recipe
from endcap.distill.stages import BY_NAME, STAGES, Stage
from endcap.distill.work import Work, digest
from endcap.errors import InputError
from endcap.evaluate.catalogue import fingerprint as content_of
from endcap.evaluate.systems import Watch, unwatched

Say = Callable[[str], None]


def silent(text: str) -> None:
    """Say nothing."""


def run_stages(
    recipe: Recipe, work: Work, names: Sequence[str] | None = None, *, watch: Watch = unwatched, say: Say = silent
) -> list[str]:
    """Run the named stages (all, where none are named) in their order; return those that had something to do.

    Raises ``InputError`` where a stage needs one that is not finished, or where another process works in the folder.
    """
    wanted = [stage for stage in STAGES if names is None or stage.name in names]
    done = []
    with work.locked():
        files = dict[Path, str]()
        for stage in wanted:
            _needs_are_done(stage, work)
            mark = fingerprint(stage, recipe, work, files, watch)
            if work.is_done(stage.name, mark):
                say(f"{stage.name}: up to date")
                continue
            say(f"{stage.name}: {stage.does.lower()}")
            work.begin(stage.name, mark)
            importlib.import_module(f"endcap.distill.stages.{stage.name}").run(recipe, work, watch)
            work.finish(stage.name, mark)
            done.append(stage.name)
    return done


def fingerprint(
    stage: Stage, recipe: Recipe, work: Work, files: dict[Path, str] | None = None, watch: Watch = unwatched
) -> str:
    """What decides what a stage writes: its version, its part of the recipe, its inputs' content."""
    known = files if files is not None else {}
    for path in stage.files(recipe):
        if path not in known:
            if not path.exists():
                raise InputError(f"{path} is not there; the recipe's paths start from {recipe.data} (--data sets it).")
            known[path] = content_of(path, "", watch)
    inputs = {str(path): known[path] for path in stage.files(recipe)}
    return digest([stage.version, stage.settings(recipe), inputs, {name: work.result(name) for name in stage.needs}])


def _needs_are_done(stage: Stage, work: Work) -> None:
    for name in stage.needs:
        if not work.result(name):
            raise InputError(
                f"The stage {stage.name} needs {name}, which is not finished in {work.folder}. "
                f"Run `endcap distill {name}` first, or `endcap distill run` for all."
            )


def known_stages() -> list[str]:
    """The names of all stages, in their order."""
    return list(BY_NAME)
