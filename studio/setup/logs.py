"""Lines of the process's own log, without the secrets that its tools were given."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from engine.values import redaction

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered."""
run_id: ContextVar[str] = ContextVar("run_id", default="")
"""The run that is being driven."""

# Whoever reads the log in a terminal must not have it steered by what a run or a stranger wrote.
_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class HidingFormatter(logging.Formatter):
    """Hides known secrets and what stands behind names such as `password=`; drops controls."""

    def format(self, record: logging.LogRecord) -> str:
        return redaction.trace(super().format(record)).translate(_CONTROLS)


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the ids of the run and the request it is about, for machines.

    Secrets are hidden as in plain lines.
    """

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redaction.trace(record.getMessage()),
        }
        if run := run_id.get():
            line["run_id"] = run
        if request := request_id.get():
            line["request_id"] = request
        if record.exc_info:
            line["error"] = redaction.trace(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False).translate(_CONTROLS)
