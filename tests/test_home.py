"""The folder where endcap keeps its things, and the settings of indexes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from endcap.errors import EngineError, InputError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.home import home
from endcap.index.open_engine import open_engine
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.settings import IndexSettings, check_name, list_settings, load_settings, save_settings

FULL = IndexSettings(
    name="shop",
    engine="opensearch",
    url="https://search.example:9200/prefix",
    index="products-live",
    fields=FieldMap.parse("title=name,brand=maker"),
    username_env="OS_USER",
    password_env="OS_PASSWORD",
    ca_file="/etc/ca.pem",
    verify_certs=False,
)


def test_home_is_the_environments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """$ENDCAP_HOME comes first."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "mine"))
    assert home() == tmp_path / "mine"


def test_home_is_the_nearest_folder_above(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without it, the nearest .endcap/ at or above the working directory; without that, the user's own."""
    monkeypatch.delenv("ENDCAP_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    inner = tmp_path / "project" / "a" / "b"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert home() == tmp_path / "user" / ".local" / "share" / "endcap"
    (tmp_path / "project" / ".endcap").mkdir()
    assert home() == tmp_path / "project" / ".endcap"
    (inner / ".endcap").mkdir()
    assert home() == inner / ".endcap"


@pytest.mark.parametrize(
    "settings", [FULL, IndexSettings("demo"), IndexSettings("k", "opensearch", "http://h", api_key_env="K")]
)
def test_settings_come_back(settings: IndexSettings) -> None:
    """What was saved is what is loaded."""
    save_settings(settings)
    assert load_settings(settings.name) == settings
    assert list_settings() == [settings]


def test_settings_replace_those_of_the_same_name() -> None:
    """Saving again replaces one index's settings and leaves the others."""
    for settings in (IndexSettings("b"), FULL, IndexSettings("shop")):
        save_settings(settings)
    assert list_settings() == [IndexSettings("b"), IndexSettings("shop")]


def test_unknown_index_is_named_with_the_known_ones() -> None:
    """An unknown name is told which names there are, and what to do."""
    with pytest.raises(InputError, match=r"'shop'.*none yet.*endcap index"):
        load_settings("shop")
    save_settings(IndexSettings("toys"))
    with pytest.raises(InputError, match=r"'shop'.*Known: toys"):
        load_settings("shop")


@pytest.mark.parametrize("text", ["{", "[]", '{"schema": 2, "indexes": {}}', '{"schema": 1}', "\x00"])
def test_broken_settings_are_said(endcap_home: Path, text: str) -> None:
    """A settings file that can't be understood is an InputError with its path, and is not overwritten."""
    endcap_home.mkdir()
    (endcap_home / "settings.json").write_text(text)
    for action in (list_settings, lambda: save_settings(FULL)):
        with pytest.raises(InputError, match=r"settings\.json"):
            action()
    assert (endcap_home / "settings.json").read_text() == text


def test_settings_of_a_newer_endcap_are_said(endcap_home: Path) -> None:
    """An unknown setting of an index is an InputError that names the index."""
    endcap_home.mkdir()
    (endcap_home / "settings.json").write_text('{"schema": 1, "indexes": {"shop": {"engine": "embedded", "new": 1}}}')
    with pytest.raises(InputError, match=r"'shop'.*new"):
        load_settings("shop")


def test_processes_do_not_lose_each_others_settings(endcap_home: Path) -> None:
    """Ten processes that save at the same time all find their settings kept."""
    code = "import sys; from endcap.index.settings import *; save_settings(IndexSettings('i' + sys.argv[1]))"
    running = [subprocess.Popen([sys.executable, "-c", code, str(n)], env=dict(os.environ)) for n in range(10)]
    assert [process.wait() for process in running] == [0] * 10
    assert len(list_settings()) == 10
    assert not list(endcap_home.glob("*.tmp"))


@pytest.mark.parametrize("name", ["", "Shop", "a b", "a/b", "..", ".hidden", "-x", "_x", "a*", "a,b", "a#b", "x" * 201])
def test_bad_names_are_refused(name: str) -> None:
    """A name that could not be a folder's and an alias's at once is refused."""
    with pytest.raises(InputError):
        check_name(name)
    with pytest.raises(InputError):
        EmbeddedEngine(name)


@pytest.mark.parametrize("name", ["shop", "my-shop_2.1", "läden", "0"])
def test_good_names_are_kept(name: str) -> None:
    """A name that an OpenSearch index may have is taken."""
    assert check_name(name) == name


def test_secrets_are_never_kept() -> None:
    """A url with a secret in it is refused, since settings are written to disk; and the secret is not shown."""
    for url in (
        "https://ada:sesame@search.example:9200",
        "ada:sesame@search.example:9200",
        "https:/ada:sesame@search.example",
        "https://search.example:9200?api_key=sesame",
    ):
        with pytest.raises(InputError, match="environment variable") as raised:
            IndexSettings("shop", "opensearch", url)
        assert "sesame" not in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"engine": "solr"}, "unknown engine 'solr'"),
        ({"engine": "opensearch"}, "needs a url"),
        ({"engine": "opensearch", "url": "localhost:9200"}, "http://"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, str], said: str) -> None:
    """Settings that can't work are refused when they are made."""
    with pytest.raises(InputError, match=said):
        IndexSettings("shop", **settings)  # type: ignore[arg-type]


def test_open_engine_gives_what_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """``open_engine`` opens the embedded engine or OpenSearch; a secret that is missing is said by its variable."""
    assert isinstance(open_engine(IndexSettings("shop")), EmbeddedEngine)
    opened = open_engine(IndexSettings("shop", "opensearch", "http://localhost:9200", index="real"))
    assert isinstance(opened, OpenSearchEngine)
    assert opened.index == "real"
    monkeypatch.delenv("NO_SUCH_VARIABLE", raising=False)
    with pytest.raises(EngineError, match="NO_SUCH_VARIABLE"):
        open_engine(IndexSettings("shop", "opensearch", "http://localhost:9200", api_key_env="NO_SUCH_VARIABLE"))
