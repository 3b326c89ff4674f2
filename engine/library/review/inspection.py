"""What is known about each file: the measurements of its syntax tree and the linter's findings.

Both are pure functions of a file's text and name, and are remembered by them: a file that a pass
left alone is never looked at again, and parallel branches of the workflow share the work.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from engine.library.review import ruff
from engine.library.review.catalogue import NOT_COMPILABLE, profile_hash
from engine.library.review.memo import Memo
from engine.library.review.ruff import Lint
from engine.library.review.sources import Source
from engine.library.review.worker import WorkerDied, WorkerTimeout, pool

MEASURED = "ok"
_PARSED = frozenset({"ok", "long_line"})
"""Statuses of sources that are given to a worker; of long lines only the syntax is checked."""
_PARALLEL = 2
_CHUNK_FILES = 50
_FAILED = "analyzer_crash"
_SLOW = "analyzer_timeout"

NOT_REVIEWED = frozenset({_FAILED, _SLOW})
"""Statuses of files that say nothing about the code: they are left out of the score."""
UNUSABLE = frozenset({"syntax", "undecodable", "nul_bytes", "too_deep"})
"""Statuses of files that no Python could run as they are: their score is 0."""

_REFUSED_BY_ALL = "Exceeds the limit"
"""CPython's words for a literal with too many digits: an error that the linter does not share."""

LINT_FAILURES = {"crash": _FAILED, "timeout": _SLOW}
"""What a failed linter makes of a file's status."""

_NO_SYNTAX_TREE: dict[str, Any] = {
    "lines": 0,
    "statements": 0,
    "functions": [],
    "no_effect": [],
    "imports": [],
    "references": {"stars": [], "pairs": []},
}


@dataclass(frozen=True, slots=True)
class Measure:
    """The facts of one syntax tree, or why there is none."""

    status: str
    """``ok``, one of UNUSABLE or NOT_REVIEWED, ``newer_syntax``, or ``long_line``."""
    error: Mapping[str, Any] | None
    """{line, column, message} where the status is about a place in the text."""
    facts: Mapping[str, Any]
    """lines, statements, functions, no_effect, imports, references; empty without a tree."""

    @property
    def size(self) -> int:
        """S of the score: lines of code, or statements if they are more."""
        return int(max(self.facts["lines"], self.facts["statements"]))


_Key = tuple[str, str, str]
_measures: Memo[str, Measure] = Memo(200_000, lambda m: 20 + 5 * len(m.facts["functions"]))
_lints: Memo[_Key, Lint] = Memo(
    100_000, lambda found: 10 + len(found.diagnostics) + len(found.suppressed)
)


def forget_everything() -> None:
    """Empty the memory of this process, so that a test can measure the real work."""
    _measures.clear()
    _lints.clear()


def measure_all(sources: Iterable[Source]) -> dict[str, Measure]:
    """The measurements of each file, by path."""
    by_path = {source.path: source for source in sources}
    todo = {s.sha256: s for s in by_path.values() if s.status in _PARSED}

    def compute(keys: list[str]) -> Mapping[str, Measure]:
        return dict(zip(keys, _measure_batch([todo[key] for key in keys]), strict=True))

    known = _measures.get_all(todo, compute)
    return {
        path: _of(source, known) if source.status in _PARSED else _unparsed(source)
        for path, source in by_path.items()
    }


def _of(source: Source, known: Mapping[str, Measure]) -> Measure:
    measure = known[source.sha256]
    if source.status == "long_line" and measure.status == MEASURED:
        return Measure("long_line", None, _text_size(source))
    return measure


def _unparsed(source: Source) -> Measure:
    """A file that is not to be parsed; its size is told from the text alone."""
    lines = sum(1 for line in source.text.splitlines() if line.strip()) or 1
    line, column = source.position
    error = {"line": line, "column": column, "message": source.detail or source.status}
    return Measure(source.status, error, {**_NO_SYNTAX_TREE, "lines": lines})


def _measure_batch(sources: Sequence[Source]) -> list[Measure]:
    chunks = [sources[i : i + _CHUNK_FILES] for i in range(0, len(sources), _CHUNK_FILES)]
    if len(chunks) == 1:
        return _measure_chunk(chunks[0])
    with ThreadPoolExecutor(_PARALLEL) as executor:
        return [m for part in executor.map(_measure_chunk, chunks) for m in part]


def _measure_chunk(sources: Sequence[Source]) -> list[Measure]:
    """Ask a worker; when it dies, ask for halves until the file that kills it stands alone."""
    try:
        answers = pool.ask({"do": "measure", "texts": [source.text for source in sources]})
    except WorkerDied as error:
        if len(sources) > 1:
            middle = len(sources) // 2
            return [*_measure_chunk(sources[:middle]), *_measure_chunk(sources[middle:])]
        return [_lost(sources[0], error)]
    return [_settled(s, answer) for s, answer in zip(sources, answers, strict=True)]


def _lost(source: Source, error: WorkerDied) -> Measure:
    slow = isinstance(error, WorkerTimeout)
    place = {"line": 1, "column": 1, "message": f"this file could not be analysed: {error}"}
    return Measure(_SLOW if slow else _FAILED, place, _NO_SYNTAX_TREE)


def _settled(source: Source, answer: dict[str, Any]) -> Measure:
    if answer["status"] == "ok":
        return Measure(MEASURED, None, answer)
    measure = Measure(answer["status"], answer["error"], _text_size(source))
    if answer["status"] != "unparsed":
        return measure
    status = (
        "newer_syntax" if _newer_python_takes_it(source, answer["error"]["message"]) else "syntax"
    )
    return Measure(status, measure.error, measure.facts)


def _text_size(source: Source) -> dict[str, Any]:
    bare = (line.strip() for line in source.text.splitlines())
    return {**_NO_SYNTAX_TREE, "lines": sum(1 for b in bare if b and not b.startswith("#"))}


def _newer_python_takes_it(source: Source, answer_message: str) -> bool:
    if _REFUSED_BY_ALL in answer_message:
        return False
    (found,) = _lint([source], ruff.NEWEST_TARGET)
    codes = {diagnostic.rule for diagnostic in found.diagnostics}
    return found.status == "ok" and not found.broken and not codes & NOT_COMPILABLE


def lint_all(sources: Iterable[Source], target: str) -> dict[str, Lint]:
    """The linter's findings of each file that can be linted, by path."""
    measures = measure_all(sources := list(sources))
    plain = [s for s in sources if measures[s.path].status in (MEASURED, "long_line")]
    newer = [s for s in sources if measures[s.path].status == "newer_syntax"]
    found = dict(zip([s.path for s in plain], _lint(plain, target), strict=True))
    # This Python can parse it, so syntax newer than the target is not an error of the file.
    behind = [s for s in plain if found[s.path].broken and target != _host_target()]
    found.update(zip([s.path for s in behind], _lint(behind, _host_target()), strict=True))
    found.update(zip([s.path for s in newer], _lint(newer, ruff.NEWEST_TARGET), strict=True))
    return found


def _host_target() -> str:
    own = f"py{sys.version_info.major}{sys.version_info.minor}"
    return own if own in ruff.TARGETS else ruff.NEWEST_TARGET


def _lint(sources: Sequence[Source], target: str) -> list[Lint]:
    by_key = {_lint_key(source, target): source for source in sources}

    def compute(keys: list[_Key]) -> Mapping[_Key, Lint]:
        return dict(zip(keys, ruff.lint([by_key[key] for key in keys], target), strict=True))

    known = _lints.get_all(by_key, compute)
    return [known[_lint_key(source, target)] for source in sources]


def _lint_key(source: Source, target: str) -> _Key:
    return source.sha256, source.basename, f"{target} {profile_hash()}"
