"""A student while it is trained, in torch: either shape, over the tokens that serving will feed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification, AutoTokenizer

from endcap.distill.export.bases import base_folder
from endcap.distill.student.lower_layers import LowerLayers
from endcap.distill.teacher.device import autocast, quiet
from endcap.errors import InputError
from endcap.files import whole_folder
from endcap.plugin.model.text import TextRecipe, query_text

HEAD_SEED = 20_250_507
"""A head that the base does not have is drawn the same each time: for all seeds, and after each kill."""
BATCH_TOKENS = 2_048
"""Padded tokens that are read at once where nothing is learnt."""


class Tower(torch.nn.Module):
    """A base with its tokenizer. ``scores`` are ``scale x cosine`` of a bi-encoder, the logit of a cross-encoder."""

    def __init__(self, model: Any, tokenizer: Any, *, shape: str, pooling: str, scale: float) -> None:
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.shape, self.pooling, self.scale = shape, pooling, scale
        self._fast = _untruncated(tokenizer)
        self._pad = tokenizer.pad_token_id or 0
        self._lower: LowerLayers | None = None
        self._frozen = 0

    @classmethod
    def load(
        cls, base: str | Path, *, shape: str = "bi-encoder", pooling: str = "cls", scale: float = 12.0, layers: int = 0
    ) -> Tower:
        """A base from the hub, a folder, or ``shipped``; ``layers`` keeps only the lowest ones (0: all).

        Raises ``InputError`` where it can't be loaded.
        """
        is_pair = shape == "cross-encoder"
        kind, words = (AutoModelForSequenceClassification, {}) if is_pair else (AutoModel, {"add_pooling_layer": False})
        name, base = base, base_folder(base)
        try:
            config = AutoConfig.from_pretrained(base)
            if layers:
                if layers > config.num_hidden_layers:
                    raise ValueError(f"it has {config.num_hidden_layers} layers, not {layers}")
                config.num_hidden_layers = layers
            # Eager attention is the fastest on a CPU at these lengths, and what the export traces.
            config._attn_implementation = "eager"
            if is_pair:
                config.num_labels = 1
            with torch.random.fork_rng(devices=[]), quiet():  # of a pooler that nobody reads
                torch.manual_seed(HEAD_SEED)
                model = kind.from_pretrained(base, config=config, **words)
            tokenizer = AutoTokenizer.from_pretrained(base)
        except (OSError, ValueError) as error:
            raise InputError(f"The base {str(name)!r} can't be loaded: {error}") from error
        return cls(model, tokenizer, shape=shape, pooling=pooling, scale=scale)

    def tokens(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """Token ids with special tokens, at most ``limit`` of them: what a bi-encoder is fed in serving."""
        rows = (self._fast.encode(text).ids for text in texts)
        return [ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]] for ids in rows]

    def pair_tokens(self, query: str, texts: Sequence[str], recipe: TextRecipe) -> list[tuple[list[int], int]]:
        """Token ids of (query, text), and how many are the query's (type 0): what a cross-encoder is fed in serving."""
        head, between, tail = _template(self._fast)
        query_ids = self._fast.encode(query_text(query, recipe), add_special_tokens=False).ids
        first = [*head, *query_ids[: recipe.max_query_tokens], *between]
        rows = (self._fast.encode(t, add_special_tokens=False).ids[: recipe.max_product_tokens] for t in texts)
        return [([*first, *ids, *tail], len(first)) for ids in rows]

    def vectors(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Unit vectors, float32 (n, d), of rows of token ids; with gradients where they are on."""
        if not rows:
            return torch.empty(0, self.model.config.hidden_size)
        return self._in_batches(rows, lambda batch: self._vectors([rows[i] for i in batch]))

    def logits(self, rows: Sequence[tuple[Sequence[int], int]]) -> torch.Tensor:
        """A cross-encoder's logits, float32 (n,), of (token ids, how many are the query's)."""
        ids_of = [ids for ids, _ in rows]

        def of_batch(batch: Sequence[int]) -> torch.Tensor:
            ids, mask = self._padded([ids_of[i] for i in batch])
            types = mask.clone()
            for n, i in enumerate(batch):
                types[n, : rows[i][1]] = 0
            logits: torch.Tensor = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).logits
            return logits.float()[:, 0]

        return self._in_batches(ids_of, of_batch)

    def _in_batches(
        self, rows: Sequence[Sequence[int]], of_batch: Callable[[Sequence[int]], torch.Tensor]
    ) -> torch.Tensor:
        """What ``of_batch`` gives for positions of like length, put together in the order of the rows of token ids."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        parts = [of_batch(batch) for batch in _batches(order, rows, self.training)]
        position = torch.empty(len(order), dtype=torch.long)
        position[torch.tensor(order)] = torch.arange(len(order))
        return torch.cat(parts)[position]

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """In the mode for evaluation, and then back in the one it was in."""
        training = self.training
        self.eval()
        yield
        self.train(training)

    @torch.inference_mode()
    def encode(self, texts: Sequence[str], limit: int) -> np.ndarray:
        """Unit vectors float32 (n, d) of texts, without gradients."""
        with self.evaluating():
            vectors: np.ndarray = self.vectors(self.tokens(texts, limit)).numpy()
        return vectors

    @torch.no_grad()
    def move_towards(self, other: Tower, share: float) -> None:
        """Make the weights ``(1 - share) x own + share x other``, of a tower that began with the same weights."""
        weights = other.state_dict()
        for name, value in self.state_dict().items():
            if value.is_floating_point():
                value.copy_((1 - share) * value + share * weights[name])

    def save(self, folder: Path) -> None:
        """Write a Hugging Face folder, whole or not at all."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        with whole_folder(folder) as part:
            self.model.save_pretrained(part)
            self.tokenizer.save_pretrained(part)

    def freeze(self, layers: int) -> None:
        """Keep the embeddings and the lowest ``layers`` layers as they are (0: none): a step is cheaper, what the base
        knows of words stays, and a text that comes again is read by the other layers alone."""
        if layers:
            frozen = tuple(f".layer.{n}." for n in range(layers))
            for name, parameter in self.named_parameters():
                parameter.requires_grad = not ("embeddings." in name or any(part in name for part in frozen))
            if self.shape == "bi-encoder" and LowerLayers.fits(self.model) and self._frozen != layers:
                self._lower, self._frozen = LowerLayers(self.model, layers), layers

    def _vectors(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        ids, mask = self._padded(rows)
        if self._lower is not None:
            states = self._lower.states(rows, ids, mask)
            with autocast() if self.training else nullcontext():
                hidden = self._lower.upper(states, mask).float()
        else:
            hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        if self.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            weights = mask[:, :, None].float()
            pooled = (hidden * weights).sum(1) / weights.sum(1)
        return torch.nn.functional.normalize(pooled, dim=1)

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and mask, int64 (n, longest)."""
        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self._pad, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
        device = self.model.device
        return ids.to(device), mask.to(device)


def _batches(order: Sequence[int], rows: Sequence[Sequence[int]], learning: bool) -> list[list[int]]:
    """Positions in batches of similar length: of ``BATCH_TOKENS`` padded tokens, or, while learning, of what a
    backward pass is quickest with."""
    most = BATCH_TOKENS // 2 if learning else BATCH_TOKENS
    batches: list[list[int]] = []
    for position in order:
        if batches and (len(batches[-1]) + 1) * len(rows[position]) <= most:
            batches[-1].append(position)
        else:
            batches.append([position])
    return batches


def _untruncated(tokenizer: Any) -> Tokenizer:
    """The tokenizer as serving has it: without truncation and padding."""
    fast = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    fast.no_truncation()
    fast.no_padding()
    return fast


def _template(fast: Tokenizer) -> tuple[list[int], list[int], list[int]]:
    """The special tokens before, between and after the two texts of a pair."""
    encoding = fast.encode("a", "b")
    first = [i for i, text in enumerate(encoding.sequence_ids) if text == 0]
    second = [i for i, text in enumerate(encoding.sequence_ids) if text == 1]
    return encoding.ids[: first[0]], encoding.ids[first[-1] + 1 : second[0]], encoding.ids[second[-1] + 1 :]
