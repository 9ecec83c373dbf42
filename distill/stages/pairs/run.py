"""Finds candidate products for each generated query, with the engine and without."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.generate.candidates import ProductGroups, candidates
from endcap.distill.generate.vocabulary import learn
from endcap.distill.recipe.settings import Recipe
from endcap.distill.work.files import PAIR_COLUMNS, read_rows, write_json, write_rows
from endcap.distill.work.folder import Work, digest
from endcap.distill.work.records import Data, read_data
from endcap.distill.work.searched_shop import searched_shop
from endcap.errors import EngineError
from endcap.evaluate.systems import Shop, refuses
from endcap.index.own_query import check_whole
from endcap.progress import Watch

PAIRS = pa.schema([*PAIR_COLUMNS, ("how", pa.string())])
PART = 1_000
"""Queries a part; after a kill, work goes on after the last whole part."""


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``pairs.parquet``, and ``pairs.json`` with how many were found each way.

    Raises ``InputError`` where an earlier stage's file can't be read, ``EngineError`` where a catalogue can't load.
    """
    folder = work.stage("pairs")
    queries = read_rows(work.stage("queries") / "queries.parquet")
    rows: list[dict[str, Any]] = []
    refused = 0
    if queries:
        data = read_data(work)
        guard = data.guard()
        admitted = [row for row in queries if not guard.refuses(row["query"])]
        refused = len(queries) - len(admitted)
        for shop in dict.fromkeys(row["shop"] for row in admitted):
            rows += _shop_pairs(recipe, shop, [row for row in admitted if row["shop"] == shop], data, folder, watch)
    write_rows(folder / "pairs.parquet", PAIRS, rows)
    counts = dict(Counter(row["how"] for row in rows))
    write_json(folder / "pairs.json", {"pairs": len(rows), "refused": refused, "how": counts})
    shutil.rmtree(folder / "parts", ignore_errors=True)


def _shop_pairs(
    recipe: Recipe, shop: str, queries: Sequence[Mapping[str, Any]], data: Data, folder: Path, watch: Watch
) -> list[dict[str, Any]]:
    products = data.products.get(shop, {})
    if not products:
        return []
    rows: list[dict[str, Any]] = []
    searched: Shop | None = None
    groups: ProductGroups | None = None
    with watch(f"Finding products for {shop}", len(queries)) as advance:
        for start in range(0, len(queries), PART):
            part = folder / "parts" / f"{digest(shop)[:8]}-{start // PART:05d}.parquet"
            if not part.exists():
                searched = searched or searched_shop(recipe, shop, products, folder / "cache", watch).shop
                groups = groups or ProductGroups(products, learn(list(products.values())))
                pairs = list[dict[str, Any]]()
                for n, row in enumerate(queries[start : start + PART], start + 1):
                    pairs += pairs_of(row, recipe, groups, searched)
                    advance(n)
                write_rows(part, PAIRS, pairs)
            rows += read_rows(part)
    return rows


def pairs_of(row: Mapping[str, Any], recipe: Recipe, groups: ProductGroups, searched: Shop) -> list[dict[str, Any]]:
    """The pairs of one row of ``queries.parquet``; always the same for a seed."""
    depth = min(max(recipe.pairs.depths, default=0), len(groups.ids))
    hits = [id for id in found_ids(searched, row["query"], depth) if id in groups.products] if depth else []
    made_from = json.loads(row["made_from"]) if row["made_from"] else None
    seed = hashlib.sha256(f"pairs\0{recipe.seed}\0{row['shop']}\0{row['query']}".encode("utf-8", "surrogatepass"))
    rng = np.random.default_rng(int.from_bytes(seed.digest()[:8]))
    # A query of a log has a product that answers it only where its grades are to be known by construction.
    answer = groups.answer(row["query"], hits) if recipe.labels.known_share and not made_from else ""
    ways = candidates(groups, made_from, hits, recipe.pairs, rng, answer)
    return [{"shop": row["shop"], "query": row["query"], "product_id": id, "how": how} for id, how in ways.items()]


def found_ids(searched: Shop, query: str, depth: int) -> list[str]:
    """The ids of the first hits, best first; none where the shop's own query is refused for these words."""
    with_source = searched.own is not None  # processors of a search pipeline may need it
    body = {**searched.body(query), "size": depth, "_source": with_source, "track_total_hits": False}
    try:
        reply = searched.engine.search(index=searched.index, body=body)
    except EngineError as error:
        if refuses(searched, error):
            return []
        raise
    check_whole(reply, searched.own)
    return [str(hit["_id"]) for hit in reply["hits"]["hits"]]
