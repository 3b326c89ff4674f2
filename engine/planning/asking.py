"""Questions of tools: `return ctx.ask(form, memo)` asks a person, who answers days later.

Nothing is replayed. The attempt that asks is over; once the answer is there, the tool is called
again, with `ctx.answer` and the `ctx.memo` that it left itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.graph.schema import schema_problem
from engine.planning.marking import Activation, Asked
from engine.policies import WaitKind
from engine.values.durations import seconds
from engine.values.jsonvalue import Json, clean

MAX_TEXT = 10_000
"""Characters of a title or a description."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a tool returns to ask somebody. Made by `ToolContext.ask`, so it is sound."""

    form: Mapping[str, Any]
    """JSON Schema of the answer, an object."""
    memo: Json
    """What the tool wants to know again when it is called with the answer."""
    title: str = ""
    description: str = ""
    assignees: Mapping[str, Any] = field(default_factory=dict)
    """Who is asked: {users: names, group: name}; empty: whoever sees the run."""
    due_s: float | None = None
    """Seconds that the person has."""


def question(
    form: Mapping[str, Any],
    memo: Any = None,
    *,
    title: str = "",
    description: str = "",
    assignees: Mapping[str, Any] | None = None,
    due: str | None = None,
) -> Question:
    """A checked question. Raises ValueError for what cannot be asked, ValueRefused for the memo."""
    asked = clean(dict(form), "form")
    problem = schema_problem(asked)
    if problem is not None:
        raise ValueError(f"ctx.ask: the form is no JSON Schema that can be used: {problem}")
    if asked.get("type", "object") != "object":
        raise ValueError('ctx.ask: the answer to a form is an object; write "type": "object"')
    for name, text in (("title", title), ("description", description)):
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise ValueError(f"ctx.ask: {name} is text of at most {MAX_TEXT} characters")
    return Question(
        asked,
        clean(memo, "memo"),
        clean(title),
        clean(description),
        _checked(assignees or {}),
        _seconds(due),
    )


def _seconds(due: str | None) -> float | None:
    try:
        return None if due is None else seconds(due)
    except ValueError as error:
        raise ValueError(f"ctx.ask: due: {error}, not {due!r:.40}") from None


def _checked(assignees: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = clean(dict(assignees), "assignees")
    users, group = found.get("users", []), found.get("group", "")
    whole = isinstance(users, list) and all(isinstance(name, str) for name in users)
    if not whole or not isinstance(group, str) or found.keys() - {"users", "group"}:
        raise ValueError('ctx.ask: assignees are {"users": ["ann"], "group": "maintainers"}')
    return found


def opening(activation: Activation, put: Question, now: float) -> dict[str, Any]:
    """What the journal says of a question: its wait and its memo."""
    wait: dict[str, Any] = {"title": put.title, "form": dict(put.form)}
    if put.description:
        wait["description"] = put.description
    if put.assignees:
        wait["assignees"] = dict(put.assignees)
    if put.due_s is not None:
        wait["within"] = put.due_s
    if activation.of is not None:
        wait["item"] = activation.index
    asked = activation.asked
    number = 1 if asked is None else asked.number + 1
    opened = _numbered(activation.id, number, wait, now)
    return {"waits": [opened], "memo": put.memo, "asked": number}


def again(asked: Asked, act: int, now: float) -> dict[str, Any]:
    """The same question once more, because nobody answered it in time and the run was resumed."""
    number = asked.number + 1
    return {"waits": [_numbered(act, number, asked.wait, now)], "memo": asked.memo, "asked": number}


def _numbered(act: int, number: int, wait: Mapping[str, Any], now: float) -> dict[str, Any]:
    made = {**wait, "id": f"{act}.{number}", "kind": WaitKind.HUMAN.value}
    if "within" in wait:
        made["due"] = now + wait["within"]
    return made
