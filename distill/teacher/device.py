"""Where models run, and in which precision."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import torch
from transformers.utils import logging


def device() -> str:
    """``cuda`` where there is one, else ``cpu``."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def bf16_pays() -> bool:
    """Whether bfloat16 is faster than float32 here: GPUs that have it, and CPUs with tiles for it (AMX)."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    tiles = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(tiles and tiles())


def autocast() -> AbstractContextManager[Any]:
    """bfloat16 where it pays."""
    return torch.autocast(device(), dtype=torch.bfloat16) if bf16_pays() else contextlib.nullcontext()


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the library's warnings, such as that a new head is new."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
