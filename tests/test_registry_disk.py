"""The registry where nothing can be written: a full disk, and a home that may only be read."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from model_parts import pretended

from endcap.errors import InputError
from endcap.plugin.model.registry import current_folder, list_models, promote, resolve, rollback
from endcap.plugin.model.registry_files import read_history


@pytest.fixture
def models(tmp_path: Path) -> dict[str, Path]:
    """Three model folders outside of the registry."""
    return {name: pretended(tmp_path / "made" / name, name) for name in "abc"}


@pytest.fixture
def small_files() -> Iterator[Callable[[], None]]:
    """A limit on a file's size, which a write meets as it would meet a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full(models: dict[str, Path], small_files: Callable[[], None]) -> None:
    """A copy that can't be written is one clear error, leaves nothing behind, and what is in use stays in use."""
    first = promote(models["a"], "shop", "a")
    small_files()
    with pytest.raises(InputError, match=r"can't be written: .*stays in use"):
        promote(models["b"], "shop", "b")
    assert current_folder("shop") == first
    assert [p.name for p in first.parent.iterdir() if p.is_dir()] == [first.name]


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that can't be written, for somebody who is not root."""
    import fcntl  # noqa: F401  (what is imported later could not be read)

    root = os.geteuid() == 0
    above = [path for path in folder.parents if "pytest-of-" in str(path)]
    modes = {path: path.stat().st_mode for path in [*above, folder, *folder.rglob("*")]}
    for path, mode in modes.items():  # what lies above is other tests' as well: only opened
        path.chmod(mode | 0o055 if path in above[1:] else 0o555 if path.is_dir() else 0o444)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


def test_a_home_that_can_not_be_written(models: dict[str, Path], endcap_home: Path) -> None:
    """A service that may only read can use a model; changing one is a clear error."""
    first = promote(models["a"], "shop", "a")
    with read_only(endcap_home):
        assert resolve("shop") == current_folder("shop") == first
        assert (len(list_models()), len(read_history("shop"))) == (1, 1)
        for change in (lambda: promote(first, "other", "why"), lambda: rollback("shop")):
            with pytest.raises(InputError, match=r"can't be written: Permission denied. The model in use stays"):
                change()
    assert [version.name for version in list_models()] == ["shop"]
