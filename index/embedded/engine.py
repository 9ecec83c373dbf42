"""The embedded engine: BM25 over weighted fields, on disk, in this process, without a server.

It answers a part of OpenSearch's ``_search``: the query clauses of ``query.py`` and ``knn.py``, the aggregations of
``aggregations.py``, and the options in ``_BODY``. Anything else raises ``EngineError`` and names it.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import tantivy

from endcap.errors import EngineError
from endcap.index import boosts
from endcap.index.embedded.aggregations import aggregate, check_aggregations, hit_count, narrowed
from endcap.index.embedded.body_values import MAX_WINDOW, total_words, whole_number
from endcap.index.embedded.hit_order import in_sort_order, read_rescore, read_sort, rescored
from endcap.index.embedded.knn import Knn
from endcap.index.embedded.multi_search import multi_search
from endcap.index.embedded.named_queries import add_matched_queries
from endcap.index.embedded.query import translate
from endcap.index.embedded.sample import spread
from endcap.index.embedded.schema import LANGUAGE, ORDER, SOURCE, register, schema, tantivy_document
from endcap.index.embedded.store import (
    check_manifest,
    live,
    manifest_language,
    new_load_folder,
    version,
    write_manifest,
)
from endcap.index.embedded.vectors import VectorFiles, with_states, write_vectors
from endcap.index.engine import LoadReport
from endcap.index.field_map import FieldMap
from endcap.index.home import home
from endcap.index.load_filter import loadable_products, nothing_loaded_reason
from endcap.index.product import Product
from endcap.index.settings import check_name
from endcap.index.source_filter import SourceFilter
from endcap.index.state_field import NAME
from endcap.index.stemming import ENGLISH, checked_stemming
from endcap.progress import Advance

_HEAP_BYTES = 256_000_000
_BODY = {
    *("query", "from", "size", "_source", "track_total_hits", "timeout", "post_filter", "aggs", "aggregations"),
    *("sort", "rescore", "include_named_queries_score"),
}
_PRODUCT = FieldMap()


@dataclass(frozen=True, slots=True)
class _Reader:
    """One load, open: it keeps answering when its files are removed from under it."""

    version: tuple[int, int]
    searcher: tantivy.Searcher
    count: int
    vectors: VectorFiles
    language: str


class EmbeddedEngine:
    """A catalogue under ``home()/catalogues/NAME``. Safe to use from several threads, and while a load runs.

    A search always sees one whole load; which one is looked up at the start of each search.
    """

    def __init__(self, index: str, folder: Path | None = None, language: str = ENGLISH) -> None:
        """``language`` is the one whose endings the index of the next load knows."""
        self.index, self._language = check_name(index), checked_stemming(language)
        self._folder = (folder or home()) / "catalogues" / self.index
        self._reader: _Reader | None = None
        self._lock = threading.Lock()

    def load(self, products: Iterable[Product], *, progress: Advance | None = None) -> LoadReport:
        """Put a whole catalogue in the place of the one that is there, at once or not at all."""
        began = time.monotonic()
        failed: dict[str, str] = {}
        loaded = 0
        with new_load_folder(self._folder) as folder:
            LANGUAGE.set(self._language)
            index = register(tantivy.Index(schema(), str(folder), reuse=False, sort_by_field=ORDER))
            with self._writing():
                writer = index.writer(_HEAP_BYTES, 1)
            for done, product in enumerate(loadable_products(products, failed), 1):
                try:
                    document = tantivy_document(product, loaded)
                except (ValueError, TypeError) as error:
                    failed[product.id] = f"can't be written as a document: {error}"
                else:
                    with self._writing():
                        writer.add_document(document)
                    loaded += 1
                if progress is not None:
                    progress(done)
            if not loaded:
                raise EngineError(nothing_loaded_reason(failed))
            with self._writing():
                writer.commit()
                writer.wait_merging_threads()
            write_manifest(folder, loaded, self._language)
        return LoadReport(loaded, failed, time.monotonic() - began)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except ValueError as error:  # tantivy has no other for a full disk
            raise EngineError(f"the catalogue {self.index!r} can't be written: {error}. The old one stays.") from error

    def search(self, *, index: str | None = None, body: Mapping[str, Any]) -> dict[str, Any]:
        """The reply to a ``_search`` body, in OpenSearch's shape."""
        began = time.monotonic()
        if index is not None and index != self.index:
            raise EngineError(f"no such index {index!r}: this engine serves {self.index!r}.")
        if unknown := sorted(set(body) - _BODY):
            raise EngineError(f"the embedded engine does not know {unknown[0]!r} in a search body.")
        start, size = whole_number(body, "from", 0), whole_number(body, "size", 10)
        if start + size > MAX_WINDOW:
            raise EngineError(f"from + size is {start + size}, over {MAX_WINDOW}. Ask for fewer hits.")
        source_filter = _source_filter(body.get("_source", True))
        reader = self._open()
        searcher, vectors = reader.searcher, reader.vectors.current()
        LANGUAGE.set(reader.language)
        asked = Knn(searcher, vectors).resolved(body.get("query", {"match_all": {}}))
        query = translate(asked)
        shown = narrowed(query, translate(body["post_filter"])) if body.get("post_filter") is not None else query
        aggs = body.get("aggs", body.get("aggregations"))
        check_aggregations(aggs or {})
        tracked = body.get("track_total_hits", MAX_WINDOW)
        sort, rescore = read_sort(body.get("sort")), read_rescore(body.get("rescore"))
        if sort and rescore is not None:
            raise EngineError("a body has a sort or a rescore, not both.")
        hits: list[dict[str, Any]] = []
        try:
            wanted = start + size if size else 0
            depth = max(searcher.num_docs, 1) if sort and size else max(wanted, rescore.window) if rescore else wanted
            ranked, total = _ranked(searcher, shown, depth, tracked is not False)
            if rescore is not None:
                ranked = rescored(searcher, ranked, rescore)
            by_score = not sort or any(key.field == "_score" for key in sort)
            sorted_hits = in_sort_order(ranked, sort, lambda address: _source(searcher, address))
            page = sorted_hits[start : start + size]
            addresses = [address for _, address, _ in page]
            sources = [_source(searcher, address) for address in addresses]
            if source_filter.names(NAME):
                sources = with_states(vectors, searcher.fast_field_values(ORDER, addresses), sources)
            for (score, _, values), source in zip(page, sources, strict=True):
                hit = {"_index": self.index, "_id": source["id"], "_score": score if by_score else None}
                hit |= {"_source": source_filter.cut(source)} if source_filter.wanted else {}
                hits.append(hit | {"sort": values} if sort else hit)
            add_matched_queries(searcher, {**body, "query": asked}, hits, addresses)
            counts = {"aggregations": aggregate(searcher, query, aggs)} if aggs else {}
        except (ValueError, OSError) as error:
            raise EngineError(f"the catalogue {self.index!r} can't be read: {error}. Load it again.") from error
        return {
            "took": round(1000 * (time.monotonic() - began)),
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
            "hits": total_words(tracked, total)
            | {"max_score": ranked[0][0] if ranked and size and by_score else None, "hits": hits},
        } | counts

    def msearch(self, *, body: Sequence[Mapping[str, Any]], index: str | None = None) -> dict[str, Any]:
        """The reply to an ``_msearch`` body (header, body, header, ...), in OpenSearch's shape."""
        return multi_search(lambda named, one: self.search(index=named, body=one), index, body)

    def put_vectors(self, model: str, ids: Sequence[str], keys: Sequence[bytes], matrix: np.ndarray) -> None:
        """Keep what a model made of these products, for ``knn``, until the next load or the model's next vectors.

        ``model`` is its name in ``endcap.model``, a key what the vector was made from (32 bytes), ``matrix`` int8 or
        float (n, d), a row a product. Raises ``InputError`` where they do not fit each other or the catalogue.
        """
        reader = self._open()
        addresses = [
            address for _, address in _ranked(reader.searcher, tantivy.Query.all_query(), reader.count, False)[0]
        ]
        known = [_source(reader.searcher, address)["id"] for address in addresses]
        write_vectors(reader.vectors.load, known, model, ids, keys, matrix)
        if live(self._folder) != reader.vectors.load:
            raise EngineError(f"{self.index!r} was loaded anew while its vectors were written. Write them again.")

    def text_query(self, text: str) -> dict[str, Any]:
        """The query clause of the tuned multi-field BM25 over ``Product``'s fields."""
        return boosts.text_query(text)

    def products(self) -> Iterator[Product]:
        """All products, as a stream, in the order in which they were loaded."""
        reader = self._open()
        everything = tantivy.Query.all_query()
        for offset in range(0, reader.count, 1000):
            page = reader.searcher.search(
                everything, 1000, count=False, order_by_field=ORDER, offset=offset, order=tantivy.Order.Asc
            )
            for _, address in page.hits:
                yield _PRODUCT.product(_source(reader.searcher, address))

    def sample_hits(self, size: int) -> list[dict[str, Any]]:
        """So many hits from all over the catalogue; all of a smaller one."""
        reader = self._open()
        sources = [_source(reader.searcher, address) for address in spread(reader.searcher, reader.count, size)]
        return [{"_index": self.index, "_id": source["id"], "_score": None, "_source": source} for source in sources]

    @property
    def load_name(self) -> str:
        """The name of the load that is searched, which changes with each."""
        return str(version(self._folder))

    def count(self) -> int:
        """How many products are searchable."""
        return self._open().count

    def _open(self) -> _Reader:
        """The reader of the live load, opened anew when another one went live."""
        now = version(self._folder)
        reader = self._reader
        if reader is not None and reader.version == now:
            return reader
        with self._lock:
            for _ in range(5):  # between reading the pointer and opening, a load may go live and remove the folder
                now, folder = version(self._folder), live(self._folder)
                if folder is None:
                    raise EngineError(f"nothing is loaded as {self.index!r} yet. Load a catalogue with 'endcap index'.")
                try:
                    self._reader = _open_load(folder, now)
                    return self._reader
                except EngineError as error:
                    failure = error
                    if version(self._folder) == now:
                        break
        raise failure


def _open_load(folder: Path, now: tuple[int, int]) -> _Reader:
    count, language = check_manifest(folder), manifest_language(folder)
    LANGUAGE.set(language)
    try:
        index = register(tantivy.Index.open(str(folder)))
        index.config_reader("manual")
        index.reload()
        searcher = index.searcher()
    except (ValueError, OSError) as error:
        raise EngineError(f"the catalogue in {folder} can't be opened: {error}. Load it again.") from error
    if searcher.num_docs != count:
        raise EngineError(f"the catalogue in {folder} has {searcher.num_docs} products of {count}. Load it again.")
    return _Reader(now, searcher, count, VectorFiles(folder), language)


def _ranked(
    searcher: tantivy.Searcher, query: tantivy.Query, n_hits: int, count: bool
) -> tuple[list[tuple[float, tantivy.DocAddress]], int]:
    """The best hits, equal scores in the order of the catalogue, and how many documents match (0 if not counted).

    tantivy breaks ties by segment, and by the catalogue's order only within one: of several segments all hits that tie
    with the last one wanted are fetched before they are ordered.
    """
    if not n_hits:
        return [], hit_count(searcher.search(query, 1, count=True)) if count else 0
    limit = n_hits if searcher.num_segments == 1 else n_hits + 1
    while True:
        result = searcher.search(query, limit, count=count)
        hits = result.hits
        if limit == n_hits or len(hits) < limit or hits[-1][0] < hits[n_hits - 1][0]:
            break
        limit *= 8
    places = searcher.fast_field_values(ORDER, [address for _, address in hits])
    order = sorted(range(len(hits)), key=lambda n: (-hits[n][0], places[n]))
    return [hits[n] for n in order][:n_hits], hit_count(result) if count else 0


def _source(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> dict[str, Any]:
    stored = searcher.doc(address).get_first(SOURCE)
    assert isinstance(stored, bytes)
    return dict(orjson.loads(stored))


def _source_filter(option: Any) -> SourceFilter:
    """What ``_source`` asks for; ``EngineError`` where OpenSearch would refuse it."""
    if isinstance(option, Mapping):
        if unknown := set(option) - {"includes", "include", "excludes", "exclude"}:
            raise EngineError(f"_source does not know {sorted(unknown)[0]!r}; it takes includes and excludes.")
        parts = list(option.values())
    else:
        parts = [] if isinstance(option, bool) else [option]
    for part in parts:
        paths = [part] if isinstance(part, str) else part
        if not isinstance(paths, (list, tuple)) or not all(isinstance(path, str) for path in paths):
            raise EngineError(f"_source should be true, false, a path or a list of paths, not {part!r}.")
    return SourceFilter.read(option)
