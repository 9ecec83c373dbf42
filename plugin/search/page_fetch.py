"""The second request of a search, for the hits of its page, as the caller's body shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set

from endcap.plugin.deadline import Deadline
from endcap.plugin.search.engine_errors import is_overloaded
from endcap.plugin.search.page_memory import HitKey, RankedWindow
from endcap.plugin.search.page_request import page_request
from endcap.plugin.search.reply import Hit, hit_key, hits_of
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.search.status import Outcome, Reason, failed
from endcap.plugin.search.target import Target
from endcap.plugin.search.whole_reply import failed_part, odd_part
from endcap.plugin.tracing import span


class Fallback(Exception):
    """Re-ranking ends here with this outcome, and the engine gets the body as it was."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.order: RankedWindow | None = None
        """What the next pages are to fit, once the engine has answered."""


class Refused(Exception):
    """The engine has too much to do for the rest of this search: its error is the search's."""

    def __init__(self, error: Exception) -> None:
        self.error = error


async def fetched_page(
    target: Target,
    index: object,
    plan: SearchPlan,
    keys: Sequence[HitKey],
    added: Set[HitKey],
    window: Collection[HitKey],
    deadline: Deadline,
    stages: dict[str, float],
) -> dict[HitKey, Hit]:
    """The page's hits by key. Those of the ``window`` of now have to be there; ``stages`` gets the milliseconds.

    Raises ``Fallback`` where they are not, and ``Refused`` where the engine is overloaded.
    """
    body, params = page_request(plan, keys, not added.isdisjoint(keys))
    began_ms = deadline.elapsed_ms()
    try:
        with span("endcap.page"):
            reply = await target.search(index, body, params)
    except Exception as error:
        if is_overloaded(error):
            raise Refused(error) from error
        raise Fallback(failed(Reason.PAGE_ERROR, error)) from error
    finally:
        stages["page_ms"] = deadline.elapsed_ms() - began_ms
    if detail := failed_part(reply):
        raise Fallback(failed(Reason.SHARDS_FAILED, f"at the page's request, {detail}"))
    if detail := odd_part(reply):
        raise Fallback(failed(Reason.PAGE_ERROR, detail))
    page = {hit_key(hit): hit for hit in hits_of(reply) or []}
    # What an earlier page's window held may be gone; what this one holds has been there a moment ago.
    n_lost = len([key for key in keys if key not in page and key in window])
    if n_lost or not page.keys() & set(keys):
        n_found = len(page.keys() & set(keys))
        raise Fallback(failed(Reason.PAGE_ERROR, f"the engine gave {n_found} of the page's {len(keys)} hits"))
    return page
