"""The kinds of members: each is a module here, called as its file is (``bi_encoder.py``: ``bi-encoder``).

Such a module has an attribute ``MEMBER``, its ``Member`` class. It is imported when a recipe names its kind, and
imports torch only where it trains or scores.
"""

from __future__ import annotations

import pkgutil

MEMBER_KINDS = tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__)))
