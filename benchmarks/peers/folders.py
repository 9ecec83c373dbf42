"""The same models in every system's own layout: a cross-encoder of MiniLM-L6's shape, an encoder of the student's.

The weights are random: scores mean nothing, but all systems must agree on them, and times are those of any weights.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import CrossEncoder, export_dynamic_quantized_onnx_model
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertModel

from endcap.distill.export.export import build_model
from endcap.distill.recipe.settings import Recipe
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.text import TextRecipe

FLASHRANK_NAME, FLASHRANK_FILE = "ms-marco-MiniLM-L-12-v2", "flashrank-MiniLM-L-12-v2_Q.onnx"
"""FlashRank knows models by name; under this one it finds what we put there."""

MINILM = {"num_hidden_layers": 6, "hidden_size": 384, "num_attention_heads": 12, "intermediate_size": 1536}
SMALL = {"num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 2, "intermediate_size": 128}
"""For a quick look whether everything runs."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where each system finds its model, and the shapes (layers, width, feed-forward width)."""

    cross: str
    cross_onnx: str
    cross_int8: str
    flashrank: str
    endcap_int8: str
    endcap_fp32: str
    student: str
    encoder: str
    cross_shape: tuple[int, int, int]
    student_shape: tuple[int, int, int]

    @classmethod
    def read(cls, path: Path) -> Folders:
        """What ``make`` has written."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()})


def make(root: Path, student: Path, *, vnni: bool, quick: bool) -> Folders:
    """Write all folders below ``root``; ``student`` is the model folder that is measured."""
    torch.manual_seed(7)
    tokenizer = AutoTokenizer.from_pretrained(student)
    shape = SMALL if quick else MINILM
    config = BertConfig(vocab_size=len(tokenizer), num_labels=1, initializer_range=0.06, **shape)
    cross = root / "cross"
    _save(BertForSequenceClassification(config).eval(), tokenizer, cross)
    int8 = _onnx(cross, root / "cross-onnx", "avx512_vnni" if vnni else "avx2")
    _flashrank(root / "cross-onnx", int8, root / "flashrank" / FLASHRANK_NAME)
    text = TextRecipe(max_product_tokens=100, max_query_tokens=24)
    recipe = Recipe("cross", str(cross), "none", shape="cross-encoder", text=text)
    for precision in ("int8", "fp32"):
        build_model(replace(recipe, precision=precision), root / f"endcap-{precision}")
    student_config = BertConfig.from_pretrained(student)
    _encoder(student, student_config, tokenizer, root / "encoder")
    return Folders(
        cross=str(cross),
        cross_onnx=str(root / "cross-onnx"),
        cross_int8=int8,
        flashrank=str(root / "flashrank"),
        endcap_int8=str(root / "endcap-int8"),
        endcap_fp32=str(root / "endcap-fp32"),
        student=str(student),
        encoder=str(root / "encoder"),
        cross_shape=_shape(config),
        student_shape=_shape(student_config),
    )


def _shape(config: BertConfig) -> tuple[int, int, int]:
    return config.num_hidden_layers, config.hidden_size, config.intermediate_size


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _onnx(cross: Path, out: Path, kind: str) -> str:
    """The graph that sentence-transformers exports, and the int8 of it that its documentation advises for this CPU."""
    model = CrossEncoder(str(cross), backend="onnx", device="cpu", model_kwargs={"export": True})
    model.save_pretrained(str(out))
    export_dynamic_quantized_onnx_model(model, kind, str(out))
    return f"onnx/model_qint8_{kind}.onnx" if kind == "avx512_vnni" else f"onnx/model_quint8_{kind}.onnx"


def _flashrank(onnx: Path, int8: str, out: Path) -> None:
    out.mkdir(parents=True)
    for path in onnx.glob("*.json"):
        shutil.copy(path, out)
    for path in onnx.glob("vocab.txt"):
        shutil.copy(path, out)
    shutil.copy(onnx / int8, out / FLASHRANK_FILE)


def _encoder(student: Path, config: BertConfig, tokenizer: Any, out: Path) -> None:
    """An encoder of the student's shape, as sentence-transformers loads it in torch: same prompts, pooling, limits."""
    shutil.copytree(student, out, ignore=shutil.ignore_patterns("onnx", "model.json", "README.md"))
    _save(BertModel(config, add_pooling_layer=False).eval(), tokenizer, out)
    read_model(student)
