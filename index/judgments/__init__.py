"""Readers of judgments: which product answers which query, and how well."""

from __future__ import annotations

from endcap.index.judgments.collect import GRADES, Judgments
from endcap.index.judgments.find import FORMATS, read_judgments

__all__ = ["FORMATS", "GRADES", "Judgments", "read_judgments"]
