"""Ray, for work that is spread over the cores of this machine, or over the cluster that ``RAY_ADDRESS`` names.

It is needed by nothing else, and imported only where something is to be spread: ``pip install 'endcap[ray]'``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from endcap.errors import InputError
from endcap.index.home import home
from endcap.plugin.model.cpu import available_cpus

STORE_BYTES = 128 << 20
"""Memory for what workers share, beside what is asked for."""

TRIES = 2
"""How often it is tried to start Ray on this machine."""


def has_ray() -> bool:
    """Whether Ray Data is installed."""
    return importlib.util.find_spec("ray") is not None


@contextmanager
def ray_session(workers: int = 0, shared_bytes: int = 0) -> Iterator[bool]:
    """Ray, started here unless it runs already or ``RAY_ADDRESS`` names a cluster, and stopped again.

    False where it can't be started here, which is logged: the work is then for one process. ``workers``: at least so
    many are to find a place; ``shared_bytes``: what is put into Ray's memory. Raises ``InputError`` where a cluster is
    named and can't be used.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # before ray is imported, which reads it
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import ray

    if ray.is_initialized():
        yield True
        return
    if not _start(workers, shared_bytes):
        yield False
        return
    try:
        yield True
    finally:
        ray.shutdown()


def cluster_slots() -> tuple[int, int]:
    """The cluster's GPUs and CPUs."""
    import ray

    resources: Any = ray.cluster_resources()  # type: ignore[no-untyped-call,unused-ignore]
    return int(resources.get("GPU", 0)), int(resources.get("CPU", 1))


def _start(workers: int, shared_bytes: int) -> bool:
    """Start Ray; False where it can't be started here. Raises ``InputError`` where a cluster was named."""
    import ray

    for _ in range(TRIES):
        try:
            _init(workers, shared_bytes)
            return True
        except Exception as error:  # of many kinds; on a busy machine Ray gives up after 30 seconds
            ray.shutdown()
            reason = " ".join(str(error).split())
            if os.environ.get("RAY_ADDRESS"):
                raise InputError(f"The Ray cluster at {os.environ['RAY_ADDRESS']} can't be used: {reason}") from error
    logging.getLogger(__name__).warning("Ray can't be started (%s): the work goes on in one process.", reason)
    return False


def _init(workers: int, shared_bytes: int) -> None:
    import ray

    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if os.environ.get("RAY_ADDRESS"):
        ray.init(**quiet)
        return
    # Ray puts the working directory before everything else that workers import from, and a folder there may have the
    # name of a package, as in a checkout of this project.
    home().mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(home()):
        ray.init(
            num_cpus=max(workers, available_cpus()),
            include_dashboard=False,
            object_store_memory=3 * shared_bytes + STORE_BYTES,
            _node_ip_address="127.0.0.1",
            **quiet,
        )
