"""Which code reads a document: what was made by other code is made anew."""

from __future__ import annotations

import unicodedata
from functools import cache
from hashlib import blake2b
from importlib.resources import files

READERS = ("index", "language", "plugin", "plugin/blend", "plugin/model")
"""Folders whose modules and tables decide what is read of a document, and what is made of it."""


@cache
def reading_version() -> str:
    """A hash of the code and the tables that read documents. A kept record can't outlive a change of them, and nobody
    has to think of a number."""
    digest = blake2b(unicodedata.unidata_version.encode(), digest_size=16)
    for folder in READERS:
        for file in sorted(files("endcap").joinpath(folder).iterdir(), key=lambda file: file.name):
            if file.is_file() and file.name.endswith((".py", ".toml")):
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
