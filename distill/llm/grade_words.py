"""The grade that an answer states: its last statement of one, or none.

What states a grade: a digit alone in its sentence ("2", "**2**", "Grade: 2"), one that begins a sentence and is
explained ("3 - an exact match"), and one that is given ("here it is 0", "I would say 2"). What only weighs one ("a 2
would need the same colour", "not 3", "2 or 3") does not: better not known than a number of something else.
"""

from __future__ import annotations

import json
import re

from endcap.distill.llm.grade_spellings import plain

_DIGIT = r"(?<![\w.,/+\-])([0-3])(?:\.0+)?(?![\w%]|[.,]\d|\s*/\s*\d)"
_RANGE = r"(?!\s*(?:-|–|—|to|or|and|until|through|\.\.+|&)\s*\d)(?!\s*(?:out\s+)?of\s+\d)"
_ONE = _DIGIT + _RANGE
_NO_THING = (
    r"(?=\s*(?:[^\w\s]|$|because\b|since\b|as\b|and\b|but\b|for\b|here\b|overall\b|then\b"
    r"|(?:explanation|reason|reasoning|rationale|justification)\s*:))"
)
"""What may follow a grade in a sentence: "it is 2 litres" is none."""
_NAMES = (
    r"(?:graded?|answer|score|rating|relevance|label|verdict|result|judge?ment|value|conclusion|therefore|thus|final)"
)
_LINK = r"(?:\s*(?:is|was|are|:|=|of|as|at|to|a|an|the|be|should|therefore|thus|then|hence|[-–—>→\"'(\[]))*\s*"
_BARE = re.compile(rf"[^\w.+\-]*(?:(?:{_NAMES})(?:\s+{_NAMES})*\W*(?:is\W*|of\W*)?)?{_ONE}\W*", re.IGNORECASE)
_EXPLAINED = re.compile(
    rf"[^\w.+\-]*{_ONE}\s*(?:[-–—:=(,\"']+\s*(?=[^\s\d])|\.\s+(?=\D)|\b(?:because|since|as)\b)", re.IGNORECASE
)
_OF_WHAT = r"(?:\s+(?:for|of|to|this|that|the|product|pair|result|item|query|given|search))*"
_NAMED = re.compile(
    rf"\b{_NAMES}\b(?:{_OF_WHAT}(?=\s*(?:is\b|:|=)))?[\"'*`\]]*{_LINK}[\"'*`]*{_ONE}{_NO_THING}", re.IGNORECASE
)
_GIVEN = re.compile(
    rf"\b(?:it(?:\s+is|'s|’s)|this\s+is|that(?:\s+is|'s|’s)|so|is\s+therefore|is\s+clearly|is\s+just|remains|comes\s+to"
    rf"|(?:i|we)(?:\s+would|'d|’d|'ll|\s+will|\s+have\s+to|\s+must|\s+should)?\s+(?:say|give|rate|grade|assign|choose|pick|answer|score|call)"
    rf"|(?:rate|give|assign|grade)s?(?:\s+(?:(?:it|this|that|the)\b\s*)?(?:product|pair|result|item)?)?|gets|receives|deserves|earns|go(?:ing)?\s+with|settle\s+on)"
    rf"(?:\s*(?:it|this|that|product|pair|result|item|an?|the|as|at|with|grade|score|rating|only|clearly|just|of|is|be|:|,))*[\s\"'*`(]*{_ONE}{_NO_THING}",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"\b(?:would|could|might|may|if|unless|needs?|requires?|wants|means|cannot|not|never|instead of"
    r"|rather than|less|more|least|most|above|below|over|under|between|scale)\b|n[’']t\b",
    re.IGNORECASE,
)
_SAYING = re.compile(r"\b(?:i|we)\s+would\s+(?:say|give|rate|grade|assign|choose|pick|answer|score|go)", re.IGNORECASE)
_STATEMENT = re.compile(
    r"(?:\n|;|(?<=[^\d\s])[.!?](?=\s)|(?<=\d)[.!?](?=\s+[A-Z(\"'*])|,\s+(?:but|so|thus|therefore|hence)\b)"
)
_EXPLANATION = re.compile(r"\W*(?:explanation|reason|reasoning|rationale|justification)\s*:", re.IGNORECASE)
"""What begins so ends with numbers of the products."""
MOST = 200
"""So many characters at either end of an endless statement are looked at."""
_NUMBERED = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_RUBRIC = re.compile(r"(?:^|[,;(])\s*([0-3])\s*(?:=|:|-|–|—|\(|means\b)\s*[a-z]", re.IGNORECASE | re.MULTILINE)
"""What explains three grades says what they mean, and gives none."""
_LOOSE = re.compile(rf"{_ONE}[\s\"'*`.!)\]}}]*$")


def read_grade(text: str) -> int | None:
    """The grade, 0 to 3, that an answer without its thoughts states last; None where it states none for certain."""
    text = re.sub(r"\\boxed\s*\{\s*([^{}]*?)\s*\}", r" \1 ", text)
    text = re.sub(r"[0-3]\s*\?", "?", text)  # who asks has not answered
    text = re.sub(r"```(?:json)?|[*_`#]{1,3}|\\[\[\]()]|\$", "", text.replace("\u00a0", " ")).strip()
    if not text or len(text) > 20_000:
        return None
    text = plain(text)
    if (field := _in_object(text)) is not None:
        text = field
    numbered = len(_NUMBERED.findall(text)) > 1
    rubric = len(set(_RUBRIC.findall(text))) > 2
    grade, explaining = None, False
    for statement in _STATEMENT.split(text):
        stated, loose = _stated(statement, numbered, rubric), _LOOSE.search(statement)
        explaining = explaining or bool(_EXPLANATION.match(statement))
        if stated is not None:
            grade = stated
        if loose and not explaining and grade is not None and int(loose[1]) != grade:
            grade = None  # a number at the end of this statement or a later one may be a change of mind
    return grade


def _in_object(text: str) -> str | None:
    """What a JSON object says in its field of the grade; None where the text is no such object."""
    found = re.search(r"\{[^{}]*\}\s*$", text)
    try:
        data = json.loads(found[0]) if found else None
    except ValueError:
        return None
    named = [value for name, value in data.items() if re.fullmatch(_NAMES, name, re.IGNORECASE)] if data else []
    return str(named[-1]) if named else None


def _stated(statement: str, numbered: bool, rubric: bool) -> int | None:
    """The grade that one statement gives."""
    if len(statement) > 2 * MOST:  # patterns take the square of a length
        statement = f"{statement[:MOST]} … {statement[-MOST:]}"
    if whole := _BARE.fullmatch(statement):
        return int(whole[1])
    first = None if rubric else _EXPLAINED.match(statement)
    if first and not (numbered and _NUMBERED.match(statement)):
        return int(first[1])
    found = [match for kind in (_NAMED, _GIVEN) for match in kind.finditer(statement)]
    sure = [match for match in found if not _weighed(statement, match)]
    return int(max(sure, key=lambda match: match.end())[1]) if sure else None


def _weighed(statement: str, match: re.Match[str]) -> bool:
    """Whether the words around a number make it one that only could be."""
    before, after = statement[: match.start()], statement[match.end() :][:40]
    clause = re.split(r"[,:;]", before)[-1] + match[0]
    return bool(
        _WEIGHED.search(_SAYING.sub("", clause))
        or re.match(r"\W*(?:would|could|might|if|needs?|requires?|means)\b", after)
    )
