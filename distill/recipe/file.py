"""Reads a recipe from its TOML file, and says what is wrong with it. ``recipes/`` holds those that are shipped."""

from __future__ import annotations

import dataclasses
import math
import os
import tomllib
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.losses import LOSSES
from endcap.distill.teacher.members import MEMBER_KINDS, member_class
from endcap.errors import InputError
from endcap.index.home import home
from endcap.plugin.model.registry_files import name_folder
from endcap.plugin.model.text import TEXT_FIELDS

RECIPES = Path(__file__).parent.parent / "recipes"
SHAPES = ("bi-encoder", "cross-encoder")
POOLINGS = ("cls", "mean")
PRECISIONS = ("int8", "fp32")
STATE_DTYPES = ("float16", "int8")
QUERY_SOURCES = ("log", "catalogue", "llm")


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
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no recipe: {error}.") from None
    raw.pop("data", None)
    recipe: Recipe = _record(path, "", Recipe, raw)
    _check(path, recipe)
    shipped_data = os.environ.get("ENDCAP_DATASETS") or home() / "datasets"
    start = data or (shipped_data if path.parent == RECIPES else path.parent)
    return dataclasses.replace(recipe, data=Path(start).resolve())


def _record(path: Path, where: str, kind: type, raw: Any) -> Any:
    """A frozen record from a TOML table, its parts from the tables within."""
    if not isinstance(raw, Mapping):
        raise InputError(f"{path}: {where.rstrip('.')} must be a table; got {raw!r}.")
    hints = typing.get_type_hints(kind)
    known = {f.name: f for f in dataclasses.fields(kind) if f.name != "data"}
    unknown = sorted(set(raw) - set(known))
    if unknown:
        raise InputError(f"{path}: unknown key {where}{unknown[0]}. Known are: {', '.join(sorted(known))}.")
    missing = [
        name
        for name, f in known.items()
        if name not in raw and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise InputError(f"{path}: the key {where}{missing[0]} is missing.")
    return kind(**{name: _value(path, f"{where}{name}", hints[name], value) for name, value in raw.items()})


def _value(path: Path, where: str, hint: Any, value: Any) -> Any:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        [hint] = [h for h in typing.get_args(hint) if h is not type(None)]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _record(path, f"{where}.", hint, value)
    if typing.get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise InputError(f"{path}: {where} must be a list; got {value!r}.")
        return tuple(_value(path, f"{where}[{i}]", typing.get_args(hint)[0], item) for i, item in enumerate(value))
    if typing.get_origin(hint) is not None:  # a mapping
        if not isinstance(value, Mapping):
            raise InputError(f"{path}: {where} must be a table; got {value!r}.")
        return dict(value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise InputError(f"{path}: {where} = {value!r}; it must be a {_WORDS.get(hint, hint.__name__)}.")
    if hint is float and not math.isfinite(value):
        raise InputError(f"{path}: {where} = {value!r}; it must be a number that is finite.")
    return value


_WORDS = {str: "text", float: "number", int: "whole number", bool: "true or false"}


def _check(path: Path, recipe: Recipe) -> None:
    s = recipe.student
    try:
        name_folder(recipe.name)  # what it makes is promoted under this name, hours later
    except InputError as error:
        raise InputError(f"{path}: name = {recipe.name!r}: {error}") from None
    choices: list[tuple[str, Any, tuple[Any, ...]]] = [
        ("shape", recipe.shape, SHAPES),
        ("pooling", recipe.pooling, POOLINGS),
        ("precision", recipe.precision, PRECISIONS),
        ("state_dtype", recipe.state_dtype, STATE_DTYPES),
        ("student.loss", s.loss, tuple(LOSSES)),
        *(("text.fields", name, TEXT_FIELDS) for name in recipe.text.fields),
        *(("queries.sources", name, QUERY_SOURCES) for name in recipe.queries.sources),
        *((f"teacher.members[{i}].kind", m.kind, MEMBER_KINDS) for i, m in enumerate(recipe.teacher.members)),
        *((f"teacher.members[{i}].pooling", m.pooling, POOLINGS) for i, m in enumerate(recipe.teacher.members)),
    ]
    for key, value, values in choices:
        if value not in values:
            raise InputError(f"{path}: {key} = {value!r}; it must be one of {', '.join(values)}.")
    ranges: list[tuple[str, float, float, float]] = [
        ("blend_weight", recipe.blend_weight, 0, 1),
        ("split.test", recipe.split.test, 0, 0.9),
        ("split.dev", recipe.split.dev, 0, 0.9),
        ("split.folds", recipe.split.folds, 2, 100),
        ("pairs.hard", recipe.pairs.hard, 0, 1),
        ("pairs.per_query", recipe.pairs.per_query, 2, 10_000),
        ("queries.count", recipe.queries.count, 0, 1e9),
        ("labels.count", recipe.labels.count, 0, 1e12),
        ("labels.workers", recipe.labels.workers, 0, 100_000),
        ("labels.shard", recipe.labels.shard, 1, 1e9),
        ("labels.known_share", recipe.labels.known_share, 0, 1),
        ("teacher.smoothing", recipe.teacher.smoothing, 0, 0.9),
        ("student.epochs", s.epochs, 0, 1e6),
        ("student.learning_rate", s.learning_rate, 0, 1),
        ("student.warmup", s.warmup, 0, 1),
        ("student.weight_decay", s.weight_decay, 0, 100),
        ("student.patience", s.patience, 0, 1e9),
        ("student.evaluations", s.evaluations, 0, 1e6),
        ("student.layers", s.layers, 0, 10_000),
        ("student.list_size", s.list_size, 2, 10_000),
        ("student.lists_per_step", s.lists_per_step, 1, 10_000),
        ("student.cosine_share", s.cosine_share, 0, 1),
        ("student.gold_share", s.gold_share, 0, 1),
        ("student.text_dropout", s.text_dropout, 0, 1),
        ("student.stay_near", s.stay_near, 0, 1),
        ("llm.concurrency", recipe.llm.concurrency, 1, 10_000),
        ("llm.timeout_s", recipe.llm.timeout_s, 0.001, 1e6),
        ("llm.samples", recipe.llm.samples, 1, 1_000),
        ("llm.max_tokens", recipe.llm.max_tokens, 1, 1e6),
        ("llm.price_in", recipe.llm.price_in, 0, 1e9),
        ("llm.price_out", recipe.llm.price_out, 0, 1e9),
        ("llm.max_cost", recipe.llm.max_cost or 0, 0, 1e12),
        ("llm.min_kappa", recipe.llm.min_kappa, -1, 1),
        ("llm.check_pairs", recipe.llm.check_pairs, 1, 1e9),
        ("curve.test_queries", recipe.curve.test_queries, 0, 1e9),
        ("gate.margin", recipe.gate.margin, 0, 1),
        ("gate.margin_int8", recipe.gate.margin_int8, 0, 1),
        ("window", recipe.window, 1, 10_000),
        ("state_size", recipe.state_size, 0, 1e6),
        ("text.max_product_tokens", recipe.text.max_product_tokens, 3, 1e6),
        ("text.max_query_tokens", recipe.text.max_query_tokens, 3, 1e6),
        ("seed", recipe.seed, 0, 2**32 - 1),
        *((f"student.seeds[{i}]", seed, 0, 2**32 - 1) for i, seed in enumerate(s.seeds)),
        *((f"curve.seeds[{i}]", seed, 0, 2**32 - 1) for i, seed in enumerate(recipe.curve.seeds)),
        *((f"curve.amounts[{i}]", amount, 0, 1e12) for i, amount in enumerate(recipe.curve.amounts)),
    ]
    for i, m in enumerate(recipe.teacher.members):
        where = f"teacher.members[{i}]"
        if not m.base and member_class(m.kind).needs_base:
            raise InputError(f"{path}: the key {where}.base is missing; a {m.kind} needs a model.")
        if not m.seeds:
            raise InputError(f"{path}: {where}.seeds is empty; name at least one seed.")
        ranges += [
            (f"{where}.epochs", m.epochs, 1, 10_000),
            (f"{where}.batch_size", m.batch_size, 1, 1_000_000),
            (f"{where}.max_tokens", m.max_tokens, 16, 1_000_000),
            (f"{where}.lora_rank", m.lora_rank, 0, 10_000),
            (f"{where}.learning_rate", m.learning_rate, 0, 1),
            (f"{where}.head_learning_rate", m.head_learning_rate, 0, 1),
            (f"{where}.balance", m.balance, 0, 1),
        ]
    for key, number, low, high in ranges:
        if not low <= number <= high:
            raise InputError(f"{path}: {key} = {number}; it must be from {low:g} to {high:g}.")
    if not s.seeds:
        raise InputError(f"{path}: student.seeds is empty; name at least one seed.")
    names = [shop.name for shop in recipe.shops] + [pairs.name for pairs in recipe.judged_pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{path}: two shops are called {twice[0]!r}; each needs a name of its own.")
