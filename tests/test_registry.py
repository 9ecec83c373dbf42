"""The registry: what is promoted is whole, what is in use changes at once, and no kill harms it."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_parts import pretended

from endcap.errors import InputError, ModelError
from endcap.plugin.model.folder import default_folder, identity, read_model
from endcap.plugin.model.registry import current_folder, list_models, promote, resolve, rollback
from endcap.plugin.model.registry_files import POINTER, read_history


@pytest.fixture
def models(tmp_path: Path) -> dict[str, Path]:
    """Three model folders outside of the registry."""
    return {name: pretended(tmp_path / "made" / name, name) for name in "abc"}


def named(folder: Path) -> str:
    return read_model(folder).name.removeprefix("pretended-")


def test_promoting_puts_a_checked_copy_into_use(models: dict[str, Path], endcap_home: Path) -> None:
    """The copy is whole and stands alone; the first version is number 1, with the first digits of its identity."""
    folder = promote(models["a"], "shop", "the first")
    version = f"0001-{identity(read_model(models['a']).raw)[:8]}"
    assert folder == current_folder("shop") == endcap_home / "models" / "shop" / version
    shutil.rmtree(models["a"])
    assert named(folder) == "a"
    assert (folder / "README.md").read_text() == "# a\n"
    pointer = json.loads((folder.parent / POINTER).read_text())
    assert {key: pointer[key] for key in ("current", "previous", "why")} == {
        "current": folder.name,
        "previous": None,
        "why": "the first",
    }


def test_rolling_back_goes_back_one_version_at_a_time(models: dict[str, Path]) -> None:
    """Back and back again, never to the version that was rolled away from; promoting goes forward without a copy."""
    for name in "abc":
        promote(models[name], "shop", f"try {name}")
    assert named(rollback("shop")) == "b"
    assert named(rollback("shop", "still bad")) == "a"
    with pytest.raises(InputError, match="no version before 0001"):
        rollback("shop")
    assert named(promote(models["c"], "shop", "it was good")) == "c"
    assert current_folder("shop").name.startswith("0003-")
    assert named(rollback("shop")) == "a"
    told = [(line["what"], line["current"][:4], line["why"]) for line in read_history("shop")]
    assert told == [
        ("promote", "0001", "try a"),
        ("promote", "0002", "try b"),
        ("promote", "0003", "try c"),
        ("rollback", "0002", "rolled back"),
        ("rollback", "0001", "still bad"),
        ("promote", "0003", "it was good"),
        ("rollback", "0001", "rolled back"),
    ]


def test_rolling_back_to_a_named_version(models: dict[str, Path]) -> None:
    """Only versions that were in use before can be gone back to; others are named in the refusal."""
    first, _, third = (promote(models[name], "shop", name) for name in "abc")
    with pytest.raises(InputError, match=f"never used '{third.name}' before.*{first.name}"):
        rollback("shop", to=third.name)
    assert rollback("shop", to=first.name) == first


def test_what_is_broken_is_neither_promoted_nor_gone_back_to(models: dict[str, Path], endcap_home: Path) -> None:
    """A broken folder, or a broken version in the registry, leaves in use what is in use."""
    first, second = promote(models["a"], "shop", "a"), promote(models["b"], "shop", "b")
    (models["c"] / "onnx" / "model.onnx").write_bytes(b"half")
    with pytest.raises(ModelError, match="the copy is broken"):
        promote(models["c"], "shop", "c")
    (first / "onnx" / "model.onnx").write_bytes(b"half")
    with pytest.raises(ModelError, match="the copy is broken"):
        rollback("shop")
    assert current_folder("shop") == second
    assert sorted(p.name for p in (endcap_home / "models" / "shop").iterdir() if p.is_dir()) == [
        first.name,
        second.name,
    ]
    assert named(promote(models["a"], "shop", "a again")) == "a"  # a whole copy beside the broken one
    assert current_folder("shop").name.startswith("0003-")


def test_a_folder_can_not_bring_in_files_from_elsewhere(models: dict[str, Path], tmp_path: Path) -> None:
    """A model.json that names a file outside of its folder is refused."""
    raw = json.loads((models["a"] / "model.json").read_text())
    raw["files"]["../b/tokenizer.json"] = raw["files"]["tokenizer.json"]
    (models["a"] / "model.json").write_text(json.dumps(raw))
    with pytest.raises(ModelError, match="inside the folder"):
        promote(models["a"], "shop", "a")
    assert list_models() == []


def test_resolving(models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word is a name, a name with a version, 'shipped', or a folder; without one, ENDCAP_MODEL or the shipped."""
    first, second = promote(models["a"], "shop", "a"), promote(models["b"], "shop", "b")
    monkeypatch.chdir(tmp_path)
    pretended(tmp_path / "shop", "folder")
    pretended(tmp_path / "alone", "alone")
    assert resolve("shop") == second
    assert resolve(f"shop@{first.name}") == resolve("shop@1") == resolve("shop@0001") == first
    assert resolve("./shop") == Path("shop")
    assert resolve("alone") == Path("alone")
    assert resolve(models["c"]) == models["c"]
    assert resolve() == resolve("shipped") == default_folder()
    monkeypatch.setenv("ENDCAP_MODEL", "shop@1")
    assert resolve() == first
    with pytest.raises(InputError, match=r"no version '7'.*0001-.*0002-"):
        resolve("shop@7")
    with pytest.raises(InputError, match=r"'nothing' is neither.*Known: shop"):
        resolve("nothing")


@pytest.mark.parametrize("name", ["", "shipped", "a b", "a/b", "../a", "a@b", ".a", "-a", "a" * 101, "ä"])
def test_names_that_can_not_be(models: dict[str, Path], name: str) -> None:
    """A name is a folder's, and must not look like a path, a version or the shipped model."""
    with pytest.raises(InputError, match="can't be a model's name"):
        promote(models["a"], name, "why")


def test_a_reason_is_needed(models: dict[str, Path]) -> None:
    """Whoever reads the history wants to know why."""
    with pytest.raises(InputError, match="Say why"):
        promote(models["a"], "shop", " ")


def test_listing(models: dict[str, Path]) -> None:
    """Every version, with its use, when and why it was promoted, and what is wrong with it."""
    promote(models["a"], "shop", "try a")
    second = promote(models["b"], "shop", "try b")
    promote(models["c"], "shop", "try c")
    promote(models["c"], "other", "as in shop")
    (second / "model.json").write_text("{")
    told = [(v.name, v.version[:4], v.use, v.model, v.why) for v in list_models()]
    assert told == [
        ("other", "0001", "current", "pretended-c", "as in shop"),
        ("shop", "0001", "", "pretended-a", "try a"),
        ("shop", "0002", "previous", "", "try b"),
        ("shop", "0003", "current", "pretended-c", "try c"),
    ]
    assert "can't be read" in list_models("shop")[1].problem


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.sampled_from([b"[]", b"null", b'{"schema": 1}', b'{"schema": 2}']))
def test_a_broken_pointer_is_an_error_that_promoting_mends(models: dict[str, Path], content: bytes) -> None:
    """Whatever stands in the pointer, reading it gives a ModelError, and the next promotion writes it anew."""
    path = promote(models["a"], "shop", "a").parent / POINTER
    before = len(read_history("shop"))
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"current\.json"):
        current_folder("shop")
    assert all(version.problem for version in list_models("shop"))
    promote(models["a"], "shop", "mended")
    assert named(current_folder("shop")) == "a"
    assert len(read_history("shop")) == before + 1


def test_a_history_that_was_cut_is_mended(models: dict[str, Path]) -> None:
    """A kill between the pointer and its line, or within the line, loses no change from the history."""
    promote(models["a"], "shop", "a")
    path = promote(models["b"], "shop", "b").parent / "history.jsonl"
    lines = path.read_text().splitlines()
    path.write_text(lines[0] + "\n" + lines[1][:20])
    assert [line["why"] for line in read_history("shop")] == ["a", "b"]
    promote(models["c"], "shop", "c")
    assert [line["why"] for line in read_history("shop")] == ["a", "b", "c"]
    assert len(path.read_text().splitlines()) == 4


def test_promotions_at_the_same_time(models: dict[str, Path]) -> None:
    """Eight threads promote and roll back: each change follows the one before it, and no model is copied twice."""

    def change(n: int) -> None:
        if n % 4 == 3:
            try:
                rollback("shop")
            except InputError:
                return
        else:
            promote(models["abc"[n % 3]], "shop", f"change {n}")

    promote(models["a"], "shop", "begin")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(40)))
    flips = [line["flip"] for line in read_history("shop")]
    assert flips == list(range(1, len(flips) + 1))
    assert len(list_models("shop")) == 3
    read_model(current_folder("shop"))


CHANGER = """
import random, sys
from endcap.errors import InputError, ModelError
from endcap.plugin.model.registry import promote, rollback
print("begun", flush=True)
made, seed = sys.argv[1], int(sys.argv[2])
draw = random.Random(seed)
while True:
    try:
        if draw.random() < 0.3:
            rollback("shop", f"{seed}")
        else:
            folder = draw.choice("abcdef")
            promote(f"{made}/{folder}", "shop", f"{seed} {folder}")
    except (InputError, ModelError):  # nothing to go back to, or only what was taken away
        pass
    print("changed", flush=True)
"""


def test_killed_at_any_moment(models: dict[str, Path], tmp_path: Path, endcap_home: Path) -> None:
    """SIGKILL a dozen times on the way: what is in use is always whole, and the history has no gap."""
    for name in "def":
        pretended(tmp_path / "made" / name, name)
    promote(models["a"], "shop", "begin")
    draw = random.Random(5)
    for seed in range(12):
        for version in list_models("shop")[draw.randrange(2) :]:  # so that there is something to copy
            if not version.use:
                shutil.rmtree(version.folder)
        command = [sys.executable, "-P", "-c", CHANGER, str(tmp_path / "made"), str(seed)]
        changer = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert changer.stdout is not None
        for _ in range(draw.randint(1, 4)):  # by what it has done, not by time, which a busy machine stretches
            began = time.monotonic()
            changer.stdout.readline()
        time.sleep(draw.random() * min(0.1, time.monotonic() - began))
        changer.send_signal(signal.SIGKILL)
        changer.wait()
        read_model(current_folder("shop"))
        flips = [line["flip"] for line in read_history("shop")]
        assert flips == list(range(1, len(flips) + 1))
    assert len(read_history("shop")) > 8
    promote(models["b"], "shop", "end")
    left = [p.name for p in (endcap_home / "models" / "shop").iterdir() if p.name.startswith(".") or ".tmp" in p.name]
    assert left == []
