"""Workflow documents as text: JSON and YAML, read from strangers and written for people.

In JSON each node, edge and place has a line of its own, so that a diff of two texts reads like a
list of changes. What was written reads back as the same document, and that is written as the same
text.
"""

import json
import re
from typing import Any

import yaml

from engine.said import Said, quoted, say
from studio.actions import syntax_words
from studio.actions.documents import MAX_DEPTH, check_size
from studio.actions.errors import ActionError, InvalidDocument

FORMATS = ("json", "yaml")
SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_BY_LINE = frozenset({"state", "limits", "nodes", "edges", "layout", "meta"})
"""Parts of which each member has a line of its own in JSON."""


def format_of(text: str, name: str = "") -> str:
    """The format of a text: by the name of its file, else by how it begins."""
    for suffix, known in SUFFIXES.items():
        if name.lower().endswith(suffix):
            return known
    return "json" if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else "yaml"


def parse(text: str, format: str) -> Any:  # noqa: A002 - the API's word for it
    """Decode a document from `json` or `yaml` text. Raises InvalidDocument (400)."""
    check_size(text)
    text = text.removeprefix("\ufeff")
    try:
        if format == "json":
            return json.loads(text, object_pairs_hook=_once)
        if format == "yaml":
            _check_events(text)
            return yaml.load(text, Loader=_PlainLoader)
    except RecursionError:
        said = say("The {format} is nested too deeply.", format=format)
        raise InvalidDocument(said, [], 400) from None
    except json.JSONDecodeError as error:
        problem = syntax_words.sentence(error.msg)
        raise _unread(format, problem, error.lineno, error.colno) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        english = getattr(error, "problem", None) or str(error)
        own = error.args[0] if error.args and isinstance(error.args[0], Said) else None
        place = (mark.line + 1, mark.column + 1) if mark is not None else (None, None)
        raise _unread(format, own or syntax_words.sentence(english), *place) from error
    except _Twice as error:
        raise _unread(format, error.said, None, None) from error
    except ValueError as error:
        raise _unread(format, syntax_words.sentence(str(error)), None, None) from error
    raise ActionError(
        "E_FORMAT", say("Unknown format {format}: use json or yaml.", format=quoted(str(format)))
    )


def _unread(
    format: str,  # noqa: A002
    problem: Said,
    line: int | None,
    column: int | None,
) -> InvalidDocument:
    message = say("This is not {format}: {problem}.", format=format.upper(), problem=problem)
    if line is not None:
        message = say(
            "{sentence} Line {line}, column {column}.",
            sentence=message,
            line=line,
            column=column,
        )
    detail = {"pointer": "", "code": "E_SYNTAX", "message": message, "hint": ""}
    return InvalidDocument(message, [detail], 400)


class _Twice(ValueError):
    def __init__(self, key: str) -> None:
        self.said = say("the key {key} is there twice", key=quoted(key, 80))
        super().__init__(self.said)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no key is lost."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise _Twice(key)
        made[key] = value
    return made


def dump(document: dict[str, Any], format: str) -> str:  # noqa: A002 - the API's word for it
    """The document as `json` or `yaml` text; `parse` gives the same document back."""
    if format == "json":
        lines = [f"  {_json(key)}: {_part(key, value)}" for key, value in document.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"
    if format == "yaml":
        text: str = yaml.dump(
            document, Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100
        )
        return text
    raise ActionError(
        "E_FORMAT", say("Unknown format {format}: use json or yaml.", format=quoted(str(format)))
    )


def _part(key: str, value: Any) -> str:
    if key not in _BY_LINE or not value or not isinstance(value, dict | list):
        return _json(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join(f"    {_json(item)}" for item in value) + "\n  ]"
    rows = (f"    {_json(name)}: {_json(item)}" for name, item in value.items())
    return "{\n" + ",\n".join(rows) + "\n  }"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# The parser written in C where it is there: the other takes seven seconds for a megabyte.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _check_events(text: str) -> None:
    """Refuse aliases, which multiply, and nesting, before anything is built from the text."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError(say("aliases (*name) are not read"))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise yaml.YAMLError(say("nested deeper than {n} levels", n=MAX_DEPTH))


class _PlainLoader(_Loader):  # type: ignore[misc, valid-type]
    """YAML with JSON's values only: no dates, `on` and `no` are texts, no key twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        mapping = super().construct_mapping(node, deep)
        if len(mapping) != len(node.value):
            line = node.start_mark.line + 1
            raise yaml.YAMLError(say("a key is there twice, line {line}", line=line))
        return mapping


class _PlainDumper(yaml.SafeDumper):
    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Texts of several lines, such as code, are written as they are read.

    Breaks that YAML would read as a line's end are escaped.
    """
    style = '"' if _OTHER_BREAKS.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_PlainDumper.add_representer(str, _text)


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
