"""A graph prepared for running: numbers instead of names, ways in grouped, reach sets on demand.

A plan is derived from the graph alone and holds no state of any run.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from engine.expressions import Expression
from engine.graph.loops import Loops, find_loops
from engine.graph.model import DEFAULT_BACK_EDGE_MAX, Edge, Graph, Node
from engine.graph.part import Part, inside
from engine.policies import ConflictPolicy, EdgeOn, JoinPolicy, NodeType
from engine.values.reducers import Reducer, reducer
from engine.values.state import StateRules

ENTRY = "@entry"
"""Stands for the start of the run among the ways into a node."""


class PlannedEdge:
    """An edge, or the way in that the start of a run is."""

    __slots__ = (
        "back",
        "edge",
        "group",
        "id",
        "index",
        "is_else",
        "leaves",
        "max",
        "quiet",
        "reads",
        "renews",
        "source",
        "taken",
        "target",
        "when",
    )

    def __init__(
        self, index: int, edge: Edge | None, source: "Place | None", target: "Place"
    ) -> None:
        self.index = index
        self.edge = edge
        self.id = ENTRY if edge is None else edge.id
        self.source = source
        self.target = target
        self.group: Group | None = None
        """The ways in it is waited for together with; None if it stands alone."""
        self.when = None if edge is None else edge.when
        self.is_else = edge is not None and edge.is_else
        self.reads: tuple[str, ...] = () if self.when is None else _read_by(self.when)
        """The names whose values explain the condition."""
        self.back = False
        """Whether taking it begins the next round of a loop."""
        self.max: int | None = None
        self.renews: tuple[int, ...] = ()
        """Edges whose uses are counted anew when this one is taken."""
        self.quiet = True
        """Whether taking it counts nothing, so that only the token moves."""
        self.leaves = False
        """Whether it leads out of the part of the graph that a partial run goes through."""
        self.taken: list[dict[str, Any]] = []
        """The report of a node whose only way on this is."""


def _read_by(when: Expression) -> tuple[str, ...]:
    extra = when.names & {"error", "iteration"}
    return tuple(sorted(when.state_keys | extra))


_NO_WAYS: dict[str, tuple[PlannedEdge, ...]] = dict.fromkeys(EdgeOn, ())


class Place:
    """A node as a run sees it."""

    __slots__ = (
        "bit",
        "body",
        "call",
        "counts_visits",
        "id",
        "index",
        "inline",
        "node",
        "only",
        "order",
        "ways_in",
        "ways_out",
    )

    def __init__(self, index: int, node: Node) -> None:
        self.index = index
        self.bit = 1 << index
        self.id = node.id
        self.node = node
        self.inline = node.type is not NodeType.TOOL
        """Whether the node is decided at once, without a call."""
        self.order = -1
        """Position in topological order, back edges aside; -1 if it cannot be reached."""
        self.ways_in: list[PlannedEdge] = []
        self.ways_out: dict[str, tuple[PlannedEdge, ...]] = _NO_WAYS.copy()
        """The ways on by outcome: the words of EdgeOn, and the alternatives of a wait."""
        self.body: Place | None = None
        """Of a map node: where its items are. It is on no edge."""
        self.call: Any = None
        """How the place calls its tool, kept by `engine.driving.calls`."""
        self.counts_visits = False
        """Whether a condition on the way out reads `iteration`."""
        self.only: PlannedEdge | None = None
        """The only way on after success, if it has no condition and no bound."""

    def ways_by(self, alternative: str) -> tuple[PlannedEdge, ...]:
        """The ways on of a wait of which this alternative came first, in document order."""
        ways = self.ways_out[EdgeOn.OK] + self.ways_out.get(alternative, ())
        return tuple(sorted(ways, key=lambda way: way.index))


class Group:
    """Ways into a node that wait for each other: its entries, or the back edges of its loops."""

    __slots__ = (
        "_region",
        "cancels",
        "find_region",
        "index",
        "needed",
        "on_conflict",
        "place",
        "policy",
        "position",
        "races",
        "reach",
        "ways",
    )

    def __init__(self, index: int, place: Place, ways: tuple[PlannedEdge, ...]) -> None:
        self.index = index
        self.place = place
        self.ways = ways
        self.policy: JoinPolicy = place.node.join.policy
        self.on_conflict: ConflictPolicy = place.node.join.on_conflict
        self.position = {way.index: at for at, way in enumerate(ways)}
        self.reach: list[int | None] = [None] * len(ways)
        """For each way in, the places from where a token can still come to it, as bits."""
        self.races = self.policy in RACES
        """Whether it fires before everything came, and the rest is given up."""
        self.cancels = place.node.join.cancel
        """Whether what a race gives up is withdrawn at once, or runs out."""
        self.needed = min(place.node.join.n, len(ways))
        """How many tokens a race takes."""
        self.find_region: Callable[[Group], int] = _none
        self._region: int | None = None

    @property
    def region(self) -> int:
        """Of a race, the places between the fork that every way leads through and the join, as
        bits."""
        if self._region is None:
            self._region = self.find_region(self)
        return self._region


def _none(group: Group) -> int:
    """The region of a join that is no race."""
    return 0


RACES = frozenset({JoinPolicy.FIRST, JoinPolicy.FIRST_CANCEL, JoinPolicy.N_OF_M})
"""Join policies that take the first tokens and give up on the others."""


def _tools_of(graph: Graph) -> tuple[str, ...]:
    nodes = graph.nodes.values()
    named = {node.map.body.tool if node.map is not None else node.tool for node in nodes}
    return tuple(sorted(name for name in named if name))


class Plan:
    """Everything about a graph that a run asks for again and again."""

    def __init__(self, graph: Graph, part: Part | None = None) -> None:
        """The plan of the graph, or of a part of it. Raises PartRefused."""
        self.graph = graph
        self.part = part or Part()
        self._inside = inside(graph, part) if part else None
        self.places = [Place(index, node) for index, node in enumerate(graph.nodes.values())]
        self.by_id = {place.id: place for place in self.places}
        self._give_maps_bodies()
        self.edges: list[PlannedEdge] = []
        self.edge_by_id: dict[str, PlannedEdge] = {}
        self.reducers: dict[str, Reducer] = {
            key: reducer(name) for key, name in graph.state.reducers.items()
        }
        self.rules = StateRules(self.reducers, graph.state.reducers)
        self._connect()
        self.entries = [self._enter(self.by_id[name]) for name in self._begins()]
        self.loops = self._find_loops()
        self._count_loops()
        self.groups = self._group_ways_in()
        self.races = [group for group in self.groups if group.races]
        self.tools = _tools_of(graph)
        """The names of the tools that its nodes call."""
        self.has_locks = any(place.node.lock is not None for place in self.places)
        self._note_simple_ways()

    def _give_maps_bodies(self) -> None:
        maps = (place for place in self.places if place.node.map is not None)
        for number, place in enumerate(maps, len(self.places)):
            if place.node.map is not None:
                place.body = Place(number, place.node.map.body)

    def _connect(self) -> None:
        for edge in self.graph.edges:
            source, target = self.by_id[edge.source], self.by_id[edge.target]
            way = PlannedEdge(len(self.edges), edge, source, target)
            way.max = edge.max
            self.edges.append(way)
            self.edge_by_id[edge.id] = way
            if self._goes(edge):
                target.ways_in.append(way)
            else:
                way.leaves = True
        out: dict[tuple[int, str], list[PlannedEdge]] = {}
        for way in self.edges:
            if way.source is not None and way.edge is not None:
                if way.source.id == self.part.until:
                    continue
                if way.when is not None and "iteration" in way.when.names:
                    way.source.counts_visits = True
                out.setdefault((way.source.index, way.edge.on), []).append(way)
        for (index, on), ways in out.items():
            self.places[index].ways_out[on] = tuple(ways)

    def _begins(self) -> list[str]:
        if self.part.start is not None:
            return [self.part.start]
        inside = self._inside
        return [name for name in self.graph.entry if inside is None or name in inside]

    def _goes(self, edge: Edge) -> bool:
        """Whether tokens can take the edge and go on at its end."""
        kept = self._inside
        if kept is None:
            return True
        return edge.source != self.part.until and edge.source in kept and edge.target in kept

    def _enter(self, place: Place) -> PlannedEdge:
        way = PlannedEdge(len(self.edges), None, None, place)
        self.edges.append(way)
        if self.part.start is None:
            # A partial run's start is no way in that a join would wait for in a later round.
            place.ways_in.insert(0, way)
        return way

    def _find_loops(self) -> Loops:
        """The loops of the whole graph: a part has the rounds that a whole run would have.

        Only a start that no entry leads to has none but those of its part.
        """
        loops = self._loops_from([self.by_id[name].index for name in self.graph.entry], whole=True)
        start = self.part.start
        if start is not None and self.by_id[start].index not in loops.order:
            loops = self._loops_from([self.by_id[start].index], whole=False)
        for order, index in enumerate(loops.order):
            self.places[index].order = order
        return loops

    def _loops_from(self, entries: Sequence[int], *, whole: bool) -> Loops:
        successors: list[list[int]] = [[] for _ in self.places]
        for way in self.edges:
            if way.source is not None and (whole or not way.leaves):
                successors[way.source.index].append(way.target.index)
        return find_loops(successors, entries)

    def _count_loops(self) -> None:
        """Mark back edges, give them their bound, and note what each edge counts anew."""
        bounded: dict[int | None, list[int]] = {}
        for way in self.edges:
            if way.source is None or way.edge is None:
                continue
            arc = (way.source.index, way.target.index)
            way.back = arc in self.loops.back
            if not way.edge.max_given and (way.back or arc in self.loops.sideways):
                way.max = DEFAULT_BACK_EDGE_MAX
            if way.back or way.max is not None:
                header = arc[1] if way.back else self._loop_of(arc)
                bounded.setdefault(header, []).append(way.index)
        for way in self.edges:
            named = way.edge.resets if way.edge is not None else ()
            entered = () if way.back else bounded.get(way.target.index, ())
            if named or entered:
                renewed = {self.edge_by_id[name].index for name in named}
                way.renews = tuple(sorted(renewed.union(entered)))
            way.quiet = not way.renews and not way.back and way.max is None

    def _loop_of(self, arc: tuple[int, int]) -> int | None:
        """The header of the innermost loop that holds both ends of an arc."""
        around = set(self.loops.around(arc[1]))
        return next((h for h in self.loops.around(arc[0]) if h in around), None)

    def _group_ways_in(self) -> list[Group]:
        groups: list[Group] = []
        for place in self.places:
            if len(place.ways_in) < 2:
                continue
            for back in (False, True):
                ways = tuple(way for way in place.ways_in if way.back is back)
                if len(ways) > 1 and place.node.join.policy is not JoinPolicy.EACH:
                    group = Group(len(groups), place, ways)
                    if group.races:
                        group.find_region = self._region
                    groups.append(group)
                    for way in ways:
                        way.group = group
        return groups

    def _note_simple_ways(self) -> None:
        for place in self.places:
            ways = place.ways_out[EdgeOn.OK]
            if len(ways) == 1 and ways[0].quiet and len(place.ways_out) == len(EdgeOn):
                edge = ways[0].edge
                if edge is not None and edge.when is None and not edge.is_else:
                    place.only = ways[0]
                    ways[0].taken = [{"edge": edge.id, "taken": True}]

    def is_inside(self, node: str) -> bool:
        """Whether a run of this part of the graph can come to the node."""
        return self._inside is None or node in self._inside

    def bits(self, names: Sequence[str]) -> int:
        """Places by name, as bits."""
        return sum({self.by_id[name].bit for name in names})

    def group_of(self, node: str | None, edges: Sequence[str]) -> Group:
        """The group of ways into a node that these edges belong to."""
        place = self.by_id[node or ""]
        return next(w.group for w in place.ways_in if w.id == edges[0] and w.group is not None)

    def reach(self, group: Group, position: int) -> int:
        """The places from where a token can still come to a way into `group.place`, as bits.

        Paths through the place itself do not count, nor do paths that take a back edge of a loop
        around it: what comes that way belongs to another round.
        """
        known = group.reach[position]
        if known is None:
            known = group.reach[position] = self._reach(group.place, group.ways[position])
        return known

    def _reach(self, join: Place, way: PlannedEdge) -> int:
        if way.source is None or way.source is join:
            return 0
        # A token that comes to the head of a loop around the join, by its back edge, is in another
        # round; the loops that lie elsewhere are gone round as often as they like.
        rounds = set(self.loops.around(join.index))
        seen = Places(len(self.places))
        seen[join.index] = seen[way.source.index] = 1
        work = [way.source.index]
        while work:
            at = work.pop()
            for source in (self.before_in_round if at in rounds else self._before)[at]:
                if not seen[source]:
                    seen[source] = 1
                    work.append(source)
        seen[join.index] = 0
        return as_bits(seen)

    @cached_property
    def _before(self) -> list[list[int]]:
        """For each place, where its ways in come from."""
        return [_sources(place.ways_in) for place in self.places]

    @cached_property
    def before_in_round(self) -> list[list[int]]:
        """For each place, where its ways in come from that are not back edges."""
        return [
            _sources(way for way in place.ways_in if not way.back) if has_back else before
            for place, before in zip(self.places, self._before, strict=True)
            for has_back in [any(way.back for way in place.ways_in)]
        ]

    def is_empty_race(self, group: Group) -> bool:
        """Whether nothing runs between the fork that every way leads through and the race."""
        return not any(self._is_inside_race(group, way) for way in group.ways)

    def _is_inside_race(self, group: Group, way: PlannedEdge) -> bool:
        """Whether a way into a race, or into its region, comes from inside of it."""
        join, source = group.place, way.source
        if source is None or source is join:
            return False
        fork = self.loops.dominator.get(join.index, -1)
        return source.index != fork or group.ways[0].back

    def _region(self, group: Group) -> int:
        """The places from where a way into a race is reached in the same round, as bits.

        The walk back stops at the fork that every way leads through, and at the join itself.
        """
        rounds = set(self.loops.around(group.place.index))
        found = Places(len(self.places))
        work = list(group.ways)
        while work:
            way = work.pop()
            source = way.source
            if source is None or found[source.index] or not self._is_inside_race(group, way):
                continue
            found[source.index] = 1
            work += [w for w in source.ways_in if not (w.back and w.target.index in rounds)]
        return as_bits(found)


Places = bytearray
"""A set of places while it is gathered: one byte for each, 1 where it is in the set."""


def as_bits(places: Places) -> int:
    """The set as one number, in which the bit of each of its places is set."""
    return int(places[::-1].translate(_DIGITS), 2)


_DIGITS = bytes.maketrans(b"\0\1", b"01")


def _sources(ways: Iterable[PlannedEdge]) -> list[int]:
    return [way.source.index for way in ways if way.source is not None]


def plan_of(graph: Graph, part: Part | None = None) -> Plan:
    """The graph's plan, made once; that of a part is made each time. Raises PartRefused."""
    if part:
        return Plan(graph, part)
    plan: Plan | None = graph._plan
    if plan is None:
        plan = graph._plan = Plan(graph)
    return plan
