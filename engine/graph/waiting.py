"""Reading what a `wait` or `human` node waits for."""

from typing import Any

from engine.graph.model import Awaited
from engine.graph.reading import MAX_NAME, Fields, pointer, printable
from engine.graph.schema import schema_problem
from engine.policies import EdgeOn, NodeType, WaitKind
from engine.said import quoted, say, say_as

WAIT_KEYS = frozenset({"for", "until", "signal", "key", "any"})
HUMAN_KEYS = frozenset({"form", "assignees", "due"})
MAX_ALTERNATIVES = 20

_PERSON = frozenset({"form", "assignees", "title", "description"})
_ALTERNATIVE = frozenset({"for", "until", "signal", "key"}) | _PERSON
_RESERVED = frozenset(EdgeOn)
_EXAMPLE = '"late": {"for": "1h"}'


def read_awaited(kind: NodeType, fields: Fields) -> tuple[Awaited, ...]:
    """What the node waits for; nothing for a node of another type, and after reporting."""
    if kind is NodeType.HUMAN:
        return (_person(fields, due=True),)
    if kind is NodeType.WAIT:
        return _wait(fields)
    return ()


def alternatives_of(node: Any) -> list[str]:
    """The names of a wait's alternatives, of a node as the document has it."""
    found = (
        node.get("any") if isinstance(node, dict) and node.get("type") == NodeType.WAIT else None
    )
    return list(found) if isinstance(found, dict) else []


# People -----------------------------------------------------------------------------------------


def _person(fields: Fields, name: str = "", *, due: bool = False) -> Awaited:
    form = fields.mapping("form")
    problem = schema_problem(form)
    if problem is not None:
        hint = say("a form is a JSON Schema of an object")
        fields.report.add("bad_schema", fields.at("form"), problem, hint)
    elif form.get("type", "object") != "object":
        message = say("the answer to a form is an object")
        hint = say("write {text}", text='"type": "object"')
        fields.report.add("bad_schema", fields.at("form"), message, hint)
    return Awaited(
        WaitKind.HUMAN,
        name,
        for_s=fields.duration("due") if due else None,
        form=form,
        assignees=_assignees(fields),
        title=fields.text("title", limit=10_000),
        description=fields.text("description", limit=10_000),
    )


def _assignees(fields: Fields) -> dict[str, Any]:
    if "assignees" not in fields.raw:
        return {}
    inner = Fields(
        fields.raw["assignees"], (*fields.way, "assignees"), fields.report, {"users", "group"}
    )
    found: dict[str, Any] = {}
    if "users" in inner.raw:
        found["users"] = list(inner.texts("users"))
    if "group" in inner.raw:
        found["group"] = inner.text("group", limit=200)
    return found


# Times and signals ------------------------------------------------------------------------------


def _wait(fields: Fields) -> tuple[Awaited, ...]:
    raw, report = fields.raw, fields.report
    given = [key for key in ("for", "until", "signal", "any") if key in raw]
    if len(given) != 1:
        message = say("a wait node has one of 'for', 'until', 'signal' and 'any'")
        hint = say("for example {example}", example='"for": "30s"')
        report.add("missing_key" if not given else "bad_wait", fields.where, message, hint)
        return ()
    _refuse_stray("key", fields, given[0] == "signal")
    _refuse_stray("outputs", fields, given[0] in ("signal", "any"))
    return _alternatives(fields) if given[0] == "any" else (_simple(fields, given[0]),)


def _refuse_stray(key: str, fields: Fields, belongs: bool) -> None:
    if key in fields.raw and not belongs:
        message = say("{key} belongs to a wait for a signal", key=quoted(key))
        fields.report.add("bad_wait", fields.at(key), message, say("leave it out"))


def _simple(fields: Fields, given: str, name: str = "") -> Awaited:
    """A time, a moment or a signal."""
    if given == "for":
        return Awaited(WaitKind.TIMER, name, for_s=fields.duration("for"))
    if given == "until":
        return Awaited(WaitKind.TIMER, name, until=fields.expression("until"))
    signal, key = fields.name("signal") or "", fields.expression("key")
    return Awaited(WaitKind.SIGNAL, name, signal=signal, key=key)


# Several of them --------------------------------------------------------------------------------


def _alternatives(fields: Fields) -> tuple[Awaited, ...]:
    report, found = fields.report, []
    raw = fields.mapping("any")
    if not 1 <= len(raw) <= MAX_ALTERNATIVES:
        message = say("'any' has 1 to {n} alternatives, by name", n=MAX_ALTERNATIVES)
        hint = say_as("for example {example}", f"{_EXAMPLE} for example", example=_EXAMPLE)
        report.add("bad_wait", fields.at("any"), message, hint)
    for name, spec in raw.items():
        way = (*fields.way, "any", name)
        if not _can_be_named(name):
            message = say("{name} cannot be the name of an alternative", name=quoted(name, 80))
            hint = say(
                "1 to {n} printable characters, and none of {words}",
                n=MAX_NAME,
                words=", ".join(_RESERVED),
            )
            report.add("bad_key", pointer(*way), message, hint)
        alternative = _alternative(name, Fields(spec, way, report, _ALTERNATIVE))
        if alternative is not None:
            found.append(alternative)
    return tuple(found)


def _can_be_named(name: str) -> bool:
    return 0 < len(name) <= MAX_NAME and printable(name) and name not in _RESERVED


def _alternative(name: str, fields: Fields) -> Awaited | None:
    given = [key for key in ("for", "until", "signal", "form") if key in fields.raw]
    if len(given) != 1:
        message = say(
            "the alternative {name} has one of 'for', 'until', 'signal' and 'form'",
            name=quoted(name, 80),
        )
        code = "missing_key" if not given else "bad_wait"
        hint = say("for example {example}", example='"for": "30s"')
        fields.report.add(code, fields.where, message, hint)
        return None
    for key in sorted(fields.raw.keys() & (_ALTERNATIVE - {given[0]})):
        if (given[0], key) != ("signal", "key") and not (given[0] == "form" and key in _PERSON):
            message = (
                say("'key' belongs to an alternative with a signal")
                if key == "key"
                else say("{key} belongs to an alternative with a form", key=quoted(key))
            )
            fields.report.add("bad_wait", fields.at(key), message, say("leave it out"))
    return _person(fields, name) if given[0] == "form" else _simple(fields, given[0], name)
