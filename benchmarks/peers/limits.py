"""What this machine's one core can do, measured on one large product of matrices, and what a model asks of it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROWS, INNER, COLUMNS = 256, 1536, 384
"""A feed-forward layer of MiniLM over a micro-batch: the product of a size that these models ask for most."""


def peak(int8: bool, seconds: float = 1.0) -> float:
    """1e9 operations a second of one thread (a multiplication and an addition are two), the best of many runs."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, INNER)).astype(np.float32)
    if int8:
        weights = rng.integers(-64, 65, (INNER, COLUMNS)).astype(np.int8)
        feed = {"x": rng.integers(0, 256, (ROWS, INNER)).astype(np.uint8)}
        node, kind, result = helper.make_node("MatMulInteger", ["x", "w"], ["y"]), TensorProto.UINT8, TensorProto.INT32
    else:
        weights, feed = rng.normal(size=(INNER, COLUMNS)).astype(np.float32), {"x": x}
        node, kind, result = helper.make_node("MatMul", ["x", "w"], ["y"]), TensorProto.FLOAT, TensorProto.FLOAT
    graph = helper.make_graph(
        [node],
        "peak",
        [helper.make_tensor_value_info("x", kind, [ROWS, INNER])],
        [helper.make_tensor_value_info("y", result, [ROWS, COLUMNS])],
        [numpy_helper.from_array(weights, "w")],
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        started = time.perf_counter()
        session.run(None, feed)
        best = min(best, time.perf_counter() - started)
    return 2 * ROWS * INNER * COLUMNS / best / 1e9


def work(shape: tuple[int, int, int], tokens: Sequence[int], first_only: bool) -> float:
    """1e9 operations that texts of so many tokens need: matrix products alone, nothing for padding.

    A layer of width d and feed-forward width f takes 4 d^2 + 2 d f multiply-adds a token, and 2 d for each pair of
    tokens; the last layer, where only the first token is read, 2 d^2 a token, and the rest once.
    """
    layers, d, f = shape
    total = 0.0
    for t in tokens:
        whole = t * (4 * d * d + 2 * d * f) + 2 * t * t * d
        last = 2 * t * d * d + (2 * d * d + 2 * d * f) + 2 * t * d if first_only else whole
        total += 2 * ((layers - 1) * whole + last)
    return total / 1e9
