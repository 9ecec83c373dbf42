"""The code blocks of the documents: where they are, what language they are in, and their commands."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/experiments/*.md")]
)

_FENCED = re.compile(r"^```(\w*)(?: file=(\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?<=\n\n)(?:    .*\n)(?:(?:    .*)?\n)*")
_PROGRAMS = ("endcap", "make", "pip", "python", "docker")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a document. ``line`` is where its text begins, ``file`` the name of the file that it shows."""

    document: str
    line: int
    language: str
    text: str
    file: str = ""
    indented: bool = False

    def __str__(self) -> str:
        return f"{self.document}:{self.line} ({self.language})"


def blocks(document: str) -> list[Block]:
    """The fenced and indented blocks of a document, in its order.

    A fence without a language and an indented block are ``sh`` where each line begins with a program, ``python`` where
    the first is an import, and ``text`` otherwise.
    """
    page = (ROOT / document).read_text(encoding="utf-8")
    found = []
    for fence in _FENCED.finditer(page):
        language, file, text = fence[1], fence[2] or "", fence[3]
        line = page.count("\n", 0, fence.start(3)) + 1
        found.append(Block(document, line, language or _language(text), text, file))
    rest = _FENCED.sub(lambda fence: "\n" * fence[0].count("\n"), page)
    for indented in _INDENTED.finditer(rest):
        text = re.sub(r"^    ", "", indented[0], flags=re.MULTILINE).strip("\n") + "\n"
        line = rest.count("\n", 0, indented.start()) + 1
        found.append(Block(document, line, _language(text), text, indented=True))
    return sorted(found, key=lambda block: block.line)


def _language(text: str) -> str:
    lines = command_lines(text)
    if lines and all(line.split()[0] in _PROGRAMS for line in lines):
        return "sh"
    return "python" if lines and lines[0].startswith(("from ", "import ")) else "text"


def command_lines(text: str) -> list[str]:
    """The commands of a shell block, those over several lines as one."""
    joined = re.sub(r"\\\n\s*", "", text)
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def split(line: str) -> list[str]:
    """A command's words, without what stands behind a #."""
    return shlex.split(line, comments=True)


def command_of(words: list[str]) -> tuple[click.Command, click.Context, list[str]]:
    """The command of endcap's that the first words name, and the words behind them; ``click.UsageError`` for none."""
    from endcap.cli.main import endcap

    command: click.Command = endcap
    context = click.Context(endcap, info_name="endcap")
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"no command {words[0]!r} in {context.command_path!r}")
        context = click.Context(found, info_name=words[0], parent=context)
        command, words = found, words[1:]
    return command, context, words


def parse_endcap(words: list[str], *, whole: bool = True) -> None:
    """Ask click whether these words are a command of endcap's; ``click.UsageError`` says what is wrong with them.

    Nothing is run, and files need not exist. Where the command is not ``whole``, what it needs may be missing.
    """
    command, context, words = command_of(words)
    given, rest, _ = command.make_parser(context).parse_args(args=list(words))
    if rest:
        raise click.UsageError(f"{context.command_path!r} takes no {rest}")
    for parameter in command.params:
        value = given.get(str(parameter.name))
        missing = not isinstance(value, (str, int, tuple, list, bool))
        if missing and parameter.required and whole:
            raise click.UsageError(f"{context.command_path!r} needs {parameter.name!r}")
        if not missing and not isinstance(parameter.type, click.Path):
            parameter.type_cast_value(context, value)


def wrong_words(code: str) -> list[str]:
    """Of a command in a sentence, where names may stand for values: the command or the options that do not exist."""
    words = [word for word in re.split(r"[\s|]+", code.replace("\\", "")) if word][1:]
    named = [word for word in words if re.fullmatch(r"[a-z-]+", word)]
    try:
        command, context, _ = command_of(named)
    except click.UsageError as error:
        return [error.format_message()]
    known = {
        option for parameter in command.get_params(context) for option in (*parameter.opts, *parameter.secondary_opts)
    }
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
