"""From a base encoder to a model folder: the graph in ONNX, int8 if asked, and all that serving must know."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from endcap.distill.export.bases import base_folder, base_name, is_read_back
from endcap.distill.export.bert_graph import INPUTS, can_write, write_bert
from endcap.distill.export.model_card import model_card
from endcap.distill.export.rounding import round_weights
from endcap.distill.export.smoothquant import calibration_texts, smoothquant
from endcap.distill.export.vocabulary import cut_vocabulary
from endcap.distill.recipe.settings import Recipe
from endcap.errors import InputError
from endcap.files import whole_folder
from endcap.plugin.model.folder import GRAPH, SCHEMA, TOKENIZER, ModelInfo, file_checksum, read_model


def build_model(
    recipe: Recipe, out: str | Path, *, base: str | Path | None = None, texts: Iterable[str] = ()
) -> ModelInfo:
    """Make the model folder ``out`` by a recipe, and read it back.

    ``base`` stands in for the recipe's base (a folder with trained weights, say). ``texts`` are what a cut vocabulary
    should have words for. The folder appears whole or not at
    all, in place of an earlier one. Raises ``InputError`` where the base can't be loaded.
    """
    out = Path(out)
    source = str(base_folder(base or recipe.base))
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(out) as folder:
        (folder / "onnx").mkdir()
        try:
            tokenizer = AutoTokenizer.from_pretrained(source)
            config = AutoConfig.from_pretrained(source)
            model = _load(recipe, source)
        except (OSError, ValueError) as error:
            raise InputError(f"The base {source!r} can't be loaded: {error}") from error
        if recipe.vocabulary:
            tokenizer = cut_vocabulary(model, tokenizer, recipe.vocabulary, recipe.languages, texts)
            config = model.config
        if recipe.precision == "int8":
            smoothquant(model, tokenizer, calibration_texts())
            if is_read_back(recipe.base):
                round_weights(model, tokenizer, calibration_texts())
        write_graph(model, folder / GRAPH, recipe)
        tokenizer.model_max_length = recipe.text.max_product_tokens
        tokenizer.save_pretrained(folder)
        config.save_pretrained(folder)
        _untruncated(folder / TOKENIZER)
        if recipe.shape == "bi-encoder":
            _sentence_transformers(folder, recipe, config.hidden_size)
        write_model_json(folder, recipe, config.hidden_size)
        (folder / "README.md").write_text(model_card(read_model(folder)), encoding="utf-8")
    return read_model(out)


def write_graph(model: torch.nn.Module, path: Path, recipe: Recipe) -> None:
    """Write a model's graph: a BERT's operation by operation, any other's as torch exports it."""
    int8 = recipe.precision == "int8"
    if can_write(model):
        write_bert(model, path, first_only=recipe.shape == "bi-encoder" and recipe.pooling == "cls", int8=int8)
        return
    _export_graph(model, path, "last_hidden_state" if recipe.shape == "bi-encoder" else "logits")
    if int8:
        # Activations in uint8 with a scale taken at run time; weights in seven bits (``bert_graph.WEIGHT_LEVELS``).
        options = {"MatMulConstBOnly": True}
        quantize_dynamic(
            path, path, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8, extra_options=options
        )


class _Encoder(torch.nn.Module):
    """The one output that serving reads: hidden states float32 (batch, tokens, d), or logits float32 (batch, 1)."""

    def __init__(self, model: torch.nn.Module, output: str) -> None:
        super().__init__()
        self.model, self.output = model, output

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor) -> Any:
        reply = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return getattr(reply, self.output)


def _load(recipe: Recipe, source: str) -> torch.nn.Module:
    if recipe.shape == "bi-encoder":
        return AutoModel.from_pretrained(source, attn_implementation="eager", add_pooling_layer=False).eval()
    model = AutoModelForSequenceClassification.from_pretrained(source, attn_implementation="eager").eval()
    if model.config.num_labels != 1:
        raise ValueError(f"it has {model.config.num_labels} labels; a cross-encoder has 1")
    return model


def _export_graph(model: torch.nn.Module, path: Path, output: str) -> None:
    ids = torch.ones(2, 9, dtype=torch.long)
    names = [*INPUTS, output]
    axes: dict[str, Any] = {name: {0: "batch", 1: "tokens"} for name in INPUTS}
    axes[output] = {0: "batch", 1: "tokens"} if output == "last_hidden_state" else {0: "batch"}
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter by tracing is deprecated, but its graph of a BERT is smaller and, quantised, a tenth faster.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Encoder(model, output),
            (ids, torch.ones_like(ids), torch.zeros_like(ids)),
            str(path),
            input_names=names[:3],
            output_names=names[3:],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def write_model_json(folder: Path, recipe: Recipe, hidden_size: int) -> None:
    """Write ``model.json`` into a folder that is otherwise complete; ``docs/model-folder.md`` says what it holds.

    Raises ``InputError`` where the recipe's ``state_size`` is more than ``hidden_size``.
    """
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in ("model.json", "README.md"))
    cross = recipe.shape == "cross-encoder"
    size = recipe.state_size or hidden_size
    if not cross and not 0 < size <= hidden_size:
        raise InputError(f"state_size = {size}: the base's vectors have {hidden_size} numbers. Keep at most so many.")
    raw = {
        "schema": SCHEMA,
        "name": recipe.name,
        "shape": recipe.shape,
        "base": {"name": base_name(recipe.base), "license": recipe.license},
        "precision": recipe.precision,
        "pooling": recipe.pooling,
        "languages": list(recipe.languages),
        "text": asdict(recipe.text),
        "score": {"scale": recipe.score_scale, "offset": recipe.score_offset},
        "state": {"dtype": "int32", "shape": []} if cross else {"dtype": recipe.state_dtype, "shape": [size]},
        "blend": {"weight": recipe.blend_weight, "window": recipe.window},
        "trained_on": [],
        "files": {str(p.relative_to(folder)): file_checksum(p) for p in files},
    }
    (folder / "model.json").write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _untruncated(path: Path) -> None:
    """Take length and padding out of ``tokenizer.json``: they are the reader's business, by ``model.json``."""
    tokenizer = json.loads(path.read_text(encoding="utf-8"))
    tokenizer["truncation"] = tokenizer["padding"] = None
    path.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def _sentence_transformers(folder: Path, recipe: Recipe, hidden_size: int) -> None:
    """The files by which sentence-transformers knows the folder as an embedding model."""
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    cls = recipe.pooling == "cls"
    pooling = {
        "word_embedding_dimension": hidden_size,
        "pooling_mode_cls_token": cls,
        "pooling_mode_mean_tokens": not cls,
    }
    prompts = {"query": recipe.text.query_prefix, "document": recipe.text.product_prefix}
    (folder / "1_Pooling").mkdir()
    for name, content in {
        "modules.json": modules,
        "1_Pooling/config.json": pooling,
        "sentence_bert_config.json": {"max_seq_length": recipe.text.max_product_tokens, "do_lower_case": False},
        "config_sentence_transformers.json": {"prompts": prompts, "similarity_fn_name": "cosine"},
    }.items():
        (folder / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
