"""Dashboard, alerts and documents name only what /metrics of a real proxy gives, after real searches."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml
from child_process import environment
from deploy_parts import CHART, ROOT
from metric_names import bare_names, expressions, faults, labels_by_name
from opensearchpy import OpenSearch
from rerank_parts import BODY

BOARD = ROOT / "docker/grafana/dashboards/proxy.json"
ALERTS = CHART / "files/alerts.yml"
POOL = urllib3.PoolManager(retries=False)
UNSEEN = ("fallback", "error", "partial", "shadow_reranked", "502", "busy")
"""Statuses and a reason that these searches do not bring about."""


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


def test_dashboard_and_alerts_ask_for_what_there_is(given: str) -> None:
    """Each query is PromQL; its metrics, labels and labels' values are those of the real /metrics."""
    names = labels_by_name(given)
    assert {query: found for query in expressions(BOARD, ALERTS) if (found := faults(query, names, UNSEEN))} == {}
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
        assert not {name for name in unknown if not name.startswith("endcap_api_")}, path
    alerts = set(re.findall(r"alert: (\w+)", ALERTS.read_text() + ALERTS.with_name("api-alerts.yml").read_text()))
    assert set(re.findall(r"\bEndcap[A-Z]\w+", texts["operations.md"])) == alerts


def test_every_metric_of_ours_is_shown_or_told(given: str) -> None:
    """None is counted that neither the dashboard nor the documents know of."""
    known = BOARD.read_text() + (ROOT / "docs/operations.md").read_text()
    ours = bare_names(labels_by_name(given))
    assert len(ours) >= 10
    assert {name for name in ours if name not in known} == set()


def test_prometheus_reads_the_rules_of_the_chart() -> None:
    """The composed Prometheus has the same file of alerts as the chart, and asks both services."""
    read = yaml.safe_load((ROOT / "docker/prometheus.yml").read_text())
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    mounted = dict(each.split(":")[:2] for each in composed["services"]["prometheus"]["volumes"])
    (place,) = read["rule_files"]
    assert {target: Path(source) for source, target in mounted.items()}[place] == ALERTS.relative_to(ROOT)
