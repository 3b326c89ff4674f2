"""A unified diff as rows with line numbers of both sides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LIMIT = 2000
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`kind` is add, remove, keep, hunk or file; `old` and `new` are line numbers from 1."""

    kind: str
    text: str
    old: int | None = None
    new: int | None = None
    sign: str = ""


def diff_lines(text: str) -> tuple[list[DiffLine], bool]:
    """The first 2,000 rows, and whether there were more."""
    rows: list[DiffLine] = []
    for row in _rows(text):
        if len(rows) == LIMIT:
            return rows, True
        rows.append(row)
    return rows, False


def _rows(text: str) -> Iterator[DiffLine]:
    hunk = _Hunk(0, 0, 0, 0)
    for line in text.splitlines():
        if hunk.is_whole:
            if line.startswith("+++ "):
                yield DiffLine("file", line[4:].split("\t")[0].removeprefix("b/"))
            head = _HUNK.match(line)
            if head:
                hunk = _Hunk(int(head[1]), int(head[2] or 1), int(head[3]), int(head[4] or 1))
                yield DiffLine("hunk", line)
            elif line.startswith("\\"):
                yield DiffLine("hunk", line[2:])
        else:
            yield hunk.take(line)


@dataclass(slots=True)
class _Hunk:
    """Where a hunk is on both sides and how many lines are left: its head says so exactly."""

    old: int
    old_left: int
    new: int
    new_left: int

    @property
    def is_whole(self) -> bool:
        return self.old_left <= 0 and self.new_left <= 0

    def take(self, line: str) -> DiffLine:
        if line.startswith("\\"):
            return DiffLine("hunk", line[2:])
        old, new, text = self.old, self.new, line[1:]
        if line.startswith("+"):
            self._step(0, 1)
            return DiffLine("add", text, None, new, "+")
        if line.startswith("-"):
            self._step(1, 0)
            return DiffLine("remove", text, old, None, "−")
        self._step(1, 1)
        return DiffLine("keep", text, old, new)

    def _step(self, old: int, new: int) -> None:
        self.old, self.old_left = self.old + old, self.old_left - old
        self.new, self.new_left = self.new + new, self.new_left - new
