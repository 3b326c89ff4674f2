"""Every closed set of words the engine uses, each defined once, with a sentence per member."""

from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    """Created, and no driver has taken it yet."""
    RUNNING = "running"
    """A driver has it and something can still happen by itself."""
    WAITING = "waiting"
    """Parked on a timer, a person or a signal; no worker is held."""
    PAUSED = "paused"
    """Stopped with its state readable; a person decides how it goes on."""
    CANCELLING = "cancelling"
    """A cancel was asked for; what runs is being ended and nothing new starts."""
    COMPLETED = "completed"
    """Every branch ended."""
    FAILED = "failed"
    """An error that nothing in the graph handles ended it."""
    CANCELLED = "cancelled"
    """It was ended on request."""


TERMINAL_RUN_STATUSES = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})
"""A run in one of these never changes again by itself."""


class AttemptStatus(StrEnum):
    """How one try of an activation ended."""

    COMPLETED = "completed"
    """The tool returned and its update was committed."""
    FAILED = "failed"
    """The tool raised, or what it returned could not be used."""
    TIMED_OUT = "timed_out"
    """The node's timeout passed first."""
    CANCELLED = "cancelled"
    """It was ended because the run is ending."""
    LOST = "lost"
    """Its worker went away before it could report."""


class ActivationStatus(StrEnum):
    """Where one visit of a run to a node stands."""

    READY = "ready"
    """It may start as soon as there is room."""
    ITEMS = "items"
    """A map node whose items are being worked on, each by an activation of its own."""
    RUNNING = "running"
    """An attempt is under way."""
    RETRY_WAIT = "retry_wait"
    """The last attempt failed; the next one has a due time."""
    WAITING = "waiting"
    """It waits for a time, a signal or a person."""
    CHILD = "child"
    """A run of another workflow works for it."""
    STUCK = "stuck"
    """Its work is committed, but no way on could be chosen."""
    FAILED = "failed"
    """Its last attempt failed and nothing handles that."""
    UNKNOWN = "unknown"
    """A tool with effect `once` was cut; whether it acted, nobody knows."""


class OutcomeChoice(StrEnum):
    """What a person may say of an attempt of unknown outcome."""

    ADOPT = "adopt"
    """What the tool brought too late counts: its result, or its error."""
    DONE = "done"
    """The tool did its work; the person gives what it would have returned."""
    RETRY = "retry"
    """The tool is called again, with the same idempotency key."""
    SKIP = "skip"
    """The step is done without an output, as if the tool had returned nothing."""
    FAIL = "fail"
    """The step fails: error edges and `on_error` apply."""


class Effect(StrEnum):
    """What a second call of a tool would do."""

    PURE = "pure"
    """Nothing seen outside: analysis, computation."""
    IDEMPOTENT = "idempotent"
    """Safe to call again with the same idempotency key."""
    ONCE = "once"
    """Never call again when the outcome is unknown."""
    TRANSACTIONAL = "transactional"
    """Only database writes, committed together with the step."""


class Isolation(StrEnum):
    """Where a tool is called."""

    THREAD = "thread"
    """In the worker: on its loop, or in one of its threads."""
    PROCESS = "process"
    """In a process of its own, which is killed at its deadline."""


class NodeType(StrEnum):
    """What a node does when a token reaches it."""

    TOOL = "tool"
    """Calls a registered Python function."""
    SET = "set"
    """Writes state keys from expressions."""
    NOOP = "noop"
    """Does nothing: a place to fork or join."""
    END = "end"
    """Ends its branch, after writing what `set` says."""
    MAP = "map"
    """Runs a body once per item of a list."""
    SUBGRAPH = "subgraph"
    """Runs another workflow."""
    HUMAN = "human"
    """Asks a person."""
    WAIT = "wait"
    """Waits for a time or a signal."""
    EMIT = "emit"
    """Sends a signal."""


class WaitKind(StrEnum):
    """What a node waits for."""

    TIMER = "timer"
    """A time."""
    SIGNAL = "signal"
    """A signal of a name."""
    HUMAN = "human"
    """A person's answer to a form."""


class SignalMode(StrEnum):
    """What becomes of a signal that nobody waits for."""

    KEEP = "keep"
    """It is kept until somebody does."""
    TRANSIENT = "transient"
    """It is gone."""


class SignalTo(StrEnum):
    """Where the signal of an `emit` node went."""

    RUN = "run"
    """To a wait of the same run, now or later."""
    RUNS = "runs"
    """Out, to the runs that may hear it."""
    NOBODY = "nobody"
    """Nobody waited for it, and it was not to be kept."""


class JoinPolicy(StrEnum):
    """When a node with several ways in starts."""

    ALL_ACTIVE = "all_active"
    """When everything that can still arrive in this round has arrived."""
    ALL = "all"
    """When every way in holds a token."""
    EACH = "each"
    """Once per token."""
    FIRST = "first"
    """With the first token; the others run out and are dropped."""
    FIRST_CANCEL = "first_cancel"
    """With the first token; the others are cancelled."""
    N_OF_M = "n_of_m"
    """With the first n tokens."""


class ConflictPolicy(StrEnum):
    """What a join does with a key that two branches left with different values."""

    ERROR = "error"
    """Fails the run, naming key, nodes and values."""
    FIRST = "first"
    """Keeps the value of the first way in."""
    LAST = "last"
    """Keeps the value of the last way in."""
    COLLECT = "collect"
    """Keeps a list of the values, in the order of the ways in."""


class Route(StrEnum):
    """Which of the matching edges a token takes."""

    ALL = "all"
    """Every one of them."""
    FIRST = "first"
    """The first in document order."""


class EdgeOn(StrEnum):
    """The outcome of a node that an edge leads away from."""

    OK = "ok"
    """The node did its work."""
    ERROR = "error"
    """The node failed and will not be tried again."""
    TIMEOUT = "timeout"
    """The node's timeout passed."""
    EXHAUSTED = "exhausted"
    """Another edge of the node was wanted, but its `max` is used up or its loop stands still."""


class OnError(StrEnum):
    """What a node's unhandled failure does."""

    FAIL = "fail"
    """Fails the run."""
    CONTINUE = "continue"
    """Goes on as if the node had done nothing."""
    END_BRANCH = "end_branch"
    """Ends this branch; the others go on."""


class Dispatch(StrEnum):
    """Where the items of a map node are worked on."""

    LOCAL = "local"
    """By whoever drives the run."""
    QUEUE = "queue"
    """Each in a run of its own, which any worker may drive."""


class OnItemError(StrEnum):
    """What becomes of a map node when an item fails for good."""

    FAIL = "fail"
    """The node fails, once what runs has finished."""
    COLLECT = "collect"
    """The error stands among the results, as {"error": …}."""
    SKIP = "skip"
    """The item is left out of the results."""


class OnNoRoute(StrEnum):
    """What happens when no edge of a node matches."""

    ERROR = "error"
    """Fails the run with E_NO_ROUTE."""
    END = "end"
    """Ends the branch."""


class FailureMode(StrEnum):
    """What a run does with what still runs when a node fails it."""

    DRAIN = "drain"
    """Lets it finish and keeps what it did."""
    CANCEL = "cancel"
    """Tells it to stop; it is done again if the run is resumed."""


class OnStepBudget(StrEnum):
    """What happens when a run has used up its steps."""

    PAUSE = "pause"
    """Pauses the run: its state stays readable and the budget can be raised."""
    FAIL = "fail"
    """Fails the run."""


class Severity(StrEnum):
    """How much a problem of a document weighs."""

    ERROR = "error"
    """The graph cannot run like this."""
    WARNING = "warning"
    """The graph runs, but probably not as meant."""
