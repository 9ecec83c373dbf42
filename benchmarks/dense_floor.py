"""How near the nearest product is: to searches that mean something, and to such that mean nothing.

    python benchmarks/dense_floor.py --index NAME --queries queries.txt [--other-queries elsewhere.txt]

NAME is an index of the embedded engine that holds vectors. Each row is one kind of text, made from the queries: as they
are, with one typo, keys hit at random, words of random letters, and another shop's queries. Shown are quantiles of the
cosine of the nearest product; how many are above the limit of ``plugin/search/dense_floor.py``; and of those above it
and of the others, how many of the query's ten nearest products stay so, and how many find less than ten by words.
"""

from __future__ import annotations

import random
import string
from pathlib import Path

import click
import numpy as np

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.plugin import Student
from endcap.plugin.search.dense_floor import DEVIATIONS, NONSENSE
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
    limits = [_nearest(engine, student, word)[0][0] for word in NONSENSE]
    limit = float(np.mean(limits) + DEVIATIONS * np.std(limits))
    print(f"limit {limit:.3f}")
    kinds = {
        "queries": queries,
        "with a typo": [_with_typo(query, chance) for query in queries],
        "keys in a row": [_keys(chance) for _ in queries],
        "random letters": [" ".join(_letters(chance) for _ in range(chance.randint(1, 3))) for _ in queries],
        "random digits": ["".join(chance.choices(string.digits, k=chance.randint(5, 9))) for _ in queries],
    }
    if other_file:
        kinds["another shop's"] = _lines(other_file)[:max_queries]
    true_ids = [_nearest(engine, student, query)[1] for query in queries]
    for kind, texts in kinds.items():
        found = [_nearest(engine, student, text) for text in texts]
        cosines = np.array([values[0] for values, _ in found])
        shares = " ".join(f"{x:.2f}" for x in np.quantile(cosines, (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)))
        above = cosines > limit
        few = np.array([_found_by_words(engine, text) < SHOWN for text in texts])
        words = f"{kind:15} n {len(texts)}, 1 5 25 50 75 95 99 %: {shares}; above {above.mean():.2f}"
        if kind in ("queries", "with a typo"):
            kept = np.array([len(ids & true) for (_, ids), true in zip(found, true_ids, strict=True)])
            words += f"; of ten stay {_mean(kept[above])} above, {_mean(kept[~above])} below"
        print(f"{words}; find less than ten {_mean(few[above])} above, {_mean(few[~above])} below")


SHOWN = 10


def _nearest(engine: EmbeddedEngine, student: Student, text: str) -> tuple[list[float], set[str]]:
    """The cosines of the ten nearest products, and their ids."""
    by = {"term": {"endcap.model": model_name(student.info)}}
    clause = {"knn": {"endcap.vector": {"vector": query_numbers(student, text), "k": SHOWN, "filter": by}}}
    hits = engine.search(body={"query": clause, "size": SHOWN, "_source": False})["hits"]["hits"]
    return [2 * float(hit["_score"]) - 1 for hit in hits], {hit["_id"] for hit in hits}


def _found_by_words(engine: EmbeddedEngine, text: str) -> int:
    reply = engine.search(body={"query": engine.text_query(text), "size": SHOWN, "_source": False})
    return len(reply["hits"]["hits"])


def _mean(values: np.ndarray) -> str:
    return f"{values.mean():.2f}" if len(values) else "-"


def _lines(file: str) -> list[str]:
    return [line.strip() for line in Path(file).read_text(encoding="utf-8").splitlines() if line.strip()]


def _with_typo(query: str, chance: random.Random) -> str:
    """Two letters exchanged in a word of four or more."""
    words = query.split()
    long = [place for place, word in enumerate(words) if len(word) >= 4]
    if long:
        place = chance.choice(long)
        word = words[place]
        at = chance.randrange(1, len(word) - 1)
        words[place] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(words)


def _keys(chance: random.Random) -> str:
    row = chance.choice(KEYS)
    at = chance.randrange(len(row) - 3)
    return row[at : at + chance.randint(4, 7)]


def _letters(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 9)))


if __name__ == "__main__":
    main()
