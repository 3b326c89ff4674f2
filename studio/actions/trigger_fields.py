"""What schedules and webhooks have in common: names, tags, how a change is told, the locked row."""

from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from engine.said import Said, say
from studio.actions.errors import ActionError
from studio.journal import codec, database_clock
from studio.journal.raw_connection import DjangoConnection
from studio.models import Schedule, Webhook

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NAME_MAX = 200
MOST_TAGS, TAG_MAX = 20, 40
MOST_OF_ONE = 500
"""Schedules, and webhooks, of one user."""

_GONE = {
    "schedule": say("The schedule was deleted a moment ago."),
    "webhook": say("The webhook was deleted a moment ago."),
}

Trigger = TypeVar("Trigger", Schedule, Webhook)


def now() -> datetime:
    """The database's clock, the only one that triggers go by."""
    return database_clock.now(DjangoConnection())


def checked_name(name: str, kind: Said) -> str:
    cleaned: str = codec.clean(name.strip())[0]
    if not 0 < len(cleaned) <= NAME_MAX:
        raise refused(
            "name",
            say("A {kind} needs a name of 1 to {most} characters.", kind=kind, most=NAME_MAX),
        )
    return cleaned


def checked_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    if len(tags) > MOST_TAGS or not all(0 < len(tag) <= TAG_MAX for tag in tags):
        raise refused(
            "tags",
            say(
                "Write at most {most} tags of 1 to {longest} characters each.",
                most=MOST_TAGS,
                longest=TAG_MAX,
            ),
        )
    return tuple(dict.fromkeys(codec.clean(tag)[0] for tag in tags))


def checked_choice(member: str, value: str, known: list[Any]) -> None:
    if value not in known:
        raise refused(member, say("Write one of {known}.", known=", ".join(known)))


def refused(member: str, message: Said, code: str = "E_INVALID") -> ActionError:
    """The error that a form and a program find at this member."""
    detail = {"pointer": f"/{member}", "code": "E_INVALID", "message": message, "hint": ""}
    return ActionError(code, message, 400, [detail])


def refuse_too_many(count: int, what: Said) -> None:
    if count >= MOST_OF_ONE:
        raise ActionError(
            "E_LIMIT",
            say(
                "One user has at most {most} {what}: delete one first.", most=MOST_OF_ONE, what=what
            ),
            409,
        )


def changed(before: "DataclassInstance", after: "DataclassInstance") -> list[str]:
    """The names of the fields in which two of a kind differ."""
    names = [each.name for each in fields(before)]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def locked(trigger: Trigger) -> Trigger:
    """The row as it is now, locked until the transaction ends. Raises ActionError if it is gone."""
    kind = type(trigger)
    rows = kind._default_manager.select_for_update(of=("self",)).filter(pk=trigger.pk)
    found = rows.select_related("workflow", "version", "owner").first()
    if found is None:
        raise ActionError("E_NOT_FOUND", _GONE[str(kind._meta.model_name)], 404)
    return found
