"""YAML texts, read safely: no objects, and no text that grows when it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

MAX_CHARACTERS = 262_144
MAX_DEPTH = 64
MAX_VALUES = 100_000
"""Values of the whole text, those of repeated anchors counted each time."""


class _PlainLoader(yaml.SafeLoader):
    """Reads plain words as JSON would, so that 12:30 is no number and `no` is a word."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_PLAIN = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"0|[-+]?[1-9][0-9]{0,17}", list("-+0123456789")),
    "float": (
        r"[-+]?(?:0|[1-9][0-9]{0,40})(?:\.[0-9]{1,40})(?:[eE][-+]?[0-9]{1,2})?",
        list("-+0123456789"),
    ),
    "merge": (r"<<", ["<"]),
}
for _kind, (_pattern, _first) in _PLAIN.items():
    _tag = f"tag:yaml.org,2002:{_kind}"
    _PlainLoader.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern})\\Z"), _first)
_ALLOWED_TAGS = (None, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")))


def parse_yaml(text: str) -> dict[str, Any]:
    """Read YAML. Returns {"data": ...}.

    Numbers, true, false and null are read as such; everything else stays text, dates and "no" as
    well. Anchors may be repeated as long as the data stays small; tags of objects are refused.
    """
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"the YAML has more than {MAX_CHARACTERS:,} characters")
    try:
        _measure(text)
        data = yaml.load(text, Loader=_PlainLoader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(f"this is not YAML: {error}") from error
    except RecursionError:
        raise ValueError(f"the YAML is nested deeper than {MAX_DEPTH} levels") from None
    _check_keys(data)
    return {"data": data}


def _measure(text: str) -> None:
    """Refuse what is too deep or too much once every alias stands for its anchor."""
    open_counts: list[int] = [0]
    open_anchors: list[str | None] = [None]
    sizes: dict[str, int] = {}
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        tag = getattr(event, "tag", None)
        if tag not in _ALLOWED_TAGS:
            raise ValueError(f"the tag {tag!r:.80} is refused: write plain values")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise ValueError(f"the alias *{event.anchor} stands inside its own anchor")
            open_counts[-1] += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            open_counts[-1] += 1
            if event.anchor is not None:
                sizes[event.anchor] = 1
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            open_counts.append(1)
            open_anchors.append(event.anchor)
            if event.anchor is not None:
                sizes.pop(event.anchor, None)
            if len(open_counts) > MAX_DEPTH:
                raise ValueError(f"the YAML is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            size, anchor = open_counts.pop(), open_anchors.pop()
            if anchor is not None:
                sizes[anchor] = size
            open_counts[-1] += size
        if open_counts[-1] > MAX_VALUES:
            raise ValueError(f"the YAML stands for more than {MAX_VALUES:,} values")


def _check_keys(data: Any) -> None:
    if isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str):
                raise ValueError(f"the key {key!r:.80} is not a text: write it in quotes")
            _check_keys(value)
    elif isinstance(data, list):
        for value in data:
            _check_keys(value)


TOOLS: dict[str, Callable[..., Any]] = {"yaml.parse": parse_yaml}
