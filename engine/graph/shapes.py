"""Questions about the shape of a graph that lint asks. Iterative, like everything on input."""

from collections.abc import Iterable, Iterator

from engine.graph.model import Graph
from engine.graph.plan import Place, Places, Plan
from engine.policies import EdgeOn, OnNoRoute, Route


def can_fork(places: Iterable[Place], graph: Graph) -> bool:
    """Whether a run can ever have more than one token."""
    forks = any(_forks(place) for place in places if place.node.route is Route.ALL)
    return forks or len(graph.entry) > 1


def _forks(place: Place) -> bool:
    names = [awaited.name for awaited in place.node.awaited if awaited.name]
    ways = [place.ways_by(name) for name in names] or [place.ways_out[EdgeOn.OK]]
    return any(len(each) > 1 for each in ways)


def leads_out(place: Place, inside: set[int]) -> bool:
    """Whether a token can leave a cycle here: by an edge, or by an end that is meant."""
    ways = [way for ways in place.ways_out.values() for way in ways]
    if any(way.target.index not in inside for way in ways):
        return True
    ok = place.ways_out[EdgeOn.OK]
    return place.node.on_no_route is OnNoRoute.END and all(way.when is not None for way in ok)


def ancestors(plan: Plan, target: Place, until: Place) -> Places:
    """The places from which `target` is reached without a back edge, up to `until`; and itself."""
    before = plan.before_in_round
    seen = Places(len(plan.places))
    seen[until.index] = seen[target.index] = 1
    work = [target.index]
    while work:
        for source in before[work.pop()]:
            if not seen[source]:
                seen[source] = 1
                work.append(source)
    seen[until.index] = until is target
    return seen


def cycles(places: list[Place]) -> Iterator[list[Place]]:
    """The strongly connected parts that hold a cycle (Tarjan, without recursion)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[Place] = []
    on_path: set[int] = set()
    for start in places:
        if start.index in number:
            continue
        work = [(start, iter(targets(start)))]
        number[start.index] = low[start.index] = len(number)
        path.append(start)
        on_path.add(start.index)
        while work:
            place, rest = work[-1]
            for target in rest:
                if target.index not in number:
                    number[target.index] = low[target.index] = len(number)
                    path.append(target)
                    on_path.add(target.index)
                    work.append((target, iter(targets(target))))
                    break
                if target.index in on_path:
                    low[place.index] = min(low[place.index], number[target.index])
            else:
                work.pop()
                if work:
                    above = work[-1][0].index
                    low[above] = min(low[above], low[place.index])
                if low[place.index] == number[place.index]:
                    part = _popped(path, on_path, place)
                    if len(part) > 1 or place in targets(place):
                        yield part


def _popped(path: list[Place], on_path: set[int], root: Place) -> list[Place]:
    part: list[Place] = []
    while not part or part[-1] is not root:
        part.append(path.pop())
        on_path.discard(part[-1].index)
    part.reverse()
    return part


def targets(place: Place) -> list[Place]:
    """Where the edges of a place lead."""
    return [way.target for ways in place.ways_out.values() for way in ways]
