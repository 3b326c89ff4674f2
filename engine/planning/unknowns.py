"""Attempts of which nobody knows whether they acted: which there are, and which were decided.

Asked by `evolve`, which carries markings forward, and by whoever tells of them. Pure.
"""

from engine.errors import Code
from engine.planning.marking import Activation, Marking
from engine.policies import ActivationStatus, OutcomeChoice, RunStatus


def is_unknown(activation: Activation) -> bool:
    """Whether a `once` tool was cut at its last attempt, and nothing was made of that yet."""
    return (
        activation.status is ActivationStatus.UNKNOWN
        and activation.error is not None
        and activation.error.code == Code.OUTCOME_UNKNOWN
    )


def is_undecided(activation: Activation) -> bool:
    """Whether a person has yet to say what became of its attempt."""
    return activation.decided is None and is_unknown(activation)


def is_settled(activation: Activation) -> bool:
    """Whether its attempt ends as a person said, without another call."""
    decided = activation.decided
    return decided is not None and decided["choice"] != OutcomeChoice.RETRY


def unknown(marking: Marking) -> list[Activation]:
    """Every activation of unknown outcome, decided or not, in the order of the journal."""
    return [activation for activation in marking.troubled.values() if is_unknown(activation)]


def undecided(marking: Marking) -> list[Activation]:
    """Those of them that a person has to decide before the run can go on."""
    return [activation for activation in marking.troubled.values() if is_undecided(activation)]


def is_all_decided(marking: Marking) -> bool:
    """Whether nothing but unknown outcomes, all of them decided now, keeps the run paused."""
    troubled = marking.troubled.values()
    return (
        marking.status is RunStatus.PAUSED
        and marking.error is not None
        and marking.error.code == Code.OUTCOME_UNKNOWN
        and all(is_unknown(activation) and activation.decided for activation in troubled)
    )
