"""A cluster behind TLS, with an authority of its own: the proxy, the wiring by ML Commons, and the library reach it.

nginx ends the TLS before a real server. Its certificate is for `localhost` and 127.0.0.1, so 127.0.0.2 is another host.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import opensearch_server
import pytest
import urllib3
from api_parts import api
from opensearchpy import OpenSearch
from rerank_parts import BODY, Memory, ReadableStudent
from serve_parts import proxy
from test_deploy_nginx import CERTIFICATES, nginx

from endcap.cli.main import run
from endcap.errors import EndcapError
from endcap.index.opensearch.client import connect
from endcap.index.settings import IndexSettings
from endcap.plugin import Reranker
from endcap.serve.native.check import api_findings
from endcap.serve.native.wiring import Wiring

AUTHORITY = str(CERTIFICATES / "authority.pem")
POOL = urllib3.PoolManager(retries=urllib3.Retry(10, backoff_factor=0.05, status=0))


@contextmanager
def tls_before(folder: Path, cluster: str) -> Iterator[int]:
    """The port at which nginx speaks https for a cluster, at all addresses of this machine's own."""
    (port,) = opensearch_server.free_ports(1)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}"
        f"server {{\nlisten 127.0.0.1:{port} ssl;\nlisten 127.0.0.2:{port} ssl;\n"
        f"ssl_certificate {CERTIFICATES}/server.pem;\nssl_certificate_key {CERTIFICATES}/server.key;\n"
        f"location / {{ proxy_pass {cluster}; proxy_http_version 1.1; }}\n}}\n}}\n"
    )
    child = subprocess.Popen([nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"])
    context = ssl.create_default_context(cafile=AUTHORITY)
    try:
        with urllib3.PoolManager(ssl_context=context, retries=urllib3.Retry(20, backoff_factor=0.05)) as pool:
            assert pool.request("GET", f"https://localhost:{port}/").status == 200
        yield port
    finally:
        child.terminate()
        child.wait(10)


@pytest.fixture(scope="module")
def port(opensearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with tls_before(tmp_path_factory.mktemp("tls"), opensearch) as port:
        yield port


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("localhost", {}, "certificate verify failed"),
    ("127.0.0.2", {"ca_file": AUTHORITY}, "IP address mismatch"),
]
"""Host, settings, and what is said: an authority that nobody knows, and a certificate of another host."""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_proxy_reaches_it(shop: tuple[OpenSearch, str], port: int, tmp_path: Path, host: str) -> None:
    """With the authority's file, by each name that the certificate has."""
    with proxy(f"https://{host}:{port}", tmp_path, ca_file=AUTHORITY) as running:
        reply = POOL.request("POST", f"{running.url}/{shop[1]}/_search", json=BODY)
        assert reply.status == 200
        assert reply.json()["ext"]["rerank"]["status"] == "reranked"
        assert POOL.request("GET", f"{running.url}/").json()["version"]


@pytest.mark.parametrize(("host", "settings", "words"), REFUSED)
def test_the_proxy_says_why_it_does_not(port: int, tmp_path: Path, host: str, settings: Any, words: str) -> None:
    """502 with the reason; nothing is sent to a server that can't be trusted."""
    with proxy(f"https://{host}:{port}", tmp_path, **settings) as running:
        reply = POOL.request("POST", f"{running.url}/shop/_search", json=BODY)
        assert reply.status == 502
        assert words in reply.data.decode()


def test_unchecked_only_where_that_is_said(shop: tuple[OpenSearch, str], port: int, tmp_path: Path) -> None:
    """``insecure`` takes any certificate."""
    with proxy(f"https://127.0.0.2:{port}", tmp_path, insecure="true") as running:
        reply = POOL.request("POST", f"{running.url}/{shop[1]}/_search", json=BODY)
        assert reply.json()["ext"]["rerank"]["status"] == "reranked"


@pytest.mark.parametrize(
    "content", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_that_is_no_authority_is_said(
    tmp_path: Path, content: str, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command ends with a sentence that names it, for the proxy as for what else asks a cluster."""
    file = tmp_path / "ca.pem"
    file.write_text(content)
    tls = ["--ca-file", str(file)]
    url = f"https://localhost:{port}"
    for words in (
        ["serve", "--opensearch-url", url, "--port", "0", "--health-port", "0", *tls],
        ["opensearch", "check", "--index", "shop", "--api-url", "http://127.0.0.1:9", "--url", url, *tls],
    ):
        assert run(words) == 2, words
        printed = capsys.readouterr().err
        assert "ca.pem" in printed
        assert "Traceback" not in printed


def test_the_library_reaches_it(shop: tuple[OpenSearch, str], port: int) -> None:
    """A client of one's own with the authority, and the one that settings of an index make."""
    own = OpenSearch(f"https://localhost:{port}", ca_certs=AUTHORITY)
    settings = IndexSettings(name=shop[1], engine="opensearch", url=f"https://localhost:{port}", ca_file=AUTHORITY)
    for client in (own, connect(settings)):
        reranker = Reranker(client, ReadableStudent(), states=Memory(), deadline_ms=None)
        assert reranker.search(index=shop[1], body=BODY)["ext"]["rerank"]["status"] == "reranked"


@pytest.mark.parametrize(("host", "settings", "words"), REFUSED)
def test_the_commands_say_why_they_do_not(
    port: int, host: str, settings: Any, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a sentence, and the exit status 2."""
    more = ["--ca-file", settings["ca_file"]] if settings else []
    wired = ["--index", "shop", "--api-url", "http://127.0.0.1:9", "--url", f"https://{host}:{port}"]
    assert run(["opensearch", "setup", *wired, "--dry-run", *more]) == 2
    printed = capsys.readouterr().err
    assert "TLS connection" in printed
    assert words in printed


def test_ml_commons_behind_tls(opensearch_2: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Setup's dry run reads a real cluster with ML Commons through TLS, and writes nothing."""
    with tls_before(tmp_path, opensearch_2) as port:
        client = OpenSearch(f"https://localhost:{port}", ca_certs=AUTHORITY)
        if "opensearch-ml" not in json.dumps(client.cat.plugins(format="json")):
            pytest.skip("this OpenSearch 2.19 has no ML Commons")
        before = client.cluster.get_settings()
        wired = ["--index", "tls-no-such", "--api-url", "http://127.0.0.1:9", "--url", f"https://localhost:{port}"]
        assert run(["opensearch", "setup", *wired, "--dry-run", "--cluster-settings", "--ca-file", AUTHORITY]) == 0
        assert "would create connector" in capsys.readouterr().out
        assert client.cluster.get_settings() == before


def test_an_api_behind_tls_is_checked_with_the_same_authority(tmp_path: Path) -> None:
    """What `check` asks of the API itself trusts the file that was given; without it, it says why not."""
    with api(tmp_path, tls_cert=CERTIFICATES / "server.pem", tls_key=CERTIFICATES / "server.key") as running:
        wiring = Wiring("shop", running.url, "endcap-shop")
        [finding] = asyncio.run(api_findings(wiring, AUTHORITY))
        assert not finding.wrong, finding.words
        [finding] = asyncio.run(api_findings(wiring))
        assert finding.wrong
        assert "certificate verify failed" in finding.words


def test_errors_are_ours() -> None:
    """What a wrong file raises is caught by who catches ours."""
    with pytest.raises(EndcapError, match="CA file"):
        connect(IndexSettings(name="shop", engine="opensearch", url="https://localhost:9", ca_file="/no/such.pem"))
