"""CSV: texts of rows and columns, read and written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

MAX_ROWS = 50_000
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:[.,]\d{1,30})?", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a text begins that a spreadsheet would compute."""


def parse_csv(text: str, header: bool = True, separator: str = ",") -> dict[str, Any]:
    """Read CSV. Returns {"rows": [...], "columns": [...]}.

    With a header each row is an object by column, without one a list. Values stay texts.
    """
    rows = list(_rows(text, _one_character(separator)))
    if not header:
        return {"rows": rows, "columns": []}
    if not rows:
        return {"rows": [], "columns": []}
    columns = rows[0]
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise ValueError(f"the header names {twice[0]!r:.80} more than once")
    objects = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(columns):
            raise ValueError(
                f"row {number} has {len(row)} values, the header has {len(columns)} columns"
            )
        objects.append(dict(zip(columns, row, strict=True)))
    return {"rows": objects, "columns": columns}


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator, strict=True)
    count = 0
    try:
        for row in reader:
            if not row:
                continue
            count += 1
            if count > MAX_ROWS:
                raise ValueError(f"the text has more than {MAX_ROWS:,} rows")
            yield row
    except csv.Error as error:
        raise ValueError(f"this is not CSV: {error} in line {reader.line_num}") from error


def write_csv(
    rows: list[Any], columns: list[str] | None = None, separator: str = ","
) -> dict[str, str]:
    """Write rows (objects or lists) as CSV. Returns {"text": ...}.

    Columns: the given ones, else the keys of all rows as they first appear. A text that a
    spreadsheet would take for a formula (it begins with = + - or @) gets a ' before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_one_character(separator), lineterminator="\r\n")
    objects = any(isinstance(row, dict) for row in rows)
    if objects and columns is None:
        columns = list(dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row))
    if columns is not None:
        writer.writerow([_cell(name) for name in columns])
    for number, row in enumerate(rows, 1):
        if isinstance(row, dict):
            writer.writerow([_cell(row.get(name)) for name in columns or ()])
        elif isinstance(row, list) and not objects:
            writer.writerow([_cell(value) for value in row])
        else:
            raise ValueError(f"row {number} is neither an object nor a list, as the others are")
    return {"text": out.getvalue()}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if not isinstance(value, str):
        raise ValueError("a cell holds a text or a number, not a list or an object")
    harmless = not value.lstrip(" ").startswith(_FORMULA) or _NUMBER.fullmatch(value)
    return value if harmless else f"'{value}"


def _one_character(separator: str) -> str:
    if len(separator) != 1 or separator in '\r\n"':
        raise ValueError("separator is one character, such as , or ;")
    return separator


TOOLS: dict[str, Callable[..., Any]] = {"csv.parse": parse_csv, "csv.write": write_csv}
