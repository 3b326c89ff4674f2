"""Whether a failed attempt is tried again, and when. Pure."""

from collections.abc import Collection

from engine.graph.model import Retry
from engine.policies import Effect

NEVER = Retry(max_attempts=1)
DEFAULT = Retry()
MAX_LOST = 3
"""Attempts of one activation that may lose their worker before somebody has to look."""


def policy(retry: Retry | None, effect: Effect) -> Retry:
    """The policy of a node: its own, else the default, and none for tools that act once."""
    if retry is not None:
        return retry
    return NEVER if effect is Effect.ONCE else DEFAULT


def wait_s(retry: Retry, tries: int, kinds: Collection[str], roll: float) -> float | None:
    """Seconds until the next attempt after `tries` of them, or None if there is none.

    `kinds` are the names of the error's class and its bases, `roll` a number from 0 to 1 that
    decides the jitter.
    """
    if tries >= retry.max_attempts:
        return None
    if any(kind in retry.not_on for kind in kinds) or not any(kind in retry.on for kind in kinds):
        return None
    wait = min(retry.initial_s * retry.factor ** min(tries - 1, 60), retry.max_s)
    return wait * (1 + retry.jitter * (2 * roll - 1))


def kinds_of(error: BaseException) -> list[str]:
    """The names by which a retry policy may speak of an error, plain and qualified."""
    known = getattr(error, "kinds", None)
    if known is not None:
        return list(known)
    names = []
    for kind in type(error).__mro__:
        if kind is not object:
            names += [kind.__name__, f"{kind.__module__}.{kind.__qualname__}"]
    return names
