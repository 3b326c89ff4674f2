"""Texts that hold data, beside CSV: JSON Lines, TOML, INI, YAML; or by the name of their file."""

from __future__ import annotations

import configparser
import json
import tomllib
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import yaml

from engine.library.tables import parse_csv
from engine.library.yamltext import MAX_DEPTH, parse_yaml

MAX_CHARACTERS = 1_048_576
MAX_LINES = 50_000


def parse_lines(text: str) -> dict[str, Any]:
    """Read JSON Lines: one JSON value on each line. Returns {"rows": [...]}."""
    rows: list[Any] = []
    for number, line in enumerate(_checked(text).splitlines(), 1):
        if not line.strip():
            continue
        if len(rows) == MAX_LINES:
            raise ValueError(f"the text has more than {MAX_LINES:,} lines")
        try:
            rows.append(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"line {number} is not JSON: {error}") from None
    return {"rows": rows}


def write_lines(rows: list[Any]) -> dict[str, str]:
    """Write one JSON value on each line. Returns {"text": ...}."""
    lines = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows]
    return {"text": "".join(f"{line}\n" for line in lines)}


def parse_toml(text: str) -> dict[str, Any]:
    """Read TOML. Returns {"data": ...}; dates and times become texts."""
    try:
        return {"data": _plain(tomllib.loads(_checked(text)), 0)}
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is not TOML: {error}") from None
    except RecursionError:
        raise ValueError(f"the TOML is nested deeper than {MAX_DEPTH} levels") from None


def parse_ini(text: str) -> dict[str, Any]:
    """Read INI. Returns {"data": {section: {key: text}}}; nothing in it is expanded."""
    parser = configparser.ConfigParser(
        interpolation=None, default_section="", strict=True, allow_no_value=True
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(_checked(text))
    except configparser.Error as error:
        said = str(error).replace("'<string>'", "the text")
        raise ValueError(f"this is not INI: {said}") from None
    return {"data": {name: dict(parser[name]) for name in parser.sections()}}


def write_yaml(data: Any) -> dict[str, str]:
    """Write data as YAML, keys in their order. Returns {"text": ...}."""
    return {"text": yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)}


def parse_file(name: str, text: str) -> dict[str, Any]:
    """Read the text of a file by the ending of its name. Returns {"kind", "data"}.

    Knows .json, .jsonl, .ndjson, .csv, .tsv, .yaml, .yml, .toml and .ini; others come as "text".
    The name is only looked at: no file is opened.
    """
    ending = name.rpartition(".")[2].lower()
    kind, read = _READERS.get(ending, ("text", lambda text: text))
    return {"kind": kind, "data": read(text)}


def _json(text: str) -> Any:
    try:
        return json.loads(_checked(text))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is not JSON: {error}") from None


_READERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "json": ("json", _json),
    "jsonl": ("jsonl", lambda text: parse_lines(text)["rows"]),
    "ndjson": ("jsonl", lambda text: parse_lines(text)["rows"]),
    "csv": ("csv", lambda text: parse_csv(text)["rows"]),
    "tsv": ("csv", lambda text: parse_csv(text, separator="\t")["rows"]),
    "yaml": ("yaml", lambda text: parse_yaml(text)["data"]),
    "yml": ("yaml", lambda text: parse_yaml(text)["data"]),
    "toml": ("toml", lambda text: parse_toml(text)["data"]),
    "ini": ("ini", lambda text: parse_ini(text)["data"]),
}


def _checked(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the text has more than {MAX_CHARACTERS:,} characters")
    return text.removeprefix("\ufeff")


def _plain(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError(f"the TOML is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {key: _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    return value.isoformat() if isinstance(value, (datetime, date, time)) else value


TOOLS: dict[str, Callable[..., Any]] = {
    "file.parse": parse_file,
    "ini.parse": parse_ini,
    "jsonl.parse": parse_lines,
    "jsonl.write": write_lines,
    "toml.parse": parse_toml,
    "yaml.write": write_yaml,
}
