"""endcap beside what others use to re-rank: same texts, same threads, interleaved rounds, outputs checked first.

    make bench                                             # or, in an environment with requirements.txt:
    python benchmarks/peers/run.py [--model FOLDER] [--rounds 7] [--out build/bench] [--quick]

Writes ``bench.json``, ``bench.md`` and ``bench.svg`` to --out. Re-ranking is measured in a process that may use one
CPU, in CPU time; the reading of products in one that may use all, by the clock. ``page.py`` puts the figures into
docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import report

PACKAGES = ("onnxruntime", "torch", "transformers", "sentence-transformers", "optimum-onnx", "fastembed", "flashrank")
PRODUCTS, QUICK_PRODUCTS = 100, 10


def main() -> None:
    """Make the folders, measure in two processes, write and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="the student's folder (default: the shipped one)")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds (default 7)")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder for the results")
    parser.add_argument("--quick", action="store_true", help="small models, ten products: does everything run?")
    parser.add_argument("--avx2-only", action="store_true", help="as without AVX-512 and VNNI (Linux, cc)")
    parser.add_argument("--part", choices=("reranking", "reading"), help=argparse.SUPPRESS)
    parser.add_argument("--folders", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part:
        print(json.dumps(part(args.part, args.folders, args.rounds, args.quick)))
        return
    args.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as root:
        figures = {"machine": machine(args.avx2_only), **measure(Path(root), args)}
    figures["minutes"] = round((time.monotonic() - started) / 60, 1)
    (args.out / "bench.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (args.out / "bench.md").write_text(report.markdown(figures), encoding="utf-8")
    (args.out / "bench.svg").write_text(report.svg(figures), encoding="utf-8")
    print(report.markdown(figures))
    print(f"{args.out}/bench.json, bench.md, bench.svg")


def measure(root: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Folders first; then each part in a process of its own, with the CPUs that it is to use."""
    from folders import make

    from endcap.plugin.model.cpu import cpu_features
    from endcap.plugin.model.folder import default_folder

    environment = dict(os.environ, **({"LD_PRELOAD": avx2_only(root)} if args.avx2_only else {}))
    note("making the models in each system's layout")
    vnni = not args.avx2_only and "avx512_vnni" in cpu_features()
    folders = make(root, args.model or default_folder(), vnni=vnni, quick=args.quick)
    listed = root / "folders.json"
    listed.write_text(json.dumps(asdict(folders)), encoding="utf-8")
    figures: dict[str, Any] = {"quick": args.quick}
    for name in ("reranking", "reading"):
        note(f"measuring: {name}")
        command = [sys.executable, __file__, "--part", name, "--folders", str(listed), "--rounds", str(args.rounds)]
        command += ["--quick"] * args.quick
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
        if done.returncode:
            raise SystemExit(f"The part {name!r} failed (status {done.returncode}); its own words are above.")
        figures[name] = json.loads(done.stdout.splitlines()[-1])
    return figures


def part(name: str, listed: Path, rounds: int, quick: bool) -> dict[str, Any]:
    """One process's measurements."""
    if name == "reranking" and hasattr(os, "sched_setaffinity"):  # before any library counts the CPUs
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    import systems
    from folders import Folders
    from limits import peak, work

    from endcap.demo.catalogue import products
    from endcap.plugin.model.cpu import available_cpus
    from endcap.plugin.model.student import Student

    folders = Folders.read(listed)
    chosen = list(products())[::37][: QUICK_PRODUCTS if quick else PRODUCTS]
    student = Student.load(folders.student, threads=1)
    texts = [student.text(product) for product in chosen]
    if name == "reading":
        readers = systems.readers(folders, texts, chosen, available_cpus())
        times = interleaved(readers, rounds, time.perf_counter)
        return {"threads": available_cpus(), "products": len(texts), **summary(readers, times, "torch_reading")}
    tokens = [len(student._model._session.tokenizer.encode(text).ids) for text in texts]
    rerankers = systems.rerankers(folders, texts, chosen)
    agreement = systems.check(rerankers, folders, texts, chosen)
    note("all systems agree; now the times")
    times = interleaved(rerankers, rounds, time.process_time)
    encoders = systems.encoders(folders)
    query_times = interleaved(encoders, 3 * rounds, time.process_time)
    query = len(student._model._session.tokenizer.encode(student.info.text.query_prefix + next(systems.QUERIES)).ids)
    return {
        "products": len(texts),
        "tokens": round(statistics.mean(tokens), 1),
        "query_tokens": query,
        "model": f"{student.info.name}, {student.info.precision}",
        "state_bytes": student.info.state_bytes,
        "agreement": {key: round(value, 4) for key, value in agreement.items()},
        **summary(rerankers, times, "torch"),
        "query": summary(encoders, query_times, "torch_query"),
        "limits": {
            "fp32_gflops": round(peak(int8=False), 1),
            "int8_gops": round(peak(int8=True), 1),
            "cross_gop": round(work(folders.cross_shape, [t + query for t in tokens], True), 3),
            "query_gop": round(work(folders.student_shape, [query], student.info.pooling == "cls"), 3),
        },
    }


def interleaved(systems: Sequence[Any], rounds: int, clock: Callable[[], float]) -> dict[str, list[float]]:
    """Milliseconds of each system by round; every system once a round, after one run that does not count.

    By the process's CPU time where there is one thread: what else the machine does is not counted then.
    """
    from systems import QUERIES

    times: dict[str, list[float]] = {system.name: [] for system in systems}
    for system in systems:
        system.run(next(QUERIES))
    for number in range(rounds):
        for system in systems:
            times[system.name].append(timed(system.run, QUERIES, system.repeats, clock))
        note(f"round {number + 1} of {rounds}")
    return times


def timed(run: Callable[[str], object], queries: Any, repeats: int, clock: Callable[[], float]) -> float:
    """Milliseconds a run."""
    started = clock()
    for _ in range(repeats):
        run(next(queries))
    return 1e3 * (clock() - started) / repeats


def summary(systems: Sequence[Any], times: dict[str, list[float]], reference: str) -> dict[str, Any]:
    """Medians, and how many times as fast as the reference: the median of the rounds' ratios, which a busy moment that
    falls on a whole round does not move."""
    return {
        "labels": {system.name: system.label for system in systems},
        "ms": {name: round(statistics.median(values), 3) for name, values in times.items()},
        "least_ms": {name: round(min(values), 3) for name, values in times.items()},
        "times_as_fast": {
            name: round(statistics.median(a / b for a, b in zip(times[reference], values, strict=True)), 3)
            for name, values in times.items()
        },
        "rounds": len(times[reference]),
    }


def avx2_only(root: Path) -> str:
    """A library that, loaded first, hides what is newer than AVX2 (``avx2_only.c``)."""
    source, library = Path(__file__).with_name("avx2_only.c"), root / "avx2_only.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    return str(library)


def machine(avx2_only: bool = False) -> dict[str, Any]:
    """What it was measured on, and with which versions."""
    from endcap.plugin.model.cpu import available_cpus, cpu_features, cpu_name

    return {
        "cpu": cpu_name(),
        "features": ["avx2"] if avx2_only else list(cpu_features()),
        "cpus": available_cpus(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        "date": time.strftime("%Y-%m-%d"),
    }


def note(step: str) -> None:
    """Progress, on stderr."""
    print(f"… {step}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
