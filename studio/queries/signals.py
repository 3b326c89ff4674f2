"""Signals that are kept for a wait, as the API shows them."""

from django.db.models import QuerySet

from studio.journal import codec
from studio.models import Signal
from studio.queries import visible
from studio.queries.items import Item, moment
from studio.queries.visible import Viewer


def kept(user: Viewer) -> QuerySet[Signal]:
    """What no wait has taken yet."""
    return visible.signals(user).filter(taken_at=None).select_related("run")


def item(signal: Signal) -> Item:
    """A signal as the API answers with it."""
    data = codec.decode(signal.data)
    return {
        "id": str(signal.public_id),
        "name": signal.name,
        "key": data.get("key"),
        "payload": data.get("payload"),
        "by": data.get("by"),
        "from_run": None if signal.run is None else str(signal.run.public_id),
        "sent_at": moment(signal.created_at),
    }
