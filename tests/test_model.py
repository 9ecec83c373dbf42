"""Model folders: what is served is what was exported, or nothing."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from endcap.errors import ModelError
from endcap.plugin.model.cpu import available_cpus
from endcap.plugin.model.folder import default_folder, read_model
from endcap.plugin.model.student import Student


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "model"))


def edit(folder: Path, **changes: Any) -> None:
    raw = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**raw, **changes}))


def test_the_shipped_folder_is_whole_and_small() -> None:
    """The default student is checked, at most 40 MB, and its state at most 1 KB."""
    info = read_model()
    assert sum(p.stat().st_size for p in info.folder.rglob("*") if p.is_file()) <= 40e6
    assert info.state_bytes is not None
    assert info.state_bytes <= 1024


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": 2}, "schema 2; this endcap reads schema 1"),
        ({"schema": None}, "schema None"),
        ({"shape": "tri-encoder"}, "tri-encoder"),
        ({"files": {}}, "must list checksums"),
        ({"pooling": "max"}, r"pooling 'max' \(cls or mean\)"),
        ({"state": {"dtype": "float8", "shape": [384]}}, "float8"),
        ({"state": {"dtype": "int32", "shape": [384]}}, "int32"),
        ({"blend": {"weight": 1.5, "window": 100}}, "1.5"),
        ({"text": {"fields": ["titel"]}}, "titel"),
        ({"text": {"fields": ["title"], "max_tokens": 3}}, "max_tokens"),
        ({"text": {"fields": ["title"], "whole": ["title"]}}, "text.whole"),
        ({"score": {}}, "scale"),
    ],
)
def test_misstated_folders_are_refused(folder: Path, changes: dict[str, Any], message: str) -> None:
    """What model.json misstates is named, with its value."""
    edit(folder, **changes)
    with pytest.raises(ModelError, match=message):
        read_model(folder)


def test_the_contract_shows_every_key() -> None:
    """The example of docs/model-folder.md has the keys of the shipped folder, and its recipe."""
    page = (Path(__file__).parent.parent / "docs" / "model-folder.md").read_text()
    example = json.loads(page.split("```json\n")[1].split("```")[0])
    shipped = read_model().raw
    varied = ("files", "lineage")
    keys = [
        {key: set(value) if isinstance(value, dict) else "" for key, value in folder.items() if key not in varied}
        for folder in (example, shipped)
    ]
    assert keys[0] == keys[1]
    assert set(example) == set(shipped)
    assert example["text"] == shipped["text"]


def test_a_broken_file_is_refused(folder: Path) -> None:
    """A truncated graph is noticed before it is run."""
    graph = folder / "onnx" / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"model\.onnx is not the file"):
        read_model(folder)
    graph.unlink()
    with pytest.raises(ModelError, match=r"model\.onnx can't be read"):
        read_model(folder)


@pytest.mark.parametrize("content", ["", "[]", "{", "null", '{"schema": 1}', "\x00"])
def test_broken_json_is_refused(folder: Path, content: str) -> None:
    """Whatever stands in model.json, the answer is a ModelError."""
    (folder / "model.json").write_text(content)
    with pytest.raises(ModelError):
        read_model(folder)


def test_score_and_blend_leave_states_valid(folder: Path) -> None:
    """Folders that differ in scale, blend or name alone share their states; another text recipe does not."""
    before = read_model(folder)
    raw = dict(before.raw)
    edit(folder, name="other", score={"scale": 12.0, "offset": 1.0}, blend={"weight": 0.1, "window": 7})
    after = read_model(folder)
    assert after.checksum == before.checksum
    scores = [Student(info).score("shoe", ["red shoe"])[0] for info in (before, after)]
    assert scores[1] == pytest.approx(12 * scores[0] + 1, abs=1e-5)
    edit(folder, text={**raw["text"], "max_product_tokens": 8})
    assert read_model(folder).checksum != before.checksum


def test_cpus_follow_the_containers_quota(tmp_path: Path) -> None:
    """A container with one and a half CPUs gets two threads, one without a quota what its affinity allows."""
    everything = available_cpus(tmp_path)
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert available_cpus(tmp_path) == 1
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert available_cpus(tmp_path) == everything
    (tmp_path / "cpu.max").unlink()
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("100000")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000")
    assert available_cpus(tmp_path) == 1
