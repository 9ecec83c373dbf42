"""The OpenAPI description against the API, by schemathesis: requests that it makes up, of both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from api_parts import Running, api
from hypothesis import HealthCheck, given, settings

from endcap.serve.api.app import ROUTES

schemathesis = pytest.importorskip("schemathesis")
EXAMPLES = 40
OPERATIONS = [(path, route.method) for path, route in ROUTES.items()]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with api(tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture(scope="module")
def specification(running: Running) -> Any:
    return schemathesis.openapi.from_url(f"{running.url}/openapi.json")


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_the_description_says_holds(specification: Any, path: str, method: str, mode: str) -> None:
    """No 5xx; each status, content type and body is one that is described; what is malformed is refused."""
    if method == "GET" and mode == "negative":
        return  # there is nothing to get wrong
    cases = specification[path][method].as_strategy(generation_mode=schemathesis.GenerationMode(mode))

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=cases)
    def check(case: Any) -> None:
        case.call_and_validate()

    check()
