"""How fast judgments are read, in how much memory: ``python benchmarks/judgment_readers.py [ROWS]``.

Writes ROWS made-up judgments (a million) in several layouts, and reads each in a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PER_QUERY = 20


def rows(count: int) -> Iterator[tuple[int, str, str, int]]:
    for n in range(count):
        yield n // PER_QUERY, f"query number {n // PER_QUERY}", f"P{n % 200_000:09d}", n % 4


def write(folder: Path, count: int) -> list[Path]:
    files = {
        "quepid.csv": ("query,docid,rating\n", "{text},{product},{grade}\n"),
        "qrels.tsv": ("", "{id}\t0\t{product}\t{grade}\n"),
        "lines.jsonl": ("", '{{"query": "{text}", "docid": "{product}", "rating": {grade}}}\n'),
        "letor.txt": ("", "{grade} qid:{id} 1:0.5 2:7 # {product}\n"),
        "book.csv": ("query,docid,ann,bob,cy\n", "{text},{product},{grade},{grade},3\n"),
    }
    for name, (head, line) in files.items():
        with (folder / name).open("w", encoding="utf-8") as file:
            file.write(head)
            file.writelines(line.format(id=i, text=t, product=p, grade=g) for i, t, p, g in rows(count))
    with (folder / "queries.tsv").open("w", encoding="utf-8") as file:
        file.writelines(f"{n}\tquery number {n}\n" for n in range(count // PER_QUERY + 1))
    with (folder / "workbench.json").open("w", encoding="utf-8") as file:
        file.write('{"judgmentRatings": [')
        for start in range(0, count, PER_QUERY):
            group = range(start, min(start + PER_QUERY, count))
            ratings = [{"docId": f"P{n % 200_000:09d}", "rating": str(n % 4)} for n in group]
            entry = {"query": f"query number {start // PER_QUERY}", "ratings": ratings}
            file.write(("," if start else "") + json.dumps(entry))
        file.write("]}")
    return [folder / name for name in (*files, "workbench.json")]


def read(path: Path) -> None:
    """In a process of its own: print the rows a second of CPU time, and by how much its memory grew at most."""
    from endcap.index.judgments.reader import read_judgments

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = read_judgments(path)
    seconds = time.process_time() - start
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"| `{path.name}` | {found.format} | {found.rows / seconds:,.0f} | {seconds:.1f} | {peak:,.0f} |", flush=True)


def main() -> None:
    if len(sys.argv) == 3:
        read(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print("| file | format | ratings/s | s | MiB |\n|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for path in write(Path(folder), count):
            subprocess.run([sys.executable, __file__, "read", str(path)], check=True)


if __name__ == "__main__":
    main()
