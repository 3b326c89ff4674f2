"""The journal's words: what an event is, every kind of it, and what its `data` holds.

An event is one fact of a run. The same dict is the table row, the API item, the socket frame and
the line in a log. `node`, `act` and `att` say what it is about: the node, its activation (one
visit of the run to the node, numbered within the run) and the attempt (from 1).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from engine.errors import JournalCorrupt


class EventKind(StrEnum):
    """Every kind of event, with what its data holds."""

    RUN_CREATED = "run.created"
    """The run exists. {state, graph: hash, limits: lowered ones, pinned: outputs by node, entry,
    start?: the node it begins at in place of the entries, until?: the node that ends its branches,
    error?: what is `error` at its start, parent?: {run, node, act, att, item?, body?, depth}: for
    whom it works, and how many runs stand above it, tools?: how the source hashes of its tools
    begin, by name}
    """
    RUN_CLAIMED = "run.claimed"
    """A driver took the run. {owner, fence}"""
    RUN_CANCEL_REQUESTED = "run.cancel_requested"
    """Somebody asked for the end. {reason, by}"""
    RUN_PAUSED = "run.paused"
    """Nothing new starts until somebody resumes the run. {code, reason, error?}"""
    RUN_RESUMED = "run.resumed"
    """A paused or failed run goes on: what was stuck, failed or unknown is ready again.
    {limits?: raised ones}"""
    RUN_FORKED = "run.forked"
    """Everything before this was copied from another run, which this one goes on from. {run: its
    id, seq: its last event that was copied, ops: changes of the state, made in every branch}"""
    RUN_MOVED = "run.moved"
    """A run that rests goes on by another version of its workflow. {graph: hash, version: its id,
    map: new ids of nodes and edges by old ones, by?}"""
    RUN_WAITING = "run.waiting"
    """Nothing can happen before something comes from outside, or before a time.
    {until?: seconds since 1970, retries?: [{act, due}]}"""
    RUN_COMPLETED = "run.completed"
    """Every branch ended, or the run came to a node that ends it. {by?: that node}"""
    RUN_FAILED = "run.failed"
    """Nothing handled an error. {error}"""
    RUN_CANCELLED = "run.cancelled"
    """The run was ended on request. {reason}"""
    ATTEMPT_STARTED = "attempt.started"
    """A tool is about to be called. {}"""
    ATTEMPT_SUCCEEDED = "attempt.succeeded"
    """The step's commit. {ops, edges: reports, commit, ms?, error?, pinned?}: `ops` are [set|red|
    over, key, value] or [del, key]; a report is {edge, taken, when?, values?, reason?, idle?};
    with `error` the work is kept but no way on was found. Nodes that call no tool have no
    attempt.started before it."""
    MAP_STARTED = "map.started"
    """A map node has its list; each item is an activation of its own, whose events carry
    {item: index}, and on success {item, result, ms} and neither ops nor edges. The list is not
    written: it follows from the state. {count}"""
    EDGES_TAKEN = "edges.taken"
    """A resumed run found a way on from a node whose work was kept. {edges: reports}"""
    ATTEMPT_FAILED = "attempt.failed"
    """The tool raised, or its result was refused. {error, ms?} and one of {retry_at: seconds since
    1970}: it is tried again; {edges}: an error edge or `on_error` handles it; neither: the run
    fails."""
    ATTEMPT_TIMED_OUT = "attempt.timed_out"
    """The node's timeout passed. Data as attempt.failed."""
    ATTEMPT_CANCELLED = "attempt.cancelled"
    """The attempt was ended because the run is ending or failing. {}"""
    ATTEMPT_LOST = "attempt.lost"
    """Its worker went away. {}: the activation is ready again; {error}: it was lost too often, or
    it is a `once` tool and only a person can say what happened; with {edges}: nobody needs to,
    because its branch lost a race."""
    ATTEMPT_LATE_RESULT = "attempt.late_result"
    """A tool came back after its attempt had ended; the result is recorded, not used.
    {ok} and of an attempt that another driver had given up as lost {fence: of the driver that
    brings it, ops? or of an item result?, error?, ms?}, whole, so that a person can adopt it; of
    one that its own driver had ended {ops? or result? or asked?: shortened, error?}."""
    OUTCOME_DECIDED = "outcome.decided"
    """A person says what became of an attempt of unknown outcome. It takes effect when the run
    goes on: then the attempt ends as said, or another one is made. {choice: adopt|done|retry|skip|
    fail, by?, note?, item?} and with done {output: what the tool would have returned}, with adopt
    {ok, ops? or of an item result?, error?}: what the late result said."""
    JOIN_FIRED = "join.fired"
    """A join took its tokens and its node became ready. {edges: ways in, `@entry` for the start,
    withdrawn?, orphaned?: activations of branches that came too late for a race, orphans?: the
    number of the lost race among whose branches the join is}"""
    JOIN_FORCED = "join.forced"
    """A join fired although not everything came, because the run stood still. Data as join.fired,
    and {missing: ways in}"""
    TOKENS_WITHDRAWN = "tokens.withdrawn"
    """A node that `cancels` others completes: their tokens are gone. {withdrawn: activations}
    With {orphan: true}: a branch that lost a race came to a node that would wait for others."""
    WAIT_OPENED = "wait.opened"
    """A node waits, of several things for the first. {waits: [{id, on?: the alternative's name,
    kind: timer|signal|human, due?: seconds since 1970, name?, key?, form?, assignees?, title?,
    description?}]}. Of a tool that asks also {memo, asked: which of its questions it is, ms?}."""
    WAIT_CLOSED = "wait.closed"
    """What a node waited for came; its step follows. Only the first one about an activation's
    open waits counts. {wait: id, on?, how: fired|received|answered|timeout|dropped,
    answer?, payload?, name?, key?, by?, direct?: the signal came when this was open and was never
    kept, item?}; dropped: the map node of the item that asked goes on without it"""
    SIGNAL_RECEIVED = "signal.received"
    """Somebody sent a signal; it is kept until a wait takes it. {name, key?, payload?, by?}"""
    CHILD_STARTED = "child.started"
    """A node starts a run of another workflow and waits for it, or lets the one that failed go on.
    What the run starts with is not written here: it follows from the state. {run, workflow,
    version?, due?: seconds since 1970, resumes?: true}; without a workflow the run is one of the
    map node's body"""
    CHILD_ENDED = "child.ended"
    """The run that a node waits for has ended; its step follows. {run, status: completed|failed|
    cancelled|refused|timed_out, state?, error?}; refused: it could not be started"""
    CHILD_DROPPED = "child.dropped"
    """Nobody waits for that run any more: it is cancelled. {run}"""
    SIGNAL_EMITTED = "signal.emitted"
    """An `emit` node sends a signal; its step follows. {name, key?, payload?, mode?: transient, to:
    run: a wait of this run has it or will have it | runs: it went out to others | nobody}"""
    LOG = "log"
    """A line from a tool. {level, message}"""
    PROGRESS = "progress"
    """How far a tool is. {done, total, note}"""
    TRUNCATED = "truncated"
    """An attempt wrote more lines and notes than are kept: the rest is missing. {limit: bytes}"""
    WARNING = "warning"
    """Something to know that stops nothing. {code, message}; of the code `tool_drift` also {tool,
    was, now}: the code of a tool changed under the run, and how its source hash begins."""


TOOL_DRIFT = "tool_drift"
"""The code of the warning that a tool's code changed under a run."""


class Event:
    """One fact of a run. `seq` is given by the journal when it is written; 0 before."""

    __slots__ = ("act", "att", "data", "kind", "memo", "node", "seq", "time")

    def __init__(
        self,
        kind: EventKind,
        data: dict[str, Any],
        node: str | None = None,
        act: int | None = None,
        att: int | None = None,
        *,
        seq: int = 0,
        time: float = 0.0,
    ) -> None:
        self.kind = kind
        self.data = data
        self.node = node
        self.act = act
        self.att = att
        self.seq = seq
        self.time = time
        """Seconds since 1970, of the clock of whoever wrote it."""
        self.memo: Any = None
        """What deciding the event already worked out; never written, recomputed by a fold."""

    def as_dict(self) -> dict[str, Any]:
        """The event as everybody outside sees it."""
        return {
            "seq": self.seq,
            "ts": timestamp(self.time),
            "k": str(self.kind),
            "node": self.node,
            "act": self.act,
            "att": self.att,
            "data": self.data,
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> "Event":
        """The event that `as_dict` wrote. Raises JournalCorrupt."""
        try:
            return cls(
                EventKind(raw["k"]),
                raw["data"],
                raw.get("node"),
                raw.get("act"),
                raw.get("att"),
                seq=raw.get("seq") or 0,
                time=moment(raw["ts"]) if raw.get("ts") else 0.0,
            )
        except (KeyError, ValueError) as error:
            raise JournalCorrupt(f"not an event: {error}") from error

    def __repr__(self) -> str:
        return f"Event({self.seq}, {self.kind}, {self.node}, {self.act}, {self.data})"


def timestamp(moment_s: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC with milliseconds."""
    text = datetime.fromtimestamp(moment_s, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def moment(text: str) -> float:
    """The seconds since 1970 that `timestamp` wrote."""
    return datetime.fromisoformat(text).timestamp()
