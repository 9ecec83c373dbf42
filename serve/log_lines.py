"""What the server writes to standard error: words, or JSON lines; nothing of what was searched for, unless asked."""

from __future__ import annotations

import logging
import time
import traceback
from typing import Any

import orjson

from endcap.plugin.faults import Quoting
from endcap.plugin.tracing import trace_id
from endcap.serve.call import CALL
from endcap.serve.settings import ServeSettings


class Lines(logging.Formatter):
    """One line a record. A detail and an exception's own words may repeat a query: they show where queries may."""

    def __init__(self, json: bool, queries: bool) -> None:
        super().__init__("%(levelname)s: %(message)s")
        self._json, self._queries = json, queries

    def format(self, record: logging.LogRecord) -> str:
        """The line, or with a traceback in plain words, lines."""
        if not self._queries and isinstance(record.args, tuple):
            record.args = tuple("" if isinstance(word, Quoting) else word for word in record.args)
        record.exc_text = None  # another handler's
        if not self._json:
            return super().format(record)
        call = CALL.get(None)
        about = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().strip(),
            "trace_id": trace_id(),
            "opaque_id": call.headers.get("X-Opaque-Id", "") if call is not None else "",
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            about["traceback"] = self.formatException(record.exc_info)
        known = {name: value for name, value in about.items() if value not in ("", None)}
        return orjson.dumps(known, default=str, option=orjson.OPT_NON_STR_KEYS).decode()

    def formatException(self, ei: Any) -> str:
        """The traceback, without the exception's words."""
        if self._queries:
            return super().formatException(ei)
        frames = traceback.StackSummary.extract(traceback.walk_tb(ei[2])).format()
        return "Traceback:\n" + "".join(frames) + (ei[0].__name__ if ei[0] else "")


def format_logs(settings: ServeSettings) -> None:
    """Let the process' handlers write such lines."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Lines(settings.log_format == "json", settings.log_queries))
