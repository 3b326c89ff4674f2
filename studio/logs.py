"""Lines of the process's own log, without the secrets that its tools were given."""

import logging

from engine import redaction

# Whoever reads the log in a terminal must not have it steered by what a run or a stranger wrote.
_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


class HidingFormatter(logging.Formatter):
    """Hides known secrets and what stands behind names such as `password=`; drops controls."""

    def format(self, record: logging.LogRecord) -> str:
        return redaction.trace(super().format(record)).translate(_CONTROLS)
