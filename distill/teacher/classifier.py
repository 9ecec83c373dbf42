"""A model from the hub as a classifier of pairs over the grades: encoders, and decoders with low-rank updates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import transformers
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from endcap.distill.labels.logit import FloatArray
from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.device import autocast, bf16_pays, device, quiet
from endcap.distill.teacher.lower_layers import LowerLayers
from endcap.errors import InputError
from endcap.index.judgments.judgments import GRADES

TOKENS_PER_BATCH = 4096
PAD_TO = 8
DTYPE = "dtype" if tuple(map(int, transformers.__version__.split(".")[:2])) >= (4, 56) else "torch_dtype"
"""What ``from_pretrained`` calls the weights' type."""
PROMPT = ("query: ", "\nproduct: ", "\nrelevance:")
"""What a model without a separator token reads around query and product; its last token is what is classified."""

Encoded = dict[str, list[int]]


class PairTokenizer:
    """Turns pairs of texts into a model's input of at most ``max_tokens`` tokens.

    Where the tokenizer has a separator, as a pair, the longer text cut. Else as a prompt, the product cut, so that the
    token which is classified is always the prompt's last.
    """

    def __init__(self, tokenizer: Any, max_tokens: int) -> None:
        if tokenizer.pad_token_id is None:
            if tokenizer.eos_token is None:
                raise InputError(f"The tokenizer of {tokenizer.name_or_path!r} has neither a padding nor an end token.")
            tokenizer.pad_token = tokenizer.eos_token
        tokenizer.padding_side = "right"
        self.tokenizer, self.max_tokens = tokenizer, max_tokens

    def __call__(self, queries: Sequence[str], products: Sequence[str]) -> list[Encoded]:
        """The inputs, without padding."""
        if not len(queries):
            return []
        if self.tokenizer.sep_token_id is None:
            return self._prompts(self._ids([*queries]), self._ids([*products]))
        inputs = self.tokenizer(list(queries), list(products), truncation="longest_first", max_length=self.max_tokens)
        return [{name: list(inputs[name][i]) for name in inputs} for i in range(len(queries))]

    def _prompts(self, queries: list[list[int]], products: list[list[int]]) -> list[Encoded]:
        """Prompts of token ids: the query gets at most half of the room, the product what is left."""
        start = [t for t in self.tokenizer("")["input_ids"] if t != self.tokenizer.eos_token_id]
        query_label, product_label, end = (self._ids([text])[0] for text in PROMPT)
        room = max(self.max_tokens // 2 - len(start) - len(query_label) - len(product_label), 1)
        prompts = []
        for query, product in zip(queries, products, strict=True):
            head = [*start, *query_label, *query[:room], *product_label]
            prompts.append([*head, *product[: max(self.max_tokens - len(head) - len(end), 0)], *end])
        return [{"input_ids": ids, "attention_mask": [1] * len(ids)} for ids in prompts]

    def _ids(self, texts: list[str]) -> list[list[int]]:
        ids: list[list[int]] = self.tokenizer(texts, add_special_tokens=False)["input_ids"]
        return ids

    def collate(self, batch: Sequence[Encoded]) -> dict[str, torch.Tensor]:
        """A batch of inputs, padded to a multiple of 8 tokens (each new shape costs a CPU time to prepare)."""
        with quiet():
            padded = self.tokenizer.pad(list(batch), padding=True, pad_to_multiple_of=PAD_TO, return_tensors="pt")
        return dict(padded)


def load_base(base: str, max_tokens: int, frozen: bool = False) -> tuple[Any, PairTokenizer]:
    """A base with a new head over the grades, and its tokenizer. A ``frozen`` one is in bfloat16 where that pays.

    Raises ``InputError`` where the base can't be loaded.
    """
    try:
        with quiet():
            config = AutoConfig.from_pretrained(base, num_labels=len(GRADES))
            if hasattr(config, "attention_probs_dropout_prob"):
                # Attention with dropout has no fast kernel on a CPU.
                config.attention_probs_dropout_prob = 0.0
            dtype = torch.bfloat16 if frozen and bf16_pays() else torch.float32
            model = AutoModelForSequenceClassification.from_pretrained(
                base, config=config, **{DTYPE: dtype}, ignore_mismatched_sizes=True
            )
            tokenizer = PairTokenizer(AutoTokenizer.from_pretrained(base), max_tokens)
    except InputError:
        raise
    except Exception as error:  # what is missing or broken raises anything from OSError to the file format's own
        raise InputError(
            f"The base {base!r} of a teacher can't be loaded as a classifier: {error} "
            "Name a folder with a model and its tokenizer, or one of the hub that was downloaded."
        ) from error
    model.config.pad_token_id = tokenizer.tokenizer.pad_token_id
    model.config.use_cache = False  # nothing is written after the prompt
    return model, tokenizer


def even_start(model: Any) -> None:
    """Let a decoder's new head begin at zero: all grades alike, a loss of log 4 = 1.39.

    Its last states are large. A random head over Qwen2.5-Coder-1.5B's begins at a loss of 4, and a third of a short
    training goes by until it says no worse than nothing.
    """
    if isinstance(head := getattr(model, "score", None), torch.nn.Linear):
        torch.nn.init.zeros_(head.weight)
        if head.bias is not None:
            torch.nn.init.zeros_(head.bias)


def with_lora(model: Any, rank: int) -> Any:
    """The model with low-rank updates of all its linear layers (LoRA, Hu et al., 2021,
    https://arxiv.org/abs/2106.09685); of its own weights only the head's can be trained."""
    from peft import LoraConfig, TaskType, get_peft_model

    config = LoraConfig(task_type=TaskType.SEQ_CLS, r=rank, lora_alpha=2 * rank, target_modules="all-linear")
    adapted = get_peft_model(model, config)
    for parameter in adapted.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return adapted


def head_and_body(model: Any) -> tuple[list[torch.nn.Parameter], list[torch.nn.Parameter]]:
    """The parameters that are trained: those of the new head, and the rest."""
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    body = {id(p) for p in getattr(whole, whole.base_model_prefix).parameters()}
    trained = [p for p in model.parameters() if p.requires_grad]
    return [p for p in trained if id(p) not in body], [p for p in trained if id(p) in body]


class Classifier:
    """A trained classifier, read from the folder that ``classifier_training.fit_classifier`` has written.

    Low-rank updates are put on ``shared``'s base, where there is such a classifier: all folds share one copy of it.
    ``states`` is the folder with what the frozen layers made of pairs (``lower_layers.py``).
    """

    def __init__(
        self, folder: Path, member: MemberRecipe, shared: Classifier | None = None, states: Path | None = None
    ) -> None:
        self.updates = (
            f"{folder.parent.name}_{folder.name}".replace(".", "_") if member.lora_rank else ""
        )  # torch: no dots
        model: Any
        self.model: Any
        try:
            if not member.lora_rank:
                model, self.tokenizer = _loaded(str(folder), member, states)
            elif shared is None:
                from peft import PeftModel

                model, self.tokenizer = _loaded(member.base, member, states)
                model = PeftModel.from_pretrained(model, str(folder), adapter_name=self.updates)
            else:
                model, self.tokenizer = shared.model, shared.tokenizer
                model.load_adapter(str(folder), adapter_name=self.updates)
        except (OSError, ValueError) as error:
            raise InputError(f"The classifier in {folder} can't be loaded: {error}") from error
        self.model = model.to(device()).eval()

    def probabilities(self, queries: Sequence[str], products: Sequence[str]) -> FloatArray:
        """Class probabilities float64 (n, 4) of pairs of texts, in batches of like length."""
        if self.updates:
            self.model.set_adapter(self.updates)
        result = np.zeros((len(queries), len(GRADES)))
        encoded = self.tokenizer(queries, products)
        lengths = np.array([len(row["input_ids"]) for row in encoded], dtype=int)
        with torch.inference_mode(), autocast():
            for rows in length_batches(lengths, TOKENS_PER_BATCH):
                batch = self.tokenizer.collate([encoded[i] for i in rows])
                logits = self.model(**{name: value.to(device()) for name, value in batch.items()}).logits
                result[rows] = torch.softmax(logits.double(), dim=1).cpu().numpy()
        return result


def _loaded(base: str, member: MemberRecipe, states: Path | None) -> tuple[Any, PairTokenizer]:
    model, tokenizer = load_base(base, member.max_tokens, frozen=bool(member.lora_rank))
    if member.frozen_layers:
        LowerLayers(model.to(device()), member.frozen_layers, states)
    return model, tokenizer


def length_batches(lengths: npt.NDArray[np.int_], tokens: int) -> Iterator[npt.NDArray[np.int_]]:
    """Positions in batches of like length, the longest first, each of at most ``tokens`` tokens with its padding."""
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        longest = max(int(lengths[order[start]]), 1)
        size = max(1, tokens // longest)
        yield order[start : start + size]
        start += size
