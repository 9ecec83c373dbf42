"""The API's dashboard, alerts and documents name only what /metrics of a real API gives, after real requests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from api_parts import DOCUMENTS, QUERY, api
from deploy_parts import CHART, ROOT
from metric_names import bare_names, expressions, faults, labels_by_name

from endcap.serve.keys import make_key

BOARD = ROOT / "docker/grafana/dashboards/api.json"
ALERTS = CHART / "files/api-alerts.yml"
UNSEEN = ("5..", "429")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of /metrics."""
    folder = tmp_path_factory.mktemp("api")
    key = make_key(folder / "api-keys.json", "shop")
    with api(folder) as running:
        body = {"query": QUERY, "documents": DOCUMENTS}
        for path in ("/v1/rerank", "/v2/rerank"):
            assert running.post(path, body, Authorization=f"Bearer {key}").status == 200
        assert running.post("/v2/rerank", body).status == 401
        assert running.post("/v2/rerank", b"[]", Authorization=f"Bearer {key}").status == 422
        return running.get("/metrics", Authorization=f"Bearer {key}").data.decode()


def test_dashboard_and_alerts_ask_for_what_there_is(given: str) -> None:
    """Each query is PromQL; its metrics, labels and labels' values are those of the real /metrics."""
    names = labels_by_name(given)
    assert {query: found for query in expressions(BOARD, ALERTS) if (found := faults(query, names, UNSEEN))} == {}
    assert faults("sum(endcap_ready)", names)
    assert faults('endcap_api_requests_total{path="/v3/rerank"}', names)


OF_SEVERAL_PROCESSES = {"endcap_api_workers", "endcap_api_worker_restarts"}


def test_documents_and_metrics_are_the_same(given: str) -> None:
    """Each ``endcap_api_...`` of the documents is there, and each that is there is told of and shown."""
    ours = bare_names(labels_by_name(given))
    assert len(ours) >= 7
    for path in ("api.md", "operations.md", "kubernetes.md", "native.md"):
        named = bare_names(re.findall(r"\bendcap_api_[a-z_]+[a-z]\b", (ROOT / "docs" / path).read_text()))
        assert named <= ours | OF_SEVERAL_PROCESSES, path
    for text in (BOARD.read_text(), (ROOT / "docs/operations.md").read_text()):
        assert {name for name in ours if name not in text} == set()


def test_the_board_says_nothing_of_the_proxy() -> None:
    """The two have no metric in common but the process's, so that one says nothing of the other."""
    assert not re.findall(r"\bendcap_(?!api_)\w+", Path(BOARD).read_text() + ALERTS.read_text())
    proxy = (CHART / "files/alerts.yml").read_text() + BOARD.with_name("proxy.json").read_text()
    assert "endcap_api_" not in proxy
