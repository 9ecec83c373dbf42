"""Readers of judgments: which product answers which query, and how well."""
