"""Reading in advance by Ray Data: on local cores, or on the cluster that ``RAY_ADDRESS`` names.

Workers get texts and give states; the store is written by this process alone. The model they load from its folder,
which on a cluster must be at the same path on every node, or be the shipped one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from endcap.errors import EndcapError, InputError
from endcap.plugin.model.folder import default_folder
from endcap.plugin.model.student import Student
from endcap.plugin.states.fill import TextEncoder
from endcap.plugin.states.ray_session import cluster_slots, has_ray, ray_session

BLOCK_TEXTS = 256
"""What a worker gets at once: some seconds of work, so that what is lost with a node is little."""

CORE_TEXTS = 4096
"""Texts for each core that are handed out together: a minute of work, beside which starting workers takes little."""


@contextmanager
def ray_encoder(student: Student, model: Path | None, workers: int = 0) -> Iterator[TextEncoder | None]:
    """An encoder on as many cores as there are, or ``workers``, with a folder's model (None for the shipped one).

    None where Ray can't be started on this machine, which is logged: ``fill`` then reads in this process. Raises
    ``InputError`` where Ray is not installed or a named cluster can't be used. Its ``encode`` raises ``InputError``
    where a worker has no such model, or another one than ``student``.
    """
    if not has_ray():
        raise InputError("Ray is not installed here, so nothing can be spread: pip install 'endcap[ray]'.")
    with ray_session(workers) as is_running:
        if not is_running:
            yield None
            return
        count = workers or cluster_slots()[1]
        # Another node may have the shipped model elsewhere.
        folder = None if model is None or model == default_folder() else str(model.absolute())
        yield TextEncoder(partial(_encoded, folder, student.info.checksum, count), CORE_TEXTS * count)


def _encoded(
    folder: str | None, checksum: str, workers: int, texts: Sequence[str]
) -> Iterator[list[tuple[int, bytes]]]:
    import ray

    # 1. Short texts side by side, as in one process: a block of long ones takes ten times as long, and goes first.
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    blocks = [order[i : i + BLOCK_TEXTS] for i in range(0, len(order), BLOCK_TEXTS)]
    if not blocks:
        return
    # 2. Each block to a worker.
    rows = [{"block": number, "texts": [texts[i] for i in block]} for number, block in enumerate(blocks)]
    encoded = ray.data.from_items(rows, override_num_blocks=len(blocks)).map_batches(
        _Worker,
        fn_constructor_kwargs={"folder": folder, "checksum": checksum},
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(blocks))),
        num_cpus=1,
    )
    # 3. The states, as blocks come back in any order.
    for row in encoded.iter_rows():
        if row["failed"]:
            raise InputError(row["failed"])
        ends = np.frombuffer(row["ends"], dtype=np.int64).tolist()
        states = [row["states"][start:end] for start, end in zip([0, *ends], ends, strict=False)]
        yield list(zip(blocks[row["block"]], states, strict=True))


class _Worker:
    """An actor with a student of its own, loaded once, on one core."""

    def __init__(self, folder: str | None, checksum: str) -> None:
        self._failed = ""
        try:
            self._student = Student.load(folder, threads=1)
        except EndcapError as error:
            self._failed = f"A worker on {os.uname().nodename} can't load the model: {error}"
            return
        if self._student.info.checksum != checksum:
            self._failed = (
                f"The model on {os.uname().nodename} is another one: checksum {self._student.info.checksum[:12]}, not "
                f"{checksum[:12]}. Put the same folder, or the same endcap, on every node."
            )

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The states of each block's texts as bytes, one behind the other, or what failed, since Ray would wrap it."""
        joined, ends = list[bytes](), list[bytes]()
        for texts in batch["texts"]:
            states = [b""] * len(texts)
            if not self._failed:
                for part in self._student.encode_texts([str(text) for text in texts]):
                    for position, state in part:
                        states[position] = state
            joined.append(b"".join(states))
            ends.append(np.cumsum([len(state) for state in states], dtype=np.int64).tobytes())
        failed = [self._failed] * len(joined)
        return {"block": batch["block"], "states": joined, "ends": ends, "failed": failed}
