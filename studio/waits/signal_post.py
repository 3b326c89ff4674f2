"""Signals to whichever run waits for them: each is taken by one wait, or kept until one opens.

A signal of an `emit` node becomes a row in the transaction of its step, keyed by run and
activation: sent once, whatever crashes. It is taken in the transaction that closes the wait. So
both sides may look for each other as often as they like: after a signal was sent, after a wait
opened, and every few seconds.
"""

from collections.abc import Sequence
from typing import Any

from engine import TERMINAL_RUN_STATUSES, RunStatus
from engine.planning.waits import received, signalled
from studio.journal import codec
from studio.journal.raw_connection import Locked, Raw, Row, impatient
from studio.waits import arrivals

MOST = 1_000
"""Signals that one look delivers; the next look goes on."""
AT_ONCE = 200
"""Pairs of a signal and a wait that are read together."""

_ENDING = [RunStatus.CANCELLING.value, *sorted(s.value for s in TERMINAL_RUN_STATUSES)]

_ANY = "SELECT id FROM studio_signal WHERE taken_at IS NULL LIMIT 1"
_TRANSIENT = "SELECT id FROM studio_signal WHERE taken_at IS NULL AND transient = %s"
_DROP = "DELETE FROM studio_signal WHERE id = %s AND taken_at IS NULL"
_TAKE = (
    "UPDATE studio_signal SET taken_at = %s, taken_by_id = %s WHERE id = %s AND taken_at IS NULL"
)
_FITTING = (
    "SELECT sent.id AS sent_id, sent.data AS said, parked.id AS wait_id, parked.run_id AS run_id,"
    " parked.data AS waits, parked.created_at AS since FROM studio_signal sent"
    " JOIN studio_wait parked ON parked.signal = sent.name AND NOT (parked.signal = '')"
    " AND parked.closed_at IS NULL AND {key}"
    " JOIN studio_run run ON run.id = parked.run_id"
    " JOIN studio_workflow workflow ON workflow.id = run.workflow_id"
    f" WHERE sent.taken_at IS NULL AND run.status NOT IN ({', '.join(['%s'] * len(_ENDING))})"
    " AND (parked.run_id = sent.run_id OR run.owner_id = sent.owner_id"
    " OR workflow.owner_id = sent.owner_id)"
)
# Apart, so that each half goes by the index: with OR between the keys every kept signal would be
# held against every wait of its name.
_PAIRS = (
    "SELECT sent_id, said, wait_id, run_id, waits FROM ("
    f"{_FITTING.format(key='parked.key = sent.key')}"
    f" UNION ALL {_FITTING.format(key='parked.key IS NULL')}"
    f") fitting ORDER BY sent_id, since, wait_id LIMIT {AT_ONCE}"
)


def deliver(connection: Raw) -> list[int]:
    """Give kept signals to the waits that are open for them. Returns the runs that got one.

    What somebody holds in a transaction is left to the next look. Raises Unavailable.
    """
    if not connection.execute(_ANY):
        return []
    reached: list[int] = []
    try:
        _deliver(connection, reached, skips=False)
    except Locked:
        with impatient(connection):
            _deliver(connection, reached, skips=True)
    return reached


def _deliver(connection: Raw, reached: list[int], *, skips: bool) -> None:
    """Add who got a signal to `reached`. Raises Locked, unless what is held is skipped."""
    passing = [row[0] for row in connection.execute(_TRANSIENT, (True,))]
    while len(reached) < MOST:
        found = connection.execute(_PAIRS, _ENDING * 2)
        before = len(reached)
        _hand_over_all(connection, found, reached, skips=skips)
        if len(reached) == before or len(found) < AT_ONCE:
            break
    for signal_id in passing:
        try:
            connection.execute(_DROP, (signal_id,))
        except Locked:
            if not skips:
                raise


def _hand_over_all(
    connection: Raw, pairs: Sequence[Row], reached: list[int], *, skips: bool
) -> None:
    """Give each signal to the first of its waits that is still free."""
    done: set[tuple[str, int]] = set()
    for pair in pairs:
        signal, wait = ("signal", int(pair[0])), ("wait", int(pair[2]))
        if signal in done or wait in done:
            continue
        try:
            run_id = _hand_over(connection, pair)
        except Locked:
            if not skips:
                raise
            # One of both is held, or the run: neither goes with another one meanwhile.
            done.update((signal, wait))
            continue
        done.add(wait)
        if run_id is not None:
            done.add(signal)
            reached.append(run_id)


def _hand_over(connection: Raw, pair: Row) -> int | None:
    """Close the wait with the signal; None if the one or the other was gone meanwhile."""
    signal_id, sent, wait_id, run_id, parked = pair
    wait: dict[str, Any] = codec.decode(parked)
    signal: dict[str, Any] = codec.decode(sent)
    made = signalled(signal["name"], signal.get("key"), signal.get("payload"), signal.get("by"))
    event = received(wait["node"], wait, made)

    def take(at: object) -> None:
        if connection.change(_TAKE, (at, run_id, signal_id)) != 1:
            raise arrivals.Closed

    try:
        arrivals.bring(connection, run_id, event, wait_id, take)
    except arrivals.Closed:
        return None
    return int(run_id)
