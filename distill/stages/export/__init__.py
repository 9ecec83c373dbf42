"""Exports the student to ONNX."""

from __future__ import annotations

from endcap.distill.stages.stage import Stage

STAGE = Stage(
    name="export",
    does="Export to ONNX, fp32 and int8",
    help="Export the student to ONNX, fp32 and int8.",
    needs=("split", "student"),
    reads=(
        "name",
        "license",
        "base",
        "shape",
        "pooling",
        "precision",
        "text",
        "state_dtype",
        "state_size",
        "score_scale",
        "score_offset",
        "blend_weight",
        "languages",
        "vocabulary",
        "window",
    ),
)
