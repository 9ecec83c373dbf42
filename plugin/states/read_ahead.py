"""What a search makes of documents, made before it: the keys of their states, and their words for the blend.

Both are kept in the store of states, by what a document says. So the first search of a new process costs what later
ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from endcap.index.field_map import FieldMap
from endcap.language.languages import ENGLISH
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.content_memory import ContentMemory, keep
from endcap.plugin.protocols import Scorer, States
from endcap.plugin.source_keys import SourceKeys

CHUNK = 512
"""Documents a commit."""
T = TypeVar("T")
Memories = Sequence[ContentMemory[Any]]


def document_memories(student: Scorer, fields: FieldMap | None = None, languages: Sequence[str] = ()) -> Memories:
    """What reads documents in a search by this student. ``fields`` says how they name what is read, and ``languages``
    which the student knows, where these are not its own, as ``Reranker`` has them."""
    codes = tuple(languages or getattr(student.info, "languages", ()))
    words = WordsMemory(fields, tuple(code for code in codes if code != "any") or ENGLISH)
    return [SourceKeys(student, fields or FieldMap()), words]


def source_paths(memories: Memories) -> list[str]:
    """The paths of documents that are read, sorted."""
    return sorted({path for memory in memories for path in memory.paths})


def kept_along(
    items: Iterable[T], source: Callable[[T], Mapping[str, Any]], memories: Memories, store: States
) -> Iterator[T]:
    """The same items, while what searches make of their documents is made and kept; ``source`` gives a document as the
    engine has it. What is there is not made again."""
    waiting = list[Mapping[str, Any]]()
    for item in items:
        waiting.append(source(item))
        if len(waiting) == CHUNK:  # before whoever takes as many at once has the last of them
            keep(memories, store, waiting)
            waiting = []
        yield item
    keep(memories, store, waiting)
