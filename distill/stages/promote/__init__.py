"""Puts the candidate into use, if it passed the gate."""

from __future__ import annotations

from endcap.distill.stages.stage import Stage

STAGE = Stage(
    name="promote",
    does="Put the candidate into use, if it passed",
    help="Put the candidate into use, if it passed the gate.",
    needs=("export", "blend", "gate"),
    reads=("name", "gate", "licenses"),
)
