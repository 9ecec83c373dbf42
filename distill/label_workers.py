"""Labels by Ray Data: the same code on local cores, on GPUs, and on a cluster named by ``RAY_ADDRESS``.

Workers get the pairs and the products through Ray's object store (on one machine all read the same memory); the teacher
they load from its folder, which on a cluster must be at the same path on every node.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from endcap.distill.label_plan import Plan
from endcap.distill.labelling import Done, Load, label_here, label_shard, limit_threads
from endcap.distill.score import GRADES
from endcap.errors import EndcapError, InputError
from endcap.index.home import home
from endcap.plugin.cpu import available_cpus

STORE_BYTES = 128 << 20
"""Memory for what workers share, beside the plan itself."""

TRIES = 2
"""How often it is tried to start Ray on this machine."""


def has_ray() -> bool:
    """Whether Ray Data is installed."""
    return importlib.util.find_spec("ray") is not None


class Worker:
    """An actor with a teacher of its own, loaded once."""

    def __init__(self, plan: Any, load: Load, threads: int, folder: str) -> None:
        import ray

        # A work folder or a base may be named from where the stage was begun, and Ray starts workers elsewhere.
        with contextlib.suppress(OSError):
            os.chdir(folder)
        self._plan: Plan = ray.get(plan)
        self._failed = ""
        limit_threads(threads)
        try:
            self._teacher = load()
        except EndcapError as error:
            self._failed = str(error)
        limit_threads(threads)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Label the shards that are named: probabilities as bytes, or what failed.

        An error that a user can mend is told, not raised, since Ray would wrap it in pages of its own.
        """
        told = list[bytes]()
        failed = list[str]()
        for shard in batch["shard"]:
            try:
                told.append(b"" if self._failed else label_shard(self._teacher, self._plan, int(shard)).tobytes())
                failed.append(self._failed)
            except EndcapError as error:
                told.append(b"")
                failed.append(str(error))
        return {"shard": batch["shard"], "probabilities": told, "failed": failed}


def label_by_ray(plan: Plan, shards: Sequence[int], load: Load, workers: int = 0) -> Iterator[Done]:
    """Label shards in whatever order they get done. ``workers``: 0 for one a GPU, or one a core where there is none.

    Ray is started here unless it runs already or ``RAY_ADDRESS`` names a cluster, and is stopped again.
    Raises ``InputError`` where the teacher can't be loaded or gives no probabilities.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # before ray is imported, which reads it
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import ray

    ours = not ray.is_initialized()
    if ours and not _started(workers, plan):
        yield from label_here(plan, shards, load)
        return
    try:
        there: Any = ray.cluster_resources()  # type: ignore[no-untyped-call,unused-ignore]
        gpus, slots = int(there.get("GPU", 0)), int(there.get("CPU", 1))
        count = min(workers or gpus or slots, len(shards))
        data = ray.data.from_items([{"shard": shard} for shard in shards], override_num_blocks=len(shards))
        shared = ray.put(plan)  # held for as long as a worker might be started again
        labelled = data.map_batches(
            Worker,
            fn_constructor_kwargs={
                "plan": shared,
                "load": load,
                "threads": max(1, slots // count),
                "folder": os.getcwd(),
            },
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=count),
            num_cpus=1,
            num_gpus=1 if gpus else 0,
        )
        for row in labelled.iter_rows():
            if row["failed"]:
                raise InputError(row["failed"])
            yield row["shard"], np.frombuffer(row["probabilities"], dtype=np.float32).reshape(-1, len(GRADES))
    finally:
        if ours:
            ray.shutdown()


def _started(workers: int, plan: Plan) -> bool:
    """Start Ray; False where it can't be started here. Raises ``InputError`` where a cluster was named."""
    import ray

    for _ in range(TRIES):
        try:
            _start(workers, plan)
            return True
        except Exception as error:  # of many kinds; on a busy machine Ray gives up after 30 seconds
            ray.shutdown()
            said = " ".join(str(error).split())
            if os.environ.get("RAY_ADDRESS"):
                raise InputError(f"The Ray cluster at {os.environ['RAY_ADDRESS']} can't be used: {said}") from error
    logging.getLogger(__name__).warning("Ray can't be started (%s): labelling goes on in one process.", said)
    return False


def _start(workers: int, plan: Plan) -> None:
    import ray

    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
    if os.environ.get("RAY_ADDRESS"):
        ray.init(**quiet)
        return
    size = 3 * (plan.pairs.nbytes + plan.products.nbytes) + STORE_BYTES
    # Ray puts the working directory before everything else that workers import from, and a folder there may have the
    # name of a package, as in a checkout of this project.
    home().mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(home()):
        ray.init(
            num_cpus=max(workers, available_cpus()),
            include_dashboard=False,
            object_store_memory=size,
            _node_ip_address="127.0.0.1",
            **quiet,
        )
