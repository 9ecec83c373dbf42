"""The chart: linted by helm, the manifests beside it made from it, all right by Kubernetes' own schemas, and safe."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from dataclasses import fields
from typing import Any

import kubernetes_validate
import pytest
import yaml
from deploy_parts import CHART, ROOT, by_kind, helm, rendered, run_helm, template

from endcap.serve.settings import ServeSettings
from endcap.serve.settings_file import read_settings

MANIFESTS = ROOT / "deploy/manifests"
ALL = MANIFESTS / "all.values.yaml"
VERSIONS = ("1.29.0", "1.37.0")
OPERATOR_S = ("ServiceMonitor", "PrometheusRule")


def test_helm_lints_the_chart() -> None:
    """With the values that it comes with, and with all that can be turned on."""
    for values in ([], ["--values", str(ALL)]):
        printed = run_helm("lint", "--strict", str(CHART), *values)
        assert "0 chart(s) failed" in printed
        assert "[WARNING]" not in printed


@pytest.mark.parametrize("name", ["endcap", "api", "monitoring"])
def test_the_plain_manifests_are_the_chart_s(name: str) -> None:
    """What lies there is what helm makes; monitoring.yaml has what is for the operator, and the others have none."""
    values = MANIFESTS / f"{name}.values.yaml"
    made = rendered(*(["--values", str(values)] if values.exists() else []))
    if name == "monitoring":
        made = {key: each for key, each in made.items() if each["kind"] in OPERATOR_S}
    assert len(made) >= 3
    assert made == by_kind((MANIFESTS / f"{name}.yaml").read_text())


def manifests() -> list[Any]:
    """Every manifest there is: the chart's as it comes, with everything turned on, and the examples."""
    texts = [template(), template("--values", str(ALL)), (MANIFESTS / "sidecar.yaml").read_text()]
    return [each for text in texts for each in yaml.safe_load_all(text) if each]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_them(version: str) -> None:
    """By the schemas of the oldest version that the chart takes, and of a new one; unknown fields are errors."""
    checked = [each for each in manifests() if each["kind"] not in OPERATOR_S]
    assert len(checked) > 15
    for each in checked:
        kubernetes_validate.validate(each, version, strict=True)
    wrong = next(each for each in checked if each["kind"] == "Deployment")
    wrong["spec"]["template"]["spec"]["securityContxt"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, version, strict=True)


def pod_specs() -> list[Any]:
    found = [each["spec"]["template"]["spec"] for each in manifests() if each["kind"] == "Deployment"]
    assert len(found) == 4
    return found


def test_a_pod_may_do_little() -> None:
    """The restricted profile of Kubernetes' pod security, in each container of ours, and no token of the cluster's."""
    for spec in pod_specs():
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        (ours,) = [each for each in every_container(spec) if each["name"] == "endcap"]
        own = ours["securityContext"]
        assert own["readOnlyRootFilesystem"] is True
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert set(ours["resources"]) == {"requests", "limits"}
        writable = {each["mountPath"] for each in ours["volumeMounts"] if not each.get("readOnly")}
        assert writable >= {"/var/lib/endcap", "/tmp"}
        # ENDCAP_PORT=tcp://... of a Service named endcap would be read as the setting
        assert spec["enableServiceLinks"] is False


def every_container(spec: Any) -> list[Any]:
    return [*spec["containers"], *spec.get("initContainers", [])]


def test_the_probes_are_apart_and_at_the_health_port() -> None:
    """Ready is one question, live another; no probe asks the port that searches come to."""
    for spec in pod_specs():
        (ours,) = [each for each in every_container(spec) if each["name"] == "endcap"]
        health = {each["name"]: each["containerPort"] for each in ours["ports"]}["health"]
        env = {each["name"]: each.get("value") for each in ours["env"]}
        assert str(health) in (env.get("ENDCAP_HEALTH_PORT"), env.get("ENDCAP_API_HEALTH_PORT"))
        asked = {name: ours[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness", "liveness")}
        assert {each["port"] for each in asked.values()} == {"health"}
        assert {name: each["path"] for name, each in asked.items()} == {
            "startup": "/live",
            "readiness": "/ready",
            "liveness": "/live",
        }


@pytest.mark.parametrize("drain", [(5, 20), (0, 0), (30, 120)])
def test_a_pod_has_more_time_to_end_than_the_proxy_takes(drain: tuple[int, int]) -> None:
    """The grace is above delay and drain, whatever they are set to, and the proxy is told the same."""
    words = ["--set", f"drain.delaySeconds={drain[0]},drain.seconds={drain[1]}"]
    spec = rendered(*words)["Deployment"]["spec"]["template"]["spec"]
    env = {each["name"]: each.get("value") for each in spec["containers"][0]["env"]}
    assert (env["ENDCAP_DRAIN_DELAY_S"], env["ENDCAP_DRAIN_S"]) == (str(drain[0]), str(drain[1]))
    assert spec["terminationGracePeriodSeconds"] > sum(drain)


def test_every_variable_is_a_setting_that_the_proxy_takes() -> None:
    """What the pod's environment and its settings file say is read by the proxy's own reader."""
    made = rendered("--values", str(ALL))
    (ours,) = [c for c in made["Deployment/endcap"]["spec"]["template"]["spec"]["containers"] if c["name"] == "endcap"]
    env = {each["name"]: each["value"] for each in ours["env"] if "value" in each}
    names = {f"ENDCAP_{item.name.upper()}" for item in fields(ServeSettings)}
    own = {name for name in env if name.startswith("ENDCAP_")} - {"ENDCAP_SETTINGS"}
    assert own
    assert own <= names
    settings = read_settings({}, env)
    assert (settings.host, settings.port, settings.health_port) == ("0.0.0.0", 9200, 9290)
    assert settings.tls_cert.startswith("/etc/endcap-tls")
    assert tomllib.loads(made["ConfigMap"]["data"]["serve.toml"])["states"] == "index"


@pytest.mark.parametrize(
    ("url", "port"), [("http://a:9201", 9201), ("https://a.b.c", 443), ("http://a/path", 80), ("https://[::1]:92", 92)]
)
def test_the_network_leads_to_the_engine_and_dns_alone(url: str, port: int) -> None:
    """Everything else is denied: a policy for egress that lists these two, with the port of the engine's address."""
    policy = rendered("--set", f"opensearch.url={url}")["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    engine, dns = policy["egress"]
    assert [each["port"] for each in engine["ports"]] == [port]
    assert engine["to"]
    assert {(each["protocol"], each["port"]) for each in dns["ports"]} == {("UDP", 53), ("TCP", 53)}
    assert dns["to"]
    assert [rule["ports"][0]["port"] for rule in policy["ingress"]] == ["search", "health"]


def test_a_change_of_the_settings_is_a_roll_out_and_names_fit() -> None:
    """The pods' template changes with the settings; Service, scaler, disruptions and monitor mean the same pods."""
    plain, other = rendered(), rendered("--set", "settings=window = 50")
    assert plain["Deployment"]["spec"]["template"] != other["Deployment"]["spec"]["template"]
    made = rendered("--values", str(ALL))
    pods = {
        name: made[f"Deployment/{name}"]["spec"]["template"]["metadata"]["labels"] for name in ("endcap", "endcap-api")
    }
    for name, pod in pods.items():
        services = [made[f"Service/{name}"], made[f"Service/{name}-health"]]
        selectors = [each["spec"]["selector"] for each in services]
        selectors += [made[f"Deployment/{name}"]["spec"]["selector"]["matchLabels"]]
        selectors += [made[f"PodDisruptionBudget/{name}"]["spec"]["selector"]["matchLabels"]]
        selectors += [made[f"NetworkPolicy/{name}"]["spec"]["podSelector"]["matchLabels"]]
        assert all(selector.items() <= pod.items() for selector in selectors)
        others = [each for other, each in pods.items() if other != name]
        assert not any(selector.items() <= other.items() for selector in selectors for other in others)
        monitor = made[f"ServiceMonitor/{name}"]["spec"]
        wanted = monitor["selector"]["matchLabels"].items()
        (meant,) = [
            key
            for key, each in made.items()
            if key.startswith("Service/") and wanted <= each["metadata"]["labels"].items()
        ]
        assert meant == f"Service/{name}-health"
        assert monitor["endpoints"][0]["port"] in [each["name"] for each in made[meant]["spec"]["ports"]]
        scaler = made[f"HorizontalPodAutoscaler/{name}"]["spec"]["scaleTargetRef"]
        assert (scaler["kind"], scaler["name"]) == ("Deployment", name)
        assert "replicas" not in made[f"Deployment/{name}"]["spec"]
    assert rendered("--set", "autoscaling.enabled=false")["Deployment"]["spec"]["replicas"] == 2


def test_extras_are_where_they_belong() -> None:
    """extraEnvs, extraVolumes, their mounts, extraContainers and extraInitContainers."""
    spec = rendered("--values", str(ALL))["Deployment/endcap"]["spec"]["template"]["spec"]
    ours = spec["containers"][0]
    values = yaml.safe_load(ALL.read_text())
    assert values["extraEnvs"][0] in ours["env"]
    assert values["extraVolumeMounts"][0] in ours["volumeMounts"]
    assert values["extraVolumes"][0] in spec["volumes"]
    assert values["extraContainers"][0] in spec["containers"]
    assert values["extraInitContainers"][0] in spec["initContainers"]
    assert ours["image"].endswith("@" + values["image"]["digest"])


def test_the_documented_command_is_one() -> None:
    """`helm install ...` of the document, made as manifests: its values are some that the chart takes."""
    page = (ROOT / "docs/kubernetes.md").read_text()
    blocks = re.findall(r"^```bash\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    proxy, api = (re.sub(r"\\\n\s*", "", block).splitlines() for block in blocks)
    build, install = proxy
    assert build.startswith("docker build -t registry.example/endcap:")
    container = installed(install)["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    assert container["image"] == build.split()[3]
    keys, secret, install = api
    assert keys == "endcap keys make shop --keys-file api-keys.json"
    deployment = installed(install)["Deployment"]["spec"]["template"]["spec"]
    assert deployment["containers"][0]["args"] == ["api"]
    [mounted] = [each["secret"] for each in deployment["volumes"] if each["name"] == "keys"]
    assert mounted["secretName"] in secret.split()
    for path in re.findall(r"`(deploy/[\w./-]+)`", page):
        assert (ROOT / path).exists(), path
    for name in re.findall(r"`((?:networkPolicy|serviceMonitor|prometheusRule|drain|extra)[\w.]*)`", page):
        value = yaml.safe_load((CHART / "values.yaml").read_text())
        for word in name.split("."):
            value = value[word]


def installed(line: str) -> dict[str, Any]:
    """What a documented `helm install` makes, as manifests."""
    words = shlex.split(line)
    assert words[:2] == ["helm", "install"]
    return by_kind(run_helm("template", *words[2:], "--kube-version", "1.29"))


def test_a_long_release_name_fits() -> None:
    """Helm allows 53 characters, a Service's name 63."""
    words = ["template", "r" * 53, str(CHART), "--kube-version", "1.29", "--values", str(ALL)]
    names = [each["metadata"]["name"] for each in by_kind(run_helm(*words)).values()]
    assert max(map(len, names)) <= 63


@pytest.mark.parametrize(
    "wrong",
    ["replica=3", "opensearch.url=localhost:9200", "opensearch.url=http://u:p@host", "api.key=x", "api.service.port=0"],
)
def test_a_wrong_value_is_refused(wrong: str) -> None:
    """A name that there is not, an address without a scheme or with a password: helm says so and makes nothing."""
    run = subprocess.run(
        [helm(), "template", "x", str(CHART), "--kube-version", "1.29", "--set", wrong],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode
    assert wrong.partition("=")[0].rpartition(".")[2] in run.stderr
