"""Recipes: what is wrong in one is named, key and value."""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.distill.recipe.settings import MemberRecipe, Recipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.distill.recipe_file import RECIPES, read_recipe
from endcap.errors import InputError

LEAST = {"name": "n", "base": "b", "license": "l"}


class Raw(str):
    """A value as TOML says it."""


def toml(value: Any) -> str:
    """A TOML value."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML is stricter there


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> typing.Callable[[dict[str, Any]], Recipe]:
    """Reads a recipe with these keys."""
    path = tmp_path_factory.mktemp("recipes") / "a.toml"

    def read(keys: dict[str, Any]) -> Recipe:
        path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in keys.items()), encoding="utf-8")
        return read_recipe(path)

    return read


def leaves(kind: type, where: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each key of a recipe, by the tables that lead to it, and its type."""
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if typing.get_origin(hint) in (typing.Union, types.UnionType):
            [hint] = [each for each in typing.get_args(hint) if each is not type(None)]
        if field.name == "data":
            continue
        if dataclasses.is_dataclass(hint):
            yield from leaves(hint, (*where, field.name))
        else:
            yield (*where, field.name), hint


def nested(where: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(where):
        value = {key: value}
    return {**LEAST, **value}


LEAVES = list(leaves(Recipe))
SCALARS = [(where, hint) for where, hint in LEAVES if hint in (str, int, float, bool)]
RIGHT = {
    str: st.text(st.characters(codec="utf-8")),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
}
ANY = st.one_of(*RIGHT.values(), st.lists(st.integers(0, 9), max_size=2), st.just({"a": 1}))


def fits(hint: type, value: object) -> bool:
    if hint is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    return isinstance(value, hint) and not (hint is int and isinstance(value, bool))


@settings(deadline=None)
@given(st.sampled_from(SCALARS), ANY)
def test_a_value_is_taken_or_named(read: Any, leaf: tuple[tuple[str, ...], type], value: Any) -> None:
    """Any value of any key: it is in the recipe, or an error names the key and the value. Nothing else is raised."""
    where, hint = leaf
    try:
        recipe = read(nested(where, value))
    except InputError as error:
        said = str(error)
    else:
        assert fits(hint, value)
        for key in where:
            recipe = getattr(recipe, key)
        assert recipe == value
        return
    assert ".".join(where) in said
    assert repr(value) in said or repr(float(value)) in said


@settings(deadline=None)
@given(st.sampled_from(SCALARS), ANY)
def test_a_wrong_type_is_refused(read: Any, leaf: tuple[tuple[str, ...], type], value: Any) -> None:
    where, hint = leaf
    if not fits(hint, value):
        with pytest.raises(InputError, match=r"it must be a (text|number|whole number|true or false)"):
            read(nested(where, value))


@settings(deadline=None)
@given(st.sampled_from(LEAVES), st.from_regex(r"[a-z_]{1,12}", fullmatch=True))
def test_an_unknown_key_is_named_with_the_known_ones(read: Any, leaf: tuple[tuple[str, ...], Any], key: str) -> None:
    """At the top and in each table."""
    tables = leaf[0][:-1]
    known = [where[-1] for where, _ in LEAVES if where[:-1] == tables]
    if not any(where[: len(tables) + 1] == (*tables, key) for where, _ in LEAVES) and (tables or key != "data"):
        with pytest.raises(InputError) as error:
            read(nested((*tables, key), 1))
        assert f"unknown key {'.'.join((*tables, key))}. Known are: " in str(error.value)
        assert all(name in str(error.value) for name in known)


@pytest.mark.parametrize("key", LEAST)
def test_a_missing_key_is_named(read: Any, key: str) -> None:
    with pytest.raises(InputError, match=f"the key {key} is missing"):
        read({name: value for name, value in LEAST.items() if name != key})


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"shops": [{"name": "s"}]}, "the key shops[0].catalogue is missing"),
        ({"shops": [{"name": "s", "catalogue": "c", "x": 1}]}, "unknown key shops[0].x"),
        ({"shops": {"name": "s"}}, "shops must be a list; got {'name': 's'}"),
        ({"shops": ["s"]}, "shops[0] must be a table; got 's'"),
        ({"shops": [{"name": "s", "catalogue": "c"}] * 2}, "two shops are called 's'"),
        ({"teacher": {"members": [{"kind": "oracle"}]}}, "teacher.members[0].kind = 'oracle'; it must be one of"),
        ({"teacher": {"members": [{"kind": "cosine", "seeds": ["x"]}]}}, "teacher.members[0].seeds[0] = 'x'"),
        ({"text": {"max_chars": 5}}, "text.max_chars must be a table; got 5"),
        ({"text": {"fields": ["titel"]}}, "text.fields = 'titel'; it must be one of title, brand"),
        ({"student": 3}, "student must be a table; got 3"),
        ({"student": {"seeds": []}}, "student.seeds is empty"),
        ({"shape": "triangle"}, "shape = 'triangle'; it must be one of bi-encoder, cross-encoder"),
        ({"split": {"test": 1.5}}, "split.test = 1.5; it must be from 0 to 0.9"),
        ({"split": {"folds": 1}}, "split.folds = 1; it must be from 2 to 100"),
        ({"labels": {"shard": 0}}, "labels.shard = 0; it must be from 1"),
        ({"labels": {"workers": -1}}, "labels.workers = -1; it must be from 0"),
        ({"labels": {"count": -5}}, "labels.count = -5; it must be from 0"),
        ({"seed": -1}, "seed = -1; it must be from 0"),
        ({"student": {"seeds": [1, -1]}}, "student.seeds[1] = -1; it must be from 0"),
        ({"window": 0}, "window = 0; it must be from 1 to 10000"),
    ],
)
def test_what_is_wrong_is_said(read: Any, keys: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as error:
        read({**LEAST, **keys})
    assert says in str(error.value)


@pytest.mark.parametrize("where", [where for where, hint in SCALARS if hint is float], ids=".".join)
def test_a_number_must_be_one(read: Any, where: tuple[str, ...]) -> None:
    """TOML knows nan and inf; no key does."""
    for value in ("nan", "inf", "-inf"):
        with pytest.raises(InputError, match=f"{re.escape('.'.join(where))} = {value}; it must be a number"):
            read(nested(where, Raw(value)))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"name = ", b"name = 1\nname = 2", b"[a", b"\x00"])
def test_what_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(InputError, match=r"a\.toml is no recipe"):
        read_recipe(tmp_path / "a.toml")


def test_a_recipe_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no recipe .*none\. Recipes that come with endcap: .*default"):
        read_recipe(tmp_path / "none")
    with pytest.raises(InputError, match="is no recipe"):
        read_recipe(tmp_path)


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_recipes_that_come_with_endcap_are_read(name: str) -> None:
    assert read_recipe(name).license


def test_a_whole_recipe_is_read(read: Any, tmp_path: Path) -> None:
    """Tables in lists become records, whole numbers serve as numbers, and what is not said is the default."""
    member = {"kind": "cosine", "base": "x", "seeds": [1, 2], "learning_rate": 1}
    recipe = read({**LEAST, "shops": [{"name": "s", "catalogue": "c"}], "teacher": {"members": [member]}})
    assert recipe.shops == (ShopRecipe("s", "c"),)
    assert recipe.teacher.members == (MemberRecipe("cosine", "x", seeds=(1, 2), learning_rate=1.0),)
    assert recipe.split == dataclasses.replace(recipe.split)
    assert recipe.student.epochs == 1.5


def test_paths_start_from_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Absolute ones, ``~`` and variables stand for themselves."""
    (tmp_path / "a.toml").write_text("".join(f"{key} = {toml(value)}\n" for key, value in LEAST.items()))
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("SHOPS", "/shops")
    recipe = read_recipe(tmp_path / "a.toml", tmp_path / "there")
    names = ("a/b", "/a", "~/a", "$SHOPS/a")
    assert [str(recipe.path(name)) for name in names] == [f"{tmp_path}/there/a/b", "/a", "/home/me/a", "/shops/a"]


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{b = " * 50_000, 'name = "\x00"', "name = 1e999"])
def test_what_no_reader_takes_is_no_recipe(tmp_path: Path, text: str) -> None:
    """However deep, or however odd."""
    path = tmp_path / "odd.toml"
    path.write_text(text)
    with pytest.raises(InputError):
        read_recipe(path)
