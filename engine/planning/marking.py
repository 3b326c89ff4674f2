"""Where a run is: its tokens, activations and counters.

A marking belongs to one driver (or one fold), which changes it in place, only ever through
`evolve.evolve`. Tokens stand in one list whose order follows from the graph and not from timing:
a fork puts its children where the parent stood, a join goes on where its first token stood.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.errors import RunError
from engine.graph.model import Graph
from engine.graph.plan import Group, Place, Plan
from engine.limits import Limits
from engine.policies import ActivationStatus, RunStatus
from engine.values.jsonvalue import Json
from engine.values.state import Commit, Version

_READY = ActivationStatus.READY


Kin = Callable[[str], Graph]
"""Another version of a graph, by its hash. Raises LookupError."""


class Token:
    """One thread of a run."""

    __slots__ = ("after", "before", "error", "orphans", "version")

    def __init__(self, version: Version) -> None:
        self.version = version
        self.error: dict[str, Any] | None = None
        """What the failed attempt said that sent it along an error edge; until the next success."""
        self.orphans: Orphans | None = None
        """The stage on which it runs out, if it lost a race; nothing it writes counts."""
        self.before: Token | None = None
        self.after: Token | None = None


class Child:
    """A run of another workflow, as the activation that it works for knows it."""

    __slots__ = ("outcome", "run", "status")

    def __init__(self, run: str) -> None:
        self.run = run
        self.status = ""
        """How it ended, once it did (the status of `child.ended`)."""
        self.outcome: dict[str, Any] | None = None
        """The data of `child.ended`, until something was made of it."""


class Asked:
    """What the tool of an activation asked a person last."""

    __slots__ = ("answer", "answered", "memo", "number", "wait")

    def __init__(self, number: int, memo: Json, wait: dict[str, Any]) -> None:
        self.number = number
        """Which of the activation's questions it is, from 1."""
        self.memo = memo
        self.wait = wait
        """The question, as `wait.opened` tells it."""
        self.answered = False
        self.answer: Json = None


class Activation:
    """One visit of the run to a node."""

    __slots__ = (
        "asked",
        "attempts",
        "came",
        "child",
        "closing",
        "decided",
        "due",
        "error",
        "id",
        "losses",
        "place",
        "status",
        "token",
        "tries",
        "visit",
        "waits",
    )

    def __init__(self, number: int, place: Place, token: Token, visit: int) -> None:
        self.id = number
        self.place = place
        self.token = token
        self.visit = visit
        """How many times the run has come to this node, this one included."""
        self.status = _READY
        self.attempts = 0
        """Attempts so far; the next one has the number after it."""
        self.tries = 0
        """Attempts since it was last made ready from outside: what the retry policy counts."""
        self.losses = 0
        """Attempts that lost their worker, since it was last made ready from outside."""
        self.due = 0.0
        """When a retry may start or a wait ends, in seconds since 1970; infinite: when it comes."""
        self.error: RunError | None = None
        """Why it failed, is stuck or waits for its retry."""
        self.waits: Sequence[dict[str, Any]] = ()
        """What it waits for now, as `wait.opened` tells; the first that comes closes all."""
        self.came: dict[str, Any] | None = None
        """What came (the data of `wait.closed`), or was sent (of `signal.emitted`), from then on
        until the step is done."""
        self.closing: dict[str, Any] | None = None
        """What its driver has proposed as the end of its waits, until the journal has it. The
        one thing here that no fold knows: a proposal that was not written has not been."""

        self.decided: dict[str, Any] | None = None
        """What a person said of its unknown outcome (the data of `outcome.decided`), until
        something was made of it."""
        self.asked: Asked | None = None
        """The last question of its tool, and the answer once it is there."""
        self.child: Child | None = None
        """The last run of another workflow that worked for it."""

    of: "Activation | None" = None
    """The map node's activation, of one that is an item."""
    index: int = -1
    """Which item it is."""
    value: Json = None
    """The item."""


class Item(Activation):
    """The work on one item of a map node: it sees the map's token, and moves none."""

    __slots__ = ("index", "of", "value")

    def __init__(self, number: int, place: Place, index: int, value: Json, of: Activation) -> None:
        super().__init__(number, place, of.token, of.visit)
        self.index = index
        self.value = value
        self.of = of


class Items:
    """How far a map node is. Only `engine.planning.items` changes it."""

    __slots__ = ("aside", "error", "failures", "next", "open", "over", "results", "values")

    def __init__(self, values: list[Json]) -> None:
        self.values = values
        self.next = 0
        """The first item that has no activation yet."""
        self.open: dict[int, Activation] = {}
        """Items that are ready, running or waiting for a retry, by activation."""
        self.aside: list[Activation] = []
        """Items that a failed map has left: a resume takes them up again."""
        self.results: dict[int, Json] = {}
        """What the items that are done gave, by index."""
        self.failures: dict[int, tuple[RunError, int]] = {}
        """The errors of items that failed for good, and after how many attempts."""
        self.over = False
        """Whether `complete_when` does not need the rest."""
        self.error: RunError | None = None
        """Why `complete_when` cannot be evaluated."""


Round = tuple[dict[str, Json], int]
"""What a loop left behind the last time it came to its back edge, and how many rounds in a row
had left it unchanged."""


class Stage:
    """Where tokens that can meet each other are, and what they have counted."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.limits: Limits = plan.graph.limits
        self.parked: dict[int, dict[int, deque[Token]]] = {}
        """Tokens on ways into joins: group -> position of the way -> oldest first. Positions in
        the order in which they got their first token."""
        self.live = 0
        """The places with a live token, as bits."""
        self.present = [0] * len(plan.places)
        """Live tokens per place."""
        self.uses: dict[int, int] = {}
        """How often a bounded edge was taken since its loop was entered."""
        self.rounds: dict[int, Round] = {}
        """The last round of each back edge."""
        self.watched: dict[int, int] = {}
        """For each join that holds tokens: a way in known to be reachable. A mere shortcut."""

    def arrive(self, place: Place) -> None:
        """Count a live token at a place."""
        at = place.index
        if not self.present[at]:
            self.live |= place.bit
        self.present[at] += 1

    def leave(self, place: Place) -> None:
        """Count a live token out of a place."""
        at = place.index
        self.present[at] -= 1
        if not self.present[at]:
            self.live ^= place.bit

    def waiting_groups(self) -> list[Group]:
        """The joins that hold tokens, in topological order."""
        groups = [self.plan.groups[index] for index in self.parked]
        if len(groups) < 2:
            return groups
        return sorted(groups, key=lambda group: (group.place.order, group.index))


class Orphans(Stage):
    """The stage of the tokens that lost one race: they run out inside its region, among
    themselves."""

    def __init__(self, plan: Plan, number: int, region: int, race: str) -> None:
        super().__init__(plan)
        self.number = number
        self.region = region
        self.race = race
        """The node of the race."""


class Marking(Stage):
    """Everything the next decision of a run depends on."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.kin: Kin | None = None
        """Gives the versions that a run was moved from and to, by the hash of their graph."""
        self.status = RunStatus.QUEUED
        self.error: RunError | None = None
        """Why the run failed or paused."""
        self.cancel_reason = ""
        self.depth = 0
        """How many runs stand above this one: each was started by the one above it."""
        self.pinned: dict[str, Json] = {}
        self.tools: dict[str, str] = {}
        """How the source hashes of its tools begin, by name, as the run saw them last."""
        self.first: Token | None = None
        """The head of the list of tokens."""
        self.tokens = 0
        """Tokens in the list: live ones, and those whose branch has ended."""
        self.ended = 0
        self.terminated: Token | None = None
        """The token that came to a node which ends the whole run."""
        self.activations: dict[int, Activation] = {}
        self.ready: dict[int, Activation] = {}
        """Activations that may call their tool, oldest first."""
        self.inline: dict[int, Activation] = {}
        """Activations that call no tool, oldest first."""
        self.troubled: dict[int, Activation] = {}
        """Activations that failed, are stuck or of unknown outcome, in the order of the journal."""
        self.maps: dict[int, Items] = {}
        """The map nodes that have their list, by activation."""
        self.waiting: dict[int, Activation] = {}
        """Activations that wait: for a time, a signal, a person, another run, or their retry."""
        self.signals: list[dict[str, Any]] = []
        """Signals that no wait has taken yet, oldest first."""
        self.running = 0
        self.has_joins = bool(plan.groups)
        """Whether anybody asks where tokens are: `live` and `present` are only kept for joins."""
        self.orphans: dict[int, Orphans] = {}
        """What is left of the races that were lost, by number."""
        self.next_orphans = 1
        self.visits = [0] * len(plan.places)
        self.steps = 0
        """Activations that were started, or done without a tool."""
        self.final: dict[str, Json] | None = None
        """The state the run completed with."""
        self.next_activation = 1
        self.next_commit = 1
        self.shows_states = False
        """Whether the event of each step carries the state after it as its memo, for whoever tells
        what happened while it happens."""

    def follow(self, plan: Plan) -> None:
        """Go by another plan, before anything has begun: that of the part which the run goes
        through, or of the version that it was started on."""
        self.plan = plan
        self.limits = plan.graph.limits
        self.has_joins = bool(plan.groups)
        self.present = [0] * len(plan.places)
        self.visits = [0] * len(plan.places)

    # Tokens ------------------------------------------------------------------------------------

    def insert(self, token: Token, after: Token | None) -> None:
        """Put a token into the list behind `after`, or at the head."""
        token.before = after
        token.after = self.first if after is None else after.after
        if token.after is not None:
            token.after.before = token
        if after is None:
            self.first = token
        else:
            after.after = token
        self.tokens += 1

    def remove(self, token: Token) -> None:
        """Take a token out of the list."""
        if token.before is None:
            self.first = token.after
        else:
            token.before.after = token.after
        if token.after is not None:
            token.after.before = token.before
        self.tokens -= 1

    def in_order(self) -> Iterator[Token]:
        """Every token, ended ones included, in the order that the graph gives them."""
        token = self.first
        while token is not None:
            yield token
            token = token.after

    def counting(self) -> list[Token]:
        """The tokens whose writes count, in the order that the graph gives them."""
        return [token for token in self.in_order() if token.orphans is None]

    def stage_of(self, token: Token) -> Stage:
        """Where a token is among others that it can meet."""
        return token.orphans or self

    def commit(self, version: Version, ops: Any, node: str) -> Commit:
        """A new commit on top of `version`.

        While the run has one token only, nothing older can ever be merged with anything: its
        commit forgets its parents, is used again, and a long run holds no history in memory.
        """
        number = self.next_commit
        self.next_commit = number + 1
        if self.tokens != 1:
            return Commit(number, (version.commit,), ops, node)
        lone = version.commit
        lone.id, lone.parents, lone.ops, lone.node = number, (), ops, node
        return lone
