"""Verbs ask here first: what is seen and may not be done is refused with a way out."""

from django.contrib.auth.models import User

from engine.said import Said
from studio.actions.errors import NotAllowed
from studio.queries import visible
from studio.queries.visible import Target
from studio.rights import Verb


def require(user: User | None, verb: Verb, target: Target | None = None) -> None:
    """Raises NotAllowed with the reason. `user`: None for Treadle itself and command lines."""
    said = visible.refusal(user, verb, target)
    if said is not None:
        raise NotAllowed(Said(said))  # in the reader's language already
