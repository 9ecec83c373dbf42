"""What the modules of a package say of themselves: so a new one is known by being there, and no list names it."""

import importlib
import pkgutil
from typing import Any


def records_of(package: str, name: str) -> list[Any]:
    """The records that each module of a package keeps in a tuple of this name, sorted by their ``order``."""
    modules = pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}.")
    records = [record for module in modules for record in getattr(importlib.import_module(module.name), name)]
    return sorted(records, key=lambda record: record.order)
