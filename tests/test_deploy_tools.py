"""What the workflows run, run here: kubeconform with a package's schemas, actionlint, and the operator's own types."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from cloudcoil.models.prometheus_operator import v1
from deploy_parts import ROOT, go_tool
from go_programs import ACTIONLINT, KUBECONFORM

MANIFESTS = ROOT / "deploy/manifests"
VERSION = "1.29.0"
"""The oldest that the chart takes."""
SCHEMAS = Path(kubernetes_validate.__file__).parent / f"kubernetes-json-schema/v{VERSION}-local-strict"
PLAIN = ("endcap.yaml", "api.yaml", "sidecar.yaml")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's schemas with references that are files' names."""
    folder = tmp_path_factory.mktemp("schemas")
    for file in SCHEMAS.glob("*.json"):
        schema = json.loads(file.read_text().replace('"/api/_definitions.json#', '"_definitions.json#'))
        schema.pop("$id", None)
        (folder / file.name).write_text(json.dumps(schema))
    return folder


def conform(schemas: Path, text: str) -> subprocess.CompletedProcess[str]:
    where = f"{schemas}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
    words = [go_tool(KUBECONFORM), "-strict", "-summary", "-kubernetes-version", VERSION, "-schema-location", where]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("file", PLAIN)
def test_kubeconform_takes_the_manifests(schemas: Path, file: str) -> None:
    """Every resource by a schema that was found; a field that there is not is refused."""
    text = (MANIFESTS / file).read_text()
    run = conform(schemas, text)
    assert run.returncode == 0, run.stdout
    assert "Invalid: 0, Errors: 0, Skipped: 0" in run.stdout
    run = conform(schemas, text.replace("runAsNonRoot", "runAsNonRot"))
    assert run.returncode
    assert "runAsNonRot" in run.stdout


def test_the_operator_takes_its_manifests() -> None:
    """By its own types: what they do not know would be lost on the way there and back."""
    made = [each for each in yaml.safe_load_all((MANIFESTS / "monitoring.yaml").read_text()) if each]
    assert {each["kind"] for each in made} == {"ServiceMonitor", "PrometheusRule"}
    assert len(made) == 3
    for each in made:
        assert back(each) == each
    wrong = {**made[1], "spec": {**made[1]["spec"], "endpoint": []}}
    assert back(wrong) != wrong


def back(manifest: dict[str, Any]) -> Any:
    kind = getattr(v1, manifest["kind"])
    return kind.model_validate(manifest).model_dump(by_alias=True, exclude_unset=True, mode="json")


def test_actionlint_takes_the_workflows(tmp_path: Path) -> None:
    """Their syntax, expressions, contexts and inputs; it does find what is wrong."""
    run = subprocess.run([go_tool(ACTIONLINT), *WORKFLOWS], capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stdout
    wrong = WORKFLOWS[0].read_text().replace("github.ref", "github.rf")
    (tmp_path / "wrong.yml").write_text(wrong)
    run = subprocess.run([go_tool(ACTIONLINT), tmp_path / "wrong.yml"], capture_output=True, text=True, check=False)
    assert run.returncode
    assert "rf" in run.stdout


def test_the_workflow_checks_every_plain_manifest() -> None:
    """kubeconform in CI is given all of them, and is the version that is tried here."""
    text = (ROOT / ".github/workflows/ci.yml").read_text()
    named = re.findall(r"deploy/manifests/(\w+\.yaml)", text)
    assert set(PLAIN) <= set(named)
    assert KUBECONFORM in text
