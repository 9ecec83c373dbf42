"""The API in the chart: its settings are some that it takes, its keys a Secret, and the network leads nowhere."""

from __future__ import annotations

import subprocess
import time
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from deploy_parts import CHART, ROOT, helm, rendered

from endcap.errors import InputError
from endcap.serve.api_server import check_open
from endcap.serve.api_settings import ApiSettings
from endcap.serve.keys import Keys, make_key
from endcap.serve.settings_file import read_api_settings

ALL = ["--values", str(ROOT / "deploy/manifests/all.values.yaml")]
ALONE = ["--values", str(ROOT / "deploy/manifests/api.values.yaml")]


def container(made: dict[str, Any]) -> Any:
    deployment = made.get("Deployment/endcap-api") or made["Deployment"]
    [ours] = deployment["spec"]["template"]["spec"]["containers"]
    return ours


def environment(made: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(made)["env"]}


@pytest.mark.parametrize("words", [ALL, ALONE])
def test_every_variable_is_a_setting_that_the_api_takes(words: list[str], tmp_path: Path) -> None:
    """Environment and settings file are read by the API's own reader, and it would answer other machines."""
    made = rendered(*words)
    env = environment(made)
    names = {f"ENDCAP_API_{item.name.upper()}" for item in fields(ApiSettings)}
    assert {name for name in env if name.startswith("ENDCAP_")} - {"ENDCAP_SETTINGS"} <= names
    text = made["ConfigMap"]["data"]["api.toml"]
    (tmp_path / "api.toml").write_text(text)
    settings = read_api_settings({}, env, tmp_path / "api.toml")
    assert (settings.host, settings.port, settings.health_port) == ("0.0.0.0", 9300, 9390)
    ports = {each["name"]: each["containerPort"] for each in container(made)["ports"]}
    assert ports == {"api": settings.port, "health": settings.health_port}
    assert set(tomllib.loads(text)) == {"api"}
    assert container(made)["args"] == ["api"]
    places = {each["mountPath"] for each in container(made)["volumeMounts"]}
    assert str(Path(settings.keys_file).parent) in places
    assert env["ENDCAP_SETTINGS"] == "/etc/endcap/api.toml"


def test_keys_are_a_secret_that_is_followed(tmp_path: Path) -> None:
    """The Secret has the file of hashes; a change reaches the pod by a link that is replaced."""
    volumes = rendered(*ALONE)["Deployment"]["spec"]["template"]["spec"]["volumes"]
    [keys] = [each["secret"] for each in volumes if each["name"] == "keys"]
    assert keys["secretName"] == "endcap-api-keys"
    assert all("subPath" not in each for each in container(rendered(*ALONE))["volumeMounts"])
    first = make_key(tmp_path / "..1/api-keys.json", "first")
    second = make_key(tmp_path / "..2/api-keys.json", "second")
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "api-keys.json").symlink_to("..data/api-keys.json")
    followed = Keys(tmp_path / "api-keys.json")
    assert (followed.name_of(first), followed.name_of(second)) == ("first", None)
    (tmp_path / "..new").symlink_to("..2")
    (tmp_path / "..new").replace(tmp_path / "..data")
    time.sleep(0.6)
    assert (followed.name_of(first), followed.name_of(second)) == (None, "second")


def test_without_keys_nothing_is_made_unless_that_is_said() -> None:
    """A pod would refuse to start, so helm says it first."""
    words = [helm(), "template", "x", str(CHART), "--kube-version", "1.29", "--set", "api.enabled=true"]
    run = subprocess.run(words, capture_output=True, text=True, check=False)
    assert run.returncode
    assert "api.keysSecret" in run.stderr
    env = environment(rendered("--set", "api.enabled=true,api.noKeys=true"))
    check_open(read_api_settings({}, env), Keys(Path("/no/such/file")))
    with pytest.raises(InputError):
        check_open(read_api_settings({}, env | {"ENDCAP_API_NO_KEYS": "false"}), Keys(Path("/no/such/file")))


def test_the_api_s_network_leads_nowhere() -> None:
    """Asked from this namespace, watched from anywhere in the cluster, and nothing goes out."""
    policy = rendered(*ALONE)["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["egress"] == []
    assert [rule["ports"][0]["port"] for rule in policy["ingress"]] == ["api", "health"]
    assert all(rule["from"] for rule in policy["ingress"])


def test_each_server_may_be_alone() -> None:
    """The proxy as it comes, the API with api.values.yaml; each has what it needs, and nothing of the other's."""
    plain, alone = rendered(), rendered(*ALONE)
    assert not [name for name in plain if "api" in name]
    assert all("endcap-api" in each["metadata"]["name"] for each in alone.values() if each["kind"] == "Deployment")
    kinds = {name.partition("/")[0] for name in alone}
    assert kinds == {name.partition("/")[0] for name in plain}
    rules = [*ALONE, "--set", "prometheusRule.enabled=true"]
    [group] = rendered(*rules)["PrometheusRule"]["spec"]["groups"]
    assert group["name"] == "endcap-api"
    [group] = rendered("--set", "prometheusRule.enabled=true")["PrometheusRule"]["spec"]["groups"]
    assert group["name"] == "endcap"
    changed = rendered(*ALONE, "--set", "api.settings=max_documents = 5")
    assert changed["Deployment"]["spec"]["template"] != alone["Deployment"]["spec"]["template"]
    assert rendered(*ALONE, "--set", "api.autoscaling.enabled=false")["Deployment"]["spec"]["replicas"] == 2


@pytest.mark.parametrize("drain", [(0, 0), (30, 120)])
def test_a_pod_of_the_api_has_time_to_end(drain: tuple[int, int]) -> None:
    """The grace is above delay and drain, and the API is told the same."""
    made = rendered(*ALONE, "--set", f"drain.delaySeconds={drain[0]},drain.seconds={drain[1]}")
    env = environment(made)
    assert (env["ENDCAP_API_DRAIN_DELAY_S"], env["ENDCAP_API_DRAIN_S"]) == (str(drain[0]), str(drain[1]))
    assert made["Deployment"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > sum(drain)
