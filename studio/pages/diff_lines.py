"""A unified diff as rows with line numbers of both sides."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LIMIT = 2000
_HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


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
    old = new = 0
    in_hunk = False
    for line in text.splitlines():
        hunk = _HUNK.match(line)
        if hunk:
            old, new, in_hunk = int(hunk[1]), int(hunk[2]), True
            yield DiffLine("hunk", line)
        elif line.startswith("--- ") or (line.startswith("+++ ") and not in_hunk):
            # `--- ` inside a hunk is a removed line only if its file header does not follow;
            # headers always come in pairs, and the second one names the file.
            in_hunk = False
            if line.startswith("+++ "):
                yield DiffLine("file", line[4:].split("\t")[0].removeprefix("b/"))
        elif line.startswith("+"):
            yield DiffLine("add", line[1:], None, new, "+")
            new += 1
        elif line.startswith("-"):
            yield DiffLine("remove", line[1:], old, None, "−")
            old += 1
        elif line.startswith("\\"):
            yield DiffLine("hunk", line[2:])
        elif in_hunk:
            yield DiffLine("keep", line[1:], old, new)
            old, new = old + 1, new + 1
