"""From what the command line names to a shop that can be searched: a catalogue's file or folder, or a known index."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

import endcap.index
from endcap.errors import EngineError, InputError
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.index.field_map import FieldMap
from endcap.index.open_engine import open_engine
from endcap.index.own_query import check_engine, own_query, query_words
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings, list_settings, load_settings
from endcap.plugin.model.folder import ModelInfo
from endcap.plugin.rules.file import read_rules
from endcap.plugin.rules.rule import ShopRules
from endcap.plugin.search.catalogue_language import CatalogueSample
from endcap.plugin.search.decided_words import decided_words
from endcap.plugin.search.reranker import Reranker
from endcap.progress import Watch, unwatched

PREFIX = "evaluate-"
CHUNK_BYTES = 1 << 20
UNHURRIED_MS = 3.6e6
"""What is measured are orders, not times: nothing falls back for want of time."""
SAMPLE = 500
"""So many products say in what language a catalogue is."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A shop, and what to say of it. ``index`` is what a search is sent to."""

    shop: Shop
    index: str
    catalogue: str
    engine: str
    products: int
    warnings: tuple[str, ...]
    languages: tuple[str, ...] = ()
    """What the student is taken to know, where the index's settings say so."""
    rules: str = ""
    """The path of the shop's rules file, where the index's settings have one."""
    body: str = ""
    """The path of the shop's own query, where there is one."""
    dense: int = 0
    """How many candidates by meaning join each search, where the index's settings say so."""
    numbers: bool = False
    """Whether candidates by number join it, where the index's settings say so."""

    def shop_rules(self, file: str = "") -> ShopRules | None:
        """The rules of a file, else of the settings' one, as they are now: what changes meanwhile is not measured."""
        path = file or self.rules
        return read_rules(path) if path else None

    def decided(self, info: ModelInfo, rules: ShopRules | None) -> tuple[str, ...]:
        """What decides about a search beside the blend, in words."""
        return decided_words(rules, info.signals, self.shop.own, self.dense, self.numbers)

    def reranker(
        self,
        student: StudentWithStates,
        *,
        window: int | None = None,
        blend_weight: float | None = None,
        deadline_ms: float = UNHURRIED_MS,
        rules: ShopRules | None = None,
    ) -> Reranker:
        """The middleware as the shop's searches have it: with all that the index's settings say, so that what is
        measured is what runs. ``rules`` are what ``shop_rules`` has read."""
        return Reranker(
            self.shop.engine,
            student.student,
            window,
            deadline_ms,
            blend_weight,
            self.shop.fields,
            student.states,
            dense=self.dense,
            numbers=self.numbers,
            languages=self.languages or None,
            rules=rules,
        )

    def language_warning(self, info: ModelInfo) -> tuple[str, ...]:
        """A sentence where the middleware would skip the searches of this catalogue for its language."""
        warning = CatalogueSample().look(islice(self.shop.engine.products(), SAMPLE)).warning(info, self.languages)
        return () if warning is None else (warning,)


def open_catalogue(
    name: str,
    *,
    engine: str | None = None,
    url: str = "",
    reading: Reading = Reading(),  # noqa: B008 (frozen)
    body: str | None = None,
    watch: Watch = unwatched,
) -> Opened:
    """The shop that ``name`` means: a file or folder that exists, else an index that settings know.

    Of a folder and an index of one name it is the index; ``./name`` is the folder.

    A file is loaded into the embedded engine, or into the cluster at ``url``, under a name made from its content, and
    is found there the next time. ``body`` is the path of the shop's own query, empty for endcap's; None is what the
    index's settings say. Raises InputError where ``name`` is neither or the options contradict each other.
    """
    indexes = {settings.name for settings in list_settings()}
    if Path(name).exists() and not (name in indexes and Path(name).is_dir()):
        settings = _settings_of_file(Path(name), engine, url, reading, watch)
        return _loaded(replace(settings, body=body or ""), Path(name), reading, watch)
    try:
        settings = load_settings(name)
    except InputError as error:
        raise InputError(f"{name!r} is neither a file or folder here nor a known index: {error}") from error
    if (engine and engine != settings.engine) or (url and url != settings.url):
        raise InputError(
            f"index {name!r} is {'embedded' if settings.engine == 'embedded' else f'in OpenSearch at {settings.url}'}"
            ", as its settings say: leave out --engine and --url, or give the catalogue's file."
        )
    if reading != Reading():
        raise InputError(
            f"index {name!r} is loaded already, and its settings say which field is which: leave out --format, "
            "--fields, --encoding, --variants and --language, or give the catalogue's file."
        )
    index = settings.index or settings.name
    settings = settings if body is None else replace(settings, body=body)
    shop = Shop(open_engine(settings), settings.fields, index, own=own_query(settings.body))
    words, count = _engine_words(settings, shop), shop.engine.count()
    check_engine(shop.engine, shop.own, index)
    kept = (settings.languages, settings.rules, settings.body, settings.dense, settings.numbers)
    return Opened(shop, index, f"index {name}", words, count, (), *kept)


def _settings_of_file(path: Path, engine: str | None, url: str, reading: Reading, watch: Watch) -> IndexSettings:
    if url and engine == "embedded":
        raise InputError(f"--url {url} is for --engine opensearch; the embedded engine has no address.")
    if engine == "opensearch" and not url:
        raise InputError("--engine opensearch needs --url, such as http://localhost:9200.")
    name = PREFIX + fingerprint(path, f"{_code()} {reading}", watch)
    return IndexSettings(name=name, engine=engine or ("opensearch" if url else "embedded"), url=url)


def _loaded(settings: IndexSettings, path: Path, reading: Reading, watch: Watch) -> Opened:
    own = own_query(settings.body)
    engine = open_engine(settings)
    warnings: list[str] = []
    try:
        count = engine.count()
    except EngineError:  # not loaded yet
        count = 0
    if count == 0:
        with watch(f"Loading {path.name}", None) as advance:
            report = engine.load(reading.products(path), progress=advance)
        count = report.loaded
        if report.failed:
            first, reason = next(iter(report.failed.items()))
            warnings.append(f"{len(report.failed)} products could not be loaded; the first is {first!r}: {reason}")
        if settings.engine == "opensearch":
            warnings.append(f"the index {settings.name!r} stays at {settings.url} for the next run")
    shop, catalogue = Shop(engine, FieldMap(), settings.name, own=own), f"{path.name}, loaded as {settings.name}"
    words = _engine_words(settings, shop)
    check_engine(engine, own, settings.name)
    return Opened(shop, settings.name, catalogue, words, count, tuple(warnings), body=settings.body)


def _engine_words(settings: IndexSettings, shop: Shop) -> str:
    where = f"OpenSearch at {settings.url}" if settings.engine == "opensearch" else settings.engine
    return f"{where}, {query_words(shop.own, settings.fields if settings.fields.paths else None)}"


@cache
def _code() -> str:
    """A checksum of the readers' and engines' code: another one may read or index the same file differently."""
    folder = Path(endcap.index.__path__[0])
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def fingerprint(path: Path, extra: str, watch: Watch = unwatched) -> str:
    """16 hex digits that change with the content of the file, or of any file in the folder, and with ``extra``."""
    digest = hashlib.sha256(extra.encode())
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    done = 0
    with watch("Checking for changes", sum(file.stat().st_size for file in files)) as advance:
        for file in files:
            digest.update(f"\0{file.relative_to(path) if path.is_dir() else file.name}\0".encode())
            with file.open("rb") as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    digest.update(chunk)
                    done += len(chunk)
                    advance(done)
    return digest.hexdigest()[:16]
