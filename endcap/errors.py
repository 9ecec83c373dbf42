"""The errors that endcap raises on purpose.

A message says what was wrong, with the value, and what to do about it. The command line prints it and exits with 2,
or with 1 where nothing is wrong but the answer is no (``GateRefused``).
"""


class EndcapError(Exception):
    """Base of all errors raised on purpose."""


class InputError(EndcapError, ValueError):
    """A file, record or argument is not what it should be."""


class EngineError(EndcapError):
    """The search engine refused, failed or can't be reached."""


class ModelError(EndcapError):
    """A model folder is missing, broken, or of an unknown schema."""


class GateRefused(EndcapError):
    """A candidate ranks worse than it may, and is not promoted."""
