"""Run ruff on hostile text: no shell, no configuration, no cache, no surprise.

Files are written into a private folder under generated names, so that neither a path nor a
configuration file of the reviewed project can reach the linter. One process takes the whole batch;
when a file crashes it or makes it crawl, the batch is split until that file stands alone.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import IO, Any, cast

from ruff import find_ruff_bin

from engine.library.review import limits
from engine.library.review.catalogue import ruff_codes
from engine.library.review.sources import Source
from engine.library.review.text import Lines

TARGETS = ("py310", "py311", "py312", "py313", "py314")
DEFAULT_TARGET = "py310"
NEWEST_TARGET = TARGETS[-1]

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.]+[A-Za-z0-9_.-]*")
_SUPPRESSION = re.compile(r"noqa|ruff\s*:", re.IGNORECASE)
_CHUNK_FILES = 500
_MESSAGE_CHARS = 300
"""Some messages quote a whole expression, which may be as long as the file."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` up to `end` by `content`."""

    start: int
    end: int
    content: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding of the linter in one file; positions from 1, columns in characters."""

    rule: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    applicability: str | None
    """``safe``, ``unsafe``, ``display``, or None without a fix."""
    edits: tuple[Edit, ...] = ()
    advice: str = ""
    """What the fix would do, in the linter's words."""

    @property
    def place(self) -> tuple[str, int, int, int, int]:
        return (self.rule, self.line, self.column, self.end_line, self.end_column)


@dataclass(frozen=True, slots=True)
class Lint:
    """What the linter says about one text."""

    diagnostics: tuple[Diagnostic, ...] = ()
    suppressed: tuple[Diagnostic, ...] = ()
    """Findings that a comment in the text asks not to show."""
    status: str = "ok"
    """``ok``, ``crash``, ``timeout`` or ``flood`` (only the first ones are here)."""
    notes: tuple[str, ...] = ()
    """What was left out, for the report's `limits_hit`."""
    dropped: int = 0
    """Findings beyond the first ones of a flood."""

    @property
    def broken(self) -> bool:
        """Whether the linter calls the text a syntax error."""
        return any(d.rule == "invalid-syntax" for d in self.diagnostics)


@cache
def binary() -> str:
    return str(find_ruff_bin())


@cache
def version() -> str:
    shown = subprocess.run([binary(), "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.split()[-1]


def lint(sources: Sequence[Source], target: str = DEFAULT_TARGET) -> list[Lint]:
    """The findings of each source, in order, with those that comments suppress kept apart."""
    plain = _checked(sources, target, ignore_noqa=False)
    marked = [i for i, source in enumerate(sources) if _SUPPRESSION.search(source.text)]
    if not marked:
        return plain
    everything = _checked([sources[i] for i in marked], target, ignore_noqa=True)
    for i, full in zip(marked, everything, strict=True):
        shown = {d.place for d in plain[i].diagnostics}
        hidden = tuple(d for d in full.diagnostics if d.place not in shown)
        found = plain[i]
        plain[i] = replace(found, suppressed=hidden)
    return plain


def _checked(sources: Sequence[Source], target: str, *, ignore_noqa: bool) -> list[Lint]:
    results: list[Lint] = []
    deadline = monotonic() + limits.LINT_SECONDS
    for start in range(0, len(sources), _CHUNK_FILES):
        chunk = sources[start : start + _CHUNK_FILES]
        results += _Batch(target, ignore_noqa, deadline).check(chunk)
    return results


@dataclass(frozen=True, slots=True)
class _Batch:
    target: str
    ignore_noqa: bool
    deadline: float
    """On the monotonic clock: nothing is begun after it."""
    codes: tuple[str, ...] = field(default_factory=ruff_codes)

    def check(self, sources: Sequence[Source]) -> list[Lint]:
        """Run ruff once; on a crash, a flood or a timeout run it on halves."""
        if not sources:
            return []
        status, lints, dropped = self.run(sources)
        if status == "ok":
            return lints
        if len(sources) > 1:
            middle = len(sources) // 2
            return [*self.check(sources[:middle]), *self.check(sources[middle:])]
        if status == "timeout" and any(code.startswith("RET") for code in self.codes):
            return self.without_returns(sources)
        note = _failure_note(status)
        return [replace(lints[0], status=status, notes=(note,), dropped=dropped)]

    def without_returns(self, sources: Sequence[Source]) -> list[Lint]:
        """The RET rules take quadratic time on some texts: try again without them."""
        codes = tuple(code for code in self.codes if not code.startswith("RET"))
        (found,) = replace(self, codes=codes).check(sources)
        note = "the rules about return (RET5) took too long on this file and were left out"
        return [replace(found, notes=(*found.notes, note))]

    def run(self, sources: Sequence[Source]) -> tuple[str, list[Lint], int]:
        """(status, what was found in each source, number of findings not looked at)."""
        if monotonic() > self.deadline:
            return "timeout", [Lint() for _ in sources], 0
        with tempfile.TemporaryDirectory(prefix="treadle-review-") as folder:
            names = [_write(Path(folder), number, s) for number, s in enumerate(sources)]
            with _process(self.argv(names), folder) as process:
                most = limits.MAX_DIAGNOSTICS_PER_FILE * len(sources)
                status, rows, dropped = _read(process, most)
        grouped: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        for row in rows:
            name = "/".join(row["filename"].rsplit("/", 2)[-2:])
            if name not in grouped:
                return "crash", [Lint() for _ in sources], 0
            grouped[name].append(row)
        lints = [
            Lint(_diagnostics(source.text, grouped[name]))
            for source, name in zip(sources, names, strict=True)
        ]
        return status, lints, dropped

    def argv(self, names: list[str]) -> list[str]:
        argv = [binary(), "check", "--isolated", "--no-cache", "--no-respect-gitignore", "--quiet"]
        # The default excludes would silently drop folders named venv or build.
        argv += ["--exclude", "nothing-is-excluded", "--target-version", self.target]
        argv += ["--output-format", "json-lines", "--select", ",".join(self.codes)]
        if self.ignore_noqa:
            argv.append("--ignore-noqa")
        return [*argv, "--", *names]


def _failure_note(status: str) -> str:
    seconds, most = limits.RUFF_SECONDS, limits.MAX_DIAGNOSTICS_PER_FILE
    return {
        "crash": "the linter crashed on this file; it is not scored",
        "timeout": f"the linter took over {seconds:g} s on this file; it is not scored",
        "flood": f"more than {most:,} findings; the rest is only counted",
    }[status]


def _write(folder: Path, number: int, source: Source) -> str:
    """Write the text under a harmless name that keeps what rules look at: the file's own name."""
    given = source.basename
    suffix = ".pyi" if given.endswith(".pyi") else ".py"
    name = given if _PLAIN_NAME.fullmatch(given) and len(given) <= 100 else f"file{suffix}"
    subfolder = folder / f"f{number:04}"
    subfolder.mkdir()
    (subfolder / name).write_bytes(source.text.encode("utf-8"))
    return f"{subfolder.name}/{name}"


@contextmanager
def _process(argv: list[str], folder: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.defpath, "RAYON_NUM_THREADS": "2", "NO_COLOR": "1"},
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it ended by itself between the two lines


def _read(process: subprocess.Popen[bytes], most: int) -> tuple[str, list[dict[str, Any]], int]:
    """(status, parsed lines, number of lines not parsed); too slow a process is killed."""
    expired: list[bool] = []

    def expire() -> None:
        expired.append(True)
        _kill_group(process)

    timer = Timer(limits.RUFF_SECONDS, expire)
    timer.daemon = True
    timer.start()
    rows: list[dict[str, Any]] = []
    dropped = 0
    try:
        for line in cast(IO[bytes], process.stdout):
            if len(rows) >= most:
                dropped += 1
            elif line.endswith(b"\n"):
                rows.append(json.loads(line))
        code = process.wait()
    finally:
        timer.cancel()
    if expired:
        return "timeout", [], 0
    if code not in (0, 1):
        return "crash", [], 0
    return ("flood" if dropped else "ok"), rows, dropped


def _diagnostics(text: str, rows: list[dict[str, Any]]) -> tuple[Diagnostic, ...]:
    lines = Lines(text)
    found = {d.place: d for d in (_diagnostic(lines, row) for row in rows)}
    return tuple(sorted(found.values(), key=lambda d: (d.line, d.column, d.rule, d.end_line)))


def _diagnostic(lines: Lines, row: dict[str, Any]) -> Diagnostic:
    start, end, fix = row["location"], row["end_location"], row["fix"]
    edits: tuple[Edit, ...] = ()
    if fix:
        edits = tuple(_edit(lines, edit) for edit in fix["edits"])
    return Diagnostic(
        rule=row["code"] or "invalid-syntax",
        message=row["message"][:_MESSAGE_CHARS],
        line=start["row"],
        column=start["column"],
        end_line=end["row"],
        end_column=end["column"],
        applicability=fix["applicability"] if fix else None,
        edits=edits,
        advice=(fix["message"] or "")[:_MESSAGE_CHARS] if fix else "",
    )


def _edit(lines: Lines, edit: dict[str, Any]) -> Edit:
    start, end = edit["location"], edit["end_location"]
    return Edit(
        lines.offset(start["row"], start["column"]),
        lines.offset(end["row"], end["column"]),
        edit["content"],
    )
