"""Loops as lint sees them: what lies in one, and where its ways out lead."""

from collections.abc import Iterator

from engine.graph.plan import Place, Plan, PlannedEdge
from engine.linting.effort import Effort

_Marks = dict[int, tuple[PlannedEdge, ...]]
"""For each place behind a loop, one or two of the ways out of the loop that lead to it."""


class Rounds:
    """The loops of a plan, with what was found out about each."""

    def __init__(self, plan: Plan, effort: Effort) -> None:
        self.effort = effort
        self._plan = plan
        self._span = _spans(plan)
        self._marks: dict[int, _Marks] = {}

    def around(self, place: Place) -> Iterator[Place]:
        """The heads of the loops that hold a place, innermost first."""
        loops = self._plan.loops
        header = loops.inner.get(place.index)
        while header is not None:
            yield self._plan.places[header]
            header = loops.outer.get(header)

    def holds(self, header: Place, place: Place) -> bool:
        """Whether a place lies in the loop of this head."""
        inner = self._plan.loops.inner.get(place.index)
        if inner is None:
            return False
        first, last = self._span[header.index]
        return first <= self._span[inner][0] <= last

    def marks(self, header: Place) -> _Marks:
        """Where the ways out of a loop lead: each place behind it with up to two of them."""
        known = self._marks.get(header.index)
        if known is None:
            known = self._marks[header.index] = self._walked(header)
        return known

    def _walked(self, header: Place) -> _Marks:
        marks: _Marks = {}
        work = [(way.target, way) for way in self._ways_out(header)]
        while work:
            place, way = work.pop()
            found = marks.get(place.index, ())
            if len(found) == 2 or way in found:
                continue
            marks[place.index] = (*found, way)
            for ways in place.ways_out.values():
                if not self.effort.take(1 + len(ways)):
                    return marks
                work += [(on.target, way) for on in ways if not self.holds(header, on.target)]
        return marks

    def _ways_out(self, header: Place) -> Iterator[PlannedEdge]:
        """The edges that leave a loop."""
        seen = {header.index}
        work = [header]
        while work:
            for ways in work.pop().ways_out.values():
                self.effort.take(1 + len(ways))
                for way in ways:
                    if not self.holds(header, way.target):
                        yield way
                    elif way.target.index not in seen:
                        seen.add(way.target.index)
                        work.append(way.target)


def meets_what_follows(way: PlannedEdge, header: Place, rounds: Rounds) -> bool:
    """Whether a branch that leaves a loop comes to a join that another way out leads to as well,
    by another way in."""
    seen: set[int] = set()
    work = [way]
    while work:
        entry = work.pop()
        place = entry.target
        if entry.group is not None and _comes_by_another(entry, way, header, rounds):
            return True
        if place.index in seen:
            continue
        seen.add(place.index)
        for ways in place.ways_out.values():
            if not rounds.effort.take(1 + len(ways)):
                return False
            work += [on for on in ways if not rounds.holds(header, on.target)]
    return False


def _comes_by_another(entry: PlannedEdge, way: PlannedEdge, header: Place, rounds: Rounds) -> bool:
    """Whether what left the loop by another way out than `way` comes to a join by another way in
    than `entry`."""
    marks = rounds.marks(header)
    for other in entry.target.ways_in:
        if not rounds.effort.take():
            return False
        if other is entry or other.group is None or other.source is None:
            continue
        if rounds.holds(header, other.source):
            return True
        if any(mark is not way for mark in marks.get(other.source.index, ())):
            return True
    return False


def _spans(plan: Plan) -> dict[int, tuple[int, int]]:
    """For each head of a loop, the first and last number of the heads in its loop."""
    inside: dict[int | None, list[int]] = {}
    for header in {*plan.loops.inner.values()}:
        inside.setdefault(plan.loops.outer.get(header), []).append(header)
    first: dict[int, int] = {}
    spans: dict[int, tuple[int, int]] = {}
    work = [(header, False) for header in inside.get(None, ())]
    while work:
        header, leaving = work.pop()
        if leaving:
            spans[header] = first[header], len(first) - 1
            continue
        first[header] = len(first)
        work.append((header, True))
        work += [(each, False) for each in inside.get(header, ())]
    return spans
