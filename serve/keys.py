"""API keys: made here, shown once, kept as hashes in a file that a running server follows."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from endcap.errors import InputError
from endcap.files import locked, write_text
from endcap.index.home import home

LOG = logging.getLogger("endcap.serve")
SCHEMA = 1
PREFIX = "endcap-"
LOOKED_AT_S = 0.5
"""So old may be what is known of the file."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it is kept. Its text has 256 random bits: a plain hash of it can't be turned back."""

    name: str
    sha256: str
    made: str
    """The day, as in 2026-11-30."""


def keys_file(given: str = "") -> Path:
    """Where the keys are kept: in the file that was given, else at home."""
    return Path(given) if given else home() / "api-keys.json"


def make_key(file: Path, name: str) -> str:
    """Make a key, keep its hash, and give its text, which nobody can see again. Raises ``InputError``."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise InputError(f"{name!r} can't be the name of a key. Use up to 64 letters, digits, '.', '-' and '_'.")
    text = PREFIX + secrets.token_urlsafe(32)
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file.with_suffix(".lock")):
        kept = read_keys(file)
        if any(key.name == name for key in kept):
            raise InputError(f"there is a key named {name!r} already. Remove it first, or take another name.")
        _write(file, (*kept, Key(name, _hash(text), datetime.now(UTC).date().isoformat())))
    return text


def remove_key(file: Path, name: str) -> None:
    """Forget a key; a running server refuses it within a second. Raises ``InputError`` where there is none."""
    if not file.exists():
        raise InputError(f"there is no file of keys {file}.")
    with locked(file.with_suffix(".lock")):
        kept = read_keys(file)
        left = tuple(key for key in kept if key.name != name)
        if len(left) == len(kept):
            names = ", ".join(key.name for key in kept) or "none"
            raise InputError(f"there is no key named {name!r}. There are: {names}.")
        _write(file, left)


def read_keys(file: Path) -> tuple[Key, ...]:
    """The keys of a file; none where it is not there. Raises ``InputError`` where it is no file of keys."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        if raw["schema"] != SCHEMA:
            raise ValueError(f"schema {raw['schema']!r}")
        keys = tuple(Key(**item) for item in raw["keys"])
        if not all(isinstance(value, str) for key in keys for value in asdict(key).values()):
            raise ValueError("a value that is no text")
        return keys
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{file} is no file of keys: {error}. Move it away, and make keys with `endcap keys`."
        ) from None


def _write(file: Path, keys: tuple[Key, ...]) -> None:
    text = json.dumps({"schema": SCHEMA, "keys": [asdict(key) for key in keys]}, indent=2)
    write_text(file, text + "\n")
    file.chmod(0o600)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def environment_key(environment: Mapping[str, str]) -> str:
    """The key that the environment gives, by our name or that of Text Embeddings Inference. Raises ``InputError``."""
    text = environment.get("ENDCAP_API_KEY") or environment.get("API_KEY") or ""
    if text != text.strip() or not text.isprintable():
        raise InputError("the key in ENDCAP_API_KEY or API_KEY has a blank or a line's end around it. Take it away.")
    return text


class Keys:
    """The keys of a file, followed, and ``also`` one more.

    Once there were any, one is asked for, also where the file is gone or broken.
    """

    def __init__(self, file: Path, also: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.file, self._clock = file, clock
        self._also = (Key("environment", _hash(also), ""),) if also else ()
        self._keys = read_keys(file)
        self._stamp, self._until = self._seen(), clock() + LOOKED_AT_S
        self.asked_for = bool(self._keys or also)
        """Whether a request needs a key."""

    def name_of(self, text: str) -> str | None:
        """The name of a key's text, None for an unknown one. It takes the same time for all texts."""
        self._look()
        given, found = _hash(text), None
        for key in (*self._keys, *self._also):
            if hmac.compare_digest(key.sha256, given):
                found = key.name
        return found

    def needs_one(self) -> bool:
        """Whether a request needs a key now."""
        self._look()
        return self.asked_for

    def _look(self) -> None:
        now = self._clock()
        if now < self._until:
            return
        self._until = now + LOOKED_AT_S
        stamp = self._seen()
        if stamp == self._stamp:
            return
        try:
            self._keys, self._stamp = read_keys(self.file), stamp
        except InputError as error:
            LOG.warning("the keys of before stay: %s", error)
            self._stamp = stamp
        self.asked_for = self.asked_for or bool(self._keys)

    def _seen(self) -> tuple[int, int, int] | None:
        try:
            about = self.file.stat()
        except OSError:
            return None
        return about.st_ino, about.st_mtime_ns, about.st_size
