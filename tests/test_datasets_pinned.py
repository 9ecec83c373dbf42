"""Public data sets are listed, pinned, and known by their checksums."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from endcap.cli.main import run
from endcap.index.datasets.fetch import checksum, copy_dataset
from endcap.index.datasets.sources import DATASETS


def test_command_warns_of_another_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command takes a user's own files, with a warning for each on stderr, and succeeds."""
    (tmp_path / "mine").mkdir()
    for file in DATASETS["wands"].files:
        (tmp_path / "mine" / file.name).write_bytes(b"mine")
    assert run(["datasets", "fetch", "wands", "--from", str(tmp_path / "mine"), "--to", str(tmp_path / "w")]) == 0
    said = capsys.readouterr()
    assert said.err.count("Warning: ") == said.err.count("\n") == len(DATASETS["wands"].files)
    assert "wands is in" in said.out
    assert (tmp_path / "w" / "label.csv").read_bytes() == b"mine"


def test_checksums_are_gits_and_the_usual_ones(tmp_path: Path) -> None:
    """git-blob is what `git hash-object` prints; sha256 and md5 are what their tools print."""
    path = tmp_path / "hello"
    path.write_bytes(b"hello\n")
    assert checksum(path, "git-blob") == "git-blob:ce013625030ba8dba906f756967f9e9ca394464a"
    assert checksum(path, "md5") == "md5:b1946ac92492d2347c6235b4d2611184"
    assert checksum(path, "sha256").startswith(
        "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
    )


def test_every_data_set_is_pinned_and_checked() -> None:
    """Each file has an https address and a whole checksum; addresses on GitHub name a commit, not a branch."""
    lengths = {"sha256": 64, "md5": 32, "git-blob": 40}
    for dataset in DATASETS.values():
        assert dataset.owner
        assert dataset.licence
        assert dataset.contents
        assert dataset.pinned
        for file in dataset.files:
            kind, _, digits = file.checksum.partition(":")
            assert len(digits) == lengths[kind]
            assert int(digits, 16)
            assert file.url.startswith("https://")
            if "githubusercontent" in file.url:
                assert any(len(part) == 40 and int(part, 16) for part in file.url.split("/"))


def test_published_files_pass_their_checksums(datasets: Path, tmp_path: Path) -> None:
    """The catalogues' files, as their owners published them, are what the list says."""
    for name, files in (("chorus", [f"{n}.json.zip" for n in "1234"]), ("esci-us", ["ubi_ecommerce_products.json.gz"])):
        dataset = DATASETS[name]
        here = replace(dataset, files=tuple(file for file in dataset.files if file.name in files))
        assert len(here.files) == len(files)
        assert copy_dataset(here, datasets / name, tmp_path / name) == []
        assert all((tmp_path / name / file.name).stat().st_size == file.n_bytes for file in here.files)
