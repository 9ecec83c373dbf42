"""What `make bench` makes of its figures: ratios against targets, tables, a plot, and a page."""

import importlib.util
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PEERS = Path(__file__).resolve().parent.parent / "benchmarks" / "peers"


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return loaded("report", monkeypatch)


def loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the benchmark, which is no package."""
    monkeypatch.syspath_prepend(str(PEERS))
    spec = importlib.util.spec_from_file_location(name, PEERS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def section(times: dict[str, float], first: str) -> dict[str, Any]:
    """What ``run.summary`` writes of these milliseconds."""
    labels = {name: f"endcap, {name}" if name.startswith(("student", "cross")) else name for name in times}
    fast = {name: times[first] / value for name, value in times.items()}
    return {"labels": labels, "ms": times, "least_ms": times, "times_as_fast": fast, "rounds": 3}


FIGURES: dict[str, Any] = {
    "machine": {
        "cpu": "Some <CPU>",
        "features": ["avx2", "avx512_vnni"],
        "load": 0.1,
        "date": "d",
        "versions": {"a": "1"},
    },
    "reranking": {
        **section(
            {
                "torch": 1800.0,
                "st_int8": 800.0,
                "fastembed": 900.0,
                "flashrank": 1000.0,
                "cross_fp32": 900.0,
                "cross_int8": 400.0,
                "student": 5.0,
                "student_1000": 6.0,
            },
            "torch",
        ),
        "products": 100,
        "tokens": 45.5,
        "query_tokens": 20,
        "model": "m, int8",
        "state_bytes": 388,
        "query": section({"torch_query": 14.0, "student_query": 4.0}, "torch_query"),
        "limits": {"fp32_gflops": 160.0, "int8_gops": 500.0, "cross_gop": 100.0, "query_gop": 0.8},
    },
    "reading": {
        "threads": 2,
        "products": 100,
        **section({"torch_reading": 1000.0, "student_reading": 600.0}, "torch_reading"),
    },
}


def test_ratios_are_held_against_targets(report: ModuleType) -> None:
    """By hand: 1800 / 5, 6 / 5, 14 / 4, 1800 / 400, 800 / 400 of the best int8 peer, 1000 / 600 too slow."""
    found = report.ratios(FIGURES)
    assert [round(value, 3) for _, value, _, _ in found] == [360, 1.2, 3.5, 4.5, 2.0, 1.667]
    page = report.markdown(FIGURES)
    assert page.count("| met |") == 5
    assert "| reading products: times as fast as torch's encoding | 1.67 | at least 2 | **missed** |" in page
    assert "| endcap, cross-encoder int8 | 100 | 250 | 50 % |" in page
    assert "| endcap, student_reading | 167 | 1.67 | 1.67 |" in page


def test_a_machine_without_vnni_has_its_own_target(report: ModuleType) -> None:
    """There fp32 may be the faster one, and the int8 peers are no measure."""
    machine = {**FIGURES["machine"], "features": ["avx2"]}
    rows = {what: (value, target) for what, value, target, _ in report.ratios({**FIGURES, "machine": machine})}
    assert rows["endcap's cross-encoder: times as fast as torch's"] == (4.5, 2.2)
    assert len(rows) == 5


def test_the_plot_is_well_formed(report: ModuleType) -> None:
    """A bar for each system, the slower the longer."""
    root = ET.fromstring(report.svg(FIGURES))
    bars = [n for n in root.iter("{http://www.w3.org/2000/svg}rect") if n.get("class") in ("ours", "theirs")]
    widths = [float(bar.get("width", "0")) for bar in bars]
    assert len(widths) == 7
    assert max(widths) == widths[0]
    assert min(widths) == widths[-1]


def test_the_page_keeps_what_is_around_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written twice, the page has the figures once; docs/performance.md has the marks."""
    loaded("report", monkeypatch)
    page = loaded("page", monkeypatch)
    once = page.written(f"a\n{page.BEGIN}\nstale figures\n{page.END}\nb\n", FIGURES)
    assert once == page.written(once, FIGURES)
    assert once.startswith("a\n")
    assert once.endswith("\nb\n")
    assert "stale" not in once
    marked = page.PAGE.read_text(encoding="utf-8")
    assert marked.count(page.BEGIN) == marked.count(page.END) == 1
