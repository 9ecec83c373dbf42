"""How fast the shipped student re-scores 100 products, beside a torch cross-encoder: same texts, one thread each.

    python benchmarks/student_speed.py --rounds 5 --json speed.json

Needs ``pip install 'endcap[test]'``. The peer has the shape of MiniLM-L6 (6 layers of 384) with random weights: its
scores mean nothing, its time is that of any model of that shape. Rounds are interleaved; medians are printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PRODUCTS = 100
QUERIES = (f"wireless headphones with noise cancelling {n}" for n in itertools.count(100))
"""Never the same query twice: the student remembers the vectors of recent ones."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped one)")
    args = parser.parse_args()
    figures = measure(args.rounds, args.model)
    for name, value in figures.items():
        print(f"{name:<32} {value}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measure(rounds: int, model: Path | None = None) -> dict[str, Any]:
    """Medians in milliseconds, and ratios."""
    from endcap.demo.catalogue import products
    from endcap.plugin import Student

    student = Student.load(model, threads=1)
    chosen = list(products())[::37][:PRODUCTS]
    texts = [student.text(product) for product in chosen]
    states = student.encode(chosen)
    peer = cross_encoder()
    rows: dict[str, list[float]] = {"student": [], "student_1000": [], "encode_100": [], "cross_encoder": []}
    work: dict[str, Callable[[], object]] = {
        "student": lambda: student.score(next(QUERIES), states),
        "student_1000": lambda: student.score(next(QUERIES), states * 10),
        "encode_100": lambda: student.encode(chosen),
        "cross_encoder": lambda: peer.predict([(next(QUERIES), text) for text in texts], batch_size=32),
    }
    for name in work:
        work[name]()
    for _ in range(rounds):
        for name, run in work.items():
            repeats = 20 if name.startswith("student") else 1
            started = time.perf_counter()
            for _ in range(repeats):
                run()
            rows[name].append((time.perf_counter() - started) / repeats * 1000)
    medians = {f"{name}_ms": round(statistics.median(values), 3) for name, values in rows.items()}
    return {
        **medians,
        "cross_encoder_over_student": round(medians["cross_encoder_ms"] / medians["student_ms"], 1),
        "student_1000_over_100": round(medians["student_1000_ms"] / medians["student_ms"], 2),
        "load_to_first_score_s": round(cold_start(), 3),
        "model": f"{student.info.name}, {student.info.precision}",
        "products": PRODUCTS,
        "median_words_a_product": statistics.median(len(text.split()) for text in texts),
        "cpu": cpu(),
        "python": platform.python_version(),
    }


def cross_encoder() -> Any:
    """A sentence-transformers CrossEncoder in torch fp32, one thread, of MiniLM-L6's shape."""
    import tempfile

    import torch
    from sentence_transformers import CrossEncoder
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from endcap.plugin.model.folder import default_folder

    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    shape = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
    config = BertConfig(vocab_size=len(tokenizer), num_labels=1, **shape)
    with tempfile.TemporaryDirectory() as folder:
        BertForSequenceClassification(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return CrossEncoder(folder, device="cpu", max_length=128)


def cold_start() -> float:
    """Seconds from ``Student.load()`` to the first score, in a fresh process, without the interpreter's own start."""
    code = (
        "import time; t = time.perf_counter(); from endcap.plugin import Student;"
        "Student.load().score('a', ['b'] * 10); print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-P", "-c", code]
    return statistics.median(float(subprocess.check_output(command, text=True)) for _ in range(3))


def cpu() -> str:
    """The processor, and what it has for int8."""
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    name = next((line.split(":")[1].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    return f"{name} ({', '.join(f for f in ('avx2', 'avx512_vnni', 'avx_vnni', 'amx_int8') if f in info)})"


if __name__ == "__main__":
    main()
