"""A model folder: what ``model.json`` says, checked. ``docs/model-folder.md`` is the contract that this file keeps."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, cast

from endcap.errors import ModelError
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.signals import Signal
from endcap.plugin.model.model_json import check_name, check_types, is_too_deep, shortened
from endcap.plugin.model.text import TEXT_FIELDS, TextRecipe
from endcap.plugin.model.vector_states import state_bytes

SCHEMA = 1
GRAPH = "onnx/model.onnx"
TOKENIZER = "tokenizer.json"
Shape = Literal["bi-encoder", "cross-encoder"]
DTYPES = {"bi-encoder": ("float16", "float32", "int8"), "cross-encoder": ("int32",)}
"""What a state of each shape can hold."""
POOLINGS = ("cls", "mean")
ENGLISH = ("en",)
ENGLISH_BASES = (
    "BAAI/bge-small-en-v1.5",
    "BAAI/bge-base-en-v1.5",
    "intfloat/e5-small-v2",
    "sentence-transformers/all-MiniLM-L6-v2",
    "sentence-transformers/all-mpnet-base-v2",
)
"""Bases that read English alone: a folder from the time before folders said their languages is of one of these."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What serving knows of a model. ``checksum`` covers all that a state is made from, and nothing else."""

    folder: Path
    name: str
    shape: Shape
    base: str
    precision: str
    pooling: str
    text: TextRecipe
    state_dtype: str
    state_shape: tuple[int, ...]
    score_scale: float
    score_offset: float
    blend_weight: float
    window: int
    checksum: str
    raw: Mapping[str, Any]
    learnt: LearntBlend | None = None
    """The learnt blend, which goes before ``blend_weight``; None where the model has none."""
    languages: tuple[str, ...] = ()
    """The languages that it was taught, by ISO 639-1; none where nobody says, and then none is looked for."""
    signals: tuple[Signal, ...] = ()
    """Numbers of products that the blend was taught to read beside it."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a product that its text reads."""
        return self.text.fields

    @property
    def state_bytes(self) -> int | None:
        """Bytes of a state; None where they differ from product to product (a cross-encoder's token ids)."""
        if self.shape == "cross-encoder":
            return None
        return state_bytes(self.state_dtype, self.state_shape[0])


def default_folder() -> Path:
    """The model folder that comes with the package."""
    return Path(str(files("endcap.plugin"))) / "models" / "default"


def read_model(folder: str | Path | None = None) -> ModelInfo:
    """Read and check a model folder.

    Raises ``ModelError`` where it is missing, of an unknown schema, incomplete, or where a file's checksum is not the
    one that ``model.json`` names.
    """
    path = Path(folder) if folder is not None else default_folder()
    try:
        raw = json.loads((path / "model.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path} is no model folder: it has no model.json. `endcap models build` makes one.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path / 'model.json'} can't be read: {error}. Export the model again.") from None
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA or raw["schema"] is True:
        schema = raw.get("schema") if isinstance(raw, dict) else type(raw).__name__
        raise ModelError(
            f"{path / 'model.json'} has schema {shortened(schema)}; this endcap reads schema {SCHEMA}. "
            "Upgrade endcap if the model is newer, or export it again."
        )
    try:
        if is_too_deep(raw):
            raise ValueError("its nesting, which is too deep")
        check_types(raw)
        _check_files(path, raw)
        _check_values(raw)
        return _model_info(path, raw)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise ModelError(f"{path / 'model.json'} lacks or misstates {error}. Export the model again.") from None


def _check_values(raw: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` or ``KeyError`` where a value is missing or none that serving knows."""
    if raw["shape"] not in DTYPES:
        raise ValueError(f"shape {raw['shape']!r} ({' or '.join(DTYPES)})")
    if raw["pooling"] not in POOLINGS:
        raise ValueError(f"pooling {raw['pooling']!r} ({' or '.join(POOLINGS)})")
    unknown = set(raw["text"]["fields"]) - set(TEXT_FIELDS)
    if unknown:
        raise ValueError(f"text.fields {sorted(unknown)} (known: {', '.join(TEXT_FIELDS)})")
    if set(raw["text"].get("whole", ())) - {"description", "attributes"}:
        raise ValueError(f"text.whole {raw['text']['whole']} (only description and attributes can be left out whole)")
    languages = raw.get("languages", [])
    if not isinstance(languages, list) or not all(
        isinstance(c, str) and re.fullmatch("[a-z]{2}", c) for c in languages
    ):
        raise ValueError(f'languages {languages!r} (a list of codes of ISO 639-1, as in ["en"])')
    dtypes = DTYPES[raw["shape"]]
    if raw["state"]["dtype"] not in dtypes:
        raise ValueError(f"state.dtype {raw['state']['dtype']!r} ({' or '.join(dtypes)})")
    shape = raw["state"]["shape"]
    if raw["shape"] == "bi-encoder" and not (len(shape) == 1 and isinstance(shape[0], int) and shape[0] > 0):
        raise ValueError(f"state.shape {shape!r} (one number, how many of the vector's numbers a state keeps)")
    if not 0 <= float(raw["blend"]["weight"]) <= 1 or int(raw["blend"]["window"]) < 1:
        raise ValueError(f"blend {raw['blend']} (weight from 0 to 1, window of at least 1)")


def _model_info(path: Path, raw: dict[str, Any]) -> ModelInfo:
    lists = {name: tuple(raw["text"][name]) for name in ("fields", "whole") if name in raw["text"]}
    return ModelInfo(
        folder=path,
        name=str(raw["name"]),
        shape=cast(Shape, raw["shape"]),
        base=str(raw["base"]["name"]),
        precision=str(raw["precision"]),
        pooling=str(raw["pooling"]),
        text=TextRecipe(**{**raw["text"], **lists}),
        state_dtype=str(raw["state"]["dtype"]),
        state_shape=tuple(int(n) for n in raw["state"]["shape"]),
        score_scale=float(raw["score"]["scale"]),
        score_offset=float(raw["score"]["offset"]),
        blend_weight=float(raw["blend"]["weight"]),
        window=int(raw["blend"]["window"]),
        checksum=reading_checksum(raw),
        raw=raw,
        learnt=LearntBlend.from_json(raw["blend"]["learnt"]) if "learnt" in raw["blend"] else None,
        languages=tuple(raw.get("languages", ENGLISH if raw["base"]["name"] in ENGLISH_BASES else ())),
        signals=tuple(map(Signal.from_json, raw["blend"].get("signals", []))),
    )


def reading_checksum(raw: Mapping[str, Any]) -> str:
    """The checksum (hex, SHA-256) of all in a ``model.json`` that decides what a state holds.

    Score scale and blend are left out: two folders that differ in these alone share their states.
    """
    return _digest({name: raw[name] for name in ("schema", "shape", "pooling", "text", "state", "files")})


def identity(raw: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of a ``model.json`` (which names its files' checksums) without its history (``lineage``).

    Two folders of one identity rank alike. Models that share a reading checksum share their states, but may blend them
    differently.
    """
    return _digest({name: value for name, value in raw.items() if name != "lineage"})


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def file_checksum(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_files(path: Path, raw: Mapping[str, Any]) -> None:
    checksums = raw.get("files")
    if not isinstance(checksums, dict) or not {GRAPH, TOKENIZER} <= set(checksums):
        raise ModelError(f'{path / "model.json"} must list checksums of {GRAPH} and {TOKENIZER} under "files".')
    for name, expected in checksums.items():
        check_name(name)
        try:
            checksum = file_checksum(path / name)
        except OSError as error:
            raise ModelError(
                f"{path / name} can't be read ({error.strerror}). Copy or export the model again."
            ) from None
        if checksum != expected:
            raise ModelError(
                f"{path / name} is not the file that model.json names (SHA-256 {checksum[:12]}…, expected "
                f"{str(expected)[:12]}…): the copy is broken. Copy or export the model again."
            )
