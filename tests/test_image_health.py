"""The image's HEALTHCHECK asks each service where that says whether it is ready."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


def health() -> Any:
    specification = importlib.util.spec_from_file_location("image_health", ROOT / "docker/health.py")
    assert specification is not None
    assert specification.loader is not None
    module = sys.modules["image_health"] = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("command", "environment", "port"),
    [
        ("storefront --host 0.0.0.0", {}, "8080"),
        ("storefront --port 81", {"ENDCAP_HEALTH_PORT": "1"}, "81"),
        ("serve", {}, "9290"),
        ("serve --health-port=7", {"ENDCAP_HEALTH_PORT": "1"}, "7"),
        ("api --port 9300", {}, "9390"),
        ("api", {"ENDCAP_API_HEALTH_PORT": "5", "ENDCAP_HEALTH_PORT": "1"}, "5"),
        ("api --health-port 6", {"ENDCAP_API_HEALTH_PORT": "5"}, "6"),
    ],
)
def test_each_service_is_asked_at_its_port(command: str, environment: dict[str, str], port: str) -> None:
    """By flag, variable, or what it is without them."""
    words = ["/opt/endcap/bin/python", "/opt/endcap/bin/endcap", *command.split()]
    assert health().port_of(words, environment) == port


def test_the_ports_are_those_of_the_settings() -> None:
    """What each is without a flag stands in the settings and in the image, too."""
    from endcap.serve.api_settings import ApiSettings
    from endcap.serve.settings import ServeSettings

    known = {command: port for command, (_, port) in health().HEALTH.items()}
    assert known == {"serve": str(ServeSettings().health_port), "api": str(ApiSettings().health_port)}
    [exposed] = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("EXPOSE")]
    assert {*known.values(), str(ServeSettings().port), str(ApiSettings().port)} < set(exposed.split())
