"""How fast a student is on this machine: which window, and how many threads, fit a deadline."""

from __future__ import annotations

import itertools
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin.model.cpu import available_cpus, cpu_features, cpu_name
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore

WINDOWS = (10, 20, 50, 100, 200, 500, 1000)
CHUNK = 64
"""Products that are read between two looks at the clock."""


@dataclass(frozen=True, slots=True)
class WindowTime:
    """Milliseconds to re-rank ``window`` products whose states are kept, for a new query: median and 90th percentile.

    ``states_ms`` of it is the look-up of the states, the rest the query's encoding and the scores.
    """

    window: int
    threads: int
    median_ms: float
    p90_ms: float
    states_ms: float


@dataclass(frozen=True, slots=True)
class ReadingRate:
    """Products a second that are read in advance, with so many threads."""

    threads: int
    products_per_s: float

    @property
    def million_hours(self) -> float:
        """Hours for a million products like those measured."""
        return 1e6 / self.products_per_s / 3600


@dataclass(frozen=True, slots=True)
class BenchReport:
    """What was measured, and on what."""

    model: str
    precision: str
    shape: str
    state_bytes: int | None
    cpu: str
    features: tuple[str, ...]
    cpus: int
    products: int
    load_s: float
    query_ms: float
    """A new query's encoding (a bi-encoder's alone: a cross-encoder reads it with each product)."""
    windows: tuple[WindowTime, ...]
    reading: tuple[ReadingRate, ...]

    def threads(self) -> int:
        """The fewest threads that read within a tenth of the fastest."""
        best = max(rate.products_per_s for rate in self.reading)
        return min(rate.threads for rate in self.reading if rate.products_per_s >= 0.9 * best)

    def window(self, deadline_ms: float) -> WindowTime | None:
        """The largest window that nine of ten searches re-rank within the deadline; None where none is."""
        fitting = [time for time in self.windows if time.p90_ms <= deadline_ms]
        most = max((time.window for time in fitting), default=0)
        return min((t for t in fitting if t.window == most), key=lambda t: t.threads, default=None)

    def to_mapping(self) -> Mapping[str, object]:
        """The figures for JSON, rounded to what they are worth."""
        return {name: _rounded(value) for name, value in asdict(self).items()}


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else value


def bench(
    folder: str | Path | None,
    products: Sequence[Product],
    *,
    windows: Sequence[int] = WINDOWS,
    max_threads: int | None = None,
    seconds: float = 1.0,
    on_step: Callable[[str], None] = lambda _: None,
) -> BenchReport:
    """Measure a model folder (None: the shipped student) on products, some ``seconds`` for each figure.

    The states of windows larger than the catalogue are taken more than once. ``on_step`` is told what is measured next.
    Raises ``InputError`` where there are no products.
    """
    if not products:
        raise InputError("There are no products to measure with; give a catalogue that has some.")
    # 1. Loading. The files are read once before: they are in the system's cache then, for the first load as for others.
    read_model(folder)
    start = time.perf_counter()
    info = Student.load(folder, threads=1).info
    load_s = time.perf_counter() - start
    students = {count: Student.load(folder, threads=count) for count in _thread_counts(max_threads or available_cpus())}
    # 2. Products read in advance.
    rates = []
    for count, student in students.items():
        on_step(f"reading products with {_threads(count)}")
        rates.append(ReadingRate(count, _reading_rate(student, products, seconds)))
    # 3. Queries.
    on_step("encoding queries")
    queries = _queries(products)
    query_ms = _query_ms(students[1], products[0], queries, seconds)
    # 4. Windows. A bi-encoder's products cost a multiplication each once they are read: more threads change nothing.
    if info.shape == "bi-encoder":
        students = {1: students[1]}
    times = _window_times(students, products, windows, queries, seconds, on_step)
    return BenchReport(
        model=info.name,
        precision=info.precision,
        shape=info.shape,
        state_bytes=info.state_bytes,
        cpu=cpu_name(),
        features=cpu_features(),
        cpus=available_cpus(),
        products=len(products),
        load_s=load_s,
        query_ms=query_ms,
        windows=times,
        reading=tuple(rates),
    )


def _threads(count: int) -> str:
    return f"{count} thread{'s' * (count > 1)}"


def _thread_counts(most: int) -> list[int]:
    """1, 2, 4, … and the most."""
    return sorted({*(2**n for n in range(most.bit_length())), most} - {0})


def _queries(products: Sequence[Product]) -> Iterator[str]:
    """Queries from titles, never the same twice: a student remembers the vectors of recent ones."""
    rng = random.Random(0)
    return (f"{' '.join(rng.choice(products).title.split()[:3])} {n}" for n in itertools.count(100))


def _reading_rate(student: Student, products: Sequence[Product], seconds: float) -> float:
    """Products a second, in the order of the catalogue, from the start again where it is short."""
    endless, count = itertools.cycle(products), 0
    student.encode(list(itertools.islice(endless, CHUNK)))
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        count += len(student.encode(list(itertools.islice(endless, CHUNK))))
    return count / spent


def _query_ms(student: Student, product: Product, queries: Iterator[str], seconds: float) -> float:
    """A new query's encoding, in milliseconds; 0 for a cross-encoder."""
    if student.info.shape != "bi-encoder":
        return 0.0
    [state] = student.encode([product])
    return statistics.median(_run_times(lambda: student.score(next(queries), [state]), seconds))


def _run_times(work: Callable[[], object], seconds: float) -> list[float]:
    """Milliseconds of as many runs as fit, after one that does not count."""
    work()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 5 or (time.perf_counter() < end and len(times) < 200):
        start = time.perf_counter()
        work()
        times.append(1e3 * (time.perf_counter() - start))
    return times


def _window_times(
    students: Mapping[int, Student],
    products: Sequence[Product],
    windows: Sequence[int],
    queries: Iterator[str],
    seconds: float,
    on_step: Callable[[str], None],
) -> tuple[WindowTime, ...]:
    """The times of each window with each student (by its threads), from a store that is filled for it."""
    times = []
    read, reader = products[: max(windows)], students[1]
    keys = [reader.key(reader.text(product)) for product in read]
    with tempfile.TemporaryDirectory() as folder, closing(StateStore.open(Path(folder))) as store:
        store.put(zip(keys, reader.encode(read), strict=True))
        for count, student in students.items():
            for window in windows:
                on_step(f"re-ranking {window} products with {_threads(count)}")
                window_keys = list(itertools.islice(itertools.cycle(keys), window))
                times.append(_window_time(store, student, window_keys, count, queries, seconds))
    return tuple(times)


def _window_time(
    store: StateStore, student: Student, keys: Sequence[bytes], threads: int, queries: Iterator[str], seconds: float
) -> WindowTime:
    states_ms = list[float]()

    def search() -> None:
        start = time.perf_counter()
        states = store.get(keys, state_bytes=student.info.state_bytes)
        states_ms.append(1e3 * (time.perf_counter() - start))
        student.score(next(queries), [state for state in states if state is not None])

    times = sorted(_run_times(search, seconds))
    return WindowTime(
        window=len(keys),
        threads=threads,
        median_ms=statistics.median(times),
        p90_ms=times[min(len(times) - 1, int(0.9 * len(times)))],
        states_ms=statistics.median(states_ms),
    )
