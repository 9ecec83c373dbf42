"""What a stage of a work folder is: up to date, stale and because of what, interrupted, or not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.stage import Stage, stages
from endcap.distill.work.folder import Work, checksums, differences, digest
from endcap.errors import InputError
from endcap.evaluate.catalogue import fingerprint as content_of
from endcap.progress import Watch, unwatched

UP_TO_DATE, STALE, INTERRUPTED, NOT_RUN = "up to date", "stale", "interrupted", "not run"


@dataclass(frozen=True, slots=True)
class State:
    """``fingerprint`` is what the stage would be begun under, and ``made_of`` what that is a hash of; ``because`` says
    what has changed since it was last begun."""

    name: str
    state: str
    because: tuple[str, ...]
    fingerprint: str
    made_of: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inspector:
    """Looks at the stages of a work folder; each input file is read once, and outputs that were found sound are not
    looked at again."""

    recipe: Recipe
    work: Work
    watch: Watch = unwatched
    inputs: dict[Path, str] = field(default_factory=dict)
    sound: dict[str, str] = field(default_factory=dict)

    def state(self, stage: Stage) -> State:
        """A stage's state. Raises ``InputError`` where one of its input files is not there."""
        made_of = self._made_of(stage)
        mark = digest([made_of[part] for part in ("version", "recipe", "files", "needs")])
        begun, done = self.work.record(stage.name)
        if done.get("fingerprint") == mark:
            if self.sound.get(stage.name) == mark:
                changed = []
            else:
                changed = differences(done.get("outputs"), checksums(self.work.stage(stage.name)))
            if not changed:
                self.sound[stage.name] = mark
                return State(stage.name, UP_TO_DATE, (), mark, made_of)
            because = tuple(f"{stage.name}/{name} is not as it was written" for name in changed)
            return State(stage.name, STALE, because, mark, made_of)
        if begun.get("fingerprint") == mark:
            return State(stage.name, INTERRUPTED, (), mark, made_of)
        if not begun and not done:
            return State(stage.name, NOT_RUN, (), mark, made_of)
        return State(stage.name, STALE, tuple(_changes(begun.get("made_of") or {}, made_of)), mark, made_of)

    def needs(self, stage: Stage) -> Iterator[State]:
        """The states of all stages that a stage rests on, in their order."""
        wanted = set(stage.needs)
        for name, record in reversed(stages().items()):
            if name in wanted:
                wanted |= set(record.needs)
        yield from (self.state(record) for name, record in stages().items() if name in wanted)

    def _made_of(self, stage: Stage) -> dict[str, Any]:
        """What decides what a stage writes: its version, its part of the recipe, its inputs' content, and the results
        of the stages that it needs."""
        files = {}
        for path in stage.files(self.recipe):
            if path not in self.inputs:
                if not path.exists():
                    raise InputError(
                        f"{path} is not there; the recipe's paths start from {self.recipe.data} (--data sets it)."
                    )
                self.inputs[path] = content_of(path, "", self.watch)
            inside = path.is_relative_to(self.recipe.data)
            files[str(path.relative_to(self.recipe.data) if inside else path)] = self.inputs[path]
        files |= stage.outside(self.recipe, self.work)
        return {
            "version": stage.version,
            "recipe": stage.settings(self.recipe),
            "files": files,
            "needs": {name: self.work.result(name) for name in stage.needs},
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A stage as ``endcap distill status`` shows it; ``seconds`` are those of the process that finished it."""

    name: str
    state: str
    because: tuple[str, ...]
    finished: str
    seconds: float | None
    outputs: str


def overview(recipe: Recipe, work: Work, watch: Watch = unwatched) -> list[Row]:
    """All stages in their order. A stage whose own inputs are the same is stale where one that it rests on is."""
    inspector, rows = Inspector(recipe, work, watch), list[Row]()
    fresh = set[str]()
    for stage in stages().values():
        begun, done = work.record(stage.name)
        try:
            found = inspector.state(stage)
            state, because = found.state, found.because
        except InputError as error:
            state, because = STALE if begun else NOT_RUN, (str(error),)
        waits = [name for name in stage.needs if name not in fresh]
        if state == UP_TO_DATE and waits:
            state, because = STALE, tuple(f"{name} is to be run first" for name in waits)
        if state == UP_TO_DATE:
            fresh.add(stage.name)
        if state == INTERRUPTED:
            because = (f"it was begun {begun.get('started', 'some time ago')} and not finished; it will be resumed",)
        folder, outputs = work.stage(stage.name), done.get("outputs") or {}
        paths = [folder / name for name in outputs if (folder / name).exists()]
        size = sum(path.stat().st_size for path in paths) / 1e6
        said = f"{len(outputs)} file{'s' * (len(outputs) != 1)}, {size:.1f} MB in {folder}" if outputs else ""
        rows.append(Row(stage.name, state, because, done.get("finished", ""), done.get("seconds"), said))
    return rows


def _changes(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What has changed between two things that a stage was made of."""
    if was.get("version") != now["version"]:
        yield "the stage itself is another" if "version" in was else "it is not known what it was made of"
        return
    yield from _keys("", was["recipe"], now["recipe"])
    for name in sorted({*was["files"], *now["files"]}):
        if was["files"].get(name) != now["files"].get(name):
            yield f"{name} has changed" if name in was["files"] else f"{name} is new in the recipe"
    for name, result in now["needs"].items():
        if was["needs"].get(name) != result:
            yield f"{name} has another result" if result else f"{name} is not finished"


def _keys(where: str, was: Any, now: Any) -> Iterator[str]:
    """The keys of the recipe that have other values."""
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        for key in sorted({*was, *now}):
            yield from _keys(f"{where}.{key}" if where else key, was.get(key), now.get(key))
    elif digest(was) != digest(now):
        said = [text if len(text := repr(value)) <= 40 else "another" for value in (was, now)]
        yield f"{where} was {said[0]} and is {said[1]}" if "another" not in said else f"{where} has changed"
