"""Branches that are given up by a race, a `cancels` or the end of the run.

Withdrawn tokens are gone at once. Orphans run out inside the region of the race that they lost.
"""

from collections.abc import Iterable

from engine.graph.plan import Group
from engine.planning import items
from engine.planning.marking import Activation, Marking, Orphans, Stage, Token
from engine.policies import ActivationStatus


def caught(marking: Marking, stage: Stage, places: int) -> list[Activation]:
    """The open activations of a stage on these places (as bits), oldest first."""
    return [
        activation
        for activation in marking.activations.values()
        if activation.place.bit & places and marking.stage_of(activation.token) is stage
    ]


def waiting(marking: Marking, places: int) -> bool:
    """Whether a join on one of these places (as bits) holds tokens."""
    return any(marking.plan.groups[index].place.bit & places for index in marking.parked)


def withdraw(
    marking: Marking,
    stage: Stage,
    activations: Iterable[int],
    places: int,
    only: Group | None = None,
) -> None:
    """Take these activations out of the run, and the tokens that wait before joins on `places`.

    Of the place of `only`, the ways in of that group alone are cleared: the others belong to
    another round.
    """
    for number in activations:
        activation = marking.activations.get(number)
        if activation is not None and activation.of is None:  # items go with their map node
            _withdraw_activation(marking, activation)
    for index in list(stage.parked):
        group = stage.plan.groups[index]
        other_round = only is not None and group.place is only.place and group is not only
        if group.place.bit & places and not other_round:
            _clear(marking, stage, group)


def orphan(marking: Marking, stage: Stage, activations: Iterable[int], race: Group) -> None:
    """What is left in the region of a race that was decided goes on on a stage of its own.

    Tokens that came too late and wait before the race itself are gone.
    """
    if race.index in stage.parked:
        _clear(marking, stage, race)
    number = marking.next_orphans
    orphans = Orphans(marking.plan, number, race.region, race.place.id)
    orphans.limits = marking.limits
    orphans.uses = dict(stage.uses)
    for act in activations:
        activation = marking.activations[act]
        _move(activation.token, activation.place.index, stage, orphans)
    for index in list(stage.parked):
        group = stage.plan.groups[index]
        if group.place.bit & race.region:
            orphans.parked[index] = stage.parked.pop(index)
            stage.watched.pop(index, None)
            for queue in orphans.parked[index].values():
                for token in queue:
                    _move(token, group.place.index, stage, orphans)
    for old in [n for n, stage in marking.orphans.items() if not stage.live]:
        del marking.orphans[old]
    if orphans.live:
        marking.next_orphans = number + 1
        marking.orphans[number] = orphans


def lose(marking: Marking, token: Token) -> None:
    """A token is gone, with what it wrote."""
    token.version.holders -= 1
    marking.remove(token)


def _move(token: Token, index: int, stage: Stage, orphans: Orphans) -> None:
    place = stage.plan.places[index]
    stage.leave(place)
    orphans.arrive(place)
    token.orphans = orphans


def _withdraw_activation(marking: Marking, activation: Activation) -> None:
    items.close(marking, activation)
    del marking.activations[activation.id]
    marking.ready.pop(activation.id, None)
    marking.inline.pop(activation.id, None)
    marking.troubled.pop(activation.id, None)
    marking.waiting.pop(activation.id, None)
    token = activation.token
    if activation.status is ActivationStatus.RUNNING:
        marking.running -= 1
        # What a running tool still looks at is left as it is; nobody may write on it.
        token.version.holders += 1
    if marking.has_joins:
        marking.stage_of(token).leave(activation.place)
    lose(marking, token)


def _clear(marking: Marking, stage: Stage, group: Group) -> None:
    """Drop the tokens that wait before a join."""
    for queue in stage.parked.pop(group.index).values():
        for token in queue:
            stage.leave(group.place)
            lose(marking, token)
    stage.watched.pop(group.index, None)
