"""The grade that an answer states: its last statement of one, or none.

What states a grade: a digit alone in its sentence ("2", "**2**", "Grade: 2"), one that begins a sentence and is
explained ("3 - an exact match"), and one that is given ("here it is 0", "I would say 2"). What only weighs one ("a 2
would need the same colour", "not 3", "2 or 3") does not: better not known than a number of something else.
"""

from __future__ import annotations

import json
import re

from endcap.distill.llm.grade_spellings import plain

_DIGIT = r"(?<![\w.,/+\-−~≈±≤≥<>])(?<![~≈±≤≥<>−]\s)([0-3])(?:\.0+)?(?![\w%+°~]|-\s*$|[.,]\d|\s*/\s*\d)"
_RANGE = (
    r"(?!\s*(?:-|–|—|~|〜|→|to|or|and|until|through|bis|oder|und|von|ou|o|à|a|至|到|或|\.\.+|…|&)\s*(?:maybe\s+|a\s+)?\d)"
    r"(?!\s*,?\s*(?:±|\+/?-|−|minus\b|less\b))(?!\s*(?:out\s+)?of\s+\d)(?!\s*[,(]?\s*(?:or|maybe|perhaps|possibly|oder|vielleicht|borderline)\b[^.;\n]{0,20}\d)"
)
_ONE = _DIGIT + _RANGE
_NO_THING = (
    r"(?=\s*(?:[^\w\s]|$|because\b|since\b|as\b|and\b|but\b|for\s+(?:this|the|it|that|relevance)\b|here\b|overall\b|then\b"
    r"|(?:explanation|reason|reasoning|rationale|justification)\s*:))"
)
"""What may follow a grade in a sentence: "it is 2 litres" is none."""
_NAMES = (
    r"(?:graded?|answer|score|rating|relevance|label|verdict|result|judge?ment|value|conclusion|therefore|thus|final"
    r"|output|response)"
)
_LINK = (
    r"(?:\s*(?:is|was|are|:|=|of|as|at|to|a|an|the|be|should|therefore|thus|then|hence|clear|solid|strong"
    r"|[-–—>→\"'(\[]))*\s*"
)
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
    rf"(?:\s*(?:it|this|that|product|pair|result|item|an?|the|as|at|with|grade|score|rating|only|clearly|clear|solid|strong|easy|just|of|is|be|:|,))*[\s\"'*`(]*{_ONE}{_NO_THING}",
    re.IGNORECASE,
)
_WEIGHED = re.compile(
    r"\b(?:would|could|might|may|if|unless|needs?|requires?|wants|means|cannot|not|never|instead of"
    r"|rather than|less|more|least|most|above|below|over|under|between|scale"
    r"|wenn|falls|wäre|würde|könnte|müsste|nicht|keine?|si|sinon|serait|sería|fuera|no|pas)\b|n[’']t\b"
    r"|如果|若|假如|除非|不能|不是|もし|なら",
    re.IGNORECASE,
)
_SAYING = re.compile(r"\b(?:i|we)\s+would\s+(?:say|give|rate|grade|assign|choose|pick|answer|score|go)", re.IGNORECASE)
_REFUSED = re.compile(
    r"^\W*(?:sorry|i\s+apologi[sz]e|désolée?|lo\s+siento|leider|抱歉|对不起)\b|nicht\s+bewerten|nicht\s+möglich|ne\s+peux\s+pas"
    r"|no\s+puedo|无法|不能评|\b(?:i|we)\s+do(?:n['’]t|\s+not)\s+(?:rate|grade|judge|evaluate)\b"
    r"|\b(?:i|we)(?:\s+am|['’]m)?\s+(?:can(?:not|\s+not|['’]?t)|unable\s+to|not\s+able\s+to|won['’]t|will\s+not|refuse)"
    r"(?:\s+(?:help|assist|comply|fulfill|answer|evaluate|determine|judge|do\b|rate\b(?!\s+(?:it|this)\s+(?:a\s+)?\d)"
    r"|grade\b|provide|process|complete|continue|access)|\s*[.,])",
    re.IGNORECASE,
)
"""Who can't answer has not answered, whatever number stands behind."""
_STATEMENT = re.compile(
    r"(?:\n|;|(?<=[^\d\s])[.!?](?=\s)|(?<=\d)[.!?](?=\s+[A-Z(\"'*])|,\s+(?:but|so|thus|therefore|hence)\b)"
)
_EXPLANATION = re.compile(r"\W*(?:explanation|reason|reasoning|rationale|justification)\s*:", re.IGNORECASE)
"""What begins so ends with numbers of the products."""
_NEXT = re.compile(r"\W*(?:query|search|product|user|human)\W*:", re.IGNORECASE)
_OTHERS = re.compile(
    r"\b(?:customers?|users?|buyers?|reviews?|reviewers?|star|average|energy)(?:['’]s?)?\s+(?:\w+\s+)?$", re.IGNORECASE
)
"""Whose ratings are not the answer."""
MOST = 200
"""So many characters at either end of an endless statement are looked at."""
_NUMBERED = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_RUBRIC = re.compile(
    r"(?:^|[,;(.])\W{0,9}(?:(?:grade|score|rating)\s+)?([0-3])\s*(?:=|:|-|–|—|\(|means\b)\s*[a-z]",
    re.IGNORECASE | re.MULTILINE,
)
"""What explains three grades says what they mean, and gives none."""
_LOOSE = re.compile(rf"{_ONE}[\s\"'*`.!)\]}}]*$")


def read_grade(text: str) -> int | None:
    """The grade, 0 to 3, that an answer without its thoughts states last; None where it states none for certain."""
    text = re.sub(r"\\(?:text|textbf|mathbf|mathrm)\s*\{\s*([^{}]*?)\s*\}", r"\1", text)
    text = re.sub(r"~~.*?~~|</?(?:b|i|p|em|strong|span|div|br|h\d)\s*/?>", " ", text)  # what is struck out, and HTML
    text = re.sub(r"\\boxed\s*\{\s*([^{}]*?)\s*\}", r" \1 ", text)
    text = re.sub(r"[0-3]\s*\?", "?", text)  # who asks has not answered
    text = re.sub(r"```(?:json)?|[*_`#]{1,3}|\\[\[\]()]|\$", "", text.replace("\u00a0", " ")).strip()
    if not text or len(text) > 20_000:
        return None
    text = plain(text)
    if _REFUSED.search(text) or text.count("{") > text.count("}"):
        return None  # a refusal, or JSON that was cut
    if (field := _in_object(text)) is not None:
        text = field
    if len(_NUMBERED.findall(text)) > 1:
        text = _NUMBERED.sub("• ", text)
    if len(set(_RUBRIC.findall(text))) > 2:
        text = _RUBRIC.sub(" ", text)
    grade, alone, explaining, another = None, None, False, False
    for statement in _STATEMENT.split(text):
        stated, loose = _stated(statement), _LOOSE.search(statement)
        explaining = explaining or bool(_EXPLANATION.match(statement))
        another = another or (grade is not None and bool(_NEXT.match(statement)))
        if another and stated not in (None, grade):
            return None  # it went on with a pair of its own
        if stated is not None:
            bare = not re.search(r"[^\W\d_]", statement)
            grade = None if bare and alone not in (None, stated) else stated  # "2", and then "3": which of them?
            alone = stated if bare else alone
        if loose and not explaining and grade is not None and int(loose[1]) != grade:
            grade = None  # a number at the end of this statement or a later one may be a change of mind
    return grade


def _in_object(text: str) -> str | None:
    """What JSON says in its fields of the grade, empty where they differ; None where the text has no such object."""
    objects = [data for found in re.findall(r"\{[^{}]*\}", text) if isinstance(data := _json(found), dict)]
    named: dict[str, str] = {}
    for data in objects:
        for name, value in data.items():
            if re.fullmatch(rf"{_NAMES}(?:[\s_-]?{_NAMES})*", name, re.IGNORECASE):
                kind = "final" if "final" in name.lower() else "grade" if "grade" in name.lower() else ""
                given = " ".join(map(str, value)) if isinstance(value, list) else str(value)
                named[kind] = given if named.get(kind, given) == given else ""
    if not named:
        return "" if _json(text) is not None and objects else None
    return named.get("final", named.get("grade", named.get("", "")))


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _stated(statement: str) -> int | None:
    """The grade that one statement gives."""
    if len(statement) > 2 * MOST:  # patterns take the square of a length
        statement = f"{statement[:MOST]} … {statement[-MOST:]}"
    if whole := _BARE.fullmatch(statement):
        return int(whole[1])
    first = _EXPLAINED.match(statement)
    if first and not _weighed(statement, first):
        return int(first[1])
    found = [match for kind in (_NAMED, _GIVEN) for match in kind.finditer(statement)]
    sure = [match for match in found if not _weighed(statement, match)]
    return int(max(sure, key=lambda match: match.end())[1]) if sure else None


def _weighed(statement: str, match: re.Match[str]) -> bool:
    """Whether the words around a number make it one that only could be."""
    before, after = statement[: match.start()], statement[match.end() :][:40]
    clause = re.split(r"[,:;]", before)[-1] + match[0]
    return bool(
        _OTHERS.search(before)
        or _WEIGHED.search(_SAYING.sub("", clause))
        or re.match(r"\W*(?:would|could|might|if|needs?|requires?|means|wenn|falls|wäre|würde|si)\b|\W*如果", after)
    )
