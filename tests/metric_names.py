"""What dashboards and alerts ask for, beside what a real /metrics gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

OF_PROMETHEUS = {"job", "instance"}


def bare_names(names: Iterable[str]) -> set[str]:
    """Our own metrics' names, without what a sample adds to them."""
    return {re.sub(r"_(bucket|count|sum|total|created)$", "", name) for name in names if name.startswith("endcap_")}


def labels_by_name(text: str) -> Mapping[str, Mapping[str, set[str]]]:
    """Samples' names with their labels and the labels' values."""
    names: dict[str, dict[str, set[str]]] = {}
    for part in re.split(r"(?=# HELP process_virtual_memory_bytes)", text):
        for family in text_string_to_metric_families(part):
            for sample in family.samples:
                labels = names.setdefault(sample.name, {})
                for label, value in sample.labels.items():
                    labels.setdefault(label, set()).add(value)
    return names


def expressions(board: Path, alerts: Path) -> list[str]:
    """The queries of a dashboard and of a file of alerts."""
    queries = [target["expr"] for panel in json.loads(board.read_text())["panels"] for target in panel["targets"]]
    rules = [rule["expr"] for group in yaml.safe_load(alerts.read_text())["groups"] for rule in group["rules"]]
    assert len(queries) >= 10
    assert len(rules) >= 5
    return [*queries, *rules]


def faults(query: str, names: Mapping[str, Mapping[str, set[str]]], unseen: Iterable[str] = ()) -> list[str]:
    """What a query asks for that is not there; raises ``ValueError`` where it is no PromQL.

    ``unseen`` are values of labels that the searches before did not bring about.
    """
    promql_parser.parse(query.replace("$__rate_interval", "5m"))
    metrics = re.findall(r"\b(?:endcap|process)_\w+", query)
    found = [f"no metric {name}" for name in metrics if name not in names]
    known = set().union(*(names.get(name, {}) for name in metrics)) | OF_PROMETHEUS
    used = {label.strip() for text in re.findall(r"by \((.*?)\)", query) for label in text.split(",")}
    found += [f"no label {label}" for label in used - known]
    for name, matchers in re.findall(r"\b(endcap_\w+)\{(.*?)\}", query):
        for label, operator, text in re.findall(r'(\w+)(=~|!~|!=|=)"(.*?)"', matchers):
            values = names.get(name, {}).get(label, set())
            there = any(re.fullmatch(text, value) for value in values)
            if not there and not {*text.split("|")} & {*unseen}:
                found.append(f"{name} has no {label}{operator}{text}")
    return found
