"""Labels by Ray Data: the same code on local cores, on GPUs, and on a cluster named by ``RAY_ADDRESS``.

Workers get the pairs and the products through Ray's object store; on one machine all read the same memory. They load
the teacher from its folder, which on a cluster must be at the same path on every node.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from endcap.distill.labels.plan import LabelPlan
from endcap.distill.labels.shards import Done, Load, label_here, label_shard
from endcap.errors import EndcapError, InputError
from endcap.index.judgments.judgments import GRADES
from endcap.plugin.states.ray_session import cluster_slots, ray_session


class Worker:
    """An actor with a teacher of its own, loaded once."""

    def __init__(self, plan: Any, load: Load, threads: int, folder: str) -> None:
        import ray

        # A work folder or a base may be named from where the stage was begun, and Ray starts workers elsewhere.
        with contextlib.suppress(OSError):
            os.chdir(folder)
        self._plan: LabelPlan = ray.get(plan)
        self._failed = ""
        _limit_threads(threads)
        try:
            self._teacher = load()
        except EndcapError as error:
            self._failed = str(error)
        _limit_threads(threads)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Label the one shard of a batch: probabilities as bytes, or what failed.

        An error that a user can mend is returned, not raised, since Ray would wrap it in pages of its own.
        """
        labels, failed, [shard] = b"", self._failed, batch["shard"]
        if not failed:
            try:
                labels = label_shard(self._teacher, self._plan, int(shard)).tobytes()
            except EndcapError as error:
                failed = str(error)
        return {"shard": batch["shard"], "probabilities": [labels], "failed": [failed]}


def _limit_threads(threads: int) -> None:
    """Let torch, where a teacher has loaded it, use so many threads."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def label_by_ray(plan: LabelPlan, shards: Sequence[int], load: Load, workers: int = 0) -> Iterator[Done]:
    """Label shards in whatever order they get done. ``workers``: 0 for one a GPU, or one a core where there is none.

    Ray is started here unless it runs already or ``RAY_ADDRESS`` names a cluster, and is stopped again.
    Raises ``InputError`` where the teacher can't be loaded or gives no probabilities.
    """
    with ray_session(workers, plan.pairs.nbytes + plan.products.nbytes) as running:
        if not running:
            yield from label_here(plan, shards, load)
            return
        import ray

        gpus, cpus = cluster_slots()
        count = min(workers or gpus or cpus, len(shards))
        data = ray.data.from_items([{"shard": shard} for shard in shards], override_num_blocks=len(shards))
        shared = ray.put(plan)  # held for as long as a worker might be started again
        labelled = data.map_batches(
            Worker,
            fn_constructor_args=(shared, load, max(1, cpus // count), str(Path.cwd())),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=count),
            num_cpus=1,
            num_gpus=1 if gpus else 0,
        )
        for row in labelled.iter_rows():
            if row["failed"]:
                raise InputError(row["failed"])
            yield row["shard"], np.frombuffer(row["probabilities"], dtype=np.float32).reshape(-1, len(GRADES))
