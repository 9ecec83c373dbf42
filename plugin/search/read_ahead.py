"""What a search makes of documents, made before it: the keys of their states, and their words for the blend.

Both are kept in the store of states, by what a document says. So the first search of a new process costs what later
ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from endcap.index.field_map import FieldMap
from endcap.plugin.content_memory import ContentMemory, keep
from endcap.plugin.protocols import Scorer, States
from endcap.plugin.search.search_model import SearchModels

CHUNK = 512
"""Documents a commit."""
T = TypeVar("T")
Memories = Sequence[ContentMemory[Any]]


def document_memories(
    student: Scorer, fields: FieldMap | None = None, languages: str | Sequence[str] | None = None
) -> Memories:
    """What reads documents in a search by this student; ``fields`` and ``languages`` as ``Reranker`` has them."""
    model = SearchModels(student, None, None, fields, languages=languages).current()
    return [model.sources] if model.words is None else [model.sources, model.words]


def source_paths(memories: Memories) -> list[str]:
    """The paths of documents that are read, sorted."""
    return sorted({path for memory in memories for path in memory.paths})


def kept_along(
    items: Iterable[T], source: Callable[[T], Mapping[str, Any]], memories: Memories, store: States
) -> Iterator[T]:
    """The same items, while what searches make of their documents is made and kept; ``source`` gives a document as the
    engine has it. What is there is not made again."""
    stream = iter(items)
    while chunk := list(islice(stream, CHUNK)):
        keep(memories, store, [source(item) for item in chunk])
        yield from chunk
