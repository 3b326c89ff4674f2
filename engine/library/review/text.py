"""Text and positions: decoding as Python does it, lines as Python counts them, offsets."""

from __future__ import annotations

import io
import re
import tokenize
from bisect import bisect_right
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text without its byte order mark, and how to turn it into bytes again."""

    text: str
    encoding: str
    bom: bool

    def encode(self, text: str) -> bytes:
        return encode(text, self.encoding, bom=self.bom)


def encode(text: str, encoding: str, *, bom: bool) -> bytes:
    body = text.encode(encoding)
    return _BOM + body if bom else body


def decode(data: bytes) -> Decoded:
    """Decode source bytes by their byte order mark, coding line, or UTF-8.

    Raises ValueError with a sentence when they are not what they say they are.
    """
    bom = data.startswith(_BOM)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        name = "utf-8" if encoding == "utf-8-sig" else encoding
        return Decoded(data.removeprefix(_BOM).decode(name), name, bom)
    except (SyntaxError, LookupError, UnicodeError) as error:
        raise ValueError(
            f"the bytes are not text in the encoding the file declares: {error}"
        ) from error


def newline_of(text: str) -> str:
    """``lf``, ``crlf``, ``cr``, ``mixed`` or ``none``."""
    kinds = set(_LINE_END.findall(text))
    if len(kinds) > 1:
        return "mixed"
    return {"\n": "lf", "\r\n": "crlf", "\r": "cr"}[kinds.pop()] if kinds else "none"


class Lines:
    """The lines of a text, and positions in it: lines and columns from 1, columns in characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def __len__(self) -> int:
        return len(self.starts)

    def line(self, number: int) -> str:
        """A line without its end; an empty string outside the text."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")

    def offset(self, line: int, column: int) -> int:
        """The character offset of a position; one past the last line is the end of the text."""
        if line > len(self.starts):
            return len(self.text)
        return min(self.starts[line - 1] + column - 1, len(self.text))

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def split_lines(text: str) -> list[str]:
    """Lines with their ends, split where Python and editors split and nowhere else."""
    parts: list[str] = []
    position = 0
    for match in _LINE_END.finditer(text):
        parts.append(text[position : match.end()])
        position = match.end()
    if position < len(text):
        parts.append(text[position:])
    return parts
