"""A tiny shop and a tiny base, for tests of what trains."""

from __future__ import annotations

import csv
import json
from pathlib import Path

COLOURS = ("red", "blue", "green", "black")
THINGS = ("shoe", "kettle", "lamp", "bag", "chair", "phone")
ASKED = dict(
    zip(
        (*COLOURS, *THINGS),
        ("rot", "blau", "verde", "noir", "stiefel", "bouilloire", "lampadina", "borsa", "stuhl", "handy"),
        strict=True,
    )
)
"""What people call it: other words than the catalogue's, so that there is something to learn."""


def write_shop(folder: Path, queries: int = 24) -> Path:
    """A catalogue of 24 products and judgments: 3 the thing in the colour, 1 the thing in another one, 0 the rest."""
    folder.mkdir(parents=True, exist_ok=True)
    products = [
        {
            "id": f"{colour}-{thing}",
            "title": f"{colour.title()} {thing}",
            "brand": "Norvik",
            "category": f"Home > {thing}s",
        }
        for thing in THINGS
        for colour in COLOURS
    ]
    (folder / "products.jsonl").write_text("".join(json.dumps(each) + "\n" for each in products), encoding="utf-8")
    asked = [(f"{ASKED[colour]} {ASKED[thing]}", colour, thing) for thing in THINGS for colour in COLOURS][:queries]
    with (folder / "ratings.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["query", "docid", "rating"])
        for n, (query, colour, thing) in enumerate(asked):
            for other in THINGS[n % 3 :: 3]:
                for shade in COLOURS:
                    grade = 3 if (shade, other) == (colour, thing) else int(other == thing)
                    rows.writerow([query, f"{shade}-{other}", grade])
            if thing not in THINGS[n % 3 :: 3]:
                rows.writerow([query, f"{colour}-{thing}", 3])
    return folder


def write_base(folder: Path) -> Path:
    """A small random BERT with the shipped tokenizer: a real model whose weights mean nothing."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    from endcap.plugin.model.folder import default_folder

    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(7)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(tokenizer), initializer_range=0.2, **size)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_recipe(folder: Path, base: Path, more: str = "", **top: object) -> Path:
    """A recipe for the tiny shop; ``more`` is further TOML, ``top`` further keys of its first part."""
    path = folder / "tiny.toml"
    keys = "".join(f"{name} = {json.dumps(value)}\n" for name, value in top.items())
    path.write_text(
        f"""name = "tiny"
base = {json.dumps(str(base))}
license = "none"
{keys}
[text]
fields = ["title"]
max_product_tokens = 16
max_query_tokens = 16

[[shops]]
name = "shop"
catalogue = "products.jsonl"
judgments = "ratings.csv"
{more}""",
        encoding="utf-8",
    )
    return path
