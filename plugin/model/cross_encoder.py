"""A cross-encoder: reads query and product together; a state is the product's token ids, a score the model's logit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from endcap.errors import InputError
from endcap.plugin.model.folder import ModelInfo
from endcap.plugin.model.session import Session

MICRO_BATCH_TOKENS = 256
"""Larger batches fall out of a core's cache; smaller ones leave its multipliers idle."""


class CrossEncoder:
    """Pairs sorted by length, in micro-batches of about ``MICRO_BATCH_TOKENS`` padded tokens."""

    def __init__(self, info: ModelInfo, threads: int | None) -> None:
        self._info = info
        self._session = Session(info, threads)
        self._prefix, self._separator, self._suffix = _pair_template(self._session)

    def encode(self, texts: Sequence[str]) -> Iterator[list[tuple[int, bytes]]]:
        """States of product texts: little-endian int32 token ids without special tokens."""
        for position, text in enumerate(texts):
            ids = self._session.encode(text, add_special_tokens=False).ids
            yield [(position, np.array(ids[: self._info.text.max_product_tokens], dtype="<i4").tobytes())]

    def tokens(self, text: str) -> int:
        """How many tokens a text has, also those that are not read."""
        return len(self._session.encode(text, add_special_tokens=False).ids)

    def score(self, query: str, states: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Positions and logits of all states, a micro-batch at a time."""
        for position, state in enumerate(states):
            if len(state) % 4 or len(state) > 4 * self._info.text.max_product_tokens:
                raise InputError(
                    f"State {position} has {len(state)} bytes; that is no list of token ids of this model."
                )
        query_ids = self._session.encode(query, add_special_tokens=False).ids
        start = [*self._prefix, *query_ids[: self._info.text.max_query_tokens], *self._separator]
        rows = [[*start, *np.frombuffer(state, dtype="<i4").tolist(), *self._suffix] for state in states]
        batches = _micro_batches([len(row) for row in rows])
        logits = self._session.map(lambda batch: self._logits([rows[i] for i in batch], len(start)), batches)
        for batch, values in zip(batches, logits, strict=True):
            yield np.array(batch), values

    def vectors(self, states: Sequence[bytes | None]) -> None:
        """There are none: a state is token ids."""

    def query_vector(self, query: str) -> None:
        """There is none: a query is read together with a product."""

    def prepare(self, query: str) -> None:
        """Nothing: without the products there is nothing to compute."""

    def _logits(self, rows: list[list[int]], query_size: int) -> np.ndarray:
        """Logits float32 (n,) of rows of token ids, of which the first ``query_size`` are the query's (type 0)."""
        width = max(map(len, rows))
        ids = np.full((len(rows), width), self._pad, dtype=np.int64)
        mask = np.zeros_like(ids)
        for i, row in enumerate(rows):
            ids[i, : len(row)], mask[i, : len(row)] = row, 1
        types = mask.copy()
        types[:, :query_size] = 0
        return self._session.run(ids, mask, types).reshape(len(rows), -1)[:, 0]

    @property
    def _pad(self) -> int:
        token = self._session.tokenizer.token_to_id("[PAD]")
        return token if token is not None else self._session.tokenizer.token_to_id("<pad>") or 0


def _pair_template(session: Session) -> tuple[list[int], list[int], list[int]]:
    """The special tokens before, between and after the two texts of a pair, as the tokenizer itself sets them."""
    encoding = session.encode("a", "b")
    ids, texts = encoding.ids, encoding.sequence_ids
    first = [i for i, text in enumerate(texts) if text == 0]
    second = [i for i, text in enumerate(texts) if text == 1]
    return ids[: first[0]], ids[first[-1] + 1 : second[0]], ids[second[-1] + 1 :]


def _micro_batches(lengths: Sequence[int]) -> list[list[int]]:
    """Positions in order of length, in groups of at most ``MICRO_BATCH_TOKENS`` padded tokens (at least one each)."""
    batches: list[list[int]] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batches and (len(batches[-1]) + 1) * lengths[position] <= MICRO_BATCH_TOKENS:
            batches[-1].append(position)
        else:
            batches.append([position])
    return batches
