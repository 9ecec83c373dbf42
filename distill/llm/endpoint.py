"""Where an endpoint is, and the secret that opens it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from endcap.distill.recipe.settings import LlmRecipe
from endcap.errors import InputError

OLLAMA_PORT = 11434
"""Where Ollama listens; ``/api`` there is its own API, elsewhere often a prefix of ``/v1``."""


class Secret:
    """A text that is shown as ``***`` wherever it is printed."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value

    def __repr__(self) -> str:
        return "***" if self._value else "(none)"

    def __bool__(self) -> bool:
        return bool(self._value)

    def reveal(self) -> str:
        """The text itself, for the header that needs it."""
        return self._value

    def masked(self, text: str) -> str:
        """A text, such as a server's error, without the secret in it."""
        return text.replace(self._value, "***") if self._value else text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address that chats are posted to, the model's name there, and the key."""

    url: str
    model: str
    key: Secret = field(default_factory=Secret)
    key_env: str = ""


def endpoint_of(llm: LlmRecipe) -> Endpoint:
    """The endpoint that a recipe names, its key from the environment variable ``key_env`` (unset: none is sent).

    Raises ``InputError`` where the address or the model is missing, or either address or key can't be used.
    """
    if not llm.url:
        raise InputError("The recipe has no llm.url. Give the endpoint's address, as in http://localhost:8000/v1.")
    if not llm.model:
        raise InputError("The recipe has no llm.model. Name the model as the endpoint's /v1/models does.")
    taken = [name for name in ("model", "messages", "max_tokens", "n") if name in llm.extra]
    if taken:
        raise InputError(f"llm.extra sets {taken[0]!r}, which is set by the recipe: leave it out of llm.extra.")
    value = os.environ.get(llm.key_env, "").strip("\r\n") if llm.key_env else ""  # a secret's file mostly ends its line
    if value and not re.fullmatch(r"[!-~]+", value):
        raise InputError(f"The environment variable {llm.key_env} holds a blank or a character that no key has.")
    return Endpoint(chat_url(llm.url), llm.model, Secret(value), llm.key_env)


def chat_url(url: str) -> str:
    """The address of chat completions, for an address with or without ``/v1`` or the whole path; Ollama's own stays."""
    if "@" in url or "?" in url:  # first, so that no message shows it
        raise InputError(
            "llm.url has a user name, password or parameter in it, and recipes are kept on disk. "
            "Put the key into an environment variable and name that in llm.key_env."
        )
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0
    except ValueError:
        port_is_one = False
    if not port_is_one or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"llm.url = {url!r} is no address. Write it as http://localhost:8000/v1.")
    path = parts.path.rstrip("/")
    if path.endswith("/api") and parts.port == OLLAMA_PORT:
        path += "/chat"
    elif not path.endswith(("/chat/completions", "/api/chat")):
        versioned = re.search(r"/v\d[^/]*(/|$)", path)
        path += "/chat/completions" if versioned else "/v1/chat/completions"
    return f"{parts.scheme}://{parts.netloc}{path}"
