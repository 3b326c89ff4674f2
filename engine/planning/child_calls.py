"""The port to child runs: what a driver asks of whoever keeps and drives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from engine.errors import RunError, WorkflowNotFound
from engine.events import Event, EventKind
from engine.graph.model import Callee, Graph
from engine.graph.subgraphs import RESULT
from engine.said import Said, quoted, say
from engine.values.jsonvalue import Json

MAX_DEPTH = 10
"""How many levels deep runs may start each other."""


@dataclass(frozen=True, slots=True)
class ChildCall:
    """A run that an activation wants."""

    run: str
    """Its id. It is in the parent's journal: to ask twice makes one run."""
    callee: Callee
    node: str
    act: int
    att: int
    item: int | None
    depth: int
    """The depth of the new run, from 1."""
    state: dict[str, Json]
    """What it starts with, before the defaults of its graph."""
    resumes: bool
    """Whether it is there, has failed, and is to go on."""

    def parent(self, run: str) -> dict[str, Any]:
        """What the first event of the child says of its parent, the run of this id."""
        said = {"run": run, "node": self.node, "act": self.act, "att": self.att}
        if self.item is not None:
            said["item"] = self.item
        if not self.callee.workflow:
            said["body"] = True
        return {**said, "depth": self.depth}

    def ended(self, status: str, *, state: Json = None, error: RunError | None = None) -> Event:
        """The event by which the parent hears of the end."""
        if state is not None and not self.callee.workflow:
            state = left_by_body(state)
        return child_ended(
            self.run, self.node, self.act, self.att, self.item, status, state=state, error=error
        )


def child_ended(
    run: str,
    node: str | None,
    act: int,
    att: int,
    item: int | None,
    status: str,
    *,
    state: Json = None,
    error: RunError | None = None,
) -> Event:
    """What is appended to a parent's journal when a child has ended."""
    data: dict[str, Any] = {"run": run, "status": str(status)}
    if state is not None:
        data["state"] = state
    if error is not None:
        data["error"] = error.as_dict()
    if item is not None:
        data["item"] = item
    return Event(EventKind.CHILD_ENDED, data, node, act, att)


def left_by_body(state: Any) -> Json:
    """What a run of a map node's body leaves for its parent: what the tool gave."""
    return {RESULT: state.get(RESULT)}


Refusal = tuple[ChildCall, RunError]
"""A run that cannot be started, and why."""


class Children(Protocol):
    """The child runs of one run. Called when the entry that asks for them is durable."""

    def name(self, act: int, att: int) -> str:
        """The id of a new run for this attempt of an activation."""

    async def start(self, calls: Sequence[ChildCall]) -> Sequence[Refusal]:
        """See to it that these runs are there and go on, whoever asked before.

        Of one that has ended already the parent is told again.
        """

    async def drop(self, runs: Sequence[str]) -> None:
        """Cancel these runs, if they go on still."""

    @property
    def busy(self) -> bool:
        """Whether the parent's driver has to stay, because they run under its care."""


class Workflows(Protocol):
    """Where a graph that is named by another one is found."""

    def find(self, key: str, version: int | None) -> Graph:
        """The graph of this version; of the published one for None. Raises WorkflowNotFound."""


class FoundOnce:
    """Workflows that are looked up once, each of them, and then known without asking again."""

    def __init__(self, workflows: Workflows) -> None:
        self._workflows = workflows
        self._found: dict[tuple[str, int | None], Graph] = {}

    def find(self, key: str, version: int | None) -> Graph:
        """The graph of this version. Raises WorkflowNotFound."""
        known = self._found.get((key, version))
        if known is None:
            known = self._found[key, version] = self._workflows.find(key, version)
        return known


class WorkflowTable:
    """Workflows of a script: a graph by key, or graphs by version by key."""

    def __init__(self, table: Mapping[str, Graph | Mapping[int, Graph]]) -> None:
        self._table = table

    def find(self, key: str, version: int | None) -> Graph:
        """The graph of this version; the highest one for None. Raises WorkflowNotFound."""
        found = self._table.get(key)
        if found is None:
            known = ", ".join(sorted(self._table))[:400] or say("none")
            hint = say("known here: {known}", known=known)
            raise WorkflowNotFound("unknown_workflow", no_workflow(key), hint)
        if isinstance(found, Graph):
            found = {1 if version is None else version: found}
        wanted = max(found, default=None) if version is None else version
        graph = None if wanted is None else found.get(wanted)
        if graph is None:
            known = ", ".join(map(str, sorted(found))) or say("none")
            hint = say("its versions: {known}", known=known)
            raise WorkflowNotFound("unknown_version", no_version(key, version), hint)
        return graph


def no_workflow(key: str) -> Said:
    """That there is no such workflow."""
    return say("there is no workflow {key}", key=quoted(key, 80))


def no_version(key: str, version: int | None) -> Said:
    """That a workflow has no such version."""
    return say("the workflow {key} has no version {version}", key=quoted(key, 80), version=version)
