"""Of several processes that share the tests (`pytest -n 2`), none starts a server of its own: this does, for all."""

from __future__ import annotations

import os
from contextlib import ExitStack

import opensearch_server
import pytest

SERVERS = {
    "ENDCAP_TEST_OPENSEARCH_URL": opensearch_server.VERSION,
    "ENDCAP_TEST_OPENSEARCH_2_URL": opensearch_server.VERSION_2,
}


def pytest_configure(config: pytest.Config) -> None:
    """Begin the servers that the environment does not name, and name them in it; ``wait_until_ready`` does the rest.

    Where Docker does not answer, each process looks for a server by itself. conftest.py imports this hook.
    """
    if not getattr(config.option, "numprocesses", None) or hasattr(config, "workerinput"):
        return
    begun = ExitStack()
    config.add_cleanup(begun.close)
    for name, version in SERVERS.items():
        if not os.environ.get(name):
            try:
                os.environ[name] = begun.enter_context(opensearch_server.begun_near(version))
            except Exception as error:
                print(f"OpenSearch {version} is not shared: {opensearch_server.one_line(error)}")
