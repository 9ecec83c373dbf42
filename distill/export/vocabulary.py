"""Cuts a base's vocabulary to what a shop needs: a base of a hundred languages is mostly words that no shop here has.

A text whose pieces are all kept is split as before: its best segmentation (Kudo, 2018, https://arxiv.org/abs/1804.10959)
is still there, and no better one came to be.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from endcap.errors import InputError
from endcap.language.detection import scripts_of

WORD_START = "\u2581"
READ_AT_ONCE = 1_000


def cut_vocabulary(
    model: torch.nn.Module, tokenizer: Any, size: int, languages: Collection[str], texts: Iterable[str]
) -> PreTrainedTokenizerFast:
    """Keep ``size`` pieces of a model's vocabulary, in place, and give the tokenizer of what is left.

    First come special tokens and single characters, then the pieces of ``texts``, the frequent ones first, then those
    that the base thinks most likely; all but the special ones in scripts that ``languages`` are written in, or in none
    (digits, signs). Raises ``InputError`` where the tokenizer is no unigram model, or ``size`` too small.
    """
    fast = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    fast.no_truncation()
    fast.no_padding()
    content = json.loads(fast.to_str())
    if content["model"].get("type") != "Unigram":
        kind = content["model"].get("type")
        raise InputError(
            f"vocabulary = {size}: only unigram tokenizers can be cut; the base's is {kind}. Leave it out."
        )
    kept = _kept(content, _counts(fast, texts), size, scripts_of(languages))
    new_id = {old: new for new, old in enumerate(kept)}
    model_part, processor = content["model"], content.get("post_processor") or {}
    model_part["vocab"] = [model_part["vocab"][old] for old in kept]
    model_part["unk_id"] = new_id[model_part["unk_id"]]
    for token in content["added_tokens"]:
        token["id"] = new_id[token["id"]]
    for special in (processor.get("special_tokens") or {}).values():
        special["ids"] = [new_id[old] for old in special["ids"]]
    _cut_embeddings(model, kept)
    return PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(content, ensure_ascii=False)), **tokenizer.special_tokens_map
    )


def _kept(content: dict[str, Any], counts: Counter[int], size: int, scripts: Collection[str]) -> list[int]:
    """The ids of the pieces that stay, in their order."""
    vocabulary = content["model"]["vocab"]
    special = {content["model"]["unk_id"], *(token["id"] for token in content["added_tokens"])}
    wanted = [id for id, (piece, _) in enumerate(vocabulary) if id not in special and _fits(piece, scripts)]
    characters = [id for id in wanted if len(vocabulary[id][0].removeprefix(WORD_START)) <= 1]
    if len(special) + len(characters) >= size:
        raise InputError(
            f"vocabulary = {size}: the special tokens and single characters of these languages are "
            f"{len(special) + len(characters):,} already. Allow more, or name fewer languages."
        )
    by_use = sorted(set(wanted) - set(characters), key=lambda id: (-counts[id], -vocabulary[id][1], id))
    return sorted([*special, *characters, *by_use[: size - len(special) - len(characters)]])


def _counts(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    counts, part = Counter[int](), list[str]()
    for text in texts:
        part.append(text)
        if len(part) == READ_AT_ONCE:
            counts.update(id for encoding in tokenizer.encode_batch(part) for id in encoding.ids)
            part.clear()
    counts.update(id for encoding in tokenizer.encode_batch(part) for id in encoding.ids)
    return counts


def _fits(piece: str, scripts: Collection[str]) -> bool:
    """Whether all letters of a piece are of these scripts."""
    letters = (character for character in piece if character.isalpha())
    return all(unicodedata.name(c, "").partition(" ")[0].partition("-")[0] in scripts for c in letters)


def _cut_embeddings(model: Any, kept: list[int]) -> None:
    embeddings = model.get_input_embeddings()
    padding = embeddings.padding_idx
    cut = torch.nn.Embedding(len(kept), embeddings.embedding_dim, kept.index(padding) if padding is not None else None)
    with torch.no_grad():
        cut.weight.copy_(embeddings.weight[kept])
    model.set_input_embeddings(cut)
    model.config.vocab_size = len(kept)
    if padding is not None:
        model.config.pad_token_id = cut.padding_idx
