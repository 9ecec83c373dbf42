"""The classes of members by their kinds; a class is imported when it is asked for."""

from __future__ import annotations

import importlib

from endcap.distill.recipe.settings import TeacherRecipe
from endcap.distill.teacher import members
from endcap.distill.teacher.member import Member
from endcap.errors import InputError


def member_class(kind: str) -> type[Member]:
    """The class of a kind. Raises ``InputError`` for one that has no module in ``members/``."""
    if kind not in members.MEMBER_KINDS:
        raise InputError(f"Members of kind {kind!r} are not known to this endcap.")
    member: type[Member] = importlib.import_module(f"{members.__name__}.{kind.replace('-', '_')}").MEMBER
    return member


def asks_llm(teacher: TeacherRecipe) -> bool:
    """Whether a member of the teacher asks the recipe's ``llm``."""
    return any(member_class(member.kind).asks_llm for member in teacher.members)
