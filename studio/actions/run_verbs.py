"""What pause, resume, retry and move mean for a run in each status: a table, and nothing else."""

from enum import StrEnum

from engine import RunStatus


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
    (Verb.PAUSE, RunStatus.FAILED): "It has failed, nothing of it runs: retry it or leave it.",
    (Verb.RESUME, RunStatus.FAILED): "It has failed: retry it instead of resuming it.",
    **{
        (Verb.MOVE, status): "Pause it first, then move it."
        for status in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING)
    },
    (Verb.RETRY, RunStatus.PAUSED): "It is paused: resume it instead of retrying it.",
}
_OVER = {
    RunStatus.CANCELLING: "It is being cancelled: start another run.",
    RunStatus.CANCELLED: "It was cancelled: start another run.",
    RunStatus.COMPLETED: "It has completed: start another run.",
}


def does(verb: Verb, status: RunStatus) -> bool:
    """Whether the verb changes a run in this status."""
    return status in _DOES[verb]


def refusal(verb: Verb, status: RunStatus) -> str | None:
    """What to do instead, if a run in this status cannot be changed that way.

    None: the verb changes it, or it is already as the verb would make it.
    """
    if status in _DOES[verb] or status in _HAS_IT[verb]:
        return None
    return _REFUSED.get((verb, status)) or _OVER[status]


def offered(status: RunStatus) -> tuple[Verb, ...]:
    """The verbs that change a run in this status."""
    return tuple(verb for verb in Verb if does(verb, status))
