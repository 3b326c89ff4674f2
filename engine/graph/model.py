"""A graph as a value: what a run follows. Immutable, without layout, made only by `document`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.expressions import Expression
from engine.limits import Limits
from engine.policies import (
    ConflictPolicy,
    EdgeOn,
    Effect,
    FailureMode,
    Isolation,
    JoinPolicy,
    NodeType,
    OnError,
    OnItemError,
    OnNoRoute,
    Route,
    SignalMode,
    WaitKind,
)
from engine.values.jsonvalue import copied

FORMAT = "treadle/1"
DEFAULT_BACK_EDGE_MAX = 100
"""Uses of an edge that closes a loop, where a document says nothing."""


@dataclass(frozen=True, slots=True)
class Join:
    """How a node with several ways in starts."""

    policy: JoinPolicy = JoinPolicy.ALL_ACTIVE
    on_conflict: ConflictPolicy = ConflictPolicy.ERROR
    n: int = 1
    """How many tokens `n_of_m` takes."""
    cancel: bool = False
    """Whether `n_of_m` withdraws what did not come in time."""


@dataclass(frozen=True, slots=True)
class Retry:
    """When a failed attempt is tried again, and after how long."""

    max_attempts: int = 3
    """Attempts in all, the first included."""
    initial_s: float = 1.0
    """Seconds before the second attempt."""
    factor: float = 2.0
    """What each further wait is multiplied by."""
    max_s: float = 60.0
    """No wait is longer than this, in seconds."""
    jitter: float = 0.2
    """Share of a wait by which it may be longer or shorter, from 0 to 1."""
    on: tuple[str, ...] = ("ConnectionError",)
    """Class names (of the exception or a base of it) that are tried again."""
    not_on: tuple[str, ...] = ("ValueError", "TypeError", "AssertionError")
    """Class names that are not, whatever `on` says."""


@dataclass(frozen=True, slots=True)
class MapSpec:
    """What a map node does with each item of a list."""

    over: Expression
    """Gives the list, on the state that the node finds."""
    body: "Node"
    """What each item runs through: a tool, or a workflow. It has the map node's id."""
    name: str = "item"
    """What the body calls the item."""
    max_concurrency: int | None = None
    """Items under way at once; None: as many as the run may call tools at once."""
    max_items: int | None = None
    """Items at most, where that is less than the run allows."""
    on_item_error: OnItemError = OnItemError.FAIL
    complete_when: Expression | None = None
    """Over done, failed, total and results: whether the rest of the items is not needed."""


@dataclass(frozen=True, slots=True)
class Callee:
    """What a node runs as a run of its own."""

    workflow: str
    """The key of a workflow; empty: the body of the map node itself."""
    version: int | None = None
    """None: the one that is published when somebody asks."""
    queue: str = ""
    """Which workers drive it; empty: its own workflow says so."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something that a `wait` or `human` node waits for: the only thing, or one of several."""

    kind: WaitKind
    name: str = ""
    """Of one of several: what edges call it by their `on`."""
    for_s: float | None = None
    """Seconds until a timer fires, or until a person's time is over."""
    until: Expression | None = None
    """When a timer fires: ISO 8601 text, or seconds since 1970."""
    signal: str = ""
    key: Expression | None = None
    """Which signals of the name are meant; without it, all of them."""
    form: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema of a person's answer."""
    assignees: Mapping[str, Any] = field(default_factory=dict)
    """Who is asked: {users: names, group: name}; empty: whoever sees the run."""
    title: str = ""
    """What a person is asked, where one of several says it in words of its own."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Emits:
    """The signal that an `emit` node sends."""

    signal: str
    key: Expression | None = None
    payload: Mapping[str, Expression] | None = None
    """What it carries, by name; None: nothing."""
    mode: SignalMode = SignalMode.KEEP


@dataclass(frozen=True, slots=True)
class Node:
    """A named place in a graph."""

    id: str
    type: NodeType
    tool: str | None = None
    inputs: Mapping[str, Expression] = field(default_factory=dict)
    """Expressions for parameters of the tool."""
    outputs: Mapping[str, Expression] | None = None
    """State keys and the expressions (over `result` and the state) that give their updates."""
    set: Mapping[str, Expression] = field(default_factory=dict)
    """State keys that a `set` or `end` node writes."""
    join: Join = Join()
    route: Route = Route.ALL
    on_no_route: OnNoRoute = OnNoRoute.ERROR
    on_error: OnError = OnError.FAIL
    retry: Retry | None = None
    timeout_s: float | None = None
    """Seconds that an attempt may take."""
    idle_timeout_s: float | None = None
    """Seconds that an attempt may go on without a sign of life: a heartbeat, line or progress."""
    isolation: Isolation = Isolation.THREAD
    effect: Effect | None = None
    """Overrides what the tool declares."""
    title: str = ""
    terminate: bool = False
    """Whether an `end` node ends the whole run."""
    cancels: tuple[str, ...] = ()
    """Nodes whose tokens are withdrawn when this one completes."""
    lock: str | None = None
    """At most one attempt of the nodes that share this name runs at a time."""
    map: MapSpec | None = None
    """What a map node repeats; its `outputs` are expressions over `results`."""
    awaited: tuple[Awaited, ...] = ()
    """What a `wait` or `human` node waits for; of several, the first that comes counts."""
    emits: Emits | None = None
    """The signal that an `emit` node sends."""
    runs: Callee | None = None
    """The workflow that it starts: `inputs` give the keys of that run's state, `outputs` are
    expressions over its final one."""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A way from node to node."""

    id: str
    source: str
    target: str
    on: str = EdgeOn.OK
    """A word of EdgeOn, or the name of an alternative of the wait that it leaves."""
    when: Expression | None = None
    is_else: bool = False
    max: int | None = None
    """Uses since its loop was last entered; None: no bound of its own."""
    max_given: bool = False
    """Whether the document says `max`; a back edge that does not gets 100."""
    resets: tuple[str, ...] = ()
    """Edges whose uses are counted anew when this one is taken."""


@dataclass(frozen=True, slots=True)
class StateSpec:
    """What a graph says about its state."""

    schema: Mapping[str, Any] | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)
    reducers: Mapping[str, str] = field(default_factory=dict)
    on_conflict: Mapping[str, ConflictPolicy] = field(default_factory=dict)


class Graph:
    """An immutable workflow definition. Make one with `Graph.from_dict`."""

    __slots__ = (
        "_document",
        "_plan",
        "edges",
        "entry",
        "failure_mode",
        "hash",
        "layout",
        "limits",
        "nodes",
        "queue",
        "state",
    )

    def __init__(
        self,
        *,
        nodes: Mapping[str, Node],
        edges: tuple[Edge, ...],
        entry: tuple[str, ...],
        state: StateSpec,
        limits: Limits,
        failure_mode: FailureMode,
        layout: Mapping[str, list[float]],
        document: dict[str, Any],
        hash: str,  # noqa: A002 - the public name
        queue: str = "",
    ) -> None:
        self.nodes = nodes
        self.edges = edges
        self.entry = entry
        self.state = state
        self.limits = limits
        self.failure_mode = failure_mode
        self.layout = layout
        self.queue = queue
        """Which workers drive its runs; empty: those of the default queue."""
        self.hash = hash
        """SHA-256 of the canonical document without `layout` and `meta`."""
        self._document = document
        self._plan: Any = None

    @property
    def key(self) -> str:
        """The document's own name for the workflow."""
        return str(self._document.get("key", ""))

    @property
    def name(self) -> str:
        """The title people see."""
        return str(self._document.get("name") or self.key)

    @classmethod
    def from_dict(cls, document: Any) -> "Graph":
        """The graph of a `treadle/1` document, or of one in the demo's format.

        Raises GraphError with every problem that keeps it from running.
        """
        from engine.graph.document import read_graph

        return read_graph(document)

    def to_dict(self) -> dict[str, Any]:
        """The canonical `treadle/1` document, with every edge's id and the layout."""
        made: dict[str, Any] = copied(self._document)
        return made

    def __repr__(self) -> str:
        return f"Graph({self.key!r}, {len(self.nodes)} nodes, {len(self.edges)} edges)"
