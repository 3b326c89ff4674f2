"""What people do to webhooks: make, change, delete, replace the secret, try."""

import re
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from engine.said import quoted, say
from studio.accounts.secret import new_secret
from studio.actions import audit
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.actions.runs import start_run
from studio.actions.targets import checked_version, still_visible, version_to_start
from studio.actions.trigger_fields import (
    changed,
    checked_choice,
    checked_name,
    checked_tags,
    locked,
    now,
    refuse_too_many,
    refused,
)
from studio.journal import codec
from studio.models import Delivery, Run, Version, Webhook, Workflow
from studio.rights import Verb
from studio.seals import sealing
from studio.triggers import hook_mapping
from studio.triggers.hook_mapping import MappingRefused
from studio.triggers.signatures import Scheme

PREFIX = "whs_"
SOURCE = "webhook"
OVERLAP = timedelta(hours=24)
"""How long the secret before the last one stays good."""
MAX_HEADERS = 20
SECRET_MIN, SECRET_MAX = 16, 200
_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
# What proves who somebody is has no place in the state of a run.
NEVER_READ = frozenset(
    {
        *("authorization", "cookie", "proxy-authorization", "x-api-key", "x-csrftoken"),
        *("treadle-signature", "x-hub-signature", "x-hub-signature-256"),
    }
)


class Action(StrEnum):
    """What a delivery does."""

    START = "start"
    """It starts a run."""
    SIGNAL = "signal"
    """It sends a signal to whichever run of the owner waits for it."""


@dataclass(frozen=True, slots=True)
class WebhookFields:
    """What a person says about a webhook."""

    name: str
    version: Version | None = None
    """None: whatever is published when a run starts."""
    scheme: str = Scheme.TREADLE.value
    action: str = Action.START.value
    signal: dict[str, str] = field(default_factory=dict)
    """For the action `signal`: its name, and the expressions of its key and its payload."""
    mapping: dict[str, str] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    enabled: bool = True


@transaction.atomic
def create_webhook(
    *, user: User, workflow: Workflow, wanted: WebhookFields, secret: str | None = None
) -> tuple[Webhook, str]:
    """A new webhook of this user, and its secret, which nobody can read again later.

    The caller found workflow and version through `visible`. `secret`: what the sender insists on.
    """
    require(user, Verb.TRIGGER, workflow)
    settled = _checked(user, workflow, wanted)
    refuse_too_many(Webhook.objects.filter(owner=user).count(), say("webhooks"))
    plain = _checked_secret(secret)
    webhook = Webhook(workflow=workflow, owner=user, secret=sealing.seal(plain))
    _take(webhook, settled)
    webhook.save()
    audit.record(user, "webhook.create", webhook.public_id, workflow=str(workflow.public_id))
    return webhook, plain


@transaction.atomic
def change_webhook(*, user: User, webhook: Webhook, changes: dict[str, Any]) -> Webhook:
    """Change the named fields of `WebhookFields`. Nothing changed is nothing recorded."""
    require(user, Verb.TRIGGER, webhook)
    head = locked(webhook)
    before = _fields_of(head)
    after = replace(before, **changes)
    if after == before:
        return head
    after = _checked(head.owner, head.workflow, after) if after.enabled else _shaped(after)
    _take(head, after)
    head.save()
    audit.record(user, "webhook.change", head.public_id, fields=changed(before, after))
    return head


@transaction.atomic
def delete_webhook(*, user: User, webhook: Webhook) -> None:
    """End a webhook: its address answers as if it had never been. The runs stay."""
    require(user, Verb.TRIGGER, webhook)
    head = locked(webhook)
    audit.record(user, "webhook.delete", head.public_id, name=head.name)
    head.delete()


@transaction.atomic
def rotate_secret(
    *, user: User, webhook: Webhook, at_once: bool = False, secret: str | None = None
) -> tuple[Webhook, str]:
    """A new secret, shown once. The old one stays good for a day, or ends `at_once`."""
    require(user, Verb.TRIGGER, webhook)
    head = locked(webhook)
    plain = _checked_secret(secret)
    head.old_secret, head.old_until = "", None
    if not at_once:
        head.old_secret, head.old_until = head.secret, now() + OVERLAP
    head.secret = sealing.seal(plain)
    head.save()
    audit.record(user, "webhook.rotate", head.public_id, at_once=at_once)
    return head, plain


@transaction.atomic
def run_now(
    *, user: User, webhook: Webhook, names: dict[str, Any], idempotency_key: str | None = None
) -> Run:
    """Start a run of this user as a delivery would that brings these names."""
    if webhook.action != Action.START:
        raise ActionError(
            "E_STATE", say("This webhook sends a signal: send one by POST /api/v1/signals."), 409
        )
    run = start_run(
        user=user,
        version=version_to_start(user, webhook.workflow, webhook.version),
        state=state_for(webhook, names),
        source=SOURCE,
        tags=webhook.tags,
        idempotency_key=idempotency_key,
    )
    if not run.is_repeat:
        Delivery.objects.create(
            webhook=webhook,
            at=now(),
            status=Delivery.ACCEPTED,
            reason=f"Sent by {user.get_username()} without a signature.",
            run=run,
        )
    return run


def state_for(webhook: Webhook, names: dict[str, Any]) -> dict[str, Any]:
    """The start state that a delivery becomes. Raises ActionError that names the key."""
    try:
        return hook_mapping.state_of(webhook.mapping, names)
    except MappingRefused as error:
        raise _bad_mapping(error, 422) from error


def signal_for(webhook: Webhook, names: dict[str, Any]) -> tuple[str, Any, Any]:
    """Name, key and payload that a delivery becomes. Raises ActionError that names the member."""
    try:
        return hook_mapping.signal_of(webhook.signal, names)
    except MappingRefused as error:
        raise _bad_mapping(error, 422, "signal") from error


def valid_secrets(webhook: Webhook, moment: datetime) -> list[str]:
    """The secrets that sign at this moment, one or two. Raises SealingError."""
    sealed = [webhook.secret]
    if webhook.old_secret and webhook.old_until and webhook.old_until > moment:
        sealed.append(webhook.old_secret)
    return [sealing.unseal(one) for one in sealed]


def _checked(owner: User, workflow: Workflow, wanted: WebhookFields) -> WebhookFields:
    settled = _shaped(wanted)
    if settled.action == Action.SIGNAL:
        still_visible(owner, workflow)
    else:
        checked_version(owner, workflow, settled.version, None)
    return settled


def _shaped(wanted: WebhookFields) -> WebhookFields:
    name = checked_name(wanted.name, say("webhook"))
    checked_choice("scheme", wanted.scheme, list(Scheme))
    checked_choice("action", wanted.action, list(Action))
    mapping = codec.clean(wanted.mapping)[0]
    try:
        hook_mapping.check(mapping)
    except MappingRefused as error:
        raise _bad_mapping(error, 400) from error
    signal = codec.clean(wanted.signal)[0] if wanted.action == Action.SIGNAL else {}
    if wanted.action == Action.SIGNAL:
        _check_signal(signal)
    return replace(
        wanted,
        name=name,
        mapping=mapping,
        signal=signal,
        headers=_checked_headers(wanted.headers),
        tags=checked_tags(wanted.tags),
    )


def _check_signal(signal: dict[str, Any]) -> None:
    try:
        hook_mapping.check_signal(signal)
    except MappingRefused as error:
        raise _bad_mapping(error, 400, "signal") from error


def _checked_headers(names: tuple[str, ...]) -> tuple[str, ...]:
    lower = tuple(dict.fromkeys(name.strip().lower() for name in names))
    for name in lower:
        if not _HEADER.fullmatch(name):
            raise refused("headers", say("{name} is no name of a header.", name=quoted(name[:64])))
        if name in NEVER_READ:
            raise refused(
                "headers", say("{name} proves who somebody is: no run may see it.", name=name)
            )
    if len(lower) > MAX_HEADERS:
        raise refused("headers", say("Name at most {most} headers.", most=MAX_HEADERS))
    return lower


def _checked_secret(secret: str | None) -> str:
    if secret is None:
        return new_secret(PREFIX)
    if not (SECRET_MIN <= len(secret) <= SECRET_MAX and secret.isascii() and secret.isprintable()):
        raise refused(
            "secret",
            say(
                "A secret has {least} to {most} printable ASCII characters.",
                least=SECRET_MIN,
                most=SECRET_MAX,
            ),
        )
    return secret


def _bad_mapping(error: MappingRefused, status: int, member: str = "mapping") -> ActionError:
    where = error.key.replace("~", "~0").replace("/", "~1")
    detail = {
        "pointer": f"/{member}/{where}" if error.key else f"/{member}",
        "code": "E_MAPPING",
        "message": error.message,
        "hint": error.hint,
    }
    problem = error.message
    if error.key:
        problem = say("{key}: {problem}", key=error.key, problem=problem)
    said = say("The {member} cannot be used: {problem}", member=member, problem=problem)
    return ActionError("E_MAPPING", said, status, [detail])


def _take(webhook: Webhook, wanted: WebhookFields) -> None:
    for each in fields(WebhookFields):
        setattr(webhook, each.name, getattr(wanted, each.name))
    webhook.headers, webhook.tags = list(wanted.headers), list(wanted.tags)


def _fields_of(webhook: Webhook) -> WebhookFields:
    stored = {each.name: getattr(webhook, each.name) for each in fields(WebhookFields)}
    stored |= {"headers": tuple(webhook.headers), "tags": tuple(webhook.tags)}
    return WebhookFields(**stored)
