"""Reads the settings from flags, environment and a TOML file: the first that has a key counts."""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.records import plain_value, read_record, read_value, shown
from endcap.serve.api_settings import TEI_NAMES, ApiSettings
from endcap.serve.settings import SEARCH_KEYS, SearchSettings, ServeSettings

_VARIABLE = re.compile("([A-Za-z_][A-Za-z0-9_]*)?")
PREFIX, API_PREFIX = "ENDCAP_", "ENDCAP_API_"


def read_settings(
    flags: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None = None
) -> ServeSettings:
    """The settings. ``flags`` are by the names of fields, None where one was not given.

    Raises ``InputError`` naming flag, variable or key, the value, and what is allowed.
    """
    raw = _table(file) if file else {}
    tables, _ = raw.pop("index", {}), raw.pop("api", {})  # the latter is of ``endcap api``
    given = _given(ServeSettings, flags, environment, PREFIX, str(file), raw)
    if not isinstance(tables, Mapping):
        raise InputError(f'{file}: index must be tables, as in [index."shop"]; got {shown(tables)}.')
    if "" in tables:
        raise InputError(f'{file}: the table [index.""] has no pattern. What holds for all stands outside tables.')
    shared = {name: given[name] for name in SEARCH_KEYS if name in given}
    given["index"] = {pattern: _of_index(str(file), pattern, table, shared) for pattern, table in tables.items()}
    return _checked(ServeSettings(**given))


def read_api_settings(
    flags: Mapping[str, str | None], environment: Mapping[str, str], file: Path | None = None
) -> ApiSettings:
    """The settings of the API, in the file's table ``[api]``. Raises ``InputError`` as ``read_settings`` does."""
    raw = _table(file).get("api", {}) if file else {}
    if not isinstance(raw, Mapping):
        raise InputError(f"{file}: api must be a table; got {shown(raw)}.")
    settings = ApiSettings(**_given(ApiSettings, flags, environment, API_PREFIX, str(file), raw, "api.", TEI_NAMES))
    _check_server(settings)
    return settings


def _given(
    kind: type[Any],
    flags: Mapping[str, str | None],
    environment: Mapping[str, str],
    prefix: str,
    file: str,
    raw: Mapping[str, Any],
    where: str = "",
    others: Mapping[str, str] = {},
) -> dict[str, Any]:
    """The values that were given, by the names of fields; ``others`` are other servers' names of their variables."""
    hints = typing.get_type_hints(kind, include_extras=True)
    names = [item.name for item in fields(kind) if item.name != "index"]
    unknown = sorted(set(raw) - set(names))
    if unknown:
        raise InputError(f"{file}: unknown key {where}{unknown[0]}. Known are: {', '.join(sorted(names))}.")
    given: dict[str, Any] = {}
    for name in names:
        names_of = (prefix + name.upper(), others.get(name, ""))
        own = next((word for word in names_of if environment.get(word)), "")
        flag, variable = flags.get(name), environment.get(own)
        if flag is not None:
            given[name] = read_value(
                "the flag", "--" + name.replace("_", "-"), hints[name], plain_value(hints[name], flag)
            )
        elif variable is not None:
            value = plain_value(hints[name], variable)
            given[name] = read_value("the environment variable", own, hints[name], value)
        elif name in raw:
            given[name] = read_value(file, where + name, hints[name], raw[name])
    return given


def _of_index(file: str, pattern: str, table: Any, shared: Mapping[str, Any]) -> SearchSettings:
    own = read_record(file, SearchSettings, table, where=f'index."{pattern}".')
    return SearchSettings(**{**shared, **{name: getattr(own, name) for name in table}})


def _table(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except FileNotFoundError:
        raise InputError(f"there is no settings file {file}.") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file} can't be read: {error}.") from None


def _checked(settings: ServeSettings) -> ServeSettings:
    """What one setting alone does not say of itself."""
    url = settings.opensearch_url
    if "@" in url or "?" in url or "#" in url:  # first, so that no message shows it
        raise InputError(
            "opensearch_url has a user name, password or parameter in it. Put credentials into environment variables "
            "and name these with --username-env and --password-env."
        )
    if not url.startswith(("http://", "https://")) or not url.split("//")[1].strip("/"):
        raise InputError(f"opensearch_url is {url!r}; it must be the cluster's address, as in http://localhost:9200.")
    _check_server(settings)
    for name in ("username_env", "password_env", "api_key_env"):
        if not _VARIABLE.fullmatch(getattr(settings, name)):  # which may be the secret itself, and is not shown
            raise InputError(f"{name} must be the name of an environment variable, as in OPENSEARCH_PASSWORD.")
    if settings.use_own_credentials and not (settings.username_env or settings.api_key_env):
        raise InputError("use_own_credentials needs them: name their variables with --username-env, --password-env.")
    if settings.states not in ("", "index"):
        raise InputError(f'states is {settings.states!r}; it must be "index", or left out.')
    return settings


def _check_server(settings: ServeSettings | ApiSettings) -> None:
    if not settings.host.strip():  # to the system that would be all of them
        raise InputError("host is empty; it must be the address to listen at, as in 127.0.0.1. 0.0.0.0 is all.")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise InputError("tls_cert and tls_key belong together: give both, or none.")
    if settings.client_ca_file and not settings.tls_cert:
        raise InputError("client_ca_file needs tls_cert and tls_key: without TLS no client can show a certificate.")
