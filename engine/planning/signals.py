"""What goes into the planner and what comes out: signals, decisions, bounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.errors import RunError
from engine.events import Event
from engine.planning.asking import Question
from engine.planning.child_calls import ChildCall
from engine.planning.marking import Activation
from engine.planning.updates import Update
from engine.policies import Effect
from engine.values.jsonvalue import Json


@dataclass(frozen=True, slots=True)
class Woken:
    """Nothing in particular: decide what follows from the marking."""


@dataclass(slots=True)
class Succeeded:
    """A tool returned; `update` is what its result means."""

    activation: Activation
    update: Update
    ms: float


@dataclass(slots=True)
class ItemSucceeded:
    """A tool returned for one item of a map node."""

    activation: Activation
    result: Json
    mended: Sequence[str]
    """Where its text had to be mended."""
    ms: float


@dataclass(slots=True)
class Parked:
    """A tool asks a person: its attempt is over, its activation is not."""

    activation: Activation
    question: Question
    now: float
    ms: float


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt failed or timed out."""

    activation: Activation
    error: RunError
    kinds: Sequence[str]
    """Names of the error's class and its bases, for the retry policy."""
    effect: Effect
    now: float
    roll: float
    """From 0 to 1: the dice of the jitter."""
    ms: float = 0.0
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Recovered:
    """A driver took a run over: the attempts that were under way have no worker any more."""

    effect_of: Callable[[Activation], Effect]
    tools: Mapping[str, str] = field(default_factory=dict)
    """How the source hashes of the run's tools begin now, by name."""


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The time of waiting retries and of waits has come, up to `now`."""

    now: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing runs, and nothing is due before `until`: the run may wait."""

    until: float


@dataclass(frozen=True, slots=True)
class Happened:
    """Somebody else wrote an event to the journal: a cancel, a pause, a resume."""

    event: Event


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks this driver for an event: it is written, and what follows from it."""

    event: Event


@dataclass(frozen=True, slots=True)
class AttemptCancelled:
    """An attempt that was told to stop has stopped."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class GraceOver:
    """A cancelled run has waited long enough for its attempts."""


Signal = (
    Woken
    | Succeeded
    | ItemSucceeded
    | Parked
    | Failed
    | Recovered
    | RetryDue
    | Idle
    | Happened
    | Asked
    | AttemptCancelled
    | GraceOver
)


class Decision:
    """What follows: entries for the journal, attempts to start or stop, and retries to wait for."""

    __slots__ = (
        "calls",
        "drops",
        "events",
        "interrupts",
        "more",
        "proposals",
        "proposes",
        "retries",
        "starts",
        "stops",
    )

    def __init__(self, proposes: bool = False) -> None:
        self.events: list[Event] = []
        self.proposals: list[Event] = []
        """Ends of waits that count only once the journal has them: somebody else may be quicker."""
        self.proposes = proposes
        self.starts: list[Activation] = []
        self.stops: list[Activation] = []
        """Activations that were withdrawn while an attempt of theirs was under way."""
        self.calls: list[ChildCall] = []
        """Child runs to see to, once the entries are durable."""
        self.drops: list[str] = []
        """Child runs that nobody waits for any more."""
        self.interrupts = False
        """Whether everything that runs is told to stop, because the run is failing."""
        self.more = False
        """Whether there is more to decide at once: the driver wakes the planner again."""
        self.retries: tuple[float, ...] = ()
        """When retries and waits are due, in seconds since 1970."""


Choose = Callable[[int], int]
"""Picks one of n ready activations; tests pass dice."""


@dataclass(slots=True)
class Bounds:
    """What a driver allows the planner: how much to start, and which of the ready first."""

    room: int = 1_000_000
    """Attempts that may be started now; 0 while a run is being handed back."""
    choose: Choose | None = None
    now: Callable[[], float] = float
    """The driver's clock, asked when a wait opens."""
    name_child: Callable[[int, int], str] = "{}-{}".format
    """Gives the id of a new child run, for an attempt of an activation."""
    proposes: bool = False
    """Whether others write to the journal too, so that the end of a wait can only be proposed."""
    outside: bool = False
    """Whether there are other runs that a signal may be for."""
    patience: int = 64
    """Nodes without a tool, and joins, that one decision goes through."""
