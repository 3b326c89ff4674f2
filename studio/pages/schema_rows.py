"""A tool's JSON Schema as rows of a table."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

from studio.pages.drafts import mapping, sequence

DEEPEST = 2


@dataclass(frozen=True, slots=True)
class SchemaRow:
    """One parameter, or a member of one; `depth` counts from 0."""

    name: str
    type: str
    required: bool
    default: str
    about: str
    limits: str
    depth: int = 0
    title: str = ""
    """What people call it, where that is more than its name in other letters."""


def schema_rows(schema: Mapping[str, Any]) -> list[SchemaRow]:
    return list(_members(schema, schema, 0))


def _members(node: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> Iterator[SchemaRow]:
    required = sequence(node.get("required"))
    for name, raw in mapping(node.get("properties")).items():
        raw = mapping(raw)
        member = _resolve(raw, root)
        yield SchemaRow(
            name,
            type_words(member, root),
            name in required,
            json.dumps(raw["default"], ensure_ascii=False) if "default" in raw else "",
            str(raw.get("description") or member.get("description") or ""),
            _limits(member),
            depth,
            _title(name, raw.get("title") or member.get("title")),
        )
        if depth < DEEPEST and member.get("properties"):
            yield from _members(member, root, depth + 1)


def _title(name: str, title: object) -> str:
    if not isinstance(title, str) or _letters(title) == _letters(name):
        return ""
    return title


def _letters(text: str) -> str:
    return re.sub(r"[\s_-]+", "", text).lower()


def _resolve(node: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow `$ref` inside the document, at most a few times: a schema may point at itself."""
    for _ in range(8):
        reference = node.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return node
        target: Any = root
        for part in reference[2:].split("/"):
            target = target.get(part, {}) if isinstance(target, Mapping) else {}
        if not isinstance(target, Mapping):
            return {}
        node = target
    return node


def type_words(node: Mapping[str, Any], root: Mapping[str, Any], depth: int = 0) -> str:
    """The type in words: `list of string`, `number or null`, `"a" | "b"`, `any`."""
    node = _resolve(node, root)
    if depth > 4:
        return "…"
    if "const" in node:
        return json.dumps(node["const"], ensure_ascii=False)
    if "enum" in node:
        values = sequence(node["enum"])
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in values)
    options = sequence(node.get("anyOf")) or sequence(node.get("oneOf"))
    if options:
        words = [type_words(mapping(option), root, depth + 1) for option in options]
        return gettext(" or ").join(dict.fromkeys(words))
    kind = node.get("type")
    if isinstance(kind, list):
        return gettext(" or ").join(str(one) for one in kind)
    if kind == "array":
        of = type_words(mapping(node.get("items")), root, depth + 1)
        return gettext("list of {type}").format(type=of)
    if kind == "object" and isinstance(node.get("additionalProperties"), Mapping):
        of = type_words(node["additionalProperties"], root, depth + 1)
        return gettext("map of {type}").format(type=of)
    return str(kind or "any")


_LIMITS = {
    "minimum": gettext_noop("at least {}"),
    "exclusiveMinimum": gettext_noop("more than {}"),
    "maximum": gettext_noop("at most {}"),
    "exclusiveMaximum": gettext_noop("less than {}"),
    "multipleOf": gettext_noop("a multiple of {}"),
    "minLength": gettext_noop("at least {} characters"),
    "maxLength": gettext_noop("at most {} characters"),
    "minItems": gettext_noop("at least {} items"),
    "maxItems": gettext_noop("at most {} items"),
    "pattern": gettext_noop("matches {}"),
}


# `format` also carries hints for forms, which say nothing to a reader.
_FORMATS = {
    "date": gettext_noop("a date"),
    "date-time": gettext_noop("a moment in ISO 8601"),
    "time": gettext_noop("a time of day"),
    "email": gettext_noop("an e-mail address"),
    "uri": gettext_noop("an address"),
    "uuid": gettext_noop("a UUID"),
}


def _limits(node: Mapping[str, Any]) -> str:
    found = [gettext(text).format(node[key]) for key, text in _LIMITS.items() if key in node]
    form = _FORMATS.get(str(node.get("format")))
    return ", ".join([gettext(form), *found] if form else found)
