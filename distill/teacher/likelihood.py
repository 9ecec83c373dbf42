"""How likely a language model finds a query beside a product (UPR: Sachan et al., 2022,
https://arxiv.org/abs/2204.07496):

    l(q, p) = 1/|q| sum_i log P(q_i | prompt(p), q_1 .. q_{i-1})

over the query's tokens. Nothing is generated and nothing trained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from endcap.distill.labels.logit import FloatArray
from endcap.distill.teacher.classifier import DTYPE, TOKENS_PER_BATCH
from endcap.distill.teacher.device import bf16_pays, device, quiet
from endcap.errors import InputError

PRODUCT = "Product: {}\n"
QUESTION = "A customer finds this product with the search query: "

Prompt = tuple[int, ...]
"""The tokens before a query's first one."""


class QueryLikelihood:
    """A decoder as it is, in bfloat16 where that pays. ``max_tokens`` are read of a product.

    Raises ``InputError`` where the base can't be loaded, has no language model's head, or reads both ways.
    """

    def __init__(self, base: str, max_tokens: int) -> None:
        self.base, self.max_tokens = base, max_tokens
        dtype = torch.bfloat16 if bf16_pays() else torch.float32
        try:
            with quiet():
                self.tokenizer = AutoTokenizer.from_pretrained(base)
                model, told = AutoModelForCausalLM.from_pretrained(base, output_loading_info=True, **{DTYPE: dtype})
        except Exception as error:  # what is missing or broken raises anything from OSError to the file format's own
            raise InputError(
                f"The base {base!r} of a query likelihood can't be loaded as a language model: {error} "
                "Name a folder with a decoder and its tokenizer, or one of the hub that was downloaded."
            ) from error
        self.model: Any = model.to(device()).eval()
        if told["missing_keys"] or not self.tokenizer.is_fast or not self._is_causal():
            raise InputError(
                f"The base {base!r} of a query likelihood is no language model that reads from left to right, with its "
                "head and a fast tokenizer. Name a decoder, such as HuggingFaceTB/SmolLM2-135M-Instruct."
            )

    def of(self, queries: Sequence[str], products: Sequence[str | None]) -> FloatArray:
        """float64 (n,): the mean log-probability, in nats, of each query beside its product's text, or with no product
        (None); NaN for a query without a token. A product is read once for all of its queries."""
        result = np.full(len(queries), np.nan)
        pairs = self._encoded(queries, products)
        by_prompt = defaultdict[Prompt, dict[Prompt, list[int]]](dict)
        for n, (prompt, query) in enumerate(pairs):
            if query:
                by_prompt[prompt].setdefault(query, []).append(n)
        for batch in _batches(by_prompt):
            for (prompt, query), value in zip(batch, self._read(batch), strict=True):
                result[by_prompt[prompt][query]] = value
        return result

    def _encoded(self, queries: Sequence[str], products: Sequence[str | None]) -> list[tuple[Prompt, Prompt]]:
        """The tokens before a query, and its own, tokenized as one text: a blank belongs to the word after it."""
        cut = {text: self._cut(text) for text in dict.fromkeys(products) if text is not None}
        starts = ["" if text is None else PRODUCT.format(cut[text]) for text in products]
        prompts = [start + QUESTION for start in starts]
        texts = [prompt + query for prompt, query in zip(prompts, queries, strict=True)]
        encoded = self.tokenizer(texts, return_offsets_mapping=True) if texts else {"input_ids": []}
        rows = []
        for n, ids in enumerate(encoded["input_ids"]):
            ends = [end for _, end in encoded["offset_mapping"][n]]
            first = next((i for i, end in enumerate(ends) if end > len(prompts[n])), len(ids))
            last = max((i for i, end in enumerate(ends) if end), default=-1)  # a mark of the end is no word
            rows.append((tuple(ids[:first]), tuple(ids[first : last + 1])))
        return rows

    def _cut(self, text: str) -> str:
        """The text up to ``max_tokens`` tokens."""
        ends = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        return text if len(ends) <= self.max_tokens else text[: ends[self.max_tokens - 1][1]]

    @torch.inference_mode()
    def _read(self, batch: Sequence[tuple[Prompt, Prompt]]) -> FloatArray:
        """The mean log-probabilities of a batch. Prompts are padded on their left, queries on their right."""
        prompts = list(dict.fromkeys(prompt for prompt, _ in batch))
        row_of = torch.tensor([prompts.index(prompt) for prompt, _ in batch], device=device())
        # All but the last token of each prompt, once: its keys and values are what the queries' tokens look back at.
        head = _padded([prompt[:-1] for prompt in prompts], left=True)
        mask = _padded([(1,) * (len(prompt) - 1) for prompt in prompts], left=True)
        kept = self.model.base_model(
            input_ids=head, attention_mask=mask, position_ids=(mask.cumsum(1) - 1).clamp(min=0), use_cache=True
        ).past_key_values
        kept.reorder_cache(row_of)
        # The last one, and the query but its last: each gives the distribution of the token after it.
        fed = _padded([(prompt[-1], *query[:-1]) for prompt, query in batch])
        target, weight = _padded([query for _, query in batch]), _padded([(1,) * len(query) for _, query in batch])
        reply = self.model(
            input_ids=fed,
            attention_mask=torch.cat([mask[row_of], weight], dim=1),
            position_ids=mask.sum(1)[row_of, None] + torch.arange(fed.shape[1], device=device()),
            past_key_values=kept,
            use_cache=True,
        )
        log_p = torch.log_softmax(reply.logits.float(), dim=-1).gather(2, target[:, :, None])[:, :, 0]
        return np.asarray(((log_p * weight).sum(1) / weight.sum(1)).double().cpu().numpy())

    @torch.inference_mode()
    def _is_causal(self) -> bool:
        """Whether what is said of a token does not hang on the token after it."""
        ids = torch.tensor([[0, 1], [0, 2]], device=device())
        one, other = self.model(input_ids=ids).logits[:, 0].float()
        return bool(torch.allclose(one, other, atol=1e-3))


def _batches(by_prompt: Mapping[Prompt, Mapping[Prompt, Any]]) -> Iterator[list[tuple[Prompt, Prompt]]]:
    """Pairs in batches of like length, the longest first, the queries of a prompt together."""
    batch = list[tuple[Prompt, Prompt]]()
    longest = 0
    for prompt in sorted(by_prompt, key=lambda prompt: (-len(prompt), prompt)):
        for query in sorted(by_prompt[prompt], key=lambda query: (-len(query), query)):
            longest = max(longest, len(prompt) + len(query))
            if batch and longest * (len(batch) + 1) > TOKENS_PER_BATCH:
                yield batch
                batch, longest = [], len(prompt) + len(query)
            batch.append((prompt, query))
    if batch:
        yield batch


def _padded(rows: Sequence[Sequence[int]], *, left: bool = False) -> torch.Tensor:
    """Rows of whole numbers as one matrix, filled up with 0."""
    width = max(map(len, rows))
    filled = [[*[0] * (width - len(row)), *row] if left else [*row, *[0] * (width - len(row))] for row in rows]
    return torch.tensor(filled, device=device())
