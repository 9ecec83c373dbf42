"""The lowest layers of a classifier that are not taught: what they make of a pair is read once, and kept.

All models of a member (folds, seeds) share these states, and a step goes through the upper layers alone. Of a decoder
with 28 layers of which 4 are taught, that is six sevenths of the forward pass, once instead of in each epoch.
"""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from endcap.distill.teacher.device import autocast
from endcap.errors import InputError
from endcap.files import whole_folder
from endcap.progress import Watch, unwatched

MOST_NUMBERS = 1_000_000_000
"""Numbers of states that are kept in memory, 2 GB, beside those of files; pairs beyond are read anew each time."""
ROWS_PER_FILE = 128
TOKENS_AT_ONCE = 1024
SHARD = "states.safetensors"
DIFFERENCE = 0.05
"""How far the divided model's last states may be from the whole one's, relative: bfloat16 alone makes .01 to .02."""
Row = Sequence[int]


class LowerLayers(torch.nn.Module):
    """Takes the place of a classifier's embeddings: states (n, longest, d) of the lowest ``count`` layers, which the
    model has no longer. They are kept in bfloat16, those of ``fill`` in files under ``folder``.

    Raises ``InputError`` where the base has not so many layers, or is not built so that it can be divided.
    """

    def __init__(self, model: Any, count: int, folder: Path | None = None) -> None:
        super().__init__()
        self._pad, self._folder, self._numbers = model.config.pad_token_id, folder, 0
        self._kept, self._filed, self._dtype = dict[bytes, torch.Tensor](), dict[bytes, torch.Tensor](), model.dtype
        for path in sorted(folder.glob(f"*/{SHARD}")) if folder is not None else ():
            self._filed |= {bytes.fromhex(key): states for key, states in load_file(path).items()}
        base = getattr(model, model.base_model_prefix)
        place, embeddings = _places(base, model.config)
        layers = base.get_submodule(place)
        if count >= len(layers):
            raise InputError(
                f"frozen_layers is {count}, and {model.config._name_or_path!r} has {len(layers)} layers: "
                "leave at least one to teach."
            )
        # The reader is no submodule: its weights are neither trained, moved nor saved with what is taught.
        self._reader: Callable[..., Any] = _Reader(base, place, count)
        self._undo = ((base, embeddings, getattr(base, embeddings)), (*_holder(base, place), layers))
        expected = _last_states(base, self._pad)
        setattr(base, embeddings, self)
        holder, name = _holder(base, place)
        setattr(holder, name, torch.nn.ModuleList(layers[count:]))
        found = _last_states(base, self._pad)
        if not float((found - expected).norm() / expected.norm()) < DIFFERENCE:
            self.restore()
            raise InputError(
                f"frozen_layers: {model.config._name_or_path!r} ({model.config.model_type}) can't be divided: "
                "its upper layers need more than the states of the lower ones. Leave frozen_layers at 0."
            )

    def restore(self) -> None:
        """Give the model its embeddings and lowest layers back."""
        for holder, name, module in self._undo:
            setattr(holder, name, module)

    def fill(self, rows: Sequence[Mapping[str, Any]], watch: Watch = unwatched) -> None:
        """Read inputs (``input_ids``, perhaps ``token_type_ids``) into files; those that are there are left."""
        if self._folder is None:
            return
        missing = {_key(row["input_ids"]): row for row in rows}
        missing = {key: row for key, row in missing.items() if key not in self._filed}
        ordered = sorted(missing, key=lambda key: -len(missing[key]["input_ids"]))
        done, started = 0, time.time_ns()
        with watch("The teacher's lower layers read judged pairs", len(ordered)) as advance:
            for start in range(0, len(ordered), ROWS_PER_FILE):
                keys, states = ordered[start : start + ROWS_PER_FILE], dict[bytes, torch.Tensor]()
                for batch in _batches([len(missing[key]["input_ids"]) for key in keys]):
                    chosen = [missing[keys[i]] for i in batch]
                    read = self._read([c["input_ids"] for c in chosen], [c.get("token_type_ids") for c in chosen])
                    states |= dict(zip((keys[i] for i in batch), read, strict=True))
                    advance(done := done + len(batch))
                self._folder.mkdir(parents=True, exist_ok=True)
                shard = self._folder / f"{started}-{start}"
                with whole_folder(shard) as part:
                    save_file({key.hex(): value for key, value in states.items()}, part / SHARD)
                self._filed |= {bytes.fromhex(key): value for key, value in load_file(shard / SHARD).items()}

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor | None = None, **_: Any) -> torch.Tensor:
        """States (n, longest, d), zeros where a pair is padded."""
        positions = torch.arange(1, input_ids.shape[1] + 1, device=input_ids.device)
        lengths = ((input_ids != self._pad) * positions).amax(dim=1).clamp(min=1).tolist()
        rows = [ids[:n] for ids, n in zip(input_ids.tolist(), lengths, strict=True)]
        types: list[Any] = [None] * len(rows) if token_type_ids is None else token_type_ids.tolist()
        keys = [_key(row) for row in rows]
        found = {key: states for key in keys if (states := self._filed.get(key, self._kept.get(key))) is not None}
        new = [i for i, key in enumerate(keys) if key not in found]
        if new:
            read = self._read([rows[i] for i in new], [types[i] and types[i][: lengths[i]] for i in new])
            for i, states in zip(new, read, strict=True):
                found[keys[i]] = states
                if self._numbers + states.numel() <= MOST_NUMBERS:
                    self._kept[keys[i]] = states
                    self._numbers += states.numel()
        parts = [found[key] for key in keys]
        padded = torch.zeros(*input_ids.shape, parts[0].shape[1], dtype=self._dtype, device=input_ids.device)
        for n, part in enumerate(parts):
            padded[n, : len(part)] = part
        return padded

    @torch.no_grad()
    def _read(self, rows: Sequence[Row], types: Sequence[Row | None]) -> list[torch.Tensor]:
        """States bfloat16 (tokens, d) of each row of token ids."""
        device = next(iter(self._undo[1][2].parameters())).device
        width = -(-max(map(len, rows)) // 8) * 8
        inputs = {name: torch.zeros(len(rows), width, dtype=torch.long) for name in ("input_ids", "attention_mask")}
        inputs["input_ids"] += self._pad
        if types[0] is not None:
            inputs["token_type_ids"] = torch.zeros(len(rows), width, dtype=torch.long)
        for n, (ids, of_row) in enumerate(zip(rows, types, strict=True)):
            inputs["input_ids"][n, : len(ids)] = torch.tensor(ids)
            inputs["attention_mask"][n, : len(ids)] = 1
            if of_row is not None:
                inputs["token_type_ids"][n, : len(ids)] = torch.tensor(of_row)
        with autocast():
            states = self._reader(**{name: value.to(device) for name, value in inputs.items()})
        return [states[n, : len(ids)].to("cpu", torch.bfloat16).clone() for n, ids in enumerate(rows)]


class _Reader:
    """A base's embeddings and lowest layers, on the same weights."""

    def __init__(self, base: Any, place: str, count: int) -> None:
        self._base = holder = _shallow(base)
        *above, last = place.split(".")
        for name in above:
            holder._modules[name] = holder = _shallow(getattr(holder, name))
        layers = getattr(holder, last)
        holder._modules[last] = torch.nn.ModuleList([*layers[:count], _End(layers[count])])
        self._base.eval()

    def __call__(self, **inputs: torch.Tensor) -> torch.Tensor:
        try:
            self._base(**inputs)
        except _ReachedError as reached:
            states: torch.Tensor = reached.args[0]
            return states
        raise AssertionError("a model that leaves out its layers")


class _ReachedError(Exception):
    """Carries the states of the lower layers out of the model."""


class _End(torch.nn.Module):
    """Stands where the first upper layer was."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        if hasattr(layer, "attention_type"):
            self.attention_type = layer.attention_type

    def forward(self, hidden_states: torch.Tensor, *_: Any, **__: Any) -> None:
        """Stop here."""
        raise _ReachedError(hidden_states)


def _shallow(module: Any) -> Any:
    """A module whose children can be exchanged without the original's."""
    new = copy.copy(module)
    new._modules = dict(module._modules)
    return new


def _places(base: Any, config: Any) -> tuple[str, str]:
    """Where a base has its layers, and the name of its embeddings."""
    lists = (
        name
        for name, module in base.named_modules()
        if isinstance(module, torch.nn.ModuleList) and len(module) == config.num_hidden_layers
    )
    place = min(lists, key=len, default="")
    embeddings = next((name for name in ("embed_tokens", "embeddings") if hasattr(base, name)), "")
    if not place or not embeddings:
        raise InputError(f"frozen_layers: a model of type {config.model_type!r} can't be divided. Leave it at 0.")
    return place, embeddings


def _holder(base: Any, place: str) -> tuple[Any, str]:
    above, _, name = place.rpartition(".")
    return base.get_submodule(above), name


@torch.no_grad()
def _last_states(base: Any, pad: int) -> torch.Tensor:
    """The last states of a short input, without dropout."""
    device, training = next(base.parameters()).device, base.training
    ids = torch.tensor([[i for i in range(5, 14) if i != pad]], device=device)
    base.eval()
    with autocast():
        states: torch.Tensor = base(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.float()
    base.train(training)
    return states


def _batches(lengths: Sequence[int]) -> Iterator[range]:
    """Neighbours in batches of at most ``TOKENS_AT_ONCE`` tokens; ``lengths`` fall."""
    start = 0
    while start < len(lengths):
        size = max(1, TOKENS_AT_ONCE // max(lengths[start], 1))
        yield range(start, min(start + size, len(lengths)))
        start += size


def _key(ids: Row) -> bytes:
    return hashlib.blake2b(np.asarray(ids, dtype=np.int64).tobytes(), digest_size=16).digest()
