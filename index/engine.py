"""What endcap asks of a search engine; ``embedded/`` and ``opensearch/`` have the two that there are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from endcap.index.product import Product
from endcap.progress import Advance


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did: ``loaded`` products are searchable, ``failed`` maps a product's id to the engine's reason."""

    loaded: int
    failed: Mapping[str, str]
    seconds: float


class Engine(Protocol):
    """A named, searchable catalogue. Both engines speak OpenSearch's ``_search``: bodies in, replies out, plain dicts.

    The embedded engine understands a part of the query language (its module says which) and raises ``EngineError``
    naming any clause outside of it. A document's ``_source`` is ``Product.to_mapping()``, its ``_id`` the product's.
    """

    index: str
    """The name that a search is sent to: for OpenSearch the alias, for the embedded engine the catalogue's name."""

    def load(self, products: Iterable[Product], *, progress: Advance | None = None) -> LoadReport:
        """Put a whole catalogue in the place of the one that is there, at once or not at all."""
        ...

    def search(self, *, index: str | None = None, body: Mapping[str, Any]) -> dict[str, Any]:
        """The reply to a ``_search`` body, in OpenSearch's shape."""
        ...

    def msearch(self, *, body: Sequence[Mapping[str, Any]], index: str | None = None) -> dict[str, Any]:
        """The reply to an ``_msearch`` body: header, body, header, ...; a failed search has an error there."""
        ...

    def text_query(self, text: str) -> dict[str, Any]:
        """The query clause of the tuned multi-field BM25 over ``Product``'s fields: the engine that we compare with."""
        ...

    def products(self) -> Iterator[Product]:
        """All products, as a stream, in no particular order."""
        ...

    def count(self) -> int:
        """How many products are searchable."""
        ...
