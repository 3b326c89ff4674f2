"""Named places at which the crash tests kill the process. In production they do nothing.

There is one between any two acts that somebody outside of the process can see: commits, calls of
tools, messages. `PLACES` names all of them; a test holds it against the code.
"""

from collections.abc import Callable

PLACES = {
    "start.writing": "a new run is inserted and not committed",
    "start.committed": "a new run is committed, and nobody was told of it",
    "claim.claiming": "a claim is inserted and not committed",
    "claim.claimed": "a claim is committed, and nothing follows from it yet",
    "append.before": "steps are decided on, and nothing of them is written",
    "append.writing": "they are inserted and not committed",
    "append.committing": "the server has them, it was not told to commit (on PostgreSQL)",
    "append.written": "they are committed, and nobody was told of it",
    "snapshot.writing": "a snapshot is inserted and not committed",
    "wait.parking": "a run is being laid down to wait, not committed",
    "final.writing": "the end of a run is being written, not committed",
    "drive.rested": "a run has come to rest, and its lease, parent and lane were not seen to",
    "handback.before": "a run is about to be handed back",
    "handback.released": "it is handed back",
    "arrival.writing": "what ends a wait is inserted, and its row closed, not committed",
    "arrival.written": "that is committed, and nobody was told of it",
    "late.recording": "a driver that was fenced is about to record what it did too late",
    "lease.renewing": "leases are about to be renewed",
    "hint.sending": "a hint is about to go to the broker",
    "hint.sent": "the broker has it",
    "hint.taken": "a worker has it from the broker",
    "child.before_start": "child runs are decided on, none of them is looked for",
    "child.starting": "a child run is inserted and not committed",
    "child.started": "it is committed, and nobody was told of it",
    "child.before_drop": "child runs are about to be cancelled",
    "child.before_bring": "a child run has ended, and its parent does not know",
    "child.bringing": "its end is inserted into its parent's journal, not committed",
    "child.brought": "that is committed, and nobody was told of it",
    "transaction.before_tool": "the transaction of a transactional tool is open",
    "transaction.after_tool": "the tool has written, its step is not decided on",
    "transaction.before_commit": "its step is inserted beside, not committed",
    "transaction.after_commit": "both are committed, and the run's driver does not know",
}

hook: Callable[[str], None] | None = None


def reach(name: str) -> None:
    """The process is at the place of this name."""
    if hook is not None:
        hook(name)
