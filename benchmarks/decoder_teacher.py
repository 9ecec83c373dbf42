"""How fast a decoder is as a teacher, and how much memory it takes: random weights, since only the sizes matter.

    python benchmarks/decoder_teacher.py [--size 1b 7b] [--tokens 128] [--batch 16] [--steps 20] [--rank 16]

Needs the training side. Trains low-rank updates on pairs of made-up texts, as a cross-encoder member with ``lora_rank``
does (gradient checkpointing, bfloat16 where it pays), then labels with them. Pairs per second are without the first
steps, memory is the GPU's peak, or on a CPU the process's. ``1b`` and ``7b`` have the shapes of Llama 3.2 1B and of
Qwen2.5 7B, with a small vocabulary (so their embeddings, and they alone, are smaller); without a GPU only ``tiny``
runs, a model of that kind with 0.4 M parameters whose figures say nothing of the others.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.classifier import Classifier
from endcap.distill.teacher.device import bf16_pays, device
from endcap.distill.teacher.training import fit_classifier

WARM = 3
SIZES: dict[str, tuple[type[Any], dict[str, int]]] = {
    "tiny": (
        LlamaConfig,
        {
            "hidden_size": 96,
            "intermediate_size": 256,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
        },
    ),
    "1b": (
        LlamaConfig,
        {
            "hidden_size": 2048,
            "intermediate_size": 8192,
            "num_hidden_layers": 16,
            "num_attention_heads": 32,
            "num_key_value_heads": 8,
        },
    ),
    "7b": (
        Qwen2Config,
        {
            "hidden_size": 3584,
            "intermediate_size": 18944,
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
        },
    ),
}


def main() -> None:
    """Build, train, label and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs="+", choices=SIZES, default=["1b", "7b"] if device() == "cuda" else ["tiny"])
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if device() == "cpu" and args.size != ["tiny"]:
        parser.error("there is no GPU here: only --size tiny runs")
    name = torch.cuda.get_device_name() if device() == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    told = [{"device": name, "bf16": bf16_pays(), **measure(size, args)} for size in args.size]
    for each in told:
        print(json.dumps(each), flush=True)
    if args.out:
        args.out.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def measure(size: str, args: argparse.Namespace) -> dict[str, Any]:
    """Pairs per second and memory of one size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parameters = build(size, folder / "base")
        member = MemberRecipe(
            "cross-encoder",
            str(folder / "base"),
            epochs=1,
            batch_size=args.batch,
            max_tokens=args.tokens,
            lora_rank=args.rank,
        )
        # One letter a token: every pair is cut at the limit, so that all batches are alike.
        n = args.batch * args.steps
        queries, products = ["running shoe"] * n, ["x" * args.tokens] * n
        targets = np.tile(np.eye(4), (n // 4 + 1, 1))[:n]
        at: dict[int, float] = {}

        def advance(step: int) -> None:
            if device() == "cuda":
                torch.cuda.synchronize()
            at[step] = time.perf_counter()

        forget_peak()
        fit_classifier(
            member,
            queries,
            products,
            targets,
            folder / "model",
            seed=0,
            checkpoints=folder / "checkpoints",
            advance=advance,
            save_every_s=1e9,
        )
        training = {
            "pairs_per_second": round((args.steps - WARM) * args.batch / (at[args.steps] - at[WARM]), 1),
            "peak_gib": peak_gib(),
        }
        forget_peak()
        model = Classifier(folder / "model", member)
        model.probabilities(queries[: args.batch], products[: args.batch])
        began = time.perf_counter()
        model.probabilities(queries, products)
        labelling = {"pairs_per_second": round(n / (time.perf_counter() - began), 1), "peak_gib": peak_gib()}
    shape = {"parameters": parameters, "tokens": args.tokens, "batch": args.batch, "lora_rank": args.rank}
    return {"size": size, **shape, "training": training, "labelling": labelling}


def build(size: str, folder: Path) -> int:
    """Write a random model of a size with a byte-level tokenizer; returns how many parameters it has."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    fast = Tokenizer(models.BPE(vocab={letter: n for n, letter in enumerate(["<s>", "</s>", *letters])}, merges=[]))
    fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    PreTrainedTokenizerFast(tokenizer_object=fast, bos_token="<s>", eos_token="</s>").save_pretrained(folder)
    kind, shape = SIZES[size]
    config = kind(vocab_size=len(letters) + 2, bos_token_id=0, eos_token_id=1, tie_word_embeddings=True, **shape)
    torch.manual_seed(0)
    with torch.device(device()):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16 if bf16_pays() else torch.float32)
    model.save_pretrained(folder)
    return int(sum(p.numel() for p in model.parameters()))


def forget_peak() -> None:
    """Begin to measure the GPU's peak anew."""
    if device() == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_gib() -> float:
    """The GPU's peak since the last ``forget_peak``, or what this process has ever had, in GiB."""
    if device() == "cuda":
        return round(torch.cuda.max_memory_allocated() / 2**30, 2)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


if __name__ == "__main__":
    main()
