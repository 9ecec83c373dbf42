"""What is composed fits together, in the parts that no test starts: the observability, and the cluster's security."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from composed import ROOT, need_docker

from endcap.serve.settings import ServeSettings

DOCKER = ROOT / "docker"
PASSWORD = "OPENSEARCH_INITIAL_ADMIN_PASSWORD"


def config(*words: str, **environment: str) -> Any:
    """What Compose makes of the files, as JSON; of a failure, its words."""
    need_docker()
    own = {name: value for name, value in os.environ.items() if name != PASSWORD} | environment
    command = ["docker", "compose", *words, "config", "--format", "json"]
    run = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, check=False)
    return run.stderr if run.returncode else json.loads(run.stdout)


def services() -> Mapping[str, Any]:
    found = config("--profile", "observability", "--profile", "proxy")["services"]
    assert isinstance(found, dict)
    return found


def read_yaml(path: str) -> Any:
    return yaml.safe_load((DOCKER / path).read_text())


def mounts(service: Mapping[str, Any]) -> dict[str, str]:
    """What lies at each place of a container."""
    return {each["target"]: each["source"] for each in service["volumes"]}


def test_observability_and_the_proxy_are_asked_for() -> None:
    """Without a profile there are three services, with both six; every port is this machine's own."""
    plain = {"opensearch", "load", "storefront"}
    assert set(config()["services"]) == plain
    assert set(config("--profile", "proxy")["services"]) == plain | {"proxy"}
    found = services()
    assert set(found) == plain | {"proxy", "prometheus", "grafana"}
    ports = [port for service in found.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert all(int(service["mem_limit"]) > 0 for service in found.values())


def test_every_image_has_a_version() -> None:
    """What is pulled today is what is pulled tomorrow."""
    images = [service["image"] for name, service in services().items() if name not in ("load", "storefront", "proxy")]
    assert len(images) == 3
    assert all(image.rsplit(":", 1)[-1][-1].isdigit() for image in images), images


def test_prometheus_asks_both_services_where_they_listen() -> None:
    """The configuration lies where it is read, and its targets are the services' own ports."""
    found = services()
    prometheus = found["prometheus"]
    place = next(word.partition("=")[2] for word in prometheus["command"] if word.startswith("--config.file="))
    assert mounts(prometheus)[place] == str(DOCKER / "prometheus.yml")
    jobs = read_yaml("prometheus.yml")["scrape_configs"]
    port = found["storefront"]["ports"][0]["target"]
    targets = [f"storefront:{port}", f"proxy:{ServeSettings().health_port}"]
    assert [job["static_configs"] for job in jobs] == [[{"targets": [target]}] for target in targets]
    assert all(job.get("metrics_path", "/metrics") == "/metrics" for job in jobs)


def test_grafana_finds_its_source_and_its_dashboard() -> None:
    """Provisioned, and by the names that the dashboard uses."""
    grafana = services()["grafana"]
    at = mounts(grafana)
    assert at["/etc/grafana/provisioning"] == str(DOCKER / "grafana/provisioning")
    (source,) = read_yaml("grafana/provisioning/datasources/prometheus.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = read_yaml("grafana/provisioning/dashboards/endcap.yml")["providers"]
    folder = provider["options"]["path"]
    assert at[folder] == str(DOCKER / "grafana/dashboards")
    assert grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{folder}/endcap.json"
    for board in boards():
        assert {uid["uid"] for uid in sources(board)} == {source["uid"]}
        ids = [panel["id"] for panel in board["panels"]]
        assert len(set(ids)) == len(ids)
    assert len({board["uid"] for board in boards()}) == 3


def boards() -> list[Any]:
    """The dashboards, read."""
    return [json.loads(file.read_text()) for file in sorted((DOCKER / "grafana/dashboards").glob("*.json"))]


def sources(part: Any) -> Iterator[Mapping[str, str]]:
    """Every data source that a dashboard names."""
    if isinstance(part, dict):
        if "datasource" in part:
            yield part["datasource"]
        for value in part.values():
            yield from sources(value)
    elif isinstance(part, list):
        for value in part:
            yield from sources(value)


@pytest.mark.parametrize("board", boards(), ids=lambda board: str(board["uid"]))
def test_no_panel_lies_on_another(board: Any) -> None:
    """A dashboard's panels share no place."""
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


def test_security_wants_a_password_of_ones_own() -> None:
    """Without one nothing starts; with it, no service speaks http, and the password stands in no command."""
    secured = ("-f", "docker-compose.yml", "-f", "docker/secured.yml")
    assert f"variable {PASSWORD} is missing a value" in config(*secured)
    found = config(*secured, **{PASSWORD: "of-my-own-9"})["services"]
    assert "of-my-own-9" not in json.dumps([service.get("command") for service in found.values()])
    assert "http://" not in json.dumps([found[name]["command"] for name in ("load", "storefront")])
    cluster = found["opensearch"]["environment"]
    assert cluster["DISABLE_SECURITY_PLUGIN"] == cluster["DISABLE_INSTALL_DEMO_CONFIG"] == "false"
    for name in ("load", "storefront"):
        given, command = found[name]["environment"], found[name]["command"]
        variables = [
            word.partition("=")[2] for word in command if word.startswith(("--username-env", "--password-env"))
        ]
        assert [given[variable] for variable in variables] == ["admin", "of-my-own-9"]
