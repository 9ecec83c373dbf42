"""Texts of catalogues without what is no word in them: HTML, entities, and stand-ins for a missing value.

All functions are pure and total: any text will do. A text without markup comes back as it is.
"""

from __future__ import annotations

import html
import re
import unicodedata

MAX_MARKED_UP = 1 << 20
"""Of longer texts, only so many characters are looked through for markup."""
_ROUNDS = 8
"""Markup may be escaped, and what is escaped may hold markup; so often is enough for what is not made up."""

_BLOCKS = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li link main map menu meta nav "
    "noframes noscript ol optgroup option p pre section select style script summary table tbody td tfoot th thead "
    "title tr ul"
)
_INLINES = (
    "a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas cite code col colgroup data "
    "datalist del dfn em embed font frame i iframe img input ins kbd label mark marquee math meter nobr object output "
    "param picture progress q rp rt ruby s samp slot small source span strike strong sub sup svg template textarea "
    "time track tt u var video wbr"
)
_JOINING = frozenset(("sub", "sup", "wbr"))
"""Elements within a word: "m<sup>2</sup>" is "m2"."""
_BLOCK_NAMES = frozenset(_BLOCKS.split())
_ELEMENTS = _BLOCK_NAMES | frozenset(_INLINES.split())
_BARE = (
    "allowfullscreen async autoplay checked compact controls defer disabled download hidden ismap loop multiple muted "
    "noshade novalidate nowrap open playsinline readonly required reversed selected"
)
"""Attributes that need no value."""
_BARE_ATTRIBUTES = frozenset(_BARE.split())
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!(?:doctype|\[)[^>]{0,300}>|\]\]>|<\?[a-z][^>]{0,300}\?>", re.IGNORECASE | re.DOTALL
)
_CODE = re.compile(r"<(script|style)\b[^>]{0,2000}>", re.IGNORECASE)
_CODE_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style")}
_CODE_SIGN = re.compile(r"[^<]*[{;]")
_CDATA = re.compile(r"<!\[CDATA\[", re.IGNORECASE)
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*(?:[:-][a-z0-9]+)*)"
    r"(?P<rest>(?:\s+[\w:@.-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=]+))?)*\s*/?|\s[^<>]*)>"
    r"|<(?P<cut>[a-z][a-z0-9]*\s[^<>]*=[^<>]*|/[a-z0-9]*|br\s*/?)\Z",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"</([a-z][a-z0-9]*(?:[:-][a-z0-9]+)*)", re.IGNORECASE)
"""What is closed was opened: "<my-box>soft</my-box>"."""
_ESCAPES = re.compile(r"&(?:amp;)+(?=#?[a-z0-9]{1,31};)", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:#\d{1,7}(?:;|(?!\d))|#x[0-9a-f]{1,6}(?:;|(?![0-9a-f]))|[a-z][a-z0-9]{1,31};|(?:amp|nbsp|quot|lt|gt|reg|copy"
    r"|[a-z]{1,2}(?:acute|grave|circ|tilde|uml|ring|cedil|slash|lig))(?![a-z0-9=]))",
    re.IGNORECASE,
)
_UNSEEN_SIGNS = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n\s*")


def plain_text(text: str, line_end: str = " ") -> str:
    """A text without tags, comments, scripts and styles, its entities as the characters that they stand for.

    "size < 5" and "R&D" stay. What begins a line in HTML is parted by ``line_end``. Text that is escaped twice, or
    escaped markup, is read as what was meant. Doing it again changes nothing.
    """
    if "<" not in text and "&" not in text:
        return text
    head, tail = text[:MAX_MARKED_UP], text[MAX_MARKED_UP:]
    for _ in range(_ROUNDS):
        before, head = head, _without_markup(head, line_end)
        if head == before:
            break
        head = _LINES.sub("\n", _BLANKS.sub(" ", head)).strip()
    return head + tail


def _without_markup(text: str, line_end: str) -> str:
    closed = {name.lower() for name in _CLOSING.findall(text)}

    def tag(match: re.Match[str]) -> str:
        if match["cut"] is not None:  # a text that was cut within a tag
            return " "
        name, rest = match["name"].lower(), match["rest"].strip(" /\t\r\n").lower()
        known = name in _ELEMENTS or ":" in name or name in closed
        is_whole = known and all(word in _BARE_ATTRIBUTES for word in rest.split())
        is_tag = is_whole or "=" in rest or match["end"] or match[0].endswith("/>")
        if not is_tag:
            return match[0]
        return "" if name in _JOINING else line_end if name in _BLOCK_NAMES else " "

    if "<" in text:
        text = _TAG.sub(tag, _UNSEEN.sub(line_end, _CDATA.sub("", _without_code(text))))
    if "&" in text:
        text = _ENTITY.sub(_character, _ESCAPES.sub("&", text))
    return text


def _without_code(text: str) -> str:
    """The text without scripts and styles; one that does not end goes on to the text's end, if it looks like one."""
    parts, place, endless = list[str](), 0, set[str]()
    while match := _CODE.search(text, place):
        name = match[1].lower()
        closing = None if name in endless else _CODE_ENDS[name].search(text, match.end())
        end = -1 if closing is None else closing.start()
        if end < 0 and _CODE_SIGN.match(text, match.end()):
            end = len(text)
        if end < 0:
            endless.add(name)
        parts.append(text[place : match.start() if end >= 0 else match.end()])
        place = max(end, match.end())
    return "".join((*parts, text[place:]))


def _character(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    if character == "\xa0":
        return " "
    return "" if character in _UNSEEN_SIGNS else character


_MISSING = frozenset(
    (
        "n/a",
        "n.a",
        "n.a.",
        "n/a.",
        "n / a",
        "#n/a",
        "null",
        "(null)",
        "undefined",
        r"\n",
        "not available",
        "not applicable",
    )
)
_LONGEST = max(map(len, _MISSING))
_FIRST_LETTERS = "nNuU"
"""Of those that begin with a letter."""
_NOT_A_NUMBER = ("nan", "NaN")
"""As programs write it: "NAN" is a brand of milk."""


def is_missing(text: str) -> bool:
    """Whether a text stands for a value that is not there: "", "N/A", "null", "-", "...".

    "unknown" is none of these (it may be a film's title), nor is what has a sign of its own ("✓", "+").
    """
    if len(text) > _LONGEST + 20 or (text[:1].isalnum() and text[0] not in _FIRST_LETTERS):
        return False
    text = "".join(character for character in text if character not in _UNSEEN_SIGNS).strip()
    if not text or text in _NOT_A_NUMBER or text.lower() in _MISSING:
        return True
    return not text[0].isalnum() and all(character.isspace() or _is_mark(character) for character in text)


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "P"
