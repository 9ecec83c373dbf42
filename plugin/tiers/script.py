"""How a script's score depends on the score of the query inside: the part of Painless that can be told for sure.

script(x) = slope * x + something, or = something * x, where nothing else of it depends on x
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKENS = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?[fFdDlL]?)|(?P<name>[A-Za-z_$][\w$]*)"
    r"|(?P<string>'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|(?P<sign>&&|\|\||[=!<>]=|.))",
    re.DOTALL,
)
_SCORE = "_score"
_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_COMMENT = re.compile(rf"({_STRING})|/\*.*?\*/|//[^\n]*", re.DOTALL)
_ODD_STRING = re.compile(rf"(?=['\"])(?:{_STRING})")
_BLOCK, _ELSE = re.compile(r"(?:^|;|\})\s*(if|for|while)\s*\("), re.compile(r"^else\b\s*")


@dataclass(frozen=True, slots=True)
class Use:
    """``slope`` x + c, where c is the same for every x, and 0 unless ``shifted``; a slope of None is not known."""

    slope: float | None = 0.0
    shifted: bool = True

    @property
    def is_free(self) -> bool:
        """Whether x has no say."""
        return self.slope == 0.0


FREE = Use()
SCORE = Use(1.0, shifted=False)


def score_use(source: str, params: Mapping[str, Any] | None = None) -> Use | None:
    """How a script with these parameters uses ``_score``; None where that can't be told."""
    try:
        *before, last = [part.strip() for part in _one_value(_without_comments(source)).split(";")]
        if any(_mentions(part) for part in before):
            return None
        if not _mentions(last):
            return FREE
        reader = _Reader(_tokens(last.removeprefix("return ")), params or {})
        use = reader.choice()
    except _Unknown:
        return None
    return use if reader.at_end() else None


def _without_comments(source: str) -> str:
    return _COMMENT.sub(lambda match: match[1] or " ", source)


def _one_value(source: str) -> str:
    """``if (A) { return X; } return Y;`` as ``(A) ? (X) : (Y)``, behind the statements before it, without blocks that
    have no score in them."""
    source = source.strip().rstrip(";").rstrip()
    found = _BLOCK.search(source)
    if found is None:
        return source.removeprefix("return ") if ";" not in source else source
    if any(set(text) & set("(){}[];") for text in _ODD_STRING.findall(source)):
        raise _Unknown
    head, (condition, rest) = source[: found.start(1)], _bracketed(source, found.end() - 1)
    then, rest = _block(rest)
    is_else = _ELSE.match(rest) is not None
    if not is_else and not re.search(rf"\b(?:return|{_SCORE})\b", f"{condition} {then}"):
        return _one_value(f"{head}{rest}")
    other = _ELSE.sub("", rest)
    if is_else and other.startswith("{"):
        other, rest = _block(other)
        if rest:
            raise _Unknown
    values = [_one_value(part) for part in (then, other)]
    if found[1] != "if" or not then.strip().startswith("return") or any(not v or ";" in v for v in values):
        raise _Unknown
    return f"{head}({condition}) ? ({values[0]}) : ({values[1]})"


def _block(source: str) -> tuple[str, str]:
    """The block or the one statement that a source begins with, and the rest."""
    if source.startswith("{"):
        return _bracketed(source, 0)
    first, _, rest = source.partition(";")
    return first, rest.strip()


def _bracketed(source: str, start: int) -> tuple[str, str]:
    """What stands in the brackets that open at ``start``, and what stands behind them."""
    depth = 0
    for at in range(start, len(source)):
        depth += (source[at] in "({[") - (source[at] in ")}]")
        if not depth:
            return source[start + 1 : at], source[at + 1 :].strip()
    raise _Unknown


def _mentions(source: str) -> bool:
    return any(text == _SCORE for _, text in _tokens(source))


def _tokens(source: str) -> list[tuple[str, str]]:
    found = []
    for match in _TOKENS.finditer(source):
        kind = match.lastgroup
        if kind is not None and match[kind].strip():
            found.append((kind, match[kind]))
    return found


class _Unknown(Exception):
    pass


class _Reader:
    """Reads ``a ? b : c``, sums, products, brackets; what it doesn't know it may only skip where no score is in it."""

    def __init__(self, tokens: list[tuple[str, str]], params: Mapping[str, Any]) -> None:
        self._tokens, self._at, self._params = tokens, 0, params

    def at_end(self) -> bool:
        return self._at == len(self._tokens)

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        text = self._next()
        self._at += 1
        return text

    def choice(self) -> Use:
        condition = self._comparison()
        if self._next() != "?":
            return condition
        if not condition.is_free:
            raise _Unknown
        self._take()
        left = self.choice()
        if self._take() != ":":
            raise _Unknown
        right = self.choice()
        return _either(left, right)

    def _comparison(self) -> Use:
        use = self._sum()
        while self._next() in ("<", ">", "<=", ">=", "==", "!=", "&&", "||"):
            self._take()
            if not (use.is_free and self._sum().is_free):
                raise _Unknown
            use = FREE
        return use

    def _sum(self) -> Use:
        use = self._product()[0]
        while self._next() in ("+", "-"):
            sign = 1.0 if self._take() == "+" else -1.0
            use = _plus(use, self._product()[0], sign)
        return use

    def _product(self) -> tuple[Use, float | None]:
        """A product, and its value where it is one number as it stands."""
        use, number = self._factor()
        while self._next() in ("*", "/", "%"):
            sign = self._take()
            other, other_number = self._factor()
            if use.is_free and other.is_free:
                number = None
            elif other.is_free and sign != "%":
                by = 1 / other_number if sign == "/" and other_number else other_number if sign == "*" else None
                use, number = _times(use, by), None
            elif use.is_free and sign == "*":
                use, number = _times(other, number), None
            else:
                raise _Unknown
        return use, number

    def _factor(self) -> tuple[Use, float | None]:
        """One factor, and its value where it is a number as it stands."""
        if self.at_end():
            raise _Unknown
        kind, text = self._tokens[self._at]
        self._take()
        if text in ("+", "-", "!"):
            use, number = self._factor()
            if not use.is_free:
                raise _Unknown
            return FREE, -number if number is not None and text == "-" else None
        if text == "(":
            use = self.choice()
            if self._take() != ")":
                raise _Unknown
            return (use, None) if not self._rest() else self._skipped(use)
        if kind == "number":
            return FREE, float(text.rstrip("fFdDlL"))
        if text == _SCORE:
            if self._rest():
                raise _Unknown
            return SCORE, None
        if kind in ("name", "string"):
            start = self._at
            use, _ = self._skipped(FREE)
            return use, self._parameter(text, [each for _, each in self._tokens[start : self._at]])
        raise _Unknown

    def _parameter(self, name: str, behind: list[str]) -> float | None:
        """The number that ``params.NAME`` or ``params['NAME']`` is."""
        key = "".join(behind).strip(".[]'\"")
        value = self._params.get(key) if name == "params" and len(behind) in (2, 3) else None
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def _rest(self) -> bool:
        return self._next() in (".", "[", "(")

    def _skipped(self, use: Use) -> tuple[Use, float | None]:
        """After a name: its members, arguments and keys, in which no score may stand."""
        if not use.is_free:
            raise _Unknown
        while self._rest():
            opened = self._take()
            if opened == ".":
                self._take()
                continue
            depth = 1
            while depth:
                if self.at_end() or self._next() == _SCORE:
                    raise _Unknown
                text = self._take()
                depth += (text in "([") - (text in ")]") if len(text) == 1 else 0
        return FREE, None


def _plus(use: Use, other: Use, sign: float) -> Use:
    if use.slope is not None and other.slope is not None:
        return Use(use.slope + sign * other.slope, use.shifted or other.shifted)
    if use.shifted or other.shifted:
        raise _Unknown
    return Use(None, shifted=False)


def _times(use: Use, number: float | None) -> Use:
    """A use of the score times something that it has no part in, a number where it is known."""
    if number is not None and use.slope is not None:
        return Use(use.slope * number, use.shifted)
    if use.shifted:
        raise _Unknown
    return Use(None, shifted=False)


def _either(left: Use, right: Use) -> Use:
    if left.slope == right.slope:
        return Use(left.slope, left.shifted or right.shifted)
    if left.shifted or right.shifted:
        raise _Unknown
    return Use(None, shifted=False)


_VECTORS = re.compile(r"\b(?:cosineSimilarity|dotProduct|innerProduct|l[12]norm|l[12]Squared|lInfNorm|hamming)\b")


def reads_vectors(script: object) -> bool:
    """Whether a script compares vectors: that is a search by meaning, no rule of the shop."""
    if not isinstance(script, dict):
        return isinstance(script, str) and bool(_VECTORS.search(script))
    return script.get("lang") == "knn" or bool(_VECTORS.search(str(script.get("source", ""))))


def script_use(script: object) -> Use | None:
    """How the ``script`` of a clause uses the score inside; None where that can't be told."""
    source, params = (script.get("source"), script.get("params")) if isinstance(script, dict) else (script, None)
    try:
        return score_use(source, params if isinstance(params, dict) else None) if isinstance(source, str) else None
    except RecursionError:  # so many brackets
        return None
