"""Recipes: what a model folder is made from, as a TOML file. ``recipes/`` holds the ones that come with the package."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.plugin.text import TEXT_FIELDS, TextRecipe

RECIPES = Path(__file__).parent / "recipes"
SHAPES = ("bi-encoder", "cross-encoder")
POOLINGS = ("cls", "mean")
PRECISIONS = ("int8", "fp32")


@dataclass(frozen=True, slots=True)
class ExportRecipe:
    """A base from the hub (or a folder), how it is read, and what the model folder says of it."""

    name: str
    base: str
    license: str
    shape: str = "bi-encoder"
    pooling: str = "cls"
    precision: str = "int8"
    score_scale: float = 1.0
    score_offset: float = 0.0
    blend_weight: float = 0.5
    window: int = 100
    text: TextRecipe = field(default_factory=TextRecipe)


def read_recipe(path: str | Path) -> ExportRecipe:
    """Read a recipe from a file, or by the name of one that comes with the package ("default").

    Raises ``InputError`` naming the key and the value that are wrong.
    """
    path = Path(path)
    if not path.suffix and not path.exists() and (RECIPES / f"{path}.toml").exists():
        path = RECIPES / f"{path}.toml"
    try:
        with path.open("rb") as file:
            raw = tomllib.load(file)
    except FileNotFoundError:
        shipped = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise InputError(f"There is no recipe {path}. Recipes that come with endcap: {shipped}.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no recipe: {error}.") from None
    try:
        words: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.pop("text", {}).items()}
        recipe = ExportRecipe(**raw, text=TextRecipe(**words))
    except TypeError:
        known = sorted({f.name for f in fields(ExportRecipe)} | {f"text.{f.name}" for f in fields(TextRecipe)})
        raise InputError(f"{path}: a key is missing or unknown. A recipe has: {', '.join(known)}.") from None
    _check(path, recipe)
    return recipe


def _check(path: Path, recipe: ExportRecipe) -> None:
    allowed: Mapping[str, tuple[Any, ...]] = {"shape": SHAPES, "pooling": POOLINGS, "precision": PRECISIONS}
    for key, values in allowed.items():
        if getattr(recipe, key) not in values:
            raise InputError(f"{path}: {key} = {getattr(recipe, key)!r}; it must be one of {', '.join(values)}.")
    unknown = set(recipe.text.fields) - set(TEXT_FIELDS)
    if unknown:
        raise InputError(f"{path}: text.fields has {sorted(unknown)}; known are {', '.join(TEXT_FIELDS)}.")
    if not 0 <= recipe.blend_weight <= 1:
        raise InputError(f"{path}: blend_weight = {recipe.blend_weight}; it must be from 0 to 1.")
