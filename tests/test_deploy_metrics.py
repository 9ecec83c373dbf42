"""Dashboard, alerts and documents name only what /metrics of a real proxy gives, after real searches."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import urllib3
import yaml
from child_process import environment
from deploy_parts import CHART, ROOT
from opensearchpy import OpenSearch
from prometheus_client.parser import text_string_to_metric_families
from rerank_parts import BODY

BOARD = ROOT / "docker/grafana/dashboards/proxy.json"
ALERTS = CHART / "files/alerts.yml"
POOL = urllib3.PoolManager(retries=False)
OF_PROMETHEUS = {"job", "instance"}
WORDS = ("fallback", "error", "partial", "shadow_reranked")
"""Statuses that these searches do not bring about."""


def asked(url: str, index: str, **more: Any) -> None:
    POOL.request("POST", f"{url}/{index}/_search", json={**BODY, **more})


@pytest.fixture(scope="module")
def given(shop: tuple[OpenSearch, str], opensearch: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of /metrics: two processes' together, of which one is in shadow."""
    own = environment() | {"ENDCAP_HOME": str(tmp_path_factory.mktemp("home"))}
    texts = []
    for shadow in ("false", "true"):
        words = ["serve", "--opensearch-url", opensearch, "--port", "0", "--health-port", "0", "--deadline-ms", "30000"]
        program = [sys.executable, "-m", "endcap.cli.main", *words, "--shadow", shadow]
        child = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=own)
        try:
            assert child.stdout is not None
            url = child.stdout.readline().split()[-1]
            health = f"http://127.0.0.1:{child.stdout.readline().split()[-1]}"
            for body in ({}, {"sort": ["price"]}, {"size": 0}):
                asked(url, shop[1], **body)
            POOL.request("POST", f"{url}/_msearch", body=b'{}\n{"size":1}\n')
            POOL.request("GET", f"{url}/")
            time.sleep(1.0)  # what runs in shadow, and the cluster's answer
            texts.append(POOL.request("GET", f"{health}/metrics").data.decode())
        finally:
            child.terminate()
            child.wait(20)
    return "\n".join(texts)


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


def expressions() -> list[str]:
    board = json.loads(BOARD.read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = [rule["expr"] for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert len(queries) >= 15
    assert len(rules) >= 5
    return [*queries, *rules]


def faults(query: str, names: Mapping[str, Mapping[str, set[str]]]) -> list[str]:
    """What a query asks for that is not there; raises ``ValueError`` where it is no PromQL."""
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
            if not there and not (label == "status" and {*text.split("|")} & {*WORDS, "502"}) and text != "busy":
                found.append(f"{name} has no {label}{operator}{text}")
    return found


def test_dashboard_and_alerts_ask_for_what_there_is(given: str) -> None:
    """Each query is PromQL; its metrics, labels and labels' values are those of the real /metrics."""
    names = labels_by_name(given)
    assert {query: found for query in expressions() if (found := faults(query, names))} == {}
    assert faults("sum by (status) (endcap_nothing_total)", names)
    assert faults("sum by (state) (endcap_rerank_outcomes_total)", names)
    assert faults('endcap_states_total{what="found"}', names)
    with pytest.raises(ValueError):
        faults("sum(rate(endcap_ready[5m])", names)


def test_documents_name_metrics_that_there_are(given: str) -> None:
    """Each ``endcap_...`` of the proxy's documents, and each ``EndcapAlert`` and its file."""
    names = set(labels_by_name(given))
    families = names | {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in names}
    texts = {path: (ROOT / "docs" / path).read_text() for path in ("proxy.md", "operations.md", "kubernetes.md")}
    for path, text in texts.items():
        unknown = set(re.findall(r"\bendcap_[a-z_]+[a-z]\b", text)) - families
        assert not unknown, path
    alerts = set(re.findall(r"alert: (\w+)", ALERTS.read_text()))
    assert set(re.findall(r"\bEndcap[A-Z]\w+", texts["operations.md"])) == alerts


def test_every_metric_of_ours_is_shown_or_told(given: str) -> None:
    """None is counted that neither the dashboard nor the documents know of."""
    known = BOARD.read_text() + (ROOT / "docs/operations.md").read_text()
    ours = {
        re.sub(r"_(bucket|count|sum|total|created)$", "", n) for n in labels_by_name(given) if n.startswith("endcap_")
    }
    assert len(ours) >= 10
    assert {name for name in ours if name not in known} == set()


def test_prometheus_reads_the_rules_of_the_chart() -> None:
    """The composed Prometheus has the same file of alerts as the chart, and asks both services."""
    read = yaml.safe_load((ROOT / "docker/prometheus.yml").read_text())
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    mounted = dict(each.split(":")[:2] for each in composed["services"]["prometheus"]["volumes"])
    (place,) = read["rule_files"]
    assert {target: Path(source) for source, target in mounted.items()}[place] == ALERTS.relative_to(ROOT)
