"""Generates queries for each shop, from its query log, from its catalogue, and from an LLM."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.generate.draw import draw
from endcap.distill.generate.query_kinds import Cell, cell_of, kind_of, mix
from endcap.distill.generate.spelling import share_misspelt
from endcap.distill.generate.vocabulary import Vocabulary, learn
from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.distill.work.files import json_line, write_json, write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TEST, Data, read_data
from endcap.index.query_log import read_query_log
from endcap.progress import Watch

QUERIES = pa.schema([(name, pa.string()) for name in ("shop", "query", "kind", "source", "made_from")])

Row = dict[str, Any]

LOG = logging.getLogger("endcap.distill")


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``queries.parquet`` and ``queries.json``.

    The latter says how many there are of each kind and length beside real queries, what was refused, and why there are
    fewer than the recipe's. Raises ``InputError`` where a query log can't be read.
    """
    rows: list[Row] = []
    shops: dict[str, object] = {}
    if recipe.queries.count:
        data = read_data(work)
        vocabularies = {shop.name: learn(list(data.products.get(shop.name, {}).values())) for shop in recipe.shops}
        gate = Gate(data)
        for shop in recipe.shops:
            shop_rows, shops[shop.name] = _shop_queries(recipe, shop, data, vocabularies[shop.name], gate, work, watch)
            rows += shop_rows
    write_rows(work.stage("queries") / "queries.parquet", QUERIES, rows)
    write_json(work.stage("queries") / "queries.json", {"queries": len(rows), "shops": shops})


class Gate:
    """Lets a query in once, if it is neither measured on nor judged already; counts what it refuses and why."""

    def __init__(self, data: Data) -> None:
        self._guard = data.guard()
        self._judged = {normal_form(query.query) for query in (*data.judged, *data.pairs) if query.part != TEST}
        self._seen: set[tuple[str, str]] = set()
        self.refused: Counter[str] = Counter()

    def admit(self, shop: str, query: str) -> bool:
        """Whether this query may be trained on and was not let in before for this shop."""
        form = normal_form(query)
        if (shop, form) in self._seen:
            return self._refuse("double")
        if self._guard.refuses(query):
            return self._refuse("measured on")
        if form in self._judged:
            return self._refuse("judged already")
        self._seen.add((shop, form))
        return True

    def _refuse(self, because: str) -> bool:
        self.refused[because] += 1
        return False


def _shop_queries(
    recipe: Recipe, shop: ShopRecipe, data: Data, vocabulary: Vocabulary, gate: Gate, work: Work, watch: Watch
) -> tuple[list[Row], dict[str, object]]:
    wanted = recipe.queries.count
    sources = recipe.queries.sources
    log = None
    if shop.query_log and "log" in sources:
        names = shop.query_column, shop.count_column, shop.log_encoding
        log = read_query_log(recipe.path(shop.query_log), *names, watch)
        LOG.warning("%s: %s.", shop.name, log.account())
    logged = list(log.counts) if log else []
    admit: Callable[[str], bool] = lambda query: gate.admit(shop.name, query)  # noqa: E731
    gate.refused.clear()
    products = list(data.products.get(shop.name, {}).values())
    with watch(f"Generating queries for {shop.name}", wanted) as advance:
        share = wanted if "catalogue" not in sources and "llm" not in sources else -(-wanted // len(sources))
        admitted = islice(filter(admit, logged), share)
        rows = [_row(shop.name, query, kind_of(query, vocabulary), "log", None) for query in admitted]
        if "llm" in sources and products:
            from endcap.distill.llm.query_writer import write_queries

            written = write_queries(recipe, products, share, work.stage("queries") / "cache", watch)
            admitted_pairs = [(query, product) for query, product in written if admit(query)][:share]
            for query, product in admitted_pairs:
                rows.append(_row(shop.name, query, kind_of(query, vocabulary), "llm", {"product": product}))
        # Queries from the catalogue are of the kinds, and misspelt as often, as those of people.
        real, others = _real(data, shop.name, logged)
        shares = mix(_cells(real, vocabulary), _cells(others, vocabulary))
        errors = share_misspelt([*real, *others], vocabulary)
        if "catalogue" in sources:
            start = len(rows)
            seed = hashlib.sha256(f"queries\0{recipe.seed}\0{shop.name}".encode()).digest()[:8]
            rng, count = np.random.default_rng(int.from_bytes(seed)), wanted - start
            drawn = draw(products, vocabulary, shares, count, admit, rng, errors, lambda done: advance(start + done))
            for new in drawn:
                origin = new.draft.made_from(new.product)
                rows.append(_row(shop.name, new.draft.query, new.kind, "catalogue", origin))
    summary = _summary(rows, wanted, real, others, vocabulary, errors, gate.refused)
    return rows, summary | ({"query log": log.account()} if log else {})


def _row(shop: str, query: str, kind: str, source: str, made_from: dict[str, object] | None) -> Row:
    origin = None if made_from is None else json_line(made_from)
    return {"shop": shop, "query": query, "kind": kind, "source": source, "made_from": origin}


def _real(data: Data, shop: str, logged: Sequence[str]) -> tuple[list[str], list[str]]:
    """Queries that people typed and that may be looked at: the shop's own, and other shops'."""
    known = [query for query in (*data.judged, *data.pairs) if query.part != TEST]
    own = [query.query for query in known if query.shop == shop]
    return [*own, *logged], [query.query for query in known if query.shop != shop]


def _cells(queries: Sequence[str], vocabulary: Vocabulary) -> list[Cell]:
    return [cell_of(query, vocabulary) for query in queries]


def _summary(
    rows: Sequence[Row],
    wanted: int,
    real: Sequence[str],
    others: Sequence[str],
    vocabulary: Vocabulary,
    errors: float,
    refused: Counter[str],
) -> dict[str, object]:
    summary: dict[str, object] = {"asked for": wanted, "made": len(rows)}
    if len(rows) < wanted:
        summary["fewer because"] = f"{len(rows)} different ones were found that may be trained on"
    return summary | {
        "sources": dict(Counter(row["source"] for row in rows)),
        "refused": dict(refused),
        "share misspelt": round(errors, 3),
        "generated": _distribution([row["query"] for row in rows], vocabulary),
        "real": _distribution(real, vocabulary) | {"queries": len(real)},
        "other shops": _distribution(others, vocabulary) | {"queries": len(others)},
    }


def _distribution(queries: Sequence[str], vocabulary: Vocabulary) -> dict[str, object]:
    """Shares of kinds and of lengths in words, in per cent."""
    cells = _cells(queries, vocabulary)
    total = max(len(cells), 1)
    kinds, lengths = Counter(kind for kind, _ in cells), Counter(length for _, length in cells)
    return {
        "kinds": {kind: round(100 * n / total, 1) for kind, n in kinds.most_common()},
        "words": {str(length): round(100 * lengths[length] / total, 1) for length in sorted(lengths)},
    }
