"""Simulated users in a storefront's shop, who search what is judged there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from endcap.progress import Watch, unwatched
from endcap.storefront.search_page import hit_ids, search
from endcap.storefront.search_request import Asked
from endcap.storefront.shop import Shop
from endcap.storefront.simulated_users import Replay, replay, written
from endcap.storefront.ubi_log import UbiLog


def replay_shop(shop: Shop, visits: int, log: UbiLog | None = None, watch: Watch = unwatched) -> Replay:
    """Let simulated users search the shop; what they do goes into the log, if there is one, marked as simulated.

    Raises ``InputError`` where nothing is judged.
    """
    grades = {query: shop.grades_of(query) for query in shop.searches}

    def orders(query: str) -> tuple[Sequence[str], Sequence[str]]:
        engine, endcap = search(shop, Asked(query)).columns
        return hit_ids(endcap), hit_ids(engine)

    # a visit a minute, the last of them now
    tell = written(log, datetime.now(UTC) - timedelta(minutes=visits)) if log is not None else None
    return replay(orders, grades, visits, watch=watch, tell=tell)
