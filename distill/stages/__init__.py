"""The stages, in their order: what each needs, which part of the recipe it reads, and which files from outside.

A stage is a module here with one function ``run(recipe, work, watch)``; it reads the folders of the stages it needs and
writes its own, ``work.stage(NAME)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from endcap.distill.gate.baseline import mark
from endcap.distill.recipe.settings import Recipe
from endcap.distill.teacher.members import asks_llm
from endcap.distill.work.folder import Work


@dataclass(frozen=True, slots=True)
class Stage:
    """``reads`` are parts of the recipe; ``files`` are inputs from outside the work folder, and ``outside`` is what
    else decides there, by name; ``version`` rises when the stage's code would write something else from the same
    inputs.
    """

    name: str
    does: str
    needs: tuple[str, ...]
    reads: tuple[str, ...]
    files: Callable[[Recipe], list[Path]] = lambda recipe: []
    version: int = 1
    outside: Callable[[Recipe, Work], dict[str, str]] = lambda recipe, work: {}

    def settings(self, recipe: Recipe) -> dict[str, object]:
        """The parts of the recipe that decide what this stage writes."""
        every = asdict(recipe) | {"llm": self._llm(recipe)}
        if self.name == "teacher" and recipe.teacher.text is not None:
            every["text"] = None  # what the student reads is nothing to a teacher with a text of its own
        if self.name == "pairs":  # whether grades are to be known by construction, and nothing else of it
            every["labels"] = bool(recipe.labels.known_share)
        return {name: every[name] for name in self.reads}

    def _llm(self, recipe: Recipe) -> dict[str, object]:
        """What of ``llm`` decides its answers: a raised cap, or another address of the model, trains nothing anew."""
        if self.name == "queries" and "llm" in recipe.queries.sources:
            names = ["model", "prompt", "max_tokens"]
        elif self.name == "teacher" and asks_llm(recipe.teacher):
            names = ["model", "prompt", "max_tokens", "samples", "min_kappa"]
        else:
            names = []
        return {name: getattr(recipe.llm, name) for name in names}


def _sources(recipe: Recipe) -> list[Path]:
    named = [name for shop in recipe.shops for name in (shop.catalogue, shop.judgments)]
    named += [name for pairs in recipe.judged_pairs for name in (pairs.catalogue, pairs.judgments)]
    named.append(recipe.split.test_queries)
    return [recipe.path(name) for name in named if name]


def _logs(recipe: Recipe) -> list[Path]:
    return [recipe.path(shop.query_log) for shop in recipe.shops if shop.query_log]


def _base(recipe: Recipe) -> list[Path]:
    """A base that is a folder here: what is in it counts, not its name alone."""
    return [Path(recipe.base)] if Path(recipe.base).is_dir() else []


def _teacher_bases(recipe: Recipe) -> list[Path]:
    bases = dict.fromkeys(member.base for member in recipe.teacher.members if member.base)
    return [Path(base) for base in bases if Path(base).is_dir()]


_TEACHER = ("teacher", "text", "seed", "llm")
_STUDENT = ("base", "shape", "pooling", "text", "student", "seed")

STAGES: tuple[Stage, ...] = (
    Stage(
        "split",
        "Split judged queries into train, dev and test",
        (),
        ("shops", "judged_pairs", "split", "seed"),
        _sources,
        version=2,
    ),
    Stage("queries", "Generate queries", ("split",), ("queries", "llm", "seed", "shops"), _logs, version=2),
    Stage(
        "pairs",
        "Find candidate products for each query",
        ("split", "queries"),
        ("pairs", "labels", "seed"),
        version=3,
    ),
    Stage("teacher", "Train the teacher on judged products", ("split",), _TEACHER, _teacher_bases, version=2),
    Stage(
        "labels",
        "Let the teacher label the pairs",
        ("split", "queries", "pairs", "teacher"),
        ("labels", "seed"),
        version=4,
    ),
    Stage("student", "Train the student", ("split", "labels"), (*_STUDENT, "teacher"), _base),
    Stage(
        "export",
        "Export to ONNX, fp32 and int8",
        ("split", "student"),
        (
            "name",
            "license",
            "base",
            "shape",
            "pooling",
            "precision",
            "text",
            "state_dtype",
            "state_size",
            "score_scale",
            "score_offset",
            "blend_weight",
            "window",
        ),
    ),
    Stage(
        "blend",
        "Learn the blend",
        ("split", "labels", "export"),
        ("blend", "shops", "blend_weight", "window", "teacher", *_STUDENT),
        version=3,
    ),
    Stage(
        "gate",
        "Compare with fp32 and with the model in use",
        ("split", "export", "blend"),
        ("gate", "name"),
        outside=mark,
    ),
    Stage(
        "promote",
        "Put the candidate into use, if it passed",
        ("export", "blend", "gate"),
        ("name", "gate", "licenses"),
    ),
)
"""In this order; each needs only earlier ones."""

BY_NAME = {stage.name: stage for stage in STAGES}
