"""A marking that goes on by another version of its graph. Called by `evolve`, and to try a move.

Places, ways and joins are found again by the ids of nodes and edges, or where a map of old ids to
new ones says. Everything that stands somewhere must have a home there: an activation a node, a
token before a join the edge that it came by. What only counts (uses of edges, rounds of loops,
visits) goes along where its edge or node does, and is forgotten where that is gone.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.graph.part import Part, PartRefused
from engine.graph.plan import Group, Place, Plan, PlannedEdge, plan_of
from engine.planning.marking import Activation, Marking, Orphans, Stage, Token
from engine.planning.tokens import activate
from engine.policies import ActivationStatus


@dataclass(frozen=True, slots=True)
class Homeless:
    """Something of a run that has no place in another version."""

    text: str
    node: str | None = None
    edge: str | None = None


class NoHome(EngineError):
    """The run cannot go on by that version. `found` names everything that has no home there."""

    def __init__(self, found: list[Homeless]) -> None:
        super().__init__("; ".join(each.text for each in found[:3]))
        self.found = found


Names = Mapping[str, str]
"""New ids of nodes and edges by their old ones; what is not named keeps its id."""


def part_in(marking: Marking, names: Names) -> Part:
    """The part that the run goes through, in the ids of the other version."""
    start, until = marking.plan.part.start, marking.plan.part.until
    return Part(
        None if start is None else names.get(start, start),
        None if until is None else names.get(until, until),
    )


def transplant(marking: Marking, target: Any, names: Names) -> None:
    """Let the marking go by the graph `target`. Raises NoHome; then it is of no use any more."""
    part = part_in(marking, names)
    try:
        plan = plan_of(target, part)
    except PartRefused as error:
        raise NoHome([Homeless(f"the part that this run goes through: {error}")]) from error
    _Transplant(marking, plan, names).do()


_FREE = frozenset(
    {
        ActivationStatus.READY,
        ActivationStatus.FAILED,
        ActivationStatus.STUCK,
        ActivationStatus.UNKNOWN,
    }
)
"""Statuses in which a node of another type can take over, if nothing came or was asked yet."""


class _Transplant:
    """One marking on its way from plan to plan."""

    def __init__(self, marking: Marking, plan: Plan, names: Names) -> None:
        self.marking = marking
        self.old = marking.plan
        self.new = plan
        self.names = names
        self.lost: list[Homeless] = []
        self.loose: list[tuple[Token, Place]] = []
        """Tokens that waited before a join which is none any more, in their order."""

    def do(self) -> None:
        marking = self.marking
        self._check_reducers()
        homes = self._homes()
        stages: list[Stage] = [marking, *marking.orphans.values()]
        parked = [self._parked(stage) for stage in stages]
        regions = [self._region(stage) for stage in marking.orphans.values()]
        if self.lost:
            raise NoHome(self.lost)
        for activation, place in homes:
            activation.place = place
        marking.plan, marking.has_joins = self.new, bool(self.new.groups)
        marking.visits = self._visits()
        marking.pinned = {
            self.names.get(node, node): output
            for node, output in marking.pinned.items()
            if self.names.get(node, node) in self.new.by_id
        }
        for stage, queues in zip(stages, parked, strict=True):
            self._settle(stage, queues)
        for stage, (race, region) in zip(marking.orphans.values(), regions, strict=True):
            stage.race, stage.region = race, region
        self._count_live()
        self._sort_ready()
        for token, place in self.loose:
            activate(marking, token, place)

    # Homes --------------------------------------------------------------------------------------

    def _homes(self) -> list[tuple[Activation, Place]]:
        """Where every activation goes on."""
        found: list[tuple[Activation, Place]] = []
        marking = self.marking
        aside = [item for items in marking.maps.values() for item in items.aside]
        everything = {each.id: each for each in (*marking.activations.values(), *aside)}.values()
        for activation in everything:
            if activation.of is not None:
                continue
            place = self._home(activation)
            if place is not None:
                found.append((activation, place))
        homes = {activation.id: place for activation, place in found}
        for activation in everything:
            if activation.of is not None and activation.of.id in homes:
                body = homes[activation.of.id].body
                if body is not None:
                    found.append((activation, body))
        return found

    def _home(self, activation: Activation) -> Place | None:
        name, status = activation.place.id, activation.status
        other = self.names.get(name, name)
        place = self.new.by_id.get(other)
        if place is None:
            self._lose(f"{name!r} is {status}, and the new version has no node {other!r}", name)
            return None
        if not self.new.is_inside(other):
            where = "outside the part that the run goes through"
            self._lose(f"{name!r} is {status}, and in the new version {other!r} is {where}", name)
            return None
        kind, was = _kind(place), _kind(activation.place)
        if kind != was and not self._is_free(activation):
            self._lose(
                f"{name!r} is {status} as a {was} node, and {other!r} is a {kind} node", name
            )
            return None
        return place

    def _is_free(self, activation: Activation) -> bool:
        """Whether nothing binds the activation to the type of its node."""
        begun = (
            activation.of is not None
            or activation.id in self.marking.maps
            or activation.came is not None
            or activation.asked is not None
            or activation.child is not None
            or activation.decided is not None
        )
        return activation.status in _FREE and not begun

    def _parked(self, stage: Stage) -> list[tuple[PlannedEdge, Token]]:
        """The ways by which the tokens before joins come in the new version, in their order."""
        found = []
        for index, queues in stage.parked.items():
            group = self.old.groups[index]
            for position, queue in queues.items():
                way = self._way(group, group.ways[position])
                if way is not None:
                    found += [(way, token) for token in queue]
        return found

    def _way(self, group: Group, old: PlannedEdge) -> PlannedEdge | None:
        node = group.place.id
        other = self.names.get(node, node)
        edge = self.names.get(old.id, old.id)
        place = self.new.by_id.get(other)
        ways = [] if place is None else place.ways_in
        for way in ways:
            if way.id == edge:
                return way
        self._lose(
            f"a token waits before {node!r} where it came by {old.id!r}, and in the new version no"
            f" {edge!r} leads to {other!r}",
            node,
            old.id,
        )
        return None

    def _region(self, stage: Orphans) -> tuple[str, int]:
        """The race that these branches lost, in the new version."""
        race = self.names.get(stage.race, stage.race)
        for group in self.new.groups:
            if group.place.id == race and group.races:
                return race, group.region
        self._lose(
            f"branches run out that lost the race {stage.race!r}, and {race!r} is none", race
        )
        return race, 0

    def _lose(self, text: str, node: str | None, edge: str | None = None) -> None:
        self.lost.append(Homeless(text, node, edge))

    def _check_reducers(self) -> None:
        """Branches that are still to meet must fold their writes as they were written."""
        if self.marking.tokens < 2:
            return
        before, after = self.old.rules.names, self.new.rules.names
        keys = {key for token in self.marking.in_order() for key in token.version.data}
        for key in sorted(keys):
            if before.get(key) != after.get(key):
                was, now = before.get(key, "replace"), after.get(key, "replace")
                self._lose(
                    f"branches that are still to meet hold {key!r} with the reducer {was}, and the"
                    f" new version has {now}",
                    None,
                )

    # What goes along ----------------------------------------------------------------------------

    def _visits(self) -> list[int]:
        visits = [0] * len(self.new.places)
        for place, count in zip(self.old.places, self.marking.visits, strict=True):
            home = self.new.by_id.get(self.names.get(place.id, place.id))
            if home is not None:
                visits[home.index] += count
        return visits

    def _settle(self, stage: Stage, queues: list[tuple[PlannedEdge, Token]]) -> None:
        stage.plan = self.new
        stage.uses = self._by_way(stage.uses)
        stage.rounds = self._by_way(stage.rounds)
        stage.watched = {}
        stage.parked = {}
        for way, token in queues:
            group = way.group
            if group is None:
                self.loose.append((token, way.target))
                continue
            at = group.position[way.index]
            stage.parked.setdefault(group.index, {}).setdefault(at, deque()).append(token)

    def _by_way(self, counted: dict[int, Any]) -> dict[int, Any]:
        found = {}
        for index, value in counted.items():
            old = self.old.edges[index]
            way = self.new.edge_by_id.get(self.names.get(old.id, old.id))
            if old.edge is not None and way is not None:
                found[way.index] = value
        return found

    def _count_live(self) -> None:
        """Note anew where tokens are, for the joins that ask."""
        marking = self.marking
        for stage in (marking, *marking.orphans.values()):
            stage.live, stage.present = 0, [0] * len(self.new.places)
        if not marking.has_joins:
            return
        for activation in marking.activations.values():
            if activation.of is None:
                marking.stage_of(activation.token).arrive(activation.place)
        for stage in (marking, *marking.orphans.values()):
            for index, queues in stage.parked.items():
                for queue in queues.values():
                    for _ in queue:
                        stage.arrive(self.new.groups[index].place)
        for token, place in self.loose:
            marking.stage_of(token).arrive(place)

    def _sort_ready(self) -> None:
        """Whether an activation calls a tool may have changed with its node."""
        marking = self.marking
        former = marking.inline
        both = {**marking.ready, **former}
        marking.ready, marking.inline = {}, {}
        for number, activation in both.items():
            at_once = number in former
            if activation.status is ActivationStatus.READY and self._is_free(activation):
                place = activation.place
                at_once = place.inline or place.id in marking.pinned
            (marking.inline if at_once else marking.ready)[number] = activation


def _kind(place: Place) -> str:
    """What has to be the same for something begun at a node to go on at another."""
    body = "" if place.body is None else f" with a {place.body.node.type} body"
    return f"{place.node.type}{body}"
