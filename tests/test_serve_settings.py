"""The settings of ``endcap serve``: flag = environment variable = key, and errors that say what is wrong."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from endcap.cli import main
from endcap.errors import InputError
from endcap.serve.settings import ServeSettings
from endcap.serve.settings_file import read_settings

URL = {"opensearch_url": "http://localhost:9200"}
VALUES = {
    **{
        "share": "25%",
        "deadline_ms": "80.5",
        "window": "50",
        "blend_weight": "0.3",
        "dense": "7",
        "languages": "en,de",
    },
    **{"shadow": "true", "rerank": "false", "port": "9201", "drain_s": "5", "max_searches": "3", "host": "::1"},
}


@pytest.mark.parametrize("name", VALUES)
def test_flag_variable_and_key_are_one_setting(name: str, tmp_path: Path) -> None:
    """The same value from each of the three; a flag goes before a variable, a variable before the file."""
    text = VALUES[name]
    by_flag = read_settings(URL | {name: text}, {})
    by_variable = read_settings(URL, {f"ENDCAP_{name.upper()}": text})
    plain = getattr(by_flag, name)
    toml = (
        str(plain).lower() if isinstance(plain, bool) else repr(plain if not isinstance(plain, tuple) else list(plain))
    )
    file = tmp_path / "serve.toml"
    file.write_text(f"{name} = {toml}\n")
    by_file = read_settings(URL, {}, file)
    assert by_flag == by_variable == by_file
    assert getattr(by_flag, name) != getattr(ServeSettings(), name)
    other = {"rerank": "true", "shadow": "false"}.get(name, text)
    assert read_settings(URL | {name: other}, {f"ENDCAP_{name.upper()}": text}, file) == read_settings(
        URL | {name: other}, {}
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": "99999"}, "--port = 99999; it must be from 0 to 65535"),
        ({"port": "http"}, "--port = 'http'; it must be a whole number"),
        ({"share": "200%"}, "--share = '200%'; it must be a share from 0% to 100%"),
        ({"share": "some"}, "--share = 'some'"),
        ({"shadow": "maybe"}, "--shadow = 'maybe'; it must be a true or false"),
        ({"deadline_ms": "nan"}, "--deadline-ms = nan"),
        ({"window": "0"}, "--window = 0; it must be from 1"),
        ({"opensearch_url": "localhost:9200"}, "'localhost:9200'; it must be the cluster's address"),
        ({"opensearch_url": "http://"}, "it must be the cluster's address"),
        ({"tls_cert": "cert.pem"}, "tls_cert and tls_key belong together"),
        ({"use_own_credentials": "true"}, "use_own_credentials needs them"),
        ({"host": " "}, "host is empty"),
        ({"window": "١٢"}, "--window = '١٢'; it must be a whole number"),
        ({"share": "١٠%"}, "--share = '١٠%'"),
        ({"deadline_ms": "1e400"}, "--deadline-ms = inf; it must be a number that is finite"),
        ({"port": "9" * 5000}, "999...; it must be a whole number"),
        ({"states": "redis"}, "'redis'; it must be \"index\""),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, str], words: str) -> None:
    """The message has the setting, its value and what is allowed."""
    with pytest.raises(InputError) as error:
        read_settings(URL | settings, {})
    assert words in str(error.value)


def test_a_secret_is_never_shown() -> None:
    """A password in the address is refused without being repeated."""
    with pytest.raises(InputError) as error:
        read_settings({"opensearch_url": "http://user:hunter2@localhost:9200"}, {})
    assert "hunter2" not in str(error.value)
    with pytest.raises(InputError, match="name of an environment variable") as error:
        read_settings(URL | {"password_env": "hunter2!"}, {})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("prot = 1\n", "unknown key prot. Known are:"),
        ('[index."shop"]\nport = 1\n', 'unknown key index."shop".port'),
        ('[index."shop"]\nwindow = "x"\n', "index.\"shop\".window = 'x'; it must be a whole number"),
        ("index = 3\n", "index must be tables"),
        ("port = \n", "can't be read"),
        ("port = 1\nport = 2\n", "can't be read"),
        ("deadline_ms = 1" + "0" * 400, "deadline_ms = inf; it must be a number that is finite"),
        ('[index.""]\nwindow = 2\n', "has no pattern"),
        ('ca_file = ["http://user:hunter2@x"]', "['http://***@x']; it must be a text"),
    ],
)
def test_a_wrong_file_is_named(toml: str, words: str, tmp_path: Path) -> None:
    """So is a key that there is not, with the file that has it."""
    file = tmp_path / "serve.toml"
    file.write_text(toml)
    with pytest.raises(InputError) as error:
        read_settings(URL, {}, file)
    assert words in str(error.value)
    assert "serve.toml" in str(error.value)


def test_a_table_of_an_index_stands_on_the_common_settings(tmp_path: Path) -> None:
    """What a table leaves out is as it is for all, also where a flag has set that; the first pattern counts."""
    file = tmp_path / "serve.toml"
    file.write_text('window = 30\n[index."shop-de"]\ndense = 9\n[index."shop-*"]\nwindow = 7\n')
    read = read_settings(URL | {"keep_first": "2"}, {}, file)
    assert read.of_index("shop-de")[1].dense == 9
    assert (read.of_index("shop-de")[1].window, read.of_index("shop-de")[1].keep_first) == (30, 2)
    assert read.of_index("shop-de,shop-fr") == ("shop-*", read.index["shop-*"])
    assert read.of_index("shop-fr,other")[0] == ""
    assert read.of_index("")[0] == ""


def test_the_command_has_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """The help names each, and ``--show-settings`` prints what would be used."""
    main.run(["serve", "--help"])
    help_text = capsys.readouterr().out
    for item in fields(ServeSettings):
        assert item.name == "index" or "--" + item.name.replace("_", "-") in help_text
    assert main.run(["serve", "--opensearch-url", "http://x:1", "--share", "5%", "--shadow", "--show-settings"]) == 0
    shown = capsys.readouterr().out
    assert "share = '5%'" in shown
    assert "shadow = True" in shown
