"""Dynamic int8: weights in int8 per output channel, activations in uint8 with a scale taken at run time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]


def quantise(graph: Path, out: Path) -> None:
    """Write the int8 graph of an fp32 one to ``out`` (which may be the same file).

    Weights use seven of the eight bits. Without VNNI, a CPU adds pairs of u8 x s8 products in 16 bits, which full-range
    weights overflow, silently. With seven bits the sum always fits, and scores are the same on every machine.
    """
    descriptor, name = tempfile.mkstemp(suffix=".onnx", dir=out.parent)
    os.close(descriptor)
    try:
        quantize_dynamic(
            graph,
            name,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
        Path(name).chmod(0o644)
        Path(name).replace(out)
    finally:
        Path(name).unlink(missing_ok=True)
