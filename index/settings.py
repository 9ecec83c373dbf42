"""The settings of each index that endcap knows, kept in a file at home."""

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.files import locked, write_text
from endcap.index.field_map import FieldMap
from endcap.index.home import home
from endcap.index.stemming import ENGLISH, checked_stemming

ENGINES = ("embedded", "opensearch")
SCHEMA = 1
MAX_DENSE = 1_000
ANY = "any"


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """How to reach one index. Secrets are never kept: only the names of the environment variables that hold them.

    ``name`` is what the command line calls the index, ``index`` what the cluster calls it (an alias or an index name;
    empty: the same). ``fields`` says which of its fields is which field of a product.
    """

    name: str
    engine: str = "embedded"
    url: str = ""
    index: str = ""
    fields: FieldMap = field(default_factory=FieldMap)
    username_env: str = ""
    password_env: str = ""
    api_key_env: str = ""
    ca_file: str = ""
    verify_certs: bool = True
    dense: int = 0
    """So many products nearest to a query's vector join the engine's window (docs/candidates.md)."""
    numbers: bool = False
    """Whether a model's number that the engine does not find is searched for in its other spellings."""
    language: str = ""
    """Whose endings the index knows that endcap loads (``stemming.py``); empty: English."""
    languages: tuple[str, ...] = ()
    """Those that the student is taken to know; ("any",): none is asked for; none: what its model folder says."""
    rules: str = ""
    """The path of the shop's rules file; empty: there are none."""
    body: str = ""
    """The path of the shop's own query (``own_query.py``); empty: endcap's."""
    budget_ms: float = 0.0
    """What a search may take beside the engine's own time; 0: whatever who searches takes for it."""

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.engine not in ENGINES:
            raise InputError(f"index {self.name!r}: unknown engine {self.engine!r}. Use one of {', '.join(ENGINES)}.")
        if self.engine == "opensearch" and not self.url:
            raise InputError(f"index {self.name!r}: an OpenSearch index needs a url, as in http://localhost:9200.")
        if "@" in self.url or "?" in self.url:  # first, so that no message shows it
            raise InputError(
                f"index {self.name!r}: the url has a user name, password or parameter in it, and settings are kept on "
                "disk. Put credentials into environment variables and give the variables' names."
            )
        if isinstance(self.dense, bool) or not isinstance(self.dense, int) or not 0 <= self.dense <= MAX_DENSE:
            raise InputError(
                f"index {self.name!r}: dense is {self.dense!r}; it should be a whole number of products, 0 (none) to "
                f"{MAX_DENSE}."
            )
        if not (isinstance(self.budget_ms, (int, float)) and 0 <= self.budget_ms < math.inf) or self.budget_ms is True:
            raise InputError(
                f"index {self.name!r}: budget_ms is {self.budget_ms!r}; it should be a number of milliseconds, or 0."
            )
        checked_stemming(self.language or ENGLISH)
        wrong = [code for code in self.languages if not re.fullmatch("[a-z]{2}|any", code)]
        if wrong or (ANY in self.languages and len(self.languages) > 1):
            raise InputError(
                f"index {self.name!r}: the languages {', '.join(self.languages)!r} can't be read. Give codes of ISO "
                "639-1, as in en,de, or 'any' alone."
            )
        if self.url and not self.url.startswith(("http://", "https://")):
            raise InputError(f"index {self.name!r}: the url {self.url!r} should begin with http:// or https://.")


def check_name(name: str) -> str:
    """The name, if it can be both a folder's and an OpenSearch alias's; ``InputError`` says what is wrong with it."""
    if not name or name != name.lower() or re.search(r'[\s\\/*?"<>|,#:]', name) or name[0] in "-_+.":
        raise InputError(
            f"{name!r} can't be the name of an index. Use lower-case letters, digits, '-', '_' and '.', "
            "beginning with a letter or digit."
        )
    if len(name.encode()) > 200:
        raise InputError(f"the index name {name[:40]!r}... has {len(name.encode())} bytes; at most 200 are allowed.")
    return name


def load_settings(name: str) -> IndexSettings:
    """The settings of one index; ``InputError`` names those that there are if it is not among them."""
    indexes = _read_file(home() / "settings.json")
    if name not in indexes:
        names = f"Known: {', '.join(sorted(indexes))}." if indexes else "There are none yet."
        raise InputError(
            f"no index named {name!r} in {home()}. {names} Load a catalogue with 'endcap index', "
            "or name an index of your own cluster with 'endcap warm'."
        )
    return _from_json(name, indexes[name])


def list_settings() -> list[IndexSettings]:
    """The settings of all indexes, sorted by name."""
    return [_from_json(name, data) for name, data in sorted(_read_file(home() / "settings.json").items())]


def settings_of(name: str | None) -> IndexSettings:
    """The settings of the named index, or of the only one; ``InputError`` where it is not clear which."""
    if name is not None:
        return load_settings(name)
    indexes = list_settings()
    if len(indexes) == 1:
        return indexes[0]
    if not indexes:
        raise InputError("there is no index yet. Load a catalogue with 'endcap index', or run 'endcap demo'.")
    raise InputError(f"which index? Add --index with one of {', '.join(s.name for s in indexes)}.")


def save_settings(settings: IndexSettings) -> None:
    """Keep the settings, in the place of any that the index had; safe beside other processes that do the same."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "settings.lock"):
        indexes = _read_file(folder / "settings.json") | {settings.name: _to_json(settings)}
        by_name = dict(sorted(indexes.items()))  # within one the order of its field map is kept
        text = json.dumps({"schema": SCHEMA, "indexes": by_name}, indent=2, ensure_ascii=False)
        write_text(folder / "settings.json", text + "\n")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} can't be read: {error}. Mend it, or move it away and index again.") from error
    if (
        not isinstance(data, dict)
        or data.get("schema") != SCHEMA
        or data["schema"] is True
        or not isinstance(data.get("indexes"), dict)
    ):
        raise InputError(f"{path} is not settings of schema {SCHEMA}. Move it away and index again, or update endcap.")
    return dict(data["indexes"])


def _to_json(settings: IndexSettings) -> dict[str, Any]:
    # The engine, and what is not the default.
    own = {
        item.name: value
        for item in dataclasses.fields(settings)
        if item.name not in ("name", "fields")
        and ((value := getattr(settings, item.name)) != item.default or item.name == "engine")
    }
    return own | ({"fields": settings.fields.to_json()} if settings.fields.paths else {})


def _from_json(name: str, data: Any) -> IndexSettings:
    if not isinstance(data, Mapping):
        raise InputError(f"settings of index {name!r:.80} are {data!r:.80}; they should be an object. Index it again.")
    try:
        given = dict(data)
        fields, languages = FieldMap.from_json(given.pop("fields", {})), given.pop("languages", [])
        if not isinstance(languages, list) or not all(isinstance(code, str) for code in languages):
            raise TypeError(f"languages {languages!r:.80} (a list of texts)")
        for item in dataclasses.fields(IndexSettings):
            value, kind = given.get(item.name, item.default), _KINDS.get(type(item.default))
            if kind and (not isinstance(value, kind[0]) or (isinstance(value, bool) and kind[0] is not bool)):
                raise TypeError(f"{item.name} {value!r:.80} ({kind[1]})")
        return IndexSettings(name=name, **given, fields=fields, languages=tuple(languages))
    except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise InputError(
            f"settings of index {name!r:.80} can't be understood: {error!s:.300}. Index it again."
        ) from error


_KINDS: Mapping[type, tuple[Any, str]] = {
    str: (str, "a text"),
    bool: (bool, "true or false"),
    int: (int, "a whole number"),
    float: ((int, float), "a number"),
}
