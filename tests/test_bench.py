"""``endcap bench``: what it measures, and what it makes of it."""

import json
from pathlib import Path

import pytest

from endcap.cli.bench import advice
from endcap.cli.main import run
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin.bench import BenchReport, ReadingRate, WindowTime, bench
from endcap.plugin.model.cpu import cpu_features, cpu_name

FOUND = BenchReport(
    model="m",
    precision="int8",
    shape="cross-encoder",
    state_bytes=None,
    cpu="c",
    features=("avx2",),
    cpus=4,
    products=9,
    load_s=0.5,
    query_ms=0.0,
    windows=(
        WindowTime(window=10, threads=1, median_ms=5, p90_ms=6, states_ms=0.1),
        WindowTime(window=50, threads=1, median_ms=25, p90_ms=31.23456, states_ms=0.1),
        WindowTime(window=10, threads=4, median_ms=2, p90_ms=3, states_ms=0.1),
        WindowTime(window=50, threads=4, median_ms=8, p90_ms=9, states_ms=0.1),
    ),
    reading=(ReadingRate(1, 100.0), ReadingRate(2, 195.0), ReadingRate(4, 200.0)),
)


def test_the_window_is_the_largest_that_fits_and_the_threads_the_fewest() -> None:
    """By the 90th percentile: half of a shop's searches late would not do."""
    assert FOUND.window(5.9) == FOUND.windows[2]
    assert FOUND.window(6) == FOUND.windows[0]
    assert FOUND.window(30) == FOUND.windows[3]
    assert FOUND.window(40) == FOUND.windows[1]
    assert FOUND.window(1) is None
    assert FOUND.threads() == 2
    assert ReadingRate(1, 100.0).million_hours == pytest.approx(2.7778, abs=1e-4)


def test_the_advice_says_what_to_set() -> None:
    """The engine's part is taken off the deadline; where nothing fits, it says what the least takes."""
    assert advice(FOUND, 20, 5).startswith(
        "For a deadline of 20 ms, of which the engine takes 5: window 50 (the largest measured that fits), threads 2."
    )
    assert "1 products that were not" in advice(FOUND, 14.5, 0)
    assert "Nothing fits a deadline of 2 ms: 10 products take 3.0 ms" in advice(FOUND, 2, 0)


def test_figures_are_rounded_for_json() -> None:
    """Four digits are more than a clock is worth."""
    raw = FOUND.to_mapping()
    assert raw["windows"][1]["p90_ms"] == 31.23  # type: ignore[index]
    assert json.loads(json.dumps(raw))["features"] == ["avx2"]


def test_the_shipped_student_is_measured() -> None:
    """Real times of the real student: a window larger than the catalogue, each figure positive."""
    products = [Product(id=str(n), title=f"Norvik trail running shoe {n}") for n in range(5)]
    told: list[str] = []
    found = bench(None, products, windows=(2, 20), max_threads=2, seconds=0.01, on_step=told.append)
    assert [(time.window, time.threads) for time in found.windows] == [(2, 1), (20, 1)]
    assert [rate.threads for rate in found.reading] == [1, 2]
    assert all(time.p90_ms >= time.median_ms > time.states_ms > 0 for time in found.windows)
    assert all(rate.products_per_s > 0 for rate in found.reading)
    assert found.query_ms > 0
    assert found.load_s > 0
    assert len(told) == 5
    with pytest.raises(InputError, match="no products"):
        bench(None, [])


def test_the_command_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table, an advice and the same figures as JSON, of the user's own catalogue."""
    catalogue = tmp_path / "shop.csv"
    catalogue.write_text("id,name\n1,red shoe\n2,blue shoe\n3,kettle\n")
    arguments = ["bench", "--catalog", str(catalogue), "--fields", "title=name", "--seconds", "0.01", "--threads", "1"]
    assert run([*arguments, "--deadline", "10000", "--json", str(tmp_path / "bench.json")]) == 0
    out = capsys.readouterr().out
    assert "For a deadline of 10000 ms: window 1000 (the largest measured that fits), threads 1." in out
    raw = json.loads((tmp_path / "bench.json").read_text())
    assert [time["window"] for time in raw["windows"]] == [10, 20, 50, 100, 200, 500, 1000]
    assert raw["products"] == 3


def test_instructions_are_read_from_the_system(tmp_path: Path) -> None:
    """Those that matter, in one order; none where the system tells nothing."""
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu avx512_vnni avx2 sse\n")
    assert cpu_features(info) == ("avx2", "avx512_vnni")
    assert cpu_name(info) == "Some CPU"
    info.write_text("processor\t: 0\nFeatures\t: fp asimd asimddp\n")
    assert cpu_features(info) == ("asimd", "asimddp")
    assert cpu_features(tmp_path / "none") == ()
    assert cpu_name(tmp_path / "none")
