"""The teacher's part of a recipe: what is wrong in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.stage import stages
from endcap.errors import InputError

HEAD = 'name = "n"\nbase = "b"\nlicense = "l"\n[[teacher.members]]\n'


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('kind = "cosine"', r"teacher.members\[0\].base is missing; a cosine needs a model"),
        ('kind = "oracle"', r"kind = 'oracle'; it must be one of"),
        ('kind = "cross-encoder"\nbase = "b"\nseeds = []', "seeds is empty"),
        ('kind = "cross-encoder"\nbase = "b"\nbalance = 2', "balance = 2.0; it must be from 0 to 1"),
        ('kind = "cross-encoder"\nbase = "b"\nepochs = 0', "epochs = 0; it must be from 1"),
        ('kind = "engine"\nlora = 4', "unknown key teacher.members"),
    ],
)
def test_a_wrong_member_is_named(tmp_path: Path, lines: str, message: str) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(HEAD + lines, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_recipe(path)


def test_members_are_read(tmp_path: Path) -> None:
    """A list of tables, each a record; a teacher may have a text of its own."""
    path = tmp_path / "recipe.toml"
    path.write_text(f'{HEAD}kind = "engine"\n[teacher.text]\nfields = ["title"]\n', encoding="utf-8")
    read = read_recipe(path).teacher
    assert [member.kind for member in read.members] == ["engine"]
    assert read.text is not None
    assert read.text.fields == ("title",)


def test_the_students_text_is_nothing_to_a_teacher_with_its_own(tmp_path: Path) -> None:
    """Another text for the student trains and asks no teacher anew that reads a text of its own."""
    path = tmp_path / "recipe.toml"

    def settings(student: str, teacher: str) -> dict[str, object]:
        path.write_text(f'{HEAD}kind = "engine"\n{teacher}[text]\nfields = {student}\n', encoding="utf-8")
        return stages()["teacher"].settings(read_recipe(path))

    own = '[teacher.text]\nfields = ["title"]\n'
    assert settings('["title"]', own) == settings('["brand"]', own)
    assert settings('["title"]', "") != settings('["brand"]', "")
