"""Reading what a `wait` or `human` node waits for."""

from typing import Any

from engine.errors import Code
from engine.graph.model import Awaited
from engine.graph.reading import Fields
from engine.graph.schema import schema_problem
from engine.policies import NodeType, WaitKind

WAIT_KEYS = frozenset({"for", "until", "signal", "key", "any"})
HUMAN_KEYS = frozenset({"form", "assignees", "due"})


def read_awaited(kind: NodeType, fields: Fields) -> Awaited | None:
    """What the node waits for; None for a node of another type, and after reporting."""
    if kind is NodeType.HUMAN:
        return _human(fields)
    if kind is NodeType.WAIT:
        return _wait(fields)
    return None


def _human(fields: Fields) -> Awaited:
    form = fields.mapping("form")
    problem = schema_problem(form)
    if problem is not None:
        hint = "a form is a JSON Schema of an object"
        fields.report.add("bad_schema", fields.at("form"), problem, hint)
    elif form.get("type", "object") != "object":
        message = "the answer to a form is an object"
        fields.report.add("bad_schema", fields.at("form"), message, 'write "type": "object"')
    return Awaited(
        WaitKind.HUMAN,
        for_s=fields.duration("due"),
        form=form,
        assignees=_assignees(fields),
    )


def _assignees(fields: Fields) -> dict[str, Any]:
    if "assignees" not in fields.raw:
        return {}
    inner = Fields(
        fields.raw["assignees"], fields.at("assignees"), fields.report, {"users", "group"}
    )
    found: dict[str, Any] = {}
    if "users" in inner.raw:
        found["users"] = list(inner.texts("users"))
    if "group" in inner.raw:
        found["group"] = inner.text("group", limit=200)
    return found


def _wait(fields: Fields) -> Awaited | None:
    raw, report = fields.raw, fields.report
    given = [key for key in ("for", "until", "signal", "any") if key in raw]
    if "any" in given:
        message = "this version of Treadle does not run waits with alternatives yet"
        report.add(Code.UNSUPPORTED, fields.at("any"), message, "use for, until or signal")
        return None
    if len(given) != 1:
        message = "a wait node has one of 'for', 'until' and 'signal'"
        hint = 'for example "for": "30s"'
        report.add("missing_key" if not given else "bad_wait", fields.where, message, hint)
        return None
    for key in ("key", "outputs"):
        if key in raw and given[0] != "signal":
            message = f"{key!r} belongs to a wait for a signal"
            report.add("bad_wait", fields.at(key), message, "leave it out")
    if given[0] == "for":
        return Awaited(WaitKind.TIMER, for_s=fields.duration("for"))
    if given[0] == "until":
        return Awaited(WaitKind.TIMER, until=fields.expression(fields.at("until"), raw["until"]))
    which = fields.expression(fields.at("key"), raw["key"]) if "key" in raw else None
    return Awaited(WaitKind.SIGNAL, signal=fields.name("signal") or "", key=which)
