"""What is composed fits together, in the parts that no test starts: the observability, and the cluster's security."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from composed import ROOT, need_docker

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
    found = config("--profile", "observability")["services"]
    assert isinstance(found, dict)
    return found


def read_yaml(path: str) -> Any:
    return yaml.safe_load((DOCKER / path).read_text())


def mounts(service: Mapping[str, Any]) -> dict[str, str]:
    """What lies at each place of a container."""
    return {each["target"]: each["source"] for each in service["volumes"]}


def test_observability_is_asked_for() -> None:
    """Without the profile there are three services, with it five; every port is this machine's own."""
    assert set(config()["services"]) == {"opensearch", "load", "storefront"}
    found = services()
    assert set(found) - set(config()["services"]) == {"prometheus", "grafana"}
    ports = [port for service in found.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert all(int(service["mem_limit"]) > 0 for service in found.values())


def test_every_image_has_a_version() -> None:
    """What is pulled today is what is pulled tomorrow."""
    images = [service["image"] for name, service in services().items() if name not in ("load", "storefront")]
    assert len(images) == 3
    assert all(image.rsplit(":", 1)[-1][-1].isdigit() for image in images), images


def test_prometheus_asks_the_storefront_where_it_listens() -> None:
    """The configuration lies where it is read, and its target is the service's own port."""
    found = services()
    prometheus = found["prometheus"]
    place = next(word.partition("=")[2] for word in prometheus["command"] if word.startswith("--config.file="))
    assert mounts(prometheus)[place] == str(DOCKER / "prometheus.yml")
    (job,) = read_yaml("prometheus.yml")["scrape_configs"]
    port = found["storefront"]["ports"][0]["target"]
    assert job["static_configs"] == [{"targets": [f"storefront:{port}"]}]
    assert job.get("metrics_path", "/metrics") == "/metrics"


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
    board = json.loads((DOCKER / "grafana/dashboards/endcap.json").read_text())
    assert grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] == f"{folder}/endcap.json"
    assert {uid["uid"] for uid in sources(board)} == {source["uid"]}
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)


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


def test_no_panel_lies_on_another() -> None:
    """The dashboard's panels share no place."""
    board = json.loads((DOCKER / "grafana/dashboards/endcap.json").read_text())
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
