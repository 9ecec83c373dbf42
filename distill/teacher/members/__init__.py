"""The kinds of members: each is a module here, called as its file is (``bi_encoder.py``: ``bi-encoder``).

Such a module has an attribute ``MEMBER``, its ``Member`` class. It is imported when a recipe names its kind, and
imports torch only where it trains or scores.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

from endcap.errors import InputError

if TYPE_CHECKING:  # the recipe's records take the kinds from here
    from endcap.distill.recipe.settings import TeacherRecipe
    from endcap.distill.teacher.member import Member

MEMBER_KINDS = tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))


def member_class(kind: str) -> type[Member]:
    """The class of a kind. Raises ``InputError`` for one that has no module here."""
    if kind not in MEMBER_KINDS:
        raise InputError(f"Members of kind {kind!r} are not known to this endcap.")
    member: type[Member] = importlib.import_module(f"{__name__}.{kind.replace('-', '_')}").MEMBER
    return member


def asks_llm(teacher: TeacherRecipe) -> bool:
    """Whether a member of the teacher asks the recipe's ``llm``."""
    return any(member_class(member.kind).asks_llm for member in teacher.members)
