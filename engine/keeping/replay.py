"""Reading journals: folding one so that a run can go on, and telling what happened in it."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.errors import JournalCorrupt, RunError
from engine.events import Event, EventKind
from engine.graph.model import Graph
from engine.graph.plan import plan_of
from engine.keeping.numbers import Numbers
from engine.planning.evolve import evolve
from engine.planning.marking import Activation, Kin, Marking
from engine.planning.planner import view
from engine.planning.transplant import NoHome
from engine.planning.unknowns import unknown
from engine.policies import ActivationStatus, RunStatus
from engine.values.jsonvalue import Json

Events = Iterable[Event | dict[str, Any]]
"""A journal, as events or as the dicts they travel as."""


@dataclass(slots=True)
class Folded:
    """A journal folded into the marking that it leads to."""

    marking: Marking
    seq: int = 0
    """The number of the last event."""
    active_s: float = 0.0
    """Seconds during which the run was being driven, as far as events tell."""
    last: Event | None = None
    """The last event: the time from it to the next may count as driven."""

    @property
    def status(self) -> RunStatus:
        """Where the run stands."""
        return self.marking.status

    @property
    def state(self) -> dict[str, Json]:
        """The state as it can be shown."""
        return view(self.marking)

    @property
    def error(self) -> RunError | None:
        """Why the run failed or paused."""
        return self.marking.error

    @property
    def in_flight(self) -> list[tuple[str, int, int]]:
        """(node, activation, attempt) of the attempts that were started and have not ended."""
        return [
            (a.place.id, a.id, a.attempts)
            for a in self.marking.activations.values()
            if a.status is ActivationStatus.RUNNING
        ]


def fold(graph: Graph, events: Events, kin: Kin | None = None) -> Folded:
    """The marking that a journal leads to. Raises JournalCorrupt.

    `kin` gives other versions by the hash of their graph, for a run that was moved between them.
    """
    told = _events(events)
    first = next(told, None)
    if first is None:
        return Folded(Marking(plan_of(graph)))
    folded = Folded(begun(graph, first, kin))
    return fold_on(folded, itertools.chain((first,), told))


def _events(events: Events) -> Iterator[Event]:
    return (raw if isinstance(raw, Event) else Event.from_dict(raw) for raw in events)


def begun(graph: Graph, first: Event, kin: Kin | None) -> Marking:
    """The marking before the first event, by the version that it names."""
    made_from = first.data.get("graph", graph.hash)
    graph = related(graph, str(made_from), kin, "the run was made from")
    marking = Marking(plan_of(graph))
    marking.kin = kin
    return marking


def related(graph: Graph, wanted: str, kin: Kin | None, what: str) -> Graph:
    """The version with this hash. Raises JournalCorrupt when it is not at hand."""
    if wanted == graph.hash:
        return graph
    try:
        if kin is not None:
            return kin(wanted)
    except LookupError as error:
        raise JournalCorrupt(f"{what} a version of the graph that is gone: {error}") from error
    raise JournalCorrupt(f"{what} another version of the graph")


def fold_on(folded: Folded, events: Events) -> Folded:
    """The same after further events; changes and returns what it is given."""
    last = folded.last
    for raw in events:
        event = raw if isinstance(raw, Event) else Event.from_dict(raw)
        if event.kind not in _SAID:
            if last is not None and _was_driven(folded.marking, last, event):
                folded.active_s += max(0.0, event.time - last.time)
            folded.last = last = event
        _evolve(folded.marking, event)
        folded.seq = max(folded.seq, event.seq)
    return folded


def _evolve(marking: Marking, event: Event) -> None:
    """Apply an event from outside. Raises JournalCorrupt whatever is wrong with it."""
    try:
        evolve(marking, event)
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        StopIteration,
        NoHome,
    ) as error:
        said = f"event {event.seq} ({event.kind}) does not fit: {error!r:.200}"
        raise JournalCorrupt(said) from error


_SAID = frozenset({EventKind.LOG, EventKind.PROGRESS, EventKind.TRUNCATED})
"""Kinds that carry the time at which a tool said something; they are written a little later."""
_TAKEN_OVER = frozenset(
    {EventKind.RUN_CLAIMED, EventKind.ATTEMPT_LOST, EventKind.RUN_FORKED, EventKind.RUN_MOVED}
)


def _was_driven(marking: Marking, last: Event, event: Event) -> bool:
    """Whether a driver had the run between two events."""
    taken_over = event.kind in _TAKEN_OVER
    idle = last.kind is EventKind.RUN_CREATED or marking.status is not RunStatus.RUNNING
    return not taken_over and not idle


@dataclass(slots=True)
class NodeActivity:
    """What happened at one node."""

    count: int = 0
    """Visits that began."""
    status: str = ""
    """How the last attempt ended, or `running` or `waiting`."""
    ms: float | None = None
    """How long the last attempt took, in milliseconds."""
    items: "ItemCounts | None" = None
    """Of a map node: how far its last visit is."""


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How many items of a map node are done, have failed for good, and there are."""

    done: int
    failed: int
    total: int


@dataclass(slots=True)
class Replay:
    """What a journal tells."""

    status: RunStatus = RunStatus.QUEUED
    state: dict[str, Json] = field(default_factory=dict)
    error: RunError | None = None
    current_nodes: list[str] = field(default_factory=list)
    """Nodes with an open activation, oldest first."""
    activations: dict[str, NodeActivity] = field(default_factory=dict)
    steps: list[tuple[int, str, dict[str, Json]]] = field(default_factory=list)
    """(seq, node, the branch's state after it) of every step, in the order of the journal."""


class Teller:
    """Tells what happens, an event at a time, so that a long journal need not be told again whole.

    Whoever keeps `told.activations` and `seen`, and a snapshot of the marking of the same moment,
    goes on from there with another one.
    """

    def __init__(self, marking: Marking | None = None, *, keeps_steps: bool = True) -> None:
        self.marking = marking
        self.told = Replay()
        self.seen = Numbers()
        """Activations that were counted as visits."""
        self._keeps_steps = keeps_steps

    def take(self, event: Event, graph: Graph, kin: Kin | None = None) -> None:
        """The next event. Raises JournalCorrupt. `graph` and `kin` as in `fold`."""
        told = self.told
        if self.marking is None:
            self.marking = begun(graph, event, kin)
        marking = self.marking
        activation = marking.activations.get(event.act or 0)
        gone = _withdrawn_by(marking, event)
        _evolve(marking, event)
        if activation is not None and (activation.of or event.kind is EventKind.MAP_STARTED):
            _note_items(told, marking, activation, event, self.seen)
            return
        _note_activity(told, event, self.seen)
        for node in gone:
            told.activations.setdefault(node, NodeActivity()).status = "cancelled"
        if (
            self._keeps_steps
            and event.kind is EventKind.ATTEMPT_SUCCEEDED
            and activation is not None
        ):
            state = dict(activation.token.version.data)
            told.steps.append((event.seq, activation.place.id, state))

    def done(self) -> Replay:
        """What the events tell so far; nothing is taken after this."""
        told, marking = self.told, self.marking
        if marking is None:
            return told
        told.status, told.error = marking.status, marking.error
        if told.status is not RunStatus.QUEUED:
            told.state = dict(view(marking))
        for activation in unknown(marking):
            if activation.of is None:
                told.activations[activation.place.id].status = "waiting"  # a person decides
        open_nodes = (a.place.id for a in marking.activations.values())
        told.current_nodes = list(dict.fromkeys(open_nodes))
        return told


def replay(graph: Graph, events: Events, kin: Kin | None = None) -> Replay:
    """Tell what happened. Raises JournalCorrupt. `kin` as in `fold`."""
    teller = Teller()
    for event in _events(events):
        teller.take(event, graph, kin)
    return teller.done()


def _note_activity(told: Replay, event: Event, seen: Numbers) -> None:
    word = _WORDS.get(event.kind)
    if word is None or event.node is None:
        return
    activity = told.activations.setdefault(event.node, NodeActivity())
    number = event.act or 0
    if number not in seen:
        seen.add(number)
        activity.count += 1
    activity.status = word
    if word != "running":
        activity.ms = event.data.get("ms")


def _withdrawn_by(marking: Marking, event: Event) -> list[str]:
    """The nodes whose attempts are given up by a race, a `cancels` or the end of the run."""
    if event.kind is EventKind.RUN_COMPLETED:
        given_up = list(marking.activations.values())
    else:
        given_up = [
            marking.activations[number]
            for number in event.data.get("withdrawn", ())
            if number in marking.activations
        ]
    return [a.place.id for a in given_up if a.status in _UNDER_WAY]


_UNDER_WAY = (
    ActivationStatus.RUNNING,
    ActivationStatus.ITEMS,
    ActivationStatus.CHILD,
    ActivationStatus.WAITING,
)


def _note_items(
    told: Replay, marking: Marking, activation: Activation, event: Event, seen: Numbers
) -> None:
    """A map node began, or something became of one of its items: that is no visit of its own."""
    of = activation.of or activation
    activity = told.activations.setdefault(of.place.id, NodeActivity())
    if of.id not in seen:
        seen.add(of.id)
        activity.count += 1
    items = marking.maps.get(of.id)
    if items is not None:
        done, failed = len(items.results), len(items.failures)
        activity.items = ItemCounts(done, failed, len(items.values))
        activity.status, activity.ms = "running", None


_WORDS = {
    EventKind.ATTEMPT_STARTED: "running",
    EventKind.CHILD_STARTED: "running",
    EventKind.WAIT_OPENED: "waiting",
    EventKind.ATTEMPT_SUCCEEDED: "completed",
    EventKind.ATTEMPT_FAILED: "failed",
    EventKind.ATTEMPT_TIMED_OUT: "timed_out",
    EventKind.ATTEMPT_CANCELLED: "cancelled",
    EventKind.ATTEMPT_LOST: "lost",
}


def state_at(graph: Graph, events: Events, seq: int, kin: Kin | None = None) -> dict[str, Json]:
    """The state as it stood after event number `seq`."""
    until = (event for event in _events(events) if event.seq <= seq)
    return dict(view(fold(graph, until, kin).marking))
