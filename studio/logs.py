"""Lines of the process's own log, without the secrets that its tools were given."""

import logging

from engine import redaction


class HidingFormatter(logging.Formatter):
    """A formatter that hides known secrets, and what stands behind names such as `password=`."""

    def format(self, record: logging.LogRecord) -> str:
        return redaction.trace(super().format(record))
