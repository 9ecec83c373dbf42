"""How near the nearest product is: to searches that mean something, and to such that mean nothing.

    python benchmarks/dense_floor.py --index NAME --queries queries.txt [--other-queries elsewhere.txt]

NAME is an index of the embedded engine that holds vectors. Each row is one kind of text, made from the queries: as they
are, with a typo in each longer word, keys hit at random, words of random letters, and another shop's queries. Shown are
quantiles of the cosine of the nearest product, and of the tenth.
"""

from __future__ import annotations

import random
import string
from pathlib import Path

import click
import numpy as np

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.plugin import Student
from endcap.plugin.states.document_states import model_name, query_numbers

KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


@click.command()
@click.option("--index", required=True)
@click.option("--queries", "queries_file", required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--other-queries", "other_file", type=click.Path(exists=True, dir_okay=False))
@click.option("--max-queries", default=200, show_default=True)
def main(index: str, queries_file: str, other_file: str | None, max_queries: int) -> None:
    """Print the cosines of nearest products."""
    engine, student, chance = EmbeddedEngine(index), Student.load(), random.Random(7)
    queries = _lines(queries_file)[:max_queries]
    kinds = {
        "queries": queries,
        "with typos": [" ".join(_typo(word, chance) for word in query.split()) for query in queries],
        "keys in a row": [_keys(chance) for _ in queries],
        "random letters": [" ".join(_letters(chance) for _ in range(chance.randint(1, 3))) for _ in queries],
        "random digits": ["".join(chance.choices(string.digits, k=chance.randint(5, 9))) for _ in queries],
    }
    if other_file:
        kinds["another shop's"] = _lines(other_file)[:max_queries]
    for kind, texts in kinds.items():
        cosines = np.array([_cosines(engine, student, text) for text in texts])
        for name, column in (("nearest", 0), ("tenth", -1)):
            shares = np.quantile(cosines[:, column], (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99))
            print(f"{kind:16} {name:8} n {len(texts):4}  1 5 25 50 75 95 99 %: {' '.join(f'{x:.2f}' for x in shares)}")


def _cosines(engine: EmbeddedEngine, student: Student, text: str) -> list[float]:
    by = {"term": {"endcap.model": model_name(student.info)}}
    clause = {"knn": {"endcap.vector": {"vector": query_numbers(student, text), "k": 10, "filter": by}}}
    hits = engine.search(body={"query": clause, "size": 10, "_source": False})["hits"]["hits"]
    return [2 * float(hit["_score"]) - 1 for hit in hits]


def _lines(file: str) -> list[str]:
    return [line.strip() for line in Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]


def _typo(word: str, chance: random.Random) -> str:
    if len(word) < 4:
        return word
    at = chance.randrange(1, len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _keys(chance: random.Random) -> str:
    row = chance.choice(KEYS)
    at = chance.randrange(len(row) - 3)
    return row[at : at + chance.randint(4, 7)]


def _letters(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 9)))


if __name__ == "__main__":
    main()
