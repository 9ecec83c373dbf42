"""Members by their kind, read from the teacher's folder."""

from __future__ import annotations

from pathlib import Path

from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.classifier_member import ClassifierMember, member_text
from endcap.distill.teacher.engine_member import EngineMember
from endcap.distill.teacher.evidence_member import EvidenceMember
from endcap.distill.teacher.pairs import Member
from endcap.distill.teacher.vector_member import BACKGROUND, VectorMember
from endcap.distill.work.files import read_json
from endcap.errors import InputError
from endcap.plugin.model.text import TextRecipe

FINE_TUNED = ("cross-encoder", "bi-encoder")
"""Kinds that are trained on judgments, and so need a model for each fold."""


def member_name(position: int, recipe: MemberRecipe) -> str:
    """A member's name in files and reports, such as ``0-cross-encoder``."""
    return f"{position}-{recipe.kind}"


def member_folder(folder: Path, name: str) -> Path:
    """Where a member keeps what it has learnt."""
    return folder / "members" / name


def open_member(folder: Path, name: str, recipe: MemberRecipe, text: TextRecipe, folds: int) -> Member:
    """A member, ready to score. Models are loaded when they are first needed."""
    read, own = member_text(text, recipe), member_folder(folder, name)
    if recipe.kind == "cross-encoder":
        return ClassifierMember(name, own, recipe, read, folds)
    if recipe.kind in ("cosine", "bi-encoder"):
        return VectorMember(name, own, recipe, read, folds, read_json(own / BACKGROUND))
    if recipe.kind == "engine":
        return EngineMember(name, own)
    if recipe.kind == "evidence":
        return EvidenceMember(name, own)
    if recipe.kind == "endpoint":
        from endcap.distill.llm.member import EndpointMember

        return EndpointMember(name, folder)
    raise InputError(f"Members of kind {recipe.kind!r} are not known to this endcap.")
