"""How fast catalogues are read, in how much memory: ``python benchmarks/catalogue_readers.py [ROWS] [NAME ...]``.

Writes ROWS made-up rows (a million, of about a kilobyte) in a layout, reads them in a process of its own, and goes on
to the next. The files are in a folder of their own below TMPDIR, where rows of one product also wait for each other.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

TEXT = "Holds what it should, and is washed by hand. " * 18
VARIANTS = 4
GROUP = 1_000_000


def product(n: int) -> dict[str, Any]:
    attributes = {"Colour": ("red", "blue", "green")[n % 3], "Width": f"{n % 90} cm"}
    return {"id": f"P{n:09d}", "title": f"Kettle number {n}", "brand": f"Brand {n % 500}",
            "description": f"{n}. {TEXT}",
            "category": ["Kitchen", f"Kettles {n % 50}"], "attributes": attributes,
            "price": n % 500 + 0.99}  # fmt: skip


def jsonl(file: IO[str], count: int) -> None:
    file.writelines(json.dumps(product(n)) + "\n" for n in range(count))


def array(file: IO[str], count: int) -> None:
    file.write('{"products": [')
    file.writelines(("," if n else "") + json.dumps(product(n), indent=1) for n in range(count))
    file.write("]}")


def by_id(file: IO[str], count: int) -> None:
    file.write("{")
    file.writelines(("," if n else "") + f'"K{n}": {json.dumps(product(n))}' for n in range(count))
    file.write("}")


def bulk(file: IO[str], count: int) -> None:
    lines = ((f'{{"index": {{"_id": "{n}"}}}}\n', json.dumps(product(n)) + "\n") for n in range(count))
    file.writelines(line for pair in lines for line in pair)


def shopify(file: IO[str], count: int, apart: bool = False) -> None:
    """Each product has four rows; where they are ``apart``, each stands a quarter of the file behind the last."""
    file.write("Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Image Src\n")
    products = max(1, count // VARIANTS)
    pairs = ((n % products, n // products) if apart else divmod(n, VARIANTS) for n in range(products * VARIANTS))
    for n, size in pairs:
        own = f'Kettle {n},"<p>{TEXT}</p>",Brand {n % 500},Kettles,Size' if size == 0 else ",,,,"
        file.write(f"k-{n},{own},{'SMLX'[size]},K{n}-{size},{n % 500}.99,https://x.example/{n}-{size}.jpg\n")


def merchant(file: IO[str], count: int) -> None:
    file.write('<?xml version="1.0"?>\n<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>\n')
    for n in range(count):
        file.write(f"<item><g:id>P{n}</g:id><g:item_group_id>G{n // VARIANTS}</g:item_group_id>"
                   f"<title>Kettle {n}</title>"
                   f"<description>{TEXT}</description><g:image_link>https://x.example/{n}.jpg</g:image_link>"
                   f"<g:size>{n % VARIANTS}</g:size><g:price>{n % 500}.99 EUR</g:price></item>\n")  # fmt: skip
    file.write("</channel></rss>")


def parquet(path: Path, count: int) -> None:
    """All rows in one group, as a program with a large memory writes them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def columns() -> Iterator[Any]:
        for start in range(0, count, 50_000):
            rows = [
                {**product(n), "attributes": json.dumps(product(n)["attributes"])}
                for n in range(start, min(start + 50_000, count))
            ]
            yield pa.Table.from_pylist(rows)

    pq.write_table(pa.concat_tables(columns()), path, row_group_size=GROUP)


def packed(path: Path, count: int) -> None:
    if path.suffix == ".gz":
        with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
            jsonl(file, count)
        return
    import pyarrow as pa

    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        for start in range(0, count, 10_000):
            stream.write(
                "".join(json.dumps(product(n)) + "\n" for n in range(start, min(start + 10_000, count))).encode()
            )


TEXTS: dict[str, Callable[[IO[str], int], None]] = {
    "lines.jsonl": jsonl,
    "array.json": array,
    "by_id.json": by_id,
    "bulk.ndjson": bulk,
    "shopify.csv": shopify,
    "shopify_apart.csv": lambda file, count: shopify(file, count, apart=True),
    "merchant.xml": merchant,
}
OTHERS: dict[str, Callable[[Path, int], None]] = {
    "rows.parquet": parquet,
    "lines.jsonl.gz": packed,
    "lines.jsonl.zst": packed,
}


def _most_mib() -> float:
    """The most memory that this process has held; what ``getrusage`` says may be that of the process before it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024


def read(path: Path) -> None:
    """In a process of its own: print rows a second, and by how much its memory grew at most."""
    from endcap.index.readers.catalogue_files import find_catalogue
    from endcap.index.readers.reading import Reading
    from endcap.index.readers.rejects import Rejects

    rejects, reading = Rejects(), Reading()
    form = find_catalogue(path, None, reading.fields).format
    before = _most_mib()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in reading.products(path, rejects=rejects):
        pass
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = _most_mib() - before
    size = path.stat().st_size / 1e6
    counts = f"{rejects.rows:,} | {rejects.products:,} | {rejects.rows / cpu:,.0f}"
    print(f"| `{path.name}` | {form} | {size:,.0f} | {counts} | {wall:.0f} | {peak:,.0f} |", flush=True)


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "read":
        read(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"Load when it begins: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    print(
        "| file | format | MB | rows | products | rows/s of CPU | s | MiB |\n|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[2:] or [*TEXTS, *OTHERS]:
            path = Path(folder) / name
            if name in TEXTS:
                with path.open("w", encoding="utf-8") as file:
                    TEXTS[name](file, count)
            else:
                OTHERS[name](path, count)
            subprocess.run([sys.executable, __file__, "read", str(path)], check=True)
            path.unlink()


if __name__ == "__main__":
    main()
