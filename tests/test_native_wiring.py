"""What is wired into a cluster with ML Commons: names, definitions, and the words for refusals, without a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from endcap.cli.main import run
from endcap.cli.opensearch import own_name
from endcap.errors import InputError
from endcap.serve.native.wiring import Wiring, connector
from endcap.serve.native.words import meaning


def test_names_are_apart(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of patterns and lists differ from that of the index that is called alike; no path is made of one."""
    indexes = ("shop-*", "shop-all", "shop,all", "all", "*", "shop-a*", "shop-a,b", "shop-a-b")
    assert len({own_name(index) for index in indexes}) == len(indexes)
    assert own_name("shop") == "endcap-shop"
    for index in ("a/b", "a?b", "a b"):
        assert run(["opensearch", "check", "--index", index, "--url", "http://127.0.0.1:9"]) == 2
        assert "can't be the name" in capsys.readouterr().err


def test_a_connector_gives_nothing_of_its_key_away() -> None:
    """Its description differs where the key does, and has no part of it."""
    first, second = (connector(Wiring("shop", "http://api:9300", "endcap-shop", key=key)) for key in ("aaaa", "bbbb"))
    assert first["description"] != second["description"]
    assert "aaaa" not in {**first, "credential": {}}.__str__()


@pytest.mark.parametrize(
    "given",
    [
        {"api_url": "api:9300"},
        {"api_url": "ftp://api"},
        {"api_url": "http://user:secret@api"},
        {"document_fields": ()},
        {"oversample": 0.5},
        {"key": "a\nb"},
        {"name": "No Name"},
    ],
)
def test_what_can_t_be_wired_is_refused(given: dict[str, Any]) -> None:
    """Before anything is sent."""
    with pytest.raises(InputError):
        Wiring(**{"index": "shop", "api_url": "http://api:9300", "name": "endcap-shop", **given})


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Connector URL is not matching the trusted connector endpoint regex, URL is: http://x", "does not trust"),
        ("Remote inference host name has private ip address: 127.0.0.1", "private address"),
        ("Error communicating with remote model: Connection refused (connect failed): /127.0.0.1:1", "can't reach"),
        ("Acquire operation took longer than the configured maximum time.", "can't reach"),
        ("Native Memory Circuit Breaker is open, please check your resources!", "memory or disk is short"),
        ("ML encryption master key has not been initialized yet.", "some seconds"),
    ],
)
def test_refusals_have_plain_words(reason: str, words: str) -> None:
    """The cluster's own words, as they were met, are put into what to do."""
    assert words in meaning(reason)
