"""`treadle review`: files and folders, with the rules and the result of the page and the API."""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from engine.library.review.workflow import review_files
from studio.commandline import terminal

# Folders in which other people's code lives, or none.
SKIPPED = {"__pycache__", "node_modules", "site-packages", "build", "dist"}
SUFFIXES = {".py", ".pyi"}


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help="Python files and folders of them")
    parser.add_argument("--threshold", type=float, default=7.0, help="score to reach, 0 to 10")
    parser.add_argument("--max-passes", type=int, default=8, help="fix passes at most")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    """0: the score reaches the threshold; 1: it does not."""
    sources = read_sources([Path(path) for path in options.paths])
    with terminal.Bar() as bar:
        bar.show(0, None, f"reviewing {len(sources)} files")
        try:
            review = review_files(
                sources, threshold=options.threshold, max_passes=options.max_passes
            )
        except ValueError as error:
            raise CommandError(f"{error}") from error
    if options.json:
        terminal.say_json(review.report)
    else:
        terminal.say(review.markdown.rstrip("\n"))
    return 0 if review.report["quality_ok"] else 1


def read_sources(paths: Sequence[Path]) -> dict[str, str | bytes]:
    """The bytes of every Python file by a path relative to where it was named.

    One file keeps its name alone, so that it reads the same as when it is uploaded.
    """
    found: dict[str, str | bytes] = {}
    for path in paths:
        if not path.exists():
            raise CommandError(f"{path}: there is no such file or folder.")
        for file, shown in _files(path):
            found[_free(found, shown, file)] = _read(file)
    if not found:
        raise CommandError("No Python files there: name .py files or folders that hold some.")
    return found


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, path.name
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if _is_own(name))
        for name in sorted(files):
            file = Path(folder, name)
            if file.suffix in SUFFIXES and file.is_file():
                yield file, file.relative_to(path).as_posix()


def _is_own(folder: str) -> bool:
    return folder not in SKIPPED and not folder.startswith(".")


def _free(found: dict[str, Any], shown: str, file: Path) -> str:
    """Two files may share a name when several folders are reviewed: then the longer one is told."""
    return file.as_posix().lstrip("/") if shown in found else shown


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from error
