"""The command endcap storefront: it serves until it is stopped, and refuses what contradicts itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from storefront_server import OWN, Server

from endcap.cli.storefront import command
from endcap.storefront.judgment_store import JudgmentStore


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "My shop.jsonl").write_text("".join(json.dumps(product.to_mapping()) + "\n" for product in OWN))
    (tmp_path / "judged.csv").write_text("query,docid,rating\nmouse,a2,3\nmouse,a4,0\n")
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(files: Path, number: signal.Signals) -> None:
    """endcap storefront prints its address when it answers, and ends with 0 on SIGTERM and on Ctrl-C; what was judged
    before under this name is told, since it may be of another shop."""
    kept = files / "home" / "judged" / "my-shop.jsonl"
    before = JudgmentStore(kept).give("mouse", "a4", 0, "me") if number == signal.SIGINT else 0
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "endcap.cli.main", "storefront", "--port", "0",
         "--catalogue", files / "My shop.jsonl", "--judgments", files / "judged.csv", "--allow-host", "Shop.example"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "ENDCAP_HOME": str(files / "home")},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        if before:
            assert process.stdout.readline() == f"It goes on with what was judged in {kept}; lines so far: 1.\n"
        said = process.stdout.readline()
        assert said.startswith("Storefront at http://localhost:"), process.communicate()
        server = Server(int(said.rsplit(":", 1)[1]))
        assert server.get("/api/shop").json["name"] == "My shop"
        assert server.get("/api/shop", {"Host": "shop.example"}).status == 200
        assert server.get("/api/shop", {"Host": "other.example"}).status == 403
        server.post("/api/judgments", {"query": "mouse", "product": "a2", "grade": 3, "judge": "me"})
        assert kept.read_text().count("\n") == before + 1
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, "Traceback" in err) == (0, "", False)
    finally:
        process.kill()


def test_a_port_in_use_is_told_before_any_work(files: Path, endcap_home: Path) -> None:
    """A taken port is named with what to do, and nothing was loaded for it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port), "--catalogue", str(files / "My shop.jsonl")])
    assert "in use" in str(result.exception)
    assert "--port" in str(result.exception)
    assert not (endcap_home / "catalogues").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--index", "x", "--catalogue", "FILE"], "one of the two"),
        (["--judgments", "FILE"], "--catalogue or --index"),
        (["--fields", "title=name"], "--url --index"),
        (["--index", "x", "--opensearch-url", "http://x:1", "--format", "csv"], "--language are for --catalogue"),
        (["--catalogue", "FILE", "--judgments-format", "quepid"], "add them"),
        (["--username-env", "U"], "add --url"),
        (["--catalogue", "FILE", "--url", "http://x:1", "--insecure"], "endcap index"),
        (["--catalogue", "FILE", "--replay", "5"], "--judgments"),
        (["--index", "nobody"], "no index named"),
        (["--host", "no.such.host.invalid"], "--host"),
        (["--host", "shop..example"], "no host name"),
        (["--allow-host", "http://shop.example"], "no host name"),
        (["--allow-host", "shop.example:8080"], "without a port"),
        (["--allow-host", "shop..example"], "no host name"),
        (["--deadline-ms", "0"], "--deadline-ms"),
    ],
)
def test_options_that_contradict_each_other_are_told(files: Path, arguments: list[str], said: str) -> None:
    """What can't be meant is refused before anything is loaded, with what to do."""
    given = [str(files / "My shop.jsonl") if one == "FILE" else one for one in arguments]
    if "--judgments" in given:
        given[given.index("--judgments") + 1] = str(files / "judged.csv")
    result = CliRunner().invoke(command, [*given, "--port", "0"])
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)
