"""A BERT's weights, read back from the graph that ``bert_graph.py`` wrote: int8 comes back as the floats it stands for.

What is read back computes what the model folder computes, but for the activations, which it does not round. What the
graph was changed by for serving is undone: smoothing (``smoothquant.py``) goes back into the weights, and so does the
attention's factor.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from transformers import AutoConfig, AutoTokenizer, BertModel

from endcap.errors import InputError
from endcap.plugin.model.folder import GRAPH, TOKENIZER, read_model

Array = npt.NDArray[np.float32]
Linear = tuple[Array, Array]
"""Weights (outputs, inputs) and bias (outputs,), as torch has them."""


def bert_from_graph(folder: str | Path) -> tuple[BertModel, Any]:
    """The BERT and the tokenizer of a bi-encoder's model folder. Raises ``InputError`` where it has another graph."""
    info = read_model(folder)
    config = AutoConfig.from_pretrained(info.folder)
    if info.shape != "bi-encoder" or config.model_type != "bert":
        raise InputError(
            f"{info.folder} is a {info.shape} on a {config.model_type}; only a bi-encoder on a BERT can be taught on "
            "from its model folder. Name the folder of its trained weights as the base."
        )
    model = BertModel(config, add_pooling_layer=False)
    try:
        weights = dict(_weights(onnx.load(str(info.folder / GRAPH)).graph, config))
        model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    except (KeyError, ValueError, StopIteration, RuntimeError) as error:
        raise InputError(
            f"{info.folder / GRAPH} is not a graph that endcap wrote of a BERT ({error}). "
            "Name the folder of its trained weights as the base."
        ) from error
    tokenizer = AutoTokenizer.from_pretrained(info.folder)
    return model.eval(), tokenizer


def write_weights(folder: str | Path, out: Path) -> None:
    """Write the weights of a model folder as a Hugging Face folder, whose tokenizer is the model folder's own."""
    model, tokenizer = bert_from_graph(folder)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    # transformers may write a tokenizer anew: the ids must be the same, whatever its version.
    own = json.loads((Path(folder) / TOKENIZER).read_text(encoding="utf-8"))
    (out / TOKENIZER).write_text(json.dumps(own, ensure_ascii=False), encoding="utf-8")


def _weights(graph: Any, config: Any) -> Iterator[tuple[str, Array]]:
    """The state of a ``BertModel``, name by name, in the order in which the graph computes."""
    constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    yield from _embeddings(graph, constants)
    linears, norms = _linears(graph, constants), _norms(graph, constants)
    d, heads = config.hidden_size, config.num_attention_heads
    yield from _named("embeddings.LayerNorm", next(norms))
    for number in range(config.num_hidden_layers):
        layer = f"encoder.layer.{number}"
        own = list(_parts(next(linears), d))
        if len(own) == 2:  # the last layer of a model that reads the first token alone: its queries come after
            own = [next(linears), *own]
        factor = np.float32(np.sqrt(d // heads))
        own[0] = (own[0][0] * factor, own[0][1] * factor)
        for part, pair in zip(("query", "key", "value"), own, strict=True):
            yield from _named(f"{layer}.attention.self.{part}", pair)
        yield from _named(f"{layer}.attention.output.dense", next(linears))
        yield from _named(f"{layer}.attention.output.LayerNorm", next(norms))
        yield from _named(f"{layer}.intermediate.dense", next(linears))
        yield from _named(f"{layer}.output.dense", next(linears))
        yield from _named(f"{layer}.output.LayerNorm", next(norms))


def _named(name: str, pair: Linear) -> Iterator[tuple[str, Array]]:
    yield f"{name}.weight", pair[0]
    yield f"{name}.bias", pair[1]


def _embeddings(graph: Any, constants: dict[str, Any]) -> Iterator[tuple[str, Array]]:
    """Words (int8 by row, or float), types and positions."""
    read = [(node.input[0], node.input[1]) for node in graph.node if node.op_type == "Gather"]
    words = [constants[name] for name, ids in read if ids == "input_ids"]
    yield "embeddings.word_embeddings.weight", words[0] if len(words) == 1 else words[0].astype(np.float32) * words[1]
    [types] = [constants[name] for name, ids in read if ids == "token_type_ids"]
    yield "embeddings.token_type_embeddings.weight", types
    places = next(node.input[0] for node in graph.node if node.op_type == "Slice" and node.input[0] in constants)
    yield "embeddings.position_embeddings.weight", constants[places]


def _linears(graph: Any, constants: dict[str, Any]) -> Iterator[Linear]:
    """All linear layers in their order, smoothing undone."""
    by_output = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        if node.op_type == "DynamicQuantizeMatMul":
            numbers, scale, bias = (constants[node.input[n]] for n in (1, 2, 4))
            weights = numbers.astype(np.float32) * scale
        elif node.op_type == "Add" and node.input[1] in constants and _is_product(by_output.get(node.input[0])):
            weights, bias = constants[by_output[node.input[0]].input[1]], constants[node.input[1]]
            node = by_output[node.input[0]]
        else:
            continue
        before = by_output.get(node.input[0])
        if before is not None and before.op_type == "Mul" and before.input[1] in constants:
            weights = weights * constants[before.input[1]][:, None]  # the inputs were divided, the weights multiplied
        yield np.ascontiguousarray(weights.T), bias


def _is_product(node: Any) -> bool:
    return node is not None and node.op_type == "MatMul"


def _norms(graph: Any, constants: dict[str, Any]) -> Iterator[Linear]:
    for node in graph.node:
        if node.op_type == "LayerNormalization":
            yield constants[node.input[1]], constants[node.input[2]]


def _parts(pair: Linear, size: int) -> Iterator[Linear]:
    """Layers that the graph computes side by side."""
    for start in range(0, len(pair[1]), size):
        yield pair[0][start : start + size], pair[1][start : start + size]
