"""A catalogue in a cluster is an alias; each load is an index of its own, which the alias is turned to at its end.

Such an index is named ``ALIAS-<time>-<random>`` and bears endcap's mark in its mapping's ``_meta``:
``{"endcap": {"alias", "load", "state": "loading" | "live", "heartbeat"}}``. Only indexes with that mark are ever
removed. One that the alias does not hold goes when its load is over: it is ``live`` (another load took its place), or
the process that loaded it is gone. Gone is one on this machine whose lock file (under ``home()/loads``) nobody holds,
and one elsewhere whose heartbeat, written every ``HEARTBEAT_S``, is older than ``LEASE_S``.
"""

import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError, OpenSearchException, TransportError

from endcap.errors import EngineError
from endcap.files import locked
from endcap.index.home import home

HEARTBEAT_S = 20.0
LEASE_S = 600.0
"""Far more than a heartbeat, since two machines' clocks may differ."""

SWAP_ATTEMPTS = 5

QUIET_WAIT_S = 30.0
"""How long a replaced index is kept for searches that still read it; a scroll may keep it until the next load."""


@dataclass(frozen=True, slots=True)
class Load:
    """One load: the index that it fills, and its mark."""

    alias: str
    index: str
    id: str

    def mark(self, state: str) -> dict[str, Any]:
        """What the index's ``_meta`` says of it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return {"alias": self.alias, "load": self.id, "state": state, "heartbeat": now}


def new_load(alias: str) -> Load:
    """A name for the next load's index."""
    id = uuid.uuid4().hex[:8]
    return Load(alias, f"{alias}-{datetime.now(UTC):%Y%m%d%H%M%S}-{id}", id)


def check_alias(client: OpenSearch, alias: str) -> None:
    """``EngineError`` where the name is not free: an index has it, or an alias of indexes that endcap did not make."""
    try:
        indexes = client.indices.get_mapping(index=alias)
    except NotFoundError:
        return
    foreign = [name for name, data in indexes.items() if _own_mark(data).get("alias") != alias]
    if foreign:
        kind = "an index" if foreign == [alias] else f"an alias of {', '.join(foreign)}"
        raise EngineError(
            f"{alias!r} is {kind} that endcap did not make and will not replace. "
            "Load under another --name, or remove it first."
        )


@contextmanager
def held(client: OpenSearch, load: Load) -> Iterator[None]:
    """Show, by a lock file and a heartbeat, that the load is running."""
    path = home() / "loads" / f"{load.index}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(HEARTBEAT_S):
            try:
                write_mark(client, load, "loading")
            except OpenSearchException:
                continue  # the load itself will meet the failure, and says so

    with locked(path):
        thread = threading.Thread(target=beat, name="endcap-heartbeat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()
            path.unlink(missing_ok=True)


def write_mark(client: OpenSearch, load: Load, state: str) -> None:
    """Write the load's mark anew."""
    client.indices.put_mapping(index=load.index, body={"_meta": {"endcap": load.mark(state)}})


def swap(client: OpenSearch, load: Load) -> None:
    """Turn the alias to the load's index, in one step for all searches.

    Another load may turn it at the same moment. The cluster then refuses one of the two (an alias can't be taken from
    an index that no longer has it, and has one write index at most), which looks again.
    """
    for attempt in range(SWAP_ATTEMPTS):
        before = [name for name in aliased(client, load.alias) if name != load.index]
        actions: list[dict[str, Any]] = [{"remove": {"index": name, "alias": load.alias}} for name in before]
        actions.append({"add": {"index": load.index, "alias": load.alias, "is_write_index": True}})
        try:
            client.indices.update_aliases(body={"actions": actions})
            return
        except TransportError as error:
            refused = error.status_code in (400, 404, 409, 500)
            if not refused or attempt == SWAP_ATTEMPTS - 1:
                raise


def aliased(client: OpenSearch, alias: str) -> list[str]:
    """The indexes that the alias holds."""
    try:
        return sorted(client.indices.get_alias(name=alias))
    except NotFoundError:
        return []


def remove_leftovers(client: OpenSearch, alias: str, *, keep: str = "") -> None:
    """Remove what earlier loads of this alias left behind.

    What is still read, or has been given any other alias, stays; the next load looks again.
    """
    shape = re.compile(re.escape(alias) + r"-\d{14}-[0-9a-f]{8}")
    try:
        indexes = client.indices.get(index=f"{alias}-*")
    except NotFoundError:
        return
    for name, data in indexes.items():
        mark = _own_mark(data)
        ours = shape.fullmatch(name) and mark.get("alias") == alias
        if not ours or name == keep or data.get("aliases") or not _is_over(name, mark):
            continue
        if mark.get("state") == "live" and not _quiet(client, name):
            continue
        client.indices.delete(index=name, ignore_unavailable=True)
        (home() / "loads" / f"{name}.lock").unlink(missing_ok=True)


def _own_mark(data: Any) -> dict[str, Any]:
    """endcap's mark on an index, from its mapping; empty where there is none."""
    mark = data.get("mappings", {}).get("_meta", {}).get("endcap")
    return mark if isinstance(mark, dict) else {}


def _is_over(index: str, mark: dict[str, Any]) -> bool:
    if mark.get("state") == "live":
        return True
    path = home() / "loads" / f"{index}.lock"
    if path.exists():
        with locked(path, wait=False) as free:
            return free
    try:
        heartbeat = datetime.fromisoformat(str(mark.get("heartbeat")))
        return datetime.now(UTC) - heartbeat > timedelta(seconds=LEASE_S)
    except (ValueError, TypeError):
        return False


def _quiet(client: OpenSearch, index: str) -> bool:
    """Wait until no search reads the index any more, seen twice; False where one keeps at it."""
    deadline = time.monotonic() + QUIET_WAIT_S
    idle = 0
    while time.monotonic() < deadline:
        search = client.indices.stats(index=index, metric="search")["_all"]["total"].get("search", {})
        busy = sum(search.get(name, 0) for name in ("open_contexts", "query_current", "fetch_current"))
        idle = 0 if busy else idle + 1
        if idle == 2:
            return True
        time.sleep(0.1)
    return False
