"""Records of XML files, as a stream: the items of RSS, the entries of Atom, the products of a shop's own feed."""

import re
from typing import Any, cast
from xml.etree import ElementTree

from endcap.index.readers.files import Damaged, Source, chunks
from endcap.index.readers.format_records import FileFormat
from endcap.index.readers.record import MAX_RECORD_BYTES, Fault, Items, Place, Record, too_large

_ITEMS = frozenset(("item", "entry", "product", "offer", "shopitem", "record", "row", "doc", "article"))
_DEEPEST = 8
_NAMED = frozenset(("name", "key", "code", "label"))
"""XML attributes that say what a text is about: ``<attribute name="Colour">red</attribute>``."""


def read_xml(source: Source) -> Items:
    """The elements of one of the usual names as records of their children, without namespaces; attributes, too.

    An item is numbered from 1. A file that is not well-formed is a fault at the place where it breaks.
    """
    place = Place(source.name)
    try:
        yield from _items(source)
    except Damaged as damage:
        yield Fault(place, "truncated file", f"the file breaks off or is damaged ({damage}). Fetch it again.")
    except ElementTree.ParseError as error:
        line = Place(source.name, error.position[0])
        yield Fault(line, "broken XML", f"not well-formed: {error}. What comes after it is not read.")


def _items(source: Source) -> Items:
    parser = ElementTree.XMLPullParser(
        ("start", "end"), _parser=ElementTree.XMLParser(encoding="utf-8") if source.encoding else None
    )
    open_elements: list[ElementTree.Element] = []
    inside = number = size = 0
    for piece in chunks(source):
        piece = piece if size or number or open_elements else _with_prefixes(piece)
        parser.feed(piece)
        size += len(piece)
        for read in parser.read_events():
            event, element = cast("tuple[str, ElementTree.Element]", read)
            if event == "start":
                open_elements.append(element)
                inside += _local(element.tag) in _ITEMS
                continue
            open_elements.pop()
            if _local(element.tag) not in _ITEMS:
                continue
            inside -= 1
            if inside:
                continue
            number, size = number + 1, 0
            place = Place(source.name, number, "item")
            text = ElementTree.tostring(element)
            value = _value(element)
            if len(text) > MAX_RECORD_BYTES:
                yield too_large(place, text[:MAX_RECORD_BYTES])
            elif not isinstance(value, dict):
                yield Fault(place, "not an object", "the item has no fields.", text)
            else:
                yield Record(place, value, text)
            if open_elements:
                open_elements[-1].clear()
        if size > 16 * MAX_RECORD_BYTES:
            yield too_large(Place(source.name, number + 1, "item"), b"") if number else _no_item(source)
            return
    parser.close()
    if not number:
        yield _no_item(source)


def _with_prefixes(start: bytes) -> bytes:
    """The beginning of a file with all prefixes made known, as ``g:`` of a feed whose root does not name it."""
    used = set(re.findall(rb"<([A-Za-z_][\w.-]*):", start)) - set(re.findall(rb"xmlns:([\w.-]+)\s*=", start)) - {b"xml"}
    root = re.search(rb"<[A-Za-z_][\w.:-]*", start)
    if not used or not root:
        return start
    names = b"".join(b' xmlns:%s="urn:%s"' % (name, name) for name in sorted(used))
    return start[: root.end()] + names + start[root.end() :]


def _no_item(source: Source) -> Fault:
    detail = (
        f"no element is called {', '.join(sorted(_ITEMS))}. Call that of a product so, or make JSON lines or CSV of it."
    )
    return Fault(Place(source.name), "no item", detail)


def _value(element: ElementTree.Element, depth: int = 0) -> Any:
    """The text of an element, or a mapping of its children and attributes; of several of a name a list."""
    text = (element.text or "").strip()
    if not len(element) and (not element.attrib or (depth and _NAMED.isdisjoint(element.attrib))):
        return text or element.get("href") or ""
    if depth > _DEEPEST:
        return " ".join(piece.strip() for piece in element.itertext() if piece.strip())
    several: dict[str, list[Any]] = {}
    for name, value in element.attrib.items():
        several.setdefault(_local(name), []).append(value)
    for child in element:
        several.setdefault(_local(child.tag), []).append(_value(child, depth + 1))
    if text:
        several.setdefault("value", []).append(text)
    return {name: values[0] if len(values) == 1 else values for name, values in several.items()}


def _local(tag: str) -> str:
    name = tag.rpartition("}")[2]
    return name.lower() if name.isupper() else name


FORMATS = (FileFormat("xml", (".xml",), read_xml, 50, starts=(b"<?xml", b"<rss", b"<feed")),)
