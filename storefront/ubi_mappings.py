"""The mappings of the UBI indices, as the plugin of OpenSearch 3 makes them (``_plugins/ubi/initialize``).

https://github.com/opensearch-project/user-behavior-insights, ``src/main/resources``. The same here, so that dashboards
and the search-relevance plugin find what they look for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endcap.storefront.ubi import EVENTS, QUERIES

_ID = {"type": "keyword", "ignore_above": 100}
_LONGER = {"type": "keyword", "ignore_above": 256}
_WORDS = {"type": "text", "fields": {"keyword": _LONGER}}
_WHOLE = {"type": "integer"}
_TIME = {"type": "date", "format": "strict_date_time"}
MAPPINGS: Mapping[str, Mapping[str, Any]] = {
    QUERIES: {
        "dynamic": False,
        "properties": {
            "timestamp": _TIME,
            "query_id": _ID,
            "query": {"type": "text"},
            "query_response_id": _ID,
            "query_response_hit_ids": {"type": "keyword"},
            "user_query": {"type": "keyword"},
            "query_attributes": {"type": "flat_object"},
            "client_id": _ID,
            "application": _ID,
        },
    },
    EVENTS: {
        "properties": {
            "application": _LONGER,
            "action_name": _ID,
            "client_id": _ID,
            "query_id": _ID,
            "message": {"type": "keyword", "ignore_above": 1024},
            "message_type": _ID,
            "user_query": {"type": "keyword"},
            "timestamp": {**_TIME, "ignore_malformed": True, "doc_values": True},
            "event_attributes": {
                "dynamic": True,
                "properties": {
                    "position": {
                        "properties": {
                            **dict.fromkeys(("ordinal", "x", "y", "page_depth", "scroll_depth"), _WHOLE),
                            "trail": _WORDS,
                        }
                    },
                    "object": {
                        "properties": {
                            "internal_id": {"type": "keyword"},
                            "object_id": _LONGER,
                            "object_id_field": _ID,
                            "name": _LONGER,
                            "description": _WORDS,
                            "object_detail": {"type": "object"},
                        }
                    },
                },
            },
        }
    },
}
