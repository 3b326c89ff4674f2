"""What pause, resume, retry and move mean for a run in each status: a table, and nothing else."""

from collections.abc import Mapping
from enum import StrEnum

from engine import RunStatus
from engine.said import Said, say


class Verb(StrEnum):
    """What a person may want of a run that exists."""

    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    MOVE = "move"


_DOES = {
    Verb.PAUSE: {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING},
    Verb.RESUME: {RunStatus.PAUSED},
    Verb.RETRY: {RunStatus.FAILED},
    Verb.MOVE: {RunStatus.PAUSED, RunStatus.FAILED},
}
_HAS_IT = {
    Verb.PAUSE: {RunStatus.PAUSED},
    Verb.RESUME: {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING},
    Verb.RETRY: {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING},
    Verb.MOVE: set(),
}
_REFUSED = {
    (Verb.PAUSE, RunStatus.FAILED): say("It has failed, nothing of it runs: retry it or leave it."),
    (Verb.RESUME, RunStatus.FAILED): say("It has failed: retry it instead of resuming it."),
    **{
        (Verb.MOVE, status): say("Pause it first, then move it.")
        for status in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING)
    },
    (Verb.RETRY, RunStatus.PAUSED): say("It is paused: resume it instead of retrying it."),
}
_OVER = {
    RunStatus.CANCELLING: say("It is being cancelled: start another run."),
    RunStatus.CANCELLED: say("It was cancelled: start another run."),
    RunStatus.COMPLETED: say("It has completed: start another run."),
}


STANDS: Mapping[RunStatus, Said] = {
    RunStatus.QUEUED: say("queued"),
    RunStatus.RUNNING: say("running"),
    RunStatus.WAITING: say("waiting"),
    RunStatus.PAUSED: say("paused"),
    RunStatus.CANCELLING: say("cancelling"),
    RunStatus.COMPLETED: say("completed"),
    RunStatus.FAILED: say("failed"),
    RunStatus.CANCELLED: say("cancelled"),
}
"""The words for where a run stands, in sentences."""


def does(verb: Verb, status: RunStatus) -> bool:
    """Whether the verb changes a run in this status."""
    return status in _DOES[verb]


def refusal(verb: Verb, status: RunStatus) -> Said | None:
    """What to do instead, if a run in this status cannot be changed that way.

    None: the verb changes it, or it is already as the verb would make it.
    """
    if status in _DOES[verb] or status in _HAS_IT[verb]:
        return None
    return _REFUSED.get((verb, status)) or _OVER[status]


def offered(status: RunStatus) -> tuple[Verb, ...]:
    """The verbs that change a run in this status."""
    return tuple(verb for verb in Verb if does(verb, status))
