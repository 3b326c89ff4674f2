"""Workflow documents as text and as dicts: what a stored draft must be, JSON and YAML.

A draft may be unfinished; it must still be an object of the right shape that browsers can hold.
"""

import json
import math
import re
from typing import Any

import yaml

from studio import codec
from studio.actions.errors import ActionError, InvalidDocument

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
FORBIDDEN_KEYS = frozenset({"__proto__", "constructor", "prototype"})
FORMAT = "treadle/1"


def blank(key: str, name: str) -> dict[str, Any]:
    """The document of a new workflow."""
    return {"format": FORMAT, "key": key, "name": name, "entry": [], "nodes": {}, "edges": []}


def checked_draft(document: object) -> dict[str, Any]:
    """The document, cleaned of characters a database refuses.

    Raises InvalidDocument (400) when it is not even the shape of a draft.
    """
    problem = _shape_problem(document)
    if problem:
        raise InvalidDocument(f"This is not a workflow document: {problem}", [], 400)
    checked: dict[str, Any] = checked_values(document)
    if len(codec.encode(checked).encode()) > MAX_BYTES:
        raise InvalidDocument("A workflow document may have at most 2 MiB.", [], 413)
    return checked


def _shape_problem(document: object) -> str | None:
    if not isinstance(document, dict):
        return "write a JSON object."
    if document.get("format") != FORMAT:
        return f'its "format" must be "{FORMAT}".'
    if not isinstance(document.get("nodes"), dict):
        return '"nodes" must be an object of nodes by id.'
    if not isinstance(document.get("edges"), list):
        return '"edges" must be a list.'
    return None


def checked_values(value: Any) -> Any:
    """JSON values, cleaned. Raises ActionError naming the path of what cannot be stored."""
    stack: list[tuple[Any, str, int]] = [(value, "", 1)]
    while stack:
        item, pointer, depth = stack.pop()
        if depth > MAX_DEPTH and isinstance(item, dict | list):
            raise _refused(pointer, f"is nested deeper than {MAX_DEPTH} levels")
        if isinstance(item, dict):
            _check_keys(item, pointer)
            stack.extend((child, f"{pointer}/{key}", depth + 1) for key, child in item.items())
        elif isinstance(item, list):
            stack.extend((child, f"{pointer}/{i}", depth + 1) for i, child in enumerate(item))
        else:
            _check_scalar(item, pointer)
    return codec.clean(value)[0]


def _check_keys(item: dict[Any, Any], pointer: str) -> None:
    for key in item:
        if not isinstance(key, str):
            raise _refused(pointer, f"has the key {key!r}: keys must be texts")
        if key in FORBIDDEN_KEYS:
            raise _refused(f"{pointer}/{key}", "is a key that browsers give a meaning to")


def _check_scalar(item: object, pointer: str) -> None:
    if isinstance(item, float) and not math.isfinite(item):
        raise _refused(pointer, f"is {item}, which JSON cannot hold")
    if item is not None and not isinstance(item, str | int | float):
        raise _refused(pointer, f"is a {type(item).__name__}: use JSON values")


def _refused(pointer: str, what: str) -> ActionError:
    shown = pointer if len(pointer) <= 200 else pointer[:200] + "…"
    detail = {"pointer": shown, "code": "E_VALUE", "message": what, "hint": ""}
    return ActionError("E_VALUE", f"The value at {shown or 'the top'} {what}.", 400, [detail])


def parse(text: str, format: str) -> Any:  # noqa: A002 - the API's word for it
    """Decode a document from `json` or `yaml` text. Raises InvalidDocument (400)."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise InvalidDocument("A workflow document may have at most 2 MiB.", [], 413)
    try:
        if format == "json":
            return json.loads(text)
        if format == "yaml":
            _check_events(text)
            return yaml.load(text, Loader=_PlainLoader)
    except RecursionError:
        raise InvalidDocument(f"The {format} is nested too deeply.", [], 400) from None
    except (ValueError, yaml.YAMLError) as error:
        raise InvalidDocument(f"This is not {format}: {error}", [], 400) from error
    raise ActionError("E_FORMAT", f"Unknown format {format!r}: use json or yaml.")


def dump(document: dict[str, Any], format: str) -> str:  # noqa: A002 - the API's word for it
    """The document as `json` (indented) or `yaml` text; `parse` gives the same document back."""
    if format == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if format == "yaml":
        text: str = yaml.dump(
            document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100
        )
        return text
    raise ActionError("E_FORMAT", f"Unknown format {format!r}: use json or yaml.")


# The parser written in C where it is there: the other takes seven seconds for a megabyte.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _check_events(text: str) -> None:
    """Refuse aliases, which multiply, and nesting, before anything is built from the text."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not read")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")


class _PlainLoader(_Loader):  # type: ignore[misc, valid-type]
    """YAML with JSON's values only: no dates, `on` and `no` are texts, no key twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            raise yaml.YAMLError(f"a key is there twice, line {node.start_mark.line + 1}")
        return mapping


class _PlainDumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


_SCALARS = (
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf"),
    ("tag:yaml.org,2002:null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("tag:yaml.org,2002:int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$",
        "-0123456789",
    ),
)
for _tag, _pattern, _first in _SCALARS:
    for _class in (_PlainLoader, _PlainDumper):
        _class.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))
