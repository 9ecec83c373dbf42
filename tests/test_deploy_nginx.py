"""The nginx before the proxy: its own check takes the file, and a search goes through with TLS and a password."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import opensearch_server
import pytest
import urllib3
from deploy_parts import ROOT
from opensearchpy import OpenSearch
from rerank_parts import BODY
from serve_parts import proxy
from wire import wire

CERTIFICATES = ROOT / "tests/certificates"
PASSWORD = "shop:{PLAIN}of-my-own"


def nginx() -> str:
    """The program; skips, in CI fails, where there is none."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        (pytest.fail if opensearch_server.in_ci() else pytest.skip)("nginx can't be had here")
    return str(found)


@contextmanager
def running(folder: Path, port: int, behind: str) -> Iterator[None]:
    """nginx with the file that is published; only its places and ports are the test's own."""
    text = (ROOT / "deploy/nginx/endcap.conf").read_text()
    (folder / "endcap.htpasswd").write_text(PASSWORD + "\n")
    own = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "127.0.0.1:9200": behind,
        "/etc/nginx/tls/tls.crt": str(CERTIFICATES / "server.pem"),
        "/etc/nginx/tls/tls.key": str(CERTIFICATES / "server.key"),
        "/etc/nginx/endcap.htpasswd": str(folder / "endcap.htpasswd"),
    }
    for there, here in own.items():
        assert there in text
        text = text.replace(there, here)
    (folder / "endcap.conf").write_text(text)
    main = f"daemon off;\nmaster_process off;\npid {folder}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n"
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(f"{main}{temporary}include {folder}/endcap.conf;\n}}\n")
    command = [nginx(), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        child.terminate()
        child.wait(10)


def test_a_search_through_nginx(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """TLS and a password outside; inside, a re-ranked answer, and no word of that password."""
    (port,) = opensearch_server.free_ports(1)
    with (
        wire(opensearch) as line,
        proxy(line.url, tmp_path) as behind,
        running(tmp_path, port, behind.url.removeprefix("http://")),
    ):
        context = ssl.create_default_context(cafile=CERTIFICATES / "authority.pem")
        pool = urllib3.PoolManager(
            ssl_context=context, assert_hostname=False, retries=urllib3.Retry(10, backoff_factor=0.05)
        )
        url = f"https://127.0.0.1:{port}/{shop[1]}/_search"
        assert pool.request("POST", url, json=BODY).status == 401
        wrong = urllib3.make_headers(basic_auth="shop:guessed")
        assert pool.request("POST", url, json=BODY, headers=wrong).status == 401
        right = urllib3.make_headers(basic_auth="shop:of-my-own")
        reply = pool.request("POST", url, json=BODY, headers=right)
        assert (reply.status, reply.headers["x-endcap-status"]) == (200, "reranked")
        asked = pool.request("GET", f"https://127.0.0.1:{port}/_cat/health?format=json", headers=right)
        assert asked.status == 200
        assert b"_cat/health" in line.requests()
        assert b"authorization" not in line.requests().lower()
