"""A work folder survives whatever happens to it: kills, Ctrl-C, a full disk, another process."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import child_process
import pytest
import stand_in_stages
from pipeline_parts import ALL, outputs, run
from stand_in_stages import write_shop

from endcap.cli.main import run as endcap
from endcap.distill.work.folder import Work
from endcap.errors import InputError


@pytest.fixture(autouse=True)
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the stages that were put in place of the real ones have run."""
    names: list[str] = []
    stand_in_stages.install(lambda name, module: monkeypatch.setitem(sys.modules, name, module), ran=names)
    return names


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop")


def process(recipe: Path, work: Path, pause_s: float = 0.0, **words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", stand_in_stages.__file__, str(recipe), str(work), str(pause_s)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **words)  # type: ignore[call-overload,no-any-return]


def test_killed_at_random_moments_the_outputs_are_the_same(recipe: Path, tmp_path: Path) -> None:
    """Eight kills, each after some stages have begun; then a whole run."""
    draw = random.Random(3)
    run(recipe, tmp_path / "undisturbed")
    for _ in range(8):
        with process(recipe, tmp_path / "work", 0.02) as found:
            assert found.stdout is not None
            for _ in range(draw.randint(1, 10)):
                found.stdout.readline()
            time.sleep(draw.random() / 10)
            found.kill()
    run(recipe, tmp_path / "work")
    assert outputs(tmp_path / "work") == outputs(tmp_path / "undisturbed")
    assert not list((tmp_path / "work").rglob("*.part"))


def test_two_processes_do_not_work_in_one_folder(recipe: Path, tmp_path: Path) -> None:
    with process(recipe, tmp_path / "work", 0.5) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with pytest.raises(InputError, match=f"Another process works in {tmp_path}/work. Wait for it, or name another"):
            run(recipe, tmp_path / "work")
        assert Work(tmp_path / "work").is_locked()
        first.kill()
    assert not Work(tmp_path / "work").is_locked()
    assert run(recipe, tmp_path / "work")


def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(recipe: Path, tmp_path: Path) -> None:
    code = (
        "import sys, stand_in_stages; stand_in_stages.install(sys.modules.__setitem__, 0.3)\n"
        "from endcap.cli.main import main; main()"
    )
    command = [sys.executable, "-P", "-c", code, "distill", "run", str(recipe), "--work", str(tmp_path / "work")]
    # A shell that runs the tests in the background has SIGINT ignored, and its children inherit that.
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        text=True,
        env=child_process.environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as found:
        assert found.stderr is not None
        while "student: " not in found.stderr.readline():
            assert found.poll() is None
        found.send_signal(signal.SIGINT)
        said = found.stderr.read()
        assert found.wait() == 130
    assert "What was done is kept: the same command goes on from there." in said
    assert "Traceback" not in said
    assert "split" not in run(recipe, tmp_path / "work")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB, where root may mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("allowed: only root may mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_named_and_ridden_out(recipe: Path, tmp_path: Path, small_disk: Path) -> None:
    """Nothing is left half-written, what was done is kept, and with room the same command ends the work."""
    fill = small_disk / "fill"
    run(recipe, small_disk / "work", ALL[:3])
    before = outputs(small_disk / "work")
    free = os.statvfs(small_disk)
    fill.write_bytes(bytes(free.f_bavail * free.f_frsize))
    with pytest.raises(InputError, match=r"The disk is full: the stage teacher can't write to .*/work/teacher"):
        run(recipe, small_disk / "work")
    assert not list(small_disk.rglob("*.part"))
    assert outputs(small_disk / "work") == before
    fill.unlink()
    assert run(recipe, small_disk / "work") == ALL[3:]


def test_a_file_that_may_not_grow_is_named(recipe: Path, tmp_path: Path) -> None:
    """A limit on file sizes, as some clusters set it: one line that names the file, no half of it, and a way back."""
    code = (
        "import resource, sys; from endcap.cli.main import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500)); main()"
    )
    command = [sys.executable, "-P", "-c", code, "distill", "split", str(recipe), "--work", str(tmp_path / "work")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"Error: {tmp_path}/work/split/judged.parquet: File too large."
    assert [path.name for path in (tmp_path / "work/split").iterdir()] == ["started.json"]
    assert endcap(["distill", "split", str(recipe), "--work", str(tmp_path / "work")]) == 0


def test_a_folder_that_can_not_be_written_is_named(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the place of the folder; nobody else than root can be kept out of a folder by its mode alone."""
    (tmp_path / "file").write_text("")
    assert endcap(["distill", "split", str(recipe), "--work", str(tmp_path / "file" / "work")]) == 2
    assert f"{tmp_path}/file/work: Not a directory." in capsys.readouterr().err
    if os.geteuid():
        (tmp_path / "locked").mkdir(mode=0o500)
        assert endcap(["distill", "split", str(recipe), "--work", str(tmp_path / "locked" / "work")]) == 2
        assert f"{tmp_path}/locked/work: Permission denied." in capsys.readouterr().err
