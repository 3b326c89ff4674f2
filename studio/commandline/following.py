"""Shows a run as it goes: a bar on a terminal, a line per event when asked for."""

from typing import Any

from engine import TERMINAL_RUN_STATUSES, EventKind, RunStatus
from studio.commandline.terminal import Bar
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run
from studio.queries import runs
from studio.waits import children

_RESTING = {*TERMINAL_RUN_STATUSES, RunStatus.PAUSED}
PAGE = 500


class Follower:
    """Reads what is new of a run each time it looks."""

    def __init__(self, run: Run, bar: Bar, *, lines: bool) -> None:
        self._run = run
        self._bar = bar
        self._lines = lines
        self._seen = 0
        self._steps = 0
        self._done, self._total, self._note = 0, 0, ""

    def look(self) -> bool:
        """Show what is new. True when the run rests and everything was shown."""
        # The status first: an end seen here has all its events written already.
        self._run.refresh_from_db(fields=["status"])
        self._show_new()
        if self._run.status == RunStatus.WAITING:
            return not children.at_work(DjangoConnection(), self._run.pk) and self._is_quiet()
        return self._run.status in _RESTING

    def _is_quiet(self) -> bool:
        """Whether nothing has happened since: the run it waited for may have ended meanwhile."""
        return not runs.events(self._run, after=self._seen, limit=1)

    def _show_new(self) -> None:
        while events := runs.events(self._run, after=self._seen, limit=PAGE):
            for event in events:
                self._count(event)
                if self._lines:
                    self._bar.above(line_of(event))
            self._seen = events[-1]["seq"]
            self._draw()

    def _count(self, event: dict[str, Any]) -> None:
        kind, data = event["k"], event["data"]
        if kind == EventKind.MAP_STARTED:
            self._done, self._total = 0, data["count"]
        elif kind == EventKind.ATTEMPT_SUCCEEDED and "item" in data:
            self._done += 1
        elif kind == EventKind.ATTEMPT_SUCCEEDED:
            self._steps += 1
            self._total = 0
        elif kind == EventKind.ATTEMPT_STARTED:
            self._note = event["node"] or ""
        elif kind == EventKind.PROGRESS:
            self._done, self._total = data.get("done") or 0, data.get("total") or 0
            self._note = f"{event['node']} {data.get('note') or ''}"

    def _draw(self) -> None:
        if self._total:
            self._bar.show(self._done, self._total, self._note)
        else:
            self._bar.show(self._steps, None, self._note)


def line_of(event: dict[str, Any]) -> str:
    """One event for people: time, node, what happened."""
    data = event["data"]
    node = f" {event['node']}" if event["node"] else ""
    said = ""
    if event["k"] == EventKind.LOG:
        said = f" {data.get('level', '')}: {data.get('message', '')}"
    elif event["k"] == EventKind.WARNING:
        said = f" {data.get('message', '')}"
    elif data.get("error"):
        said = f" {data['error'].get('code')}: {data['error'].get('message')}"
    elif data.get("reason"):
        said = f" {data['reason']}"
    elif data.get("ms") is not None:
        said = f" {data['ms']} ms"
    return f"{event['ts'][11:23]}{node} {event['k']}{said}"
