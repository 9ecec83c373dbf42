"""The stages of the pipeline, in their order: what each is called, needs and reads.

This imports nothing that takes long. A stage's module here has ``run(recipe, work, watch)``, which reads the folders of
the stages it needs and writes its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from endcap.distill.recipe.settings import STUDENT_PARTS, Recipe
from endcap.distill.teacher.member_classes import asks_llm
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

    def settings(self, recipe: Recipe) -> dict[str, object]:
        """The parts of the recipe that decide what this stage writes."""
        parts = {**asdict(recipe), **self.excerpts(recipe)}
        return {name: parts[name] for name in self.reads}

    def run(self, recipe: Recipe, work: Work, watch: Watch) -> None:
        """Write the stage's folder. Raises what its module's ``run`` raises."""
        importlib.import_module(f"{__package__}.{self.name}").run(recipe, work, watch)


def _catalogues_and_judgments(recipe: Recipe) -> list[Path]:
    names = [name for shop in recipe.shops for name in (shop.catalogue, shop.judgments)]
    names += [name for pairs in recipe.judged_pairs for name in (pairs.catalogue, pairs.judgments)]
    names.append(recipe.split.test_queries)
    return [recipe.path(name) for name in names if name]


def _query_logs(recipe: Recipe) -> list[Path]:
    return [recipe.path(shop.query_log) for shop in recipe.shops if shop.query_log]


def _llm_of_queries(recipe: Recipe) -> dict[str, object]:
    """What of ``llm`` decides its answers: a raised cap, or another address of the model, writes no new queries."""
    names = ("model", "prompt", "max_tokens") if "llm" in recipe.queries.sources else ()
    return {"llm": {name: getattr(recipe.llm, name) for name in names}}


def _llm_and_text_of_teacher(recipe: Recipe) -> dict[str, object]:
    """What of ``llm`` decides its answers: a raised cap, or another address of the model, trains nothing anew.

    What the student reads is nothing to a teacher with a text of its own.
    """
    names = ("model", "prompt", "max_tokens", "samples", "min_kappa") if asks_llm(recipe.teacher) else ()
    excerpts: dict[str, object] = {"llm": {name: getattr(recipe.llm, name) for name in names}}
    return excerpts if recipe.teacher.text is None else excerpts | {"text": None}


def _folders(*bases: str) -> list[Path]:
    """Bases that are folders here: what is in them counts, not their names alone."""
    return [Path(base) for base in dict.fromkeys(bases) if base and Path(base).is_dir()]


def _model_in_use(recipe: Recipe, work: Work) -> dict[str, str]:
    from endcap.distill.gate.baseline import baseline_fingerprint

    return baseline_fingerprint(recipe, work)


_STAGES = (
    Stage(
        name="split",
        does="Split judged queries into train, dev and test",
        help="Split judged queries into train, dev and test.",
        needs=(),
        reads=("shops", "judged_pairs", "split", "seed"),
        version=2,
        files=_catalogues_and_judgments,
    ),
    Stage(
        name="queries",
        does="Generate queries",
        help="Generate queries from logs, from the catalogue, and from an LLM.",
        needs=("split",),
        reads=("queries", "llm", "seed", "shops"),
        version=2,
        excerpts=_llm_of_queries,
        files=_query_logs,
    ),
    Stage(
        name="pairs",
        does="Find candidate products for each query",
        help="Find candidate products for each generated query.",
        needs=("split", "queries"),
        reads=("pairs", "labels", "seed"),
        version=3,
        # Whether grades are to be known by construction, and nothing else of the labels.
        excerpts=lambda recipe: {"labels": bool(recipe.labels.known_share)},
    ),
    Stage(
        name="teacher",
        does="Train the teacher on judged products",
        help="Train the teacher on judged products.",
        needs=("split",),
        reads=("teacher", "text", "seed", "llm"),
        version=2,
        excerpts=_llm_and_text_of_teacher,
        files=lambda recipe: _folders(*(member.base for member in recipe.teacher.members)),
    ),
    Stage(
        name="labels",
        does="Let the teacher label the pairs",
        help="Let the teacher label the generated pairs.",
        needs=("split", "queries", "pairs", "teacher"),
        reads=("labels", "seed"),
        version=4,
    ),
    Stage(
        name="student",
        does="Train the student",
        help="Train the student on labels and judgments.",
        needs=("split", "labels"),
        reads=(*STUDENT_PARTS, "teacher"),
        files=lambda recipe: _folders(recipe.base),
    ),
    Stage(
        name="export",
        does="Export to ONNX, fp32 and int8",
        help="Export the student to ONNX, fp32 and int8.",
        needs=("split", "student"),
        reads=(
            *("name", "license", "base", "shape", "pooling", "precision", "text", "state_dtype", "state_size"),
            *("score_scale", "score_offset", "blend_weight", "window"),
        ),
    ),
    Stage(
        name="blend",
        does="Learn the blend",
        help="Learn the blend of student and engine.",
        needs=("split", "labels", "export"),
        reads=("blend", "shops", "blend_weight", "window", "teacher", *STUDENT_PARTS),
        version=3,
    ),
    Stage(
        name="gate",
        does="Compare with fp32 and with the model in use",
        help="Compare the candidate with its fp32 and with the model in use.",
        needs=("split", "export", "blend"),
        reads=("gate", "name"),
        outside=_model_in_use,
    ),
    Stage(
        name="promote",
        does="Put the candidate into use, if it passed",
        help="Put the candidate into use, if it passed the gate.",
        needs=("export", "blend", "gate"),
        reads=("name", "gate", "licenses"),
    ),
)
STAGES = {stage.name: stage for stage in _STAGES}
"""All stages by name, each after those that it needs."""
