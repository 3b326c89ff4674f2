"""Sets of statuses that lists speak of."""

from engine import TERMINAL_RUN_STATUSES, RunStatus

ACTIVE = tuple(status.value for status in RunStatus if status not in TERMINAL_RUN_STATUSES)
ALL = tuple(status.value for status in RunStatus)
