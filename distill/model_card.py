"""The model card: written by the machine from ``model.json``, so that it can't say anything else."""

from __future__ import annotations

from endcap.plugin.model import GRAPH, ModelInfo


def model_card(info: ModelInfo) -> str:
    """The card of a model folder, in Markdown."""
    base = info.raw["base"]
    trained = ", ".join(info.raw["trained_on"]) or "nothing: it scores as its base does, zero-shot"
    size = (info.folder / GRAPH).stat().st_size / 1e6
    state = f"{info.state_bytes} bytes" if info.state_bytes else "4 bytes a token"
    tower = "one tower for query and product; score = cosine" if info.shape == "bi-encoder" else "score = logit"
    return "\n".join(
        [
            f"# {info.name}",
            "",
            f"- Shape: {info.shape} ({tower} x {info.score_scale:g} + {info.score_offset:g})",
            f"- Base: {base['name']}, licence {base['license']}",
            f"- Weights: {info.precision}, graph of {size:.1f} MB",
            f"- Trained on: {trained}",
            f"- Reads of a product: {', '.join(info.text.fields)}, at most {info.text.max_product_tokens} tokens",
            f"- A product's state: {state} ({info.state_dtype})",
            f"- Default blend: weight {info.blend_weight:g} on the student, window {info.window}",
            f"- Checksum: {info.checksum}",
            "",
            "Made by `endcap models build`. Language: as its base's. What it was not measured on, it may rank",
            "worse than the engine does: measure first, with `endcap evaluate` or `endcap compare`.",
            "",
        ]
    )
