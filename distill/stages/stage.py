"""A stage's record, and all stages in their order.

A stage is a package here, found by being there. Its ``STAGE`` is the record, which imports nothing that takes long. Its
module ``run`` has ``run(recipe, work, watch)``, which reads the folders of the stages it needs and writes its own.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from endcap.distill.recipe.settings import Recipe
from endcap.progress import Watch

if TYPE_CHECKING:
    from endcap.distill.work.folder import Work


@dataclass(frozen=True, slots=True)
class Stage:
    """What a stage is called, and all that decides what it writes."""

    name: str
    does: str
    """What is said when it runs."""
    help: str
    """What the command line says of it."""
    needs: tuple[str, ...]
    """The stages whose results it reads."""
    reads: tuple[str, ...]
    """The parts of the recipe that it reads."""
    version: int = 1
    """Rises when the stage's code would write something else from the same inputs."""
    excerpts: Callable[[Recipe], Mapping[str, object]] = lambda recipe: {}
    """What of a part decides, by the part's name, where that is less than the whole."""
    files: Callable[[Recipe], list[Path]] = lambda recipe: []
    """The files that it reads from outside the work folder."""
    outside: Callable[[Recipe, Work], Mapping[str, str]] = lambda recipe, work: {}
    """What else decides outside the work folder, by name."""

    idle: Callable[[Recipe], bool] = lambda recipe: False
    """Whether it has nothing to do by this recipe: then it is not named where all stages are."""
    refusal: Callable[[Work], str] = lambda work: ""
    """A sentence, where it was run to its end and has said no; empty where not."""

    def settings(self, recipe: Recipe) -> dict[str, object]:
        """The parts of the recipe that decide what this stage writes; how shops are searched is in ``outside``."""
        parts = {**asdict(recipe), "shops": recipe.data_of_shops(), **self.excerpts(recipe)}
        return {name: parts[name] for name in self.reads}

    def run(self, recipe: Recipe, work: Work, watch: Watch) -> None:
        """Write the stage's folder. Raises what its ``run`` raises."""
        importlib.import_module(f"{__package__}.{self.name}.run").run(recipe, work, watch)


@cache
def stages() -> dict[str, Stage]:
    """All stages by name, each after those that it needs."""
    packages = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.ispkg]
    records: dict[str, Stage] = {name: importlib.import_module(f"{__package__}.{name}").STAGE for name in packages}
    ordered: dict[str, Stage] = {}

    def place(name: str) -> None:
        for need in records[name].needs:
            place(need)
        ordered.setdefault(name, records[name])

    for name in sorted(records):
        place(name)
    return ordered
