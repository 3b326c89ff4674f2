"""The workflow engine: graphs of plain Python functions, durable, without Django.

    >>> from engine import Graph, ToolRegistry, run
    >>> registry = ToolRegistry()
    >>> @registry.tool("bump", effect="pure")
    ... def bump(state):
    ...     state["n"] += 1
    >>> graph = Graph.from_dict({
    ...     "format": "treadle/1", "key": "count", "entry": ["a"],
    ...     "nodes": {"a": {"type": "tool", "tool": "bump"}, "done": {"type": "end"}},
    ...     "edges": [{"id": "again", "from": "a", "to": "a", "when": "n < 5"},
    ...               {"id": "out", "from": "a", "to": "done", "else": True}]})
    >>> result = run(graph, {"n": 0}, registry=registry)
    >>> str(result.status), result.state["n"]
    ('completed', 5)

Decide (pure): graph, expressions, values, planning, linting. Do: driving. Keep: keeping.
Steer and tell: steering, telling. The shipped tools: library. A kit for tests: testing.
"""

from engine import expressions
from engine.driving import capture
from engine.driving.beginning import new_run
from engine.driving.clock import Clock, SystemClock, VirtualClock
from engine.driving.context import ToolContext
from engine.driving.driver import Driver, DriveResult
from engine.driving.runner import RunResult, arun, run
from engine.errors import (
    Code,
    EngineError,
    Fenced,
    GraphError,
    JournalCorrupt,
    PinRefused,
    Problem,
    RunError,
    StateConflict,
    ToolNotFound,
    ToolRefused,
    ValueRefused,
    WorkflowNotFound,
)
from engine.events import Event, EventKind
from engine.graph import Edge, Graph, Node
from engine.graph.layout import layout
from engine.graph.part import PartRefused
from engine.keeping.memory import MemoryJournal, MemoryStore
from engine.keeping.replay import Folded, NodeActivity, Replay, fold, replay, state_at
from engine.keeping.store import Journal, Store
from engine.limits import Limits
from engine.linting.lint import lint, validate
from engine.linting.secret_names import SecretName
from engine.policies import (
    TERMINAL_RUN_STATUSES,
    ActivationStatus,
    AttemptStatus,
    ConflictPolicy,
    EdgeOn,
    Effect,
    JoinPolicy,
    NodeType,
    OnError,
    OnNoRoute,
    OnStepBudget,
    Route,
    RunStatus,
    Severity,
)
from engine.tools import Overwrite, Tool, ToolRegistry, default_registry, tool
from engine.values.reducers import register_reducer

__version__ = "0.1.0"

__all__ = [
    "TERMINAL_RUN_STATUSES",
    "ActivationStatus",
    "AttemptStatus",
    "Clock",
    "Code",
    "ConflictPolicy",
    "DriveResult",
    "Driver",
    "Edge",
    "EdgeOn",
    "Effect",
    "EngineError",
    "Event",
    "EventKind",
    "Fenced",
    "Folded",
    "Graph",
    "GraphError",
    "JoinPolicy",
    "Journal",
    "JournalCorrupt",
    "Limits",
    "MemoryJournal",
    "MemoryStore",
    "Node",
    "NodeActivity",
    "NodeType",
    "OnError",
    "OnNoRoute",
    "OnStepBudget",
    "Overwrite",
    "PartRefused",
    "PinRefused",
    "Problem",
    "Replay",
    "Route",
    "RunError",
    "RunResult",
    "RunStatus",
    "SecretName",
    "Severity",
    "StateConflict",
    "Store",
    "SystemClock",
    "Tool",
    "ToolContext",
    "ToolNotFound",
    "ToolRefused",
    "ToolRegistry",
    "ValueRefused",
    "VirtualClock",
    "WorkflowNotFound",
    "arun",
    "capture",
    "default_registry",
    "expressions",
    "fold",
    "layout",
    "lint",
    "new_run",
    "register_reducer",
    "replay",
    "run",
    "state_at",
    "tool",
    "validate",
]
