"""Runs stages in order and skips what is up to date, by content."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Sequence

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stage_status import INTERRUPTED, UP_TO_DATE, Inspector, State
from endcap.distill.stages.stage import Stage, stages
from endcap.distill.work.folder import Work
from endcap.errors import InputError
from endcap.progress import Watch, unwatched

Say = Callable[[str], None]


def silent(text: str) -> None:
    """Say nothing."""


def run_stages(
    recipe: Recipe, work: Work, names: Sequence[str] | None = None, *, watch: Watch = unwatched, say: Say = silent
) -> list[str]:
    """Run the named stages (all, where none are named) in their order; return those that had something to do.

    Raises ``InputError`` where a stage needs one that is not up to date, where another process works in the folder, or
    where the disk is full.
    """
    run = []
    with work.locked():
        inspector = Inspector(recipe, work, watch)
        for stage in stages().values():
            if names is not None and stage.name not in names:
                continue
            for need in inspector.needs(stage):
                if need.state != UP_TO_DATE:
                    raise InputError(
                        f"The stage {stage.name} needs {need.name}, {state_words(need, work)}. "
                        f"Run `endcap distill {need.name}` first, or `endcap distill run` with --until {stage.name}."
                    )
            state = inspector.state(stage)
            tell = silent if stage.idle(recipe) and names != [stage.name] else say
            if state.state == UP_TO_DATE:
                tell(f"{stage.name}: up to date")
                continue
            why = ", from where it was interrupted" if state.state == INTERRUPTED else _first_reasons(state)
            tell(f"{stage.name}: {stage.does.lower()}{why}")
            _run(stage, state, recipe, work, watch)
            run.append(stage.name)
    return run


def _run(stage: Stage, state: State, recipe: Recipe, work: Work, watch: Watch) -> None:
    start = time.monotonic()
    try:
        work.begin(stage.name, state.fingerprint, state.inputs)
        stage.run(recipe, work, watch)
        work.finish(stage.name, state.fingerprint, time.monotonic() - start)
    except Exception as error:
        if _is_disk_full(error):
            raise InputError(
                f"The disk is full: the stage {stage.name} can't write to {work.stage(stage.name)}. What was "
                "done is kept; make room and run the same command again."
            ) from error
        raise


def _first_reasons(state: State) -> str:
    return f" ({'; '.join(state.reasons[:3])})" if state.reasons else ""


def state_words(need: State, work: Work) -> str:
    """What a stage that is not up to date is instead, where, and because of what."""
    return f"which is {need.state} in {work.folder}{_first_reasons(need)}"


def _is_disk_full(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, says that nothing more can be written."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if "No space left on device" in str(error):  # as those say it that write with code of their own
            return True
        error = error.__cause__ or error.__context__
    return False
