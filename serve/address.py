"""What a request's first line names."""

from __future__ import annotations


def target_of(raw_path: str) -> str | None:
    """The path with its parameters, also of a whole URL (whose host counts for nothing); None for anything else."""
    if raw_path.startswith("/"):
        return raw_path
    scheme, found, rest = raw_path.partition("://")
    if not found or scheme.lower() not in ("http", "https"):
        return None
    _, slash, path = rest.partition("/")
    return slash + path if slash else "/"
