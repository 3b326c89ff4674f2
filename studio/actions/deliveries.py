"""What comes to a webhook from outside: proved, then started once.

Nothing about a request is believed, stored or logged before its signature is right, but that a
refused one came. Who cannot sign learns one thing: that it was refused.
"""

import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from engine.said import say
from studio.actions.errors import ActionError
from studio.actions.runs import PlannedRun
from studio.actions.signals import send_signal_to_runs
from studio.actions.targets import still_visible, version_to_start
from studio.actions.trigger_fields import now
from studio.actions.webhooks import SOURCE, Action, signal_for, state_for, valid_secrets
from studio.journal import codec
from studio.models import Delivery, Run, Webhook
from studio.seals.sealing import SealingError
from studio.setup.rates import Buckets, Rate
from studio.triggers.signatures import DELIVERY_HEADERS, Scheme, SignatureRefused, check

REFUSED = say("The signature is missing or wrong.")
MAX_ID = 200
MAX_REASON = 1000
MOST_REFUSED = 200
"""Refused deliveries that are remembered of a webhook."""
KEPT = timedelta(days=30)
MOST_PRUNED = 1000
PRUNE_EVERY_S = 600.0
_NOTED = Rate(30, 60)
"""Refused deliveries that are written down: who floods an address must not flood the table."""
_NOBODY = "whs_of_no_webhook"

noted = Buckets()
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A request to a webhook, as it came. Header names are in lower case."""

    webhook_id: UUID
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Proved:
    """A message whose signature is right."""

    webhook: Webhook
    message: Message
    delivery_id: str
    signature: str
    """SHA-256 of the signature: what stays of it."""
    at: datetime

    @property
    def body_sha256(self) -> str:
        return hashlib.sha256(self.message.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Started:
    """What came of a delivery. `run_id`: the run that it started, or that took its signal; None
    when no run waits for the signal yet, or when the run was deleted since.
    """

    run_id: UUID | None
    is_repeat: bool


def prove(message: Message) -> Proved:
    """Whose message this is. Raises ActionError 401, the same one whatever is wrong."""
    rows = Webhook.objects.select_related("workflow", "version", "owner")
    rows = rows.defer("workflow__draft", "version__document")
    webhook = rows.filter(public_id=message.webhook_id).first()
    if webhook is None:
        # As long as it takes with a webhook: the time tells nothing.
        hmac.digest(_NOBODY.encode(), message.body, "sha256")
        raise _unsigned()
    moment = now()
    scheme = Scheme(webhook.scheme)
    try:
        secrets = valid_secrets(webhook, moment)
        signature = check(scheme, message.headers, message.body, secrets, moment.timestamp())
    except SignatureRefused as error:
        _note_stranger(webhook, message, moment, str(error))
        raise _unsigned() from None
    except SealingError as error:
        log.error("webhook %s cannot check signatures: %s", webhook.public_id, error)
        raise ActionError("E_UNAVAILABLE", say("Try again later."), 503) from None
    hashed = hashlib.sha256(signature.encode()).hexdigest()
    given = message.headers.get(DELIVERY_HEADERS[scheme], "")
    return Proved(webhook, message, given or hashed, hashed, moment)


def earlier(proved: Proved) -> Started | None:
    """What came of this delivery when it came before. Raises ActionError for an id used twice.

    The id stands in no signature, so the signature is looked for as well: a message that somebody
    caught and sends again under a new id is still the same message.
    """
    if not (proved.delivery_id.isprintable() and len(proved.delivery_id) <= MAX_ID):
        raise ActionError(
            "E_DELIVERY", say("A delivery id has 1 to {most} printable characters.", most=MAX_ID)
        )
    known = Delivery.objects.filter(webhook=proved.webhook).select_related("run")
    known = known.defer("run__final_state", "run__error")
    either = Q(signature=proved.signature) | Q(delivery_id=proved.delivery_id)
    rows = list(known.filter(either).order_by()[:2])
    if not rows:
        return None
    found = next((row for row in rows if row.signature == proved.signature), rows[0])
    if found.body_sha256 != proved.body_sha256:
        raise ActionError(
            "E_DELIVERY",
            say("This delivery id came before with another body: use a new id for a new delivery."),
            422,
        )
    return Started(found.run.public_id if found.run else None, True)


def accept(proved: Proved, body: Any) -> Started:
    """Start the run of a delivery, once. Raises ActionError that says why none starts."""
    webhook = proved.webhook
    if not webhook.enabled:
        raise ActionError("E_STATE", say("This webhook is switched off."), 409)
    names = names_of(webhook, proved.message, body)
    try:
        return _act(proved, names)
    except IntegrityError:
        # The same delivery at the same moment: the table says who was first.
        found = earlier(proved)
        if found is None:
            raise
        return found


def names_of(webhook: Webhook, message: Message, body: Any) -> dict[str, Any]:
    """What the expressions of the mapping see."""
    headers = {name: message.headers[name] for name in webhook.headers if name in message.headers}
    return {"body": body, "headers": headers, "query": dict(message.query)}


def _act(proved: Proved, names: dict[str, Any]) -> Started:
    """Start the run of a delivery or send its signal, and take the delivery's keys, all or nothing.

    Whatever can be refused is looked at before: the database is locked for the writing alone.
    """
    webhook = proved.webhook
    do = _signalling(webhook, names) if webhook.action == Action.SIGNAL else _run(webhook, names)
    with transaction.atomic():
        run, reason = do()
        _remember(proved, run, reason)
    return Started(run.public_id if run else None, False)


def _remember(proved: Proved, run: Run | None, reason: str) -> None:
    Delivery.objects.create(
        webhook=proved.webhook,
        delivery_id=proved.delivery_id,
        signature=proved.signature,
        body_sha256=proved.body_sha256,
        size=len(proved.message.body),
        at=proved.at,
        status=Delivery.ACCEPTED,
        reason=reason,
        run=run,
    )


def _run(webhook: Webhook, names: dict[str, Any]) -> Callable[[], tuple[Run, str]]:
    owner = webhook.owner
    version = version_to_start(owner, webhook.workflow, webhook.version)
    state = state_for(webhook, names)
    planned = PlannedRun(owner, version, state, SOURCE, webhook.tags, None, {}, None)
    return lambda: (planned.begin(), "")


def _signalling(webhook: Webhook, names: dict[str, Any]) -> Callable[[], tuple[Run | None, str]]:
    still_visible(webhook.owner, webhook.workflow)
    name, key, payload = signal_for(webhook, names)

    def send() -> tuple[Run | None, str]:
        """The run whose wait took the signal, if one did; else it is kept for the next."""
        sent = send_signal_to_runs(user=webhook.owner, name=name, key=key, payload=payload)
        if sent.run is not None:
            return sent.run, "A run took the signal."
        return None, "No run waits for the signal: it is kept."

    return send


def note_refusal(proved: Proved, reason: str) -> None:
    """Write down why a delivery with a right signature started nothing. It may come again."""
    _note(proved.webhook, proved.message, proved.at, reason)


def _note_stranger(webhook: Webhook, message: Message, moment: datetime, reason: str) -> None:
    if noted.take(webhook.pk, _NOTED) == 0:
        _note(webhook, message, moment, reason)


@transaction.atomic
def _note(webhook: Webhook, message: Message, moment: datetime, reason: str) -> None:
    Delivery.objects.create(
        webhook=webhook,
        size=len(message.body),
        at=moment,
        status=Delivery.REFUSED,
        # It may quote the body, which may hold what no database takes.
        reason=codec.clean(reason[:MAX_REASON])[0],
    )
    refused = webhook.deliveries.filter(status=Delivery.REFUSED).order_by("-id")
    oldest = refused.values_list("pk", flat=True)[MOST_REFUSED : MOST_REFUSED + 1].first()
    if oldest is not None:
        refused.filter(pk__lte=oldest).delete()


def prune() -> float:
    """Forget old deliveries, a batch at a time. Returns the seconds until it wants to again."""
    old = Delivery.objects.filter(at__lt=now() - KEPT).order_by("at")
    batch = list(old.values_list("pk", flat=True)[:MOST_PRUNED])
    if batch:
        Delivery.objects.filter(pk__in=batch).delete()
    return 0.0 if len(batch) == MOST_PRUNED else PRUNE_EVERY_S


def _unsigned() -> ActionError:
    return ActionError("E_NOT_AUTHENTICATED", REFUSED, 401)
