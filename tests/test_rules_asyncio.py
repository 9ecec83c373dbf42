"""Rules through an asyncio client: a pinned product is fetched, and pages fit."""

from __future__ import annotations

import asyncio

from opensearchpy import AsyncOpenSearch, OpenSearch
from rerank_parts import BODY, ids, reranker, told

from endcap.plugin.rules.file import rules_of


def test_pins_through_an_asyncio_client(opensearch: str, shop: tuple[OpenSearch, str]) -> None:
    _, index = shop

    async def pages() -> list[list[str]]:
        async with AsyncOpenSearch(opensearch) as client:
            rules = rules_of({"rules": [{"pin": [{"id": "59", "place": 2}]}, {"hide": {"ids": ["3"]}}]})
            found = reranker(client, rules=rules)
            body = {**BODY, "query": {"match": {"title": "usb"}}}
            replies = [await found.search(index=index, body={**body, "from": at}) for at in range(0, 70, 5)]
            assert {told(reply) for reply in replies} <= {("reranked", None), ("skipped", "beyond_window")}
            return [ids(reply) for reply in replies]

    shown = [id for page in asyncio.run(pages()) for id in page]
    client, _ = shop
    found = ids(client.search(index=index, body={"query": {"match": {"title": "usb"}}, "size": 60}))
    assert shown[1] == "59"
    assert sorted(shown) == sorted({*found, "59"} - {"3"})
