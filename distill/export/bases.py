"""What a student starts from: a base of the hub, a folder of weights, or the student that comes with endcap."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from endcap.distill.work.folder import digest
from endcap.files import locked, whole_folder
from endcap.index.home import home
from endcap.plugin.model.folder import GRAPH, default_folder, read_model
from endcap.plugin.model.registry_files import SHIPPED

VERSION = 1
"""Rises when weights are read back otherwise."""
WEIGHTS = ("model.safetensors", "pytorch_model.bin", "model.safetensors.index.json")
"""What makes a folder one of weights."""


def base_folder(base: str | Path) -> str | Path:
    """What transformers can load of a recipe's base.

    ``shipped``, and a model folder without weights of its own, are read back from their graph into ``HOME/bases``, once
    for each model. Any other name is left as it is. Raises ``InputError`` where the model folder's graph is none that
    can be read back, ``ModelError`` where it is broken.
    """
    model = _model_folder(base)
    if model is None:
        return base
    info = read_model(model)
    folder = home() / "bases" / digest([info.raw["files"], VERSION])[:16]
    if not (folder / "config.json").exists():
        from endcap.distill.export.bert_weights import write_weights

        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.parent / "lock"):
            if not (folder / "config.json").exists():
                with whole_folder(folder) as part:
                    write_weights(info.folder, part)
    return folder


def base_content(base: str) -> Mapping[str, str]:
    """What stands behind the name ``shipped``: another endcap may bring another student. Nothing for other bases."""
    if base != SHIPPED:
        return {}
    return {"the student that comes with endcap": digest([read_model(default_folder()).raw["files"], VERSION])[:16]}


def is_read_back(base: str | Path) -> bool:
    """Whether a base's weights come out of a model folder's graph, and so perhaps out of int8."""
    return _model_folder(base) is not None


def base_name(base: str) -> str:
    """What people are told of a base: of ``shipped``, the student's name and what it was made from."""
    if base != SHIPPED:
        return base
    raw = read_model(default_folder()).raw
    return f"{raw['name']} ({raw['base']['name']})"


def base_licenses(base: str) -> Mapping[str, str]:
    """The licences of what went into ``shipped``: what is made from it has them, too. Nothing for other bases."""
    if base != SHIPPED:
        return {}
    raw = read_model(default_folder()).raw
    return (raw.get("lineage") or {}).get("licenses") or {}


def _model_folder(base: str | Path) -> Path | None:
    """The model folder that is meant, where it is one."""
    if base == SHIPPED:
        return default_folder()
    folder = Path(base)
    is_model = (folder / "model.json").is_file() and (folder / GRAPH).is_file()
    return folder if is_model and not any((folder / name).exists() for name in WEIGHTS) else None
