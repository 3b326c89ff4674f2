"""Which texts are marked in the sources.

Needs no GNU gettext: Babel reads Python, and what Django makes of templates; Node the islands.
"""

import ast
import io
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
BROWSER = ROOT / "static" / "src"
_ONE, _MANY = ("id",), ("id", "plural")
CALLS: dict[str, tuple[str, ...]] = {
    "_": _ONE,
    "gettext": _ONE,
    "gettext_lazy": _ONE,
    "gettext_noop": _ONE,
    "ngettext": _MANY,
    "ngettext_lazy": _MANY,
    "pgettext": ("context", *_ONE),
    "pgettext_lazy": ("context", *_ONE),
    "npgettext": ("context", *_MANY),
    # What the engine says: engine/said.py.
    "say": _ONE,
    "say_as": _ONE,
    "counted": _MANY,
    "failure": _ONE,
    "readable": _ONE,
    "readable_count": _MANY,
}
"""What the first arguments are, by the name of the function."""


_MARKING = ("django.utils.translation", "from engine.said import", "class Said(str)")
"""What a source that has marked texts imports, or is."""


@dataclass(frozen=True, slots=True)
class Text:
    """One marked text. `plural` and `context` are empty where it has none; `file` from the root."""

    file: str
    id: str
    plural: str = ""
    context: str = ""


class Unreadable(ValueError):
    """A source that says something that cannot be translated. The message names its place."""


def server() -> Iterator[Text]:
    """Those of the templates, of the studio's Python, and of what the engine says."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt"):
            yield from in_template(path.read_text(encoding="utf-8"), _name(path))
    for path in sorted([*(ROOT / "engine").rglob("*.py"), *(ROOT / "studio").rglob("*.py")]):
        source = path.read_text(encoding="utf-8")
        if any(known in source for known in _MARKING):
            yield from in_python(source, _name(path))


def browser() -> Iterator[Text]:
    """Those of the islands. Needs Node and its packages."""
    done = subprocess.run(
        ["node", "build/extractWords.mjs"], cwd=BROWSER, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unreadable(done.stderr)
    for text in json.loads(done.stdout):
        yield Text(
            f"static/src/{text['file']}", text["id"], text["plural"] or "", text["context"] or ""
        )


def in_template(source: str, file: str) -> Iterator[Text]:
    """Django turns a template into something like Python, which Babel reads."""
    # Its lines are no blocks: Python would mind how far they are indented.
    python = "\n".join(line.lstrip() for line in templatize(source, origin=file).splitlines())
    options = {"encoding": "utf-8"}
    for _line, call, given, _comments in extract_python(
        io.BytesIO(python.encode()), list(CALLS), [], options
    ):
        texts = [given] if isinstance(given, str) else [part for part in given or () if part]
        if texts:
            yield Text(file, **dict(zip(CALLS[call], texts, strict=False)))


def in_python(source: str, file: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            parts = CALLS.get(node.func.id)
            if parts and (text := _text_of(node, parts, file)):
                yield text


def _text_of(call: ast.Call, parts: tuple[str, ...], file: str) -> Text | None:
    """None for a name: the text that it holds is marked where it is written."""
    given = call.args[: len(parts)]
    if any(isinstance(one, ast.JoinedStr) for one in given):
        raise Unreadable(f"{file}:{call.lineno}: an f-string cannot be translated: use .format()")
    texts = [one.value for one in given if isinstance(one, ast.Constant)]
    if len(texts) < len(parts):
        return None
    return Text(file, **dict(zip(parts, texts, strict=True)))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
"""What a text leaves open, in templates, Python and the browser."""
