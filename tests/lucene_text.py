"""Reads Lucene's printed form of a query (``+title:usb -(title:a title:"b c"~2)^2.0``) back to a tree."""

from __future__ import annotations

import re

from endcap.plugin.search.query_syntax import Group, Leaf, Node, Occur

_LEAF = re.compile(r'(?:(\w+|\*):)?("[^"]*"|/[^/]*/|[\[{][^\]}]*[\]}]|[^\s()^~]+)(?:~\d+)?')
_BOOST = re.compile(r"\^[\d.]+(?:E-?\d+)?")
_NO_WORDS = re.compile(r"ConstantScore\(FieldExistsQuery \[field=\w+\]\)|MatchNoDocsQuery\(\"unmapped[^\"]*\"\)")

FIELDS = ("title", "brand")
"""The fields of the index whose parser has printed it."""

Plain = str | tuple[tuple[str, "Plain"], ...]
"""A word, or clauses."""


def printed_tree(text: str) -> Node:
    """The tree of a printed query."""
    if text.startswith('MatchNoDocsQuery("empty'):
        return Group(())
    text = _NO_WORDS.sub("*:*", text)
    node, at = _clauses(text, 0)
    assert at == len(text), f"{text!r} is not read behind {text[:at]!r}"
    return node


def _clauses(text: str, at: int) -> tuple[Node, int]:
    clauses = list[tuple[Occur, Node]]()
    while at < len(text) and text[at] != ")":
        if text[at] == " ":
            at += 1
            continue
        sign = text[at] if text[at] in "+-#" else ""
        at += len(sign)
        if text[at] == "(":
            node, at = _clauses(text, at + 1)
            at += 1
        else:
            match = _LEAF.match(text, at)
            assert match, f"no leaf at {text[at:]!r}"
            node, at = _leaf(match), match.end()
        if boost := _BOOST.match(text, at):
            at = boost.end()
        if sign != "#":  # a filter that is added to what only excludes
            clauses.append((Occur(sign), node))
    return Group(tuple(clauses)), at


def _leaf(match: re.Match[str]) -> Leaf:
    image = match[2]
    if image[0] in "/[{":
        return Leaf("", match[1])
    return Leaf(image, match[1], phrase=image[0] == '"', prefix="*" in image or "?" in image)


def plain(node: Node, default_field: str, all_required: bool) -> Plain:
    """A tree as nested tuples that are equal where trees match the same: single words as an analyzer cuts them, also
    of phrases, without empty groups, groups of one, and groups that say the same as their clauses would without them.
    """
    clauses = _plain_clauses(node, default_field, Occur.MUST if all_required else Occur.SHOULD)
    return clauses[0][1] if len(clauses) == 1 and clauses[0][0] != "-" else tuple(clauses)


def _plain_clauses(node: Node, field: str, default: Occur) -> list[tuple[str, Plain]]:
    if isinstance(node, Leaf):
        return [(str(default), leaf) for leaf in _plain_leaves(node, node.field or field)]
    clauses = list[tuple[str, Plain]]()
    for occur, inner in node.clauses:
        inner_clauses = _plain_clauses(inner, field, default)
        if len(inner_clauses) == 1 and inner_clauses[0][0] != "-":
            clauses.append((str(occur), inner_clauses[0][1]))
        elif occur is not Occur.MUST_NOT and {sign for sign, _ in inner_clauses} == {str(occur)}:
            clauses.extend(inner_clauses)
        elif inner_clauses:
            clauses.append((str(occur), tuple(inner_clauses)))
    if len(clauses) == 1 and clauses[0][0] != "-" and isinstance(clauses[0][1], tuple):
        return list(clauses[0][1])
    return clauses


def _plain_leaves(leaf: Leaf, field: str) -> list[str]:
    words = re.findall(r"[a-z0-9]+", leaf.text.lower())
    if field not in FIELDS or not (leaf.text or leaf.prefix):
        return ["no words"]
    if leaf.prefix:
        return ["a pattern"] if words or not leaf.text else []
    return [f"{field}:{word}" for word in words]
