"""What can go wrong, as values and as exceptions.

EngineError
├── GraphError          a document cannot become a Graph; carries every Problem
├── RunError            a run, a node or an edge failed; the `error` of results and events
│   └── StateConflict   two branches left one key with different values
├── ValueRefused        a value is not JSON (or is too big); names the path
├── PinRefused          a pinned output that no run of the graph can use
├── ToolNotFound        no such tool in the registry
├── WorkflowNotFound    no such workflow or version, or none that may be named
├── ToolRefused         a function cannot be registered as a tool
├── JournalCorrupt      events that do not fold: they belong to another graph or were altered
└── Fenced              another driver owns the run now
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.policies import Severity
from engine.said import UNSAID, Said


class Code(StrEnum):
    """Stable names of the failures of a run."""

    TOOL = "E_TOOL"
    """The tool raised an exception."""
    INPUT = "E_INPUT"
    """A parameter of the tool could not be bound."""
    OUTPUT = "E_OUTPUT"
    """What the tool returned cannot become state."""
    EXPRESSION = "E_EXPRESSION"
    """An expression of the node could not be evaluated."""
    CONDITION = "E_CONDITION"
    """The condition of an edge could not be evaluated."""
    NO_ROUTE = "E_NO_ROUTE"
    """No edge of the node matched."""
    LOOP_EXHAUSTED = "E_LOOP_EXHAUSTED"
    """The `max` of an edge is used up and no `exhausted` edge is drawn."""
    NO_PROGRESS = "E_NO_PROGRESS"
    """A loop went round without changing the state."""
    STEP_BUDGET = "E_STEP_BUDGET"
    """The run has used `limits.max_steps`."""
    TIME_BUDGET = "E_TIME_BUDGET"
    """The run has been active for `limits.max_active`."""
    JOIN_STARVED = "E_JOIN_STARVED"
    """A strict join waits for a way in that can no longer be taken."""
    STATE_CONFLICT = "E_STATE_CONFLICT"
    """Two parallel branches left one key with different values."""
    AMBIGUOUS_WRITE = "E_AMBIGUOUS_WRITE"
    """A tool changed its state in place and returned something else."""
    STATE_SIZE = "E_STATE_SIZE"
    """The state is over `limits.max_state_bytes`."""
    TIMEOUT = "E_TIMEOUT"
    """The node's timeout passed."""
    LOST = "E_LOST"
    """The worker went away during the attempt, too often."""
    OUTCOME_UNKNOWN = "E_OUTCOME_UNKNOWN"
    """A `once` tool was cut; a person must say what happened."""
    NOT_CALLED = "E_NOT_CALLED"
    """The run was lost before the tool was called: nothing came of the attempt."""
    CANCELLED = "E_CANCELLED"
    """The run was cancelled."""
    SECRET = "E_SECRET"
    """A tool asked for a secret that the run may not use, or that is not there."""
    WORKFLOW = "E_WORKFLOW"
    """The workflow of a subgraph cannot be found, or has no such version."""
    DEPTH = "E_DEPTH"
    """Runs have started each other too many levels deep."""
    UNSUPPORTED = "E_UNSUPPORTED"
    """The document uses something this version does not run yet."""


class EngineError(Exception):
    """The root of everything the engine raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document, and where."""

    code: str
    """Stable name: `unknown_key`, `unreachable_node`, `E_UNSUPPORTED`, …"""
    pointer: str
    """JSON pointer into the document as it was given."""
    message: Said
    """What is wrong, as a sentence: a text with what it takes to say it in another language."""
    hint: Said = UNSAID
    """What to do about it."""
    severity: Severity = Severity.ERROR
    node: str | None = None
    edge: str | None = None

    def as_dict(self, told: Callable[[Said], str] = str) -> dict[str, Any]:
        """The problem as JSON. `told`: what becomes of its sentences, which are English else."""
        return {
            "code": str(self.code),
            "pointer": self.pointer,
            "message": told(self.message),
            "hint": told(self.hint),
            "severity": str(self.severity),
            "node": self.node,
            "edge": self.edge,
        }

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class GraphError(EngineError):
    """The document is not a graph that can run. `problems` holds all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        shown = "; ".join(str(problem) for problem in self.problems[:5])
        more = len(self.problems) - 5
        super().__init__(shown + (f"; and {more} more" if more > 0 else ""))


class RunError(EngineError):
    """Why a run, a node or an edge failed. Compares by value; travels as `as_dict()`."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        node: str | None = None,
        edge: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = str(code)
        self.message = str(message)
        self.node = node
        self.edge = edge
        self.details: dict[str, Any] = dict(details or {})

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON, as events and the API carry it."""
        return {
            "code": self.code,
            "message": self.message,
            "node": self.node,
            "edge": self.edge,
            "details": self.details,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "RunError":
        """The error that `as_dict` wrote."""
        return cls(
            data["code"],
            data["message"],
            node=data.get("node"),
            edge=data.get("edge"),
            details=data.get("details"),
        )

    def at(self, node: str) -> "RunError":
        """The same error, said of `node` unless it already names one."""
        if self.node is None:
            self.node = node
        return self

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunError) and self.as_dict() == other.as_dict()

    def __hash__(self) -> int:
        return hash((self.code, self.message, self.node, self.edge))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.code}, {self.message!r}, node={self.node!r})"


class StateConflict(RunError):
    """Branches that meet left one key with different values."""

    def __init__(self, key: str, writers: Sequence[tuple[str, Any]]) -> None:
        said = ", ".join(f"{node} says {value}" for node, value in writers)
        super().__init__(
            Code.STATE_CONFLICT,
            f"the branches that meet here disagree about {key!r}: {said}; give the key a reducer, "
            f"write it in one branch only, or set on_conflict",
            details={"key": key, "writers": [{"node": n, "value": v} for n, v in writers]},
        )


class ValueRefused(EngineError):
    """A value that cannot be state. `path` says where it sits, as in `report.items[3]`."""

    def __init__(self, path: str, message: str, found: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.found = list(found)
        """Each place (a JSON pointer) and what is wrong there, where that is known so well."""


class PinRefused(EngineError, ValueError):
    """A pinned output that no run of the graph can use."""

    def __init__(self, pin: str, message: str, hint: str) -> None:
        super().__init__(f"pinned: {pin!r:.80}: {message}; {hint}")
        self.pin = pin
        """The name it was given under, as in `papers/fetch`."""
        self.pointer = "/pinned/" + pin.replace("~", "~0").replace("/", "~1")
        """JSON pointer to it, in what a run is started with."""
        self.message = message
        self.hint = hint
        """What to do about it."""


class ToolNotFound(EngineError, LookupError):
    """The registry has no tool of that name."""


class WorkflowNotFound(EngineError, LookupError):
    """There is no such workflow or version of it, or it is not for who names it."""

    def __init__(self, code: str, message: Said, hint: Said = UNSAID) -> None:
        super().__init__(message)
        self.code = code
        """`unknown_workflow`, `unpublished_workflow`, `unknown_version`; in a studio also
        `forbidden_workflow`."""
        self.message = message
        self.hint = hint


class ToolRefused(EngineError, ValueError):
    """The function cannot be registered; the message says what to change."""


class JournalCorrupt(EngineError):
    """The events do not fold: they belong to another graph, or were altered."""


class Fenced(EngineError):
    """Another driver owns the run now: stop, and let its journal be."""
