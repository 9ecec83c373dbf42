"""Reads a recipe from its TOML file, and says what is wrong with it. ``recipes/`` holds those that are shipped."""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shipped_base import with_shipped
from endcap.distill.teacher.member_classes import member_class
from endcap.errors import InputError
from endcap.index.home import home
from endcap.limits import Choice, Range
from endcap.plugin.model.registry_files import SHIPPED, name_folder
from endcap.plugin.model.text import TEXT_FIELDS
from endcap.records import read_record

RECIPES = Path(__file__).parent / "recipes"
TEXT_LIMITS: Mapping[str, Choice | Range] = {
    "fields": Choice(*TEXT_FIELDS),
    "max_product_tokens": Range(3, 1e6),
    "max_query_tokens": Range(3, 1e6),
}
"""Of ``text``, whose record is one of serving's and has no limits."""


def read_recipe(path: str | Path, data: str | Path | None = None) -> Recipe:
    """Read a recipe from a file, or by the name of one that comes with the package ("default").

    ``data`` is where its relative paths start; without it, the recipe's folder, or, for one that comes with the
    package, ``$ENDCAP_DATASETS`` or where ``endcap datasets fetch`` puts what it fetches.
    Raises ``InputError`` naming the key and the value that are wrong.
    """
    path = Path(path)
    if not path.suffix and not path.is_file() and (RECIPES / f"{path}.toml").exists():
        path = RECIPES / f"{path}.toml"
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except FileNotFoundError:
        shipped = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise InputError(f"There is no recipe {path}. Recipes that come with endcap: {shipped}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no recipe: {error}.") from None
    raw.pop("data", None)
    if raw.get("base") == SHIPPED:
        raw = with_shipped(str(path), raw)
    recipe: Recipe = read_record(str(path), Recipe, raw, ("data",))
    _check(path, recipe)
    shipped_data = os.environ.get("ENDCAP_DATASETS") or home() / "datasets"
    start = data or (shipped_data if path.parent == RECIPES else path.parent)
    return dataclasses.replace(recipe, data=Path(start).resolve())


def _check(path: Path, recipe: Recipe) -> None:
    """What one setting alone does not say of itself."""
    try:
        name_folder(recipe.name)  # what it makes is promoted under this name, hours later
    except InputError as error:
        raise InputError(f"{path}: name = {recipe.name!r}: {error}") from None
    for code in recipe.languages:
        if not re.fullmatch("[a-z]{2}", code):
            raise InputError(f'{path}: languages has {code!r}; a language is two letters of ISO 639-1, as in "de".')
    for name, limit in TEXT_LIMITS.items():
        if problem := limit.problem(getattr(recipe.text, name)):
            raise InputError(f"{path}: text.{name}{problem}")
    for i, member in enumerate(recipe.teacher.members):
        if not member.base and member_class(member.kind).needs_base:
            raise InputError(f"{path}: the key teacher.members[{i}].base is missing; a {member.kind} needs a model.")
    members = ((f"teacher.members[{i}]", member.seeds) for i, member in enumerate(recipe.teacher.members))
    for key, seeds in (("student", recipe.student.seeds), *members):
        if not seeds:
            raise InputError(f"{path}: {key}.seeds is empty; name at least one seed.")
    names = [shop.name for shop in recipe.shops] + [pairs.name for pairs in recipe.judged_pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path}: two shops are called {twice[0]!r}; each needs a name of its own.")
