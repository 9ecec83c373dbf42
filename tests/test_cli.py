"""The command line as a whole: fast, helpful, and one line for every failure."""

from __future__ import annotations

import errno
import resource
import subprocess
import sys
import types
from pathlib import Path

import click
import pytest

import endcap
from endcap.cli import main
from endcap.errors import InputError

PROGRAM = str(Path(sys.executable).parent / "endcap")


def endcap_runs(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A command ``fail`` whose body is set with ``failing.setattr(module, "action", ...)``."""
    module = types.ModuleType("endcap.cli.fail")

    @click.command()
    def fail() -> None:
        module.action()

    module.command = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "endcap.cli.fail", module)
    monkeypatch.setitem(main.SUMMARIES, "fail", "Fail")
    monkeypatch.setattr(main, "configure_logging", lambda: None)
    return monkeypatch


def status_of(failing: pytest.MonkeyPatch, error: BaseException) -> int:
    def action() -> None:
        raise error

    failing.setattr(sys.modules["endcap.cli.fail"], "action", action, raising=False)
    return main.run(["fail"])


def test_help_is_fast() -> None:
    """`endcap --help` takes under 0.3 seconds of CPU time, which a busy machine does not stretch; the best of five."""
    times = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert endcap_runs("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(times) < 0.3, times


def test_a_group_alone_shows_its_help() -> None:
    """`endcap models` without more is a question, not an error: its help, as it is laid out."""
    shown = endcap_runs("models")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == endcap_runs("models", "--help").stdout


def test_help_imports_no_command() -> None:
    """The group's help loads neither a command nor any of the heavy libraries."""
    heavy = {"aiohttp", "ir_measures", "numpy", "onnxruntime", "opensearchpy", "pyarrow", "rich", "tantivy"}
    program = f"""
import sys
from endcap.cli.main import SUMMARIES, run
run(["--help"])
print("loaded:", *sorted(({heavy!r} | {{f"endcap.cli.{{name}}" for name in SUMMARIES}}) & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "loaded:"


@pytest.mark.parametrize("name", main.SUMMARIES)
def test_every_command_has_help_with_examples(name: str) -> None:
    """Each command's help begins with the group's summary of it and has an Examples block that names it."""
    command = main.endcap.get_command(click.Context(main.endcap), name)
    assert command is not None
    assert command.get_short_help_str(limit=500).startswith(main.SUMMARIES[name])
    run = endcap_runs(name, "--help")
    assert run.returncode == 0, run.stderr
    assert "Examples:" in run.stdout
    assert f"endcap {name}" in run.stdout.partition("Examples:")[2]


def test_no_arguments_show_the_help() -> None:
    """`endcap` alone is `endcap --help`."""
    assert endcap_runs().stdout == endcap_runs("--help").stdout


def test_version() -> None:
    """`endcap --version` says the package's version."""
    assert endcap_runs("--version").stdout == f"endcap {endcap.__version__}\n"


def test_an_unknown_command_gets_a_suggestion() -> None:
    """A misspelt command fails with 2 and one line that names the nearest command."""
    run = endcap_runs("evalute")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "Error: No such command 'evalute'. Did you mean 'evaluate'? Try 'endcap --help'.\n"


def test_a_wrong_option_is_one_line() -> None:
    """A wrong option fails with 2 and one line that says where the help is."""
    run = endcap_runs("search", "--no-such-option")
    assert (run.returncode, run.stdout) == (2, "")
    assert len(run.stderr.splitlines()) == 1
    assert "'endcap search --help'" in run.stderr


def test_our_own_errors_are_one_line(failing: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """An EndcapError, even one of several lines, fails with 2 and one line."""
    assert status_of(failing, InputError("shop.jsonl:7: no id\n  give one")) == 2
    assert capsys.readouterr().err == "Error: shop.jsonl:7: no id give one\n"


def test_unexpected_errors_say_how_to_see_more(failing: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Any other exception fails with 1, one line, and the way to the traceback; ENDCAP_DEBUG=1 shows it."""
    failing.delenv("ENDCAP_DEBUG", raising=False)
    assert status_of(failing, KeyError("weight")) == 1
    said = capsys.readouterr().err
    assert said == "Error: Unexpected KeyError: 'weight' (run with ENDCAP_DEBUG=1 for the traceback)\n"
    failing.setenv("ENDCAP_DEBUG", "1")
    assert status_of(failing, KeyError("weight")) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_file_that_cannot_be_used_is_named(failing: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk, a read-only folder or a file in a folder's place is the user's to mend: 2, and which one it is."""
    assert status_of(failing, OSError(errno.ENOSPC, "No space left on device", "/data/shop.db")) == 2
    assert capsys.readouterr().err == "Error: /data/shop.db: No space left on device.\n"


def test_control_c_ends_with_130(failing: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends the program with 130 and without a traceback."""
    assert status_of(failing, KeyboardInterrupt()) == 130
    assert capsys.readouterr().err.strip() == ""


def test_a_closed_pipe_is_quiet() -> None:
    """Nothing is printed when the reader of the output has gone, as in `endcap --help | true`."""
    process = subprocess.Popen([PROGRAM, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.wait()
