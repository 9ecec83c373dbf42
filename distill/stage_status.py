"""What a stage of a work folder is: up to date, stale and because of what, interrupted, refused, or not run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.stage import Stage, stages
from endcap.distill.work.folder import Work, changed_files, checksums, digest
from endcap.errors import InputError
from endcap.evaluate.open_catalogue import fingerprint as file_fingerprint
from endcap.index.datasets.sources import DATASETS
from endcap.progress import Watch, unwatched

UP_TO_DATE, STALE, INTERRUPTED, NOT_RUN = "up to date", "stale", "interrupted", "not run"
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class State:
    """A stage's state, and the fingerprint under which it would be begun now."""

    name: str
    state: str
    reasons: tuple[str, ...]
    """What has changed since the stage was last begun."""
    fingerprint: str
    inputs: Mapping[str, Any]
    """What the fingerprint is a hash of."""


@dataclass(frozen=True, slots=True)
class Inspector:
    """Looks at the stages of a work folder. It reads each input file once, and sound outputs once."""

    recipe: Recipe
    work: Work
    watch: Watch = unwatched
    file_fingerprints: dict[Path, str] = field(default_factory=dict)
    sound: dict[str, str] = field(default_factory=dict)

    def state(self, stage: Stage) -> State:
        """A stage's state. Raises ``InputError`` where one of its input files is missing."""
        inputs = self._inputs(stage)
        fingerprint = digest([inputs[part] for part in ("version", "recipe", "files", "needs")])
        state, reasons = self._state_and_reasons(stage.name, fingerprint, inputs)
        if state == INTERRUPTED and (refusal := stage.refusal(self.work)):
            state, reasons = REFUSED, [refusal]
        return State(stage.name, state, tuple(reasons), fingerprint, inputs)

    def _state_and_reasons(self, name: str, fingerprint: str, inputs: Mapping[str, Any]) -> tuple[str, list[str]]:
        started, done = self.work.record(name)
        if done.get("fingerprint") == fingerprint:
            if self.sound.get(name) == fingerprint:
                return UP_TO_DATE, []
            changed = changed_files(done.get("outputs"), checksums(self.work.stage(name)))
            if changed:
                return STALE, [f"{name}/{file} is not as it was written" for file in changed]
            self.sound[name] = fingerprint
            return UP_TO_DATE, []
        if started.get("fingerprint") == fingerprint:
            return INTERRUPTED, []
        if not started and not done:
            return NOT_RUN, []
        return STALE, list(_changes(started.get("made_of") or {}, inputs))

    def needs(self, stage: Stage) -> Iterator[State]:
        """The states of all stages that a stage rests on, in their order."""
        wanted = set(stage.needs)
        for name, record in reversed(stages().items()):
            if name in wanted:
                wanted |= set(record.needs)
        yield from (self.state(record) for name, record in stages().items() if name in wanted)

    def _inputs(self, stage: Stage) -> dict[str, Any]:
        """What decides what a stage writes: its version, its part of the recipe, files, and results of other stages."""
        files = {}
        for path in stage.files(self.recipe):
            inside = path.is_relative_to(self.recipe.data)
            files[str(path.relative_to(self.recipe.data) if inside else path)] = self._file_fingerprint(path)
        return {
            "version": stage.version,
            "recipe": stage.settings(self.recipe),
            "files": files | dict(stage.outside(self.recipe, self.work)),
            "needs": {name: self.work.result(name) for name in stage.needs},
        }

    def _file_fingerprint(self, path: Path) -> str:
        if path not in self.file_fingerprints:
            if not path.exists():
                raise InputError(
                    f"{path} is not there; the recipe's paths start from {self.recipe.data} (--data sets it)."
                    f"{_how_to_fetch(path)}"
                )
            self.file_fingerprints[path] = file_fingerprint(path, "", self.watch)
        return self.file_fingerprints[path]


def _how_to_fetch(path: Path) -> str:
    """What brings a file, where it is one of a public data set's folder."""
    name = next((name for name in reversed(path.parts) if name in DATASETS), "")
    return f" Of a public data set: `endcap datasets fetch {name}` brings it." if name else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A stage as ``endcap distill status`` shows it; ``seconds`` are those of the process that finished it."""

    name: str
    state: str
    reasons: tuple[str, ...]
    finished: str
    seconds: float | None
    outputs: str


def overview(recipe: Recipe, work: Work, watch: Watch = unwatched) -> list[Row]:
    """The stages that have something to do, in their order. A stage whose own inputs are the same is stale where one
    that it rests on is."""
    inspector, rows = Inspector(recipe, work, watch), list[Row]()
    fresh = set[str]()
    for stage in stages().values():
        started, done = work.record(stage.name)
        state, reasons = _shown_state(inspector, stage, fresh, started)
        if state == UP_TO_DATE:
            fresh.add(stage.name)
        if stage.idle(recipe):
            continue
        outputs = _outputs(work.stage(stage.name), done.get("outputs") or {})
        rows.append(Row(stage.name, state, reasons, done.get("finished", ""), done.get("seconds"), outputs))
    return rows


def _shown_state(
    inspector: Inspector, stage: Stage, fresh: set[str], started: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """A stage's state and its reasons, where the stages in ``fresh`` are up to date."""
    try:
        state = inspector.state(stage)
    except InputError as error:
        return STALE if started else NOT_RUN, (str(error),)
    stale_needs = [name for name in stage.needs if name not in fresh]
    if state.state == UP_TO_DATE and stale_needs:
        return STALE, tuple(f"{name} is to be run first" for name in stale_needs)
    if state.state == INTERRUPTED:
        since = started.get("started", "some time ago")
        return INTERRUPTED, (f"it was begun {since} and not finished; it will be resumed",)
    return state.state, state.reasons


def _outputs(folder: Path, names: Mapping[str, str]) -> str:
    """How many files a stage wrote, how large they are, and where."""
    paths = [folder / name for name in names if (folder / name).exists()]
    size = sum(path.stat().st_size for path in paths) / 1e6
    return f"{len(names)} file{'s' * (len(names) != 1)}, {size:.1f} MB in {folder}" if names else ""


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What has changed between two inputs of a stage."""
    if before.get("version") != now["version"]:
        yield "the stage itself is another" if "version" in before else "it is not known what it was made of"
        return
    yield from _key_changes("", before["recipe"], now["recipe"])
    for name in sorted({*before["files"], *now["files"]}):
        if before["files"].get(name) != now["files"].get(name):
            yield f"{name} has changed" if name in before["files"] else f"{name} is new in the recipe"
    for name, result in now["needs"].items():
        if before["needs"].get(name) != result:
            yield f"{name} has another result" if result else f"{name} is not finished"


def _key_changes(where: str, before: Any, now: Any) -> Iterator[str]:
    """The keys of the recipe that have other values."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in sorted({*before, *now}):
            yield from _key_changes(f"{where}.{key}" if where else key, before.get(key), now.get(key))
    elif digest(before) != digest(now):
        texts = [text if len(text := repr(value)) <= 40 else "another" for value in (before, now)]
        yield f"{where} has changed" if "another" in texts else f"{where} was {texts[0]} and is {texts[1]}"
