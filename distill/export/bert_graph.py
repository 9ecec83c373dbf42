"""A BERT's graph, written operation by operation: what serving computes, and nothing else.

The exporter's graph of the same model computes what is never read: the last layer of every token, where only the first
is pooled. It computes shapes, which are known, and quantises one input three times for queries, keys and values. This
one takes three quarters of its time in int8, and its numbers are the same (``docs/performance.md``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from endcap.distill.export.smoothquant import Smoothed

INPUTS = ("input_ids", "attention_mask", "token_type_ids")
MICROSOFT = "com.microsoft"
"""The domain of ONNX Runtime's own operations."""

WEIGHT_LEVELS = 64
"""Weights have seven of the eight bits. Without VNNI a CPU adds pairs of u8 x s8 products in 16 bits, which full-range
weights overflow silently. With seven bits the sum always fits, and scores are the same on every machine."""

MASKED = -1e4
"""Added to the logits of padding, whose attention is exp(-1e4) = 0 then."""


def can_write(model: Any) -> bool:
    """Whether a transformers model is a BERT as this file knows it; others go through the exporter."""
    config = model.config
    usual = getattr(config, "position_embedding_type", "absolute") == "absolute" and not config.is_decoder
    return bool(config.model_type == "bert" and config.hidden_act == "gelu" and usual)


def write_bert(model: Any, path: Path, *, first_only: bool, int8: bool) -> None:
    """Write the ONNX graph of a BertModel (``last_hidden_state``) or BertForSequenceClassification (``logits``).

    ``first_only``: the last layer is computed for the first token alone, and ``last_hidden_state`` is (batch, 1, d); a
    classifier reads no other. ``int8``: weights in int8 by output channel (embeddings by row), activations in uint8
    with a scale taken at run time. Layers that ``smoothquant`` has changed are written as they are.
    """
    classifies = hasattr(model, "classifier")
    bert = model.bert if classifies else model
    graph = _Graph(int8)
    x, bias = _embeddings(graph, bert.embeddings)
    layers, heads = list(bert.encoder.layer), bert.config.num_attention_heads
    for number, layer in enumerate(layers):
        x = _layer(graph, layer, x, bias, heads, (first_only or classifies) and number == len(layers) - 1)
    if classifies:
        first = graph.op("Squeeze", x, graph.constant(np.array([1])))
        # In float: a matrix of one row a text costs nothing, and the score's last digits come from here.
        pooled = graph.op("Tanh", graph.linear(first, bert.pooler.dense, int8=False))
        graph.linear(pooled, model.classifier, int8=False)
    name = "logits" if classifies else "last_hidden_state"
    shape = ["batch", 1] if classifies else ["batch", 1 if first_only else "tokens", bert.config.hidden_size]
    graph.save(path, name, shape)


class _Graph:
    """Operations and constants as they are added; an operation's name is its output's."""

    def __init__(self, int8: bool) -> None:
        self.int8 = int8
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: np.ndarray) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        [name] = self.ops(kind, *inputs, domain=domain, outputs=1, **attributes)
        return name

    def ops(self, kind: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any) -> list[str]:
        names = [f"{kind}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, names[0], domain=domain, **attributes))
        return names

    def linear(self, x: str, *modules: Any, int8: bool | None = None, factors: tuple[float, ...] = ()) -> str:
        """Linear layers over one input, side by side as one matrix; each output times its factor."""
        if isinstance(modules[0], Smoothed):
            x = self.op("Mul", x, self.constant(modules[0].inverse.numpy()))
            modules = (modules[0].linear,)
        factors = factors or (1.0,) * len(modules)
        pairs = list(zip(modules, map(np.float32, factors), strict=True))
        weights = np.concatenate([m.weight.detach().numpy().T * f for m, f in pairs], axis=1)  # (inputs, outputs)
        bias = self.constant(np.concatenate([m.bias.detach().numpy() * f for m, f in pairs]))
        if not (self.int8 if int8 is None else int8):
            return self.op("Add", self.op("MatMul", x, self.constant(weights)), bias)
        scale = np.concatenate([_scale(m.weight.detach().numpy().T, m) * abs(f) for m, f in pairs])
        numbers = self.constant(np.rint(weights / scale).astype(np.int8))
        return self.op("DynamicQuantizeMatMul", x, numbers, self.constant(scale), "", bias, domain=MICROSOFT)

    def normalise(self, x: str, module: Any) -> str:
        gain, shift = (self.constant(p.detach().numpy()) for p in (module.weight, module.bias))
        return self.op("LayerNormalization", x, gain, shift, axis=-1, epsilon=module.eps)

    def save(self, path: Path, output: str, shape: list[Any]) -> None:
        self._nodes[-1].output[0] = output
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in INPUTS]
        outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)]
        graph = helper.make_graph(self._nodes, "bert", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), str(path))


def _scale(weights: np.ndarray, module: Any) -> np.ndarray:
    """A step of each output's weights (inputs, outputs): the one they were rounded by (``rounding.py``), else so that
    the largest has all levels."""
    if hasattr(module, "weight_scale"):
        return np.asarray(module.weight_scale.numpy())
    return np.asarray(np.maximum(np.abs(weights).max(axis=0), 1e-12) / WEIGHT_LEVELS)


def _embeddings(graph: _Graph, module: Any) -> tuple[str, str]:
    """Embedded tokens (batch, tokens, d), and what is added to attention's logits (batch, 1, 1, tokens)."""
    words = module.word_embeddings.weight.detach().numpy()
    if graph.int8:
        scale = np.maximum(np.abs(words).max(axis=1, keepdims=True), 1e-12) / 127  # (words, 1)
        rows = graph.op("Gather", graph.constant(np.rint(words / scale).astype(np.int8)), "input_ids")
        scales = graph.op("Gather", graph.constant(scale), "input_ids")
        x = graph.op("Mul", graph.op("Cast", rows, to=TensorProto.FLOAT), scales)
    else:
        x = graph.op("Gather", graph.constant(words), "input_ids")
    types = graph.op("Gather", graph.constant(module.token_type_embeddings.weight.detach().numpy()), "token_type_ids")
    zero, one, two = (graph.constant(np.array([n])) for n in (0, 1, 2))
    tokens = graph.op("Slice", graph.op("Shape", "input_ids"), one, two)
    positions = graph.constant(module.position_embeddings.weight.detach().numpy())
    places = graph.op("Slice", positions, zero, tokens, zero)
    x = graph.normalise(graph.op("Add", graph.op("Add", x, types), places), module.LayerNorm)
    padding = graph.op(
        "Sub", graph.constant(np.array(1, np.float32)), graph.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    )
    bias = graph.op("Mul", padding, graph.constant(np.array(MASKED, np.float32)))
    return x, graph.op("Unsqueeze", bias, graph.constant(np.array([1, 2])))


def _layer(graph: _Graph, layer: Any, x: str, bias: str, heads: int, first_only: bool) -> str:
    """One layer: (batch, tokens, d) to the same, or to (batch, 1, d) for the first token alone."""
    own, size = layer.attention.self, layer.attention.self.attention_head_size
    scale = 1 / float(np.sqrt(size))  # of the logits, here in the queries' weights
    if first_only:
        keys_values = graph.linear(x, own.key, own.value)
        zero, one = (graph.constant(np.array([n])) for n in (0, 1))
        x = graph.op("Slice", x, zero, one, one)
        queries = _heads(graph, graph.linear(x, own.query, factors=(scale,)), 1, heads, size)[0]
        keys, values = _heads(graph, keys_values, 2, heads, size)
    else:
        projected = graph.linear(x, own.query, own.key, own.value, factors=(scale, 1.0, 1.0))
        queries, keys, values = _heads(graph, projected, 3, heads, size)
    logits = graph.op("Add", graph.op("FusedMatMul", queries, keys, domain=MICROSOFT, transB=1), bias)
    mixed = graph.op("MatMul", graph.op("Softmax", logits, axis=-1), values)  # (1, batch, heads, tokens, size)
    joined = graph.op("Transpose", mixed, perm=[1, 3, 0, 2, 4])
    context = graph.op("Reshape", joined, graph.constant(np.array([0, 0, heads * size])))
    attended = graph.linear(context, layer.attention.output.dense)
    # Sum and not Add: ONNX Runtime fuses Add and LayerNormalization into one operation that takes five times as long.
    x = graph.normalise(graph.op("Sum", attended, x), layer.attention.output.LayerNorm)
    inner = graph.op("Gelu", graph.linear(x, layer.intermediate.dense), domain=MICROSOFT)
    return graph.normalise(graph.op("Sum", graph.linear(inner, layer.output.dense), x), layer.output.LayerNorm)


def _heads(graph: _Graph, x: str, parts: int, heads: int, size: int) -> list[str]:
    """``parts`` tensors (1, batch, heads, tokens, size) of one (batch, tokens, parts x heads x size)."""
    split = graph.op("Reshape", x, graph.constant(np.array([0, 0, parts, heads, size])))
    parts_first = graph.op("Transpose", split, perm=[2, 0, 3, 1, 4])
    return graph.ops("Split", parts_first, outputs=parts, axis=0) if parts > 1 else [parts_first]
