"""Tokens that are taken out of a run: branches that a race, a `cancels` or the end gives up."""

from collections.abc import Iterable

from engine.graph.plan import Group
from engine.marking import Activation, Marking, Token
from engine.policies import ActivationStatus


def caught(marking: Marking, places: int) -> list[Activation]:
    """The open activations on these places (as bits), oldest first."""
    return [a for a in marking.activations.values() if a.place.bit & places]


def waiting(marking: Marking, places: int) -> bool:
    """Whether a join on one of these places (as bits) holds tokens."""
    return any(marking.plan.groups[index].place.bit & places for index in marking.parked)


def withdraw(
    marking: Marking, activations: Iterable[int], places: int, only: Group | None = None
) -> None:
    """Take these activations out of the run, and the tokens that wait before joins on `places`.

    Of the place of `only`, the ways in of that group alone are cleared: the others belong to
    another round.
    """
    for number in activations:
        _withdraw_activation(marking, marking.activations[number])
    for index in list(marking.parked):
        group = marking.plan.groups[index]
        other_round = only is not None and group.place is only.place and group is not only
        if group.place.bit & places and not other_round:
            _clear(marking, group)


def _withdraw_activation(marking: Marking, activation: Activation) -> None:
    del marking.activations[activation.id]
    marking.ready.pop(activation.id, None)
    marking.inline.pop(activation.id, None)
    marking.troubled.pop(activation.id, None)
    if activation.status is ActivationStatus.RUNNING:
        marking.running -= 1
    else:
        # What a running tool still looks at is left as it is; others may write on the rest.
        activation.token.version.holders -= 1
    if marking.has_joins:
        marking.leave(activation.place)
    marking.remove(activation.token)


def _clear(marking: Marking, group: Group) -> None:
    """Drop the tokens that wait before a join."""
    for queue in marking.parked.pop(group.index).values():
        for token in queue:
            _drop(marking, token, group)
    marking.watched.pop(group.index, None)


def _drop(marking: Marking, token: Token, group: Group) -> None:
    token.version.holders -= 1
    marking.leave(group.place)
    marking.remove(token)
