"""Lanes: the runs of a workflow that share its limit of runs at once.

A workflow may say how many of its runs are under way at a time, and by which key: then each value
of the key is a lane of its own. A run gets its lane when it is made, from the state it starts
with, and takes a place in it when it is first claimed. It keeps the place while it runs and while
it waits, until it ends or rests paused; so a limit of one means that two runs never overlap.

Places are given under a lock, so that several processes never give the last one twice: on SQLite
the transaction is that lock, on PostgreSQL an advisory one. Whoever is given a place is the first
in line (`studio.claims.line`), whichever run was asked for.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine import expressions
from engine.said import say
from studio.claims import line
from studio.claims.fitness import ANYTHING, Fit
from studio.claims.line import Scope, Turns
from studio.journal import codec
from studio.journal.raw_connection import Raw
from studio.models import Workflow

MAX_LANE = 200
"""Characters of a lane's name; the name of a longer value is its SHA-256."""
FEW = 20
"""So many lanes are looked at with fairness between owners; of more, only the oldest run each."""
MANY = 200
"""Lanes of one workflow that are looked at in one go."""
ANY = 1_000_000_000
"""More places than there can be runs: what is free when the limit is gone."""
_LOCKS = 0x7EAD
"""The class of the advisory locks; their number is the workflow's key."""

_HOLDS = (
    "lane IS NOT NULL AND status IN ('running', 'waiting', 'cancelling', 'paused')"
    " AND (status <> 'paused' OR lease_until > %s)"
)
"""Runs with a place. A paused one has it while what it was at still runs."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The runs that share one limit."""

    workflow_id: int
    name: str

    def queued(self, fit: Fit) -> Scope:
        return Scope(
            "status = 'queued' AND workflow_id = %s AND lane = %s AND lane IS NOT NULL"
            + fit.condition,
            (self.workflow_id, self.name),
        )


def name_for(workflow: Workflow, state: Mapping[str, Any]) -> str | None:
    """The lane of a run that starts with this state; None if nothing limits the workflow.

    Raises ExpressionError when the key cannot be worked out.
    """
    if workflow.run_limit is None:
        return None
    if not workflow.run_limit_key:
        return ""
    value = key_of(workflow.run_limit_key, state)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    clean: str = codec.clean(text)[0]
    return clean if len(clean) <= MAX_LANE else hashlib.sha256(clean.encode()).hexdigest()


def key_of(source: str, state: Mapping[str, Any]) -> Any:
    """The value of a key for this start state, as JSON. Raises ExpressionError."""
    value = expressions.compile(source).evaluate({**state, "state": state})
    problem = expressions.json_problem(value)
    if problem:
        raise expressions.ExpressionError(0, problem, say("a key is JSON"), source)
    return value


def limit_of(connection: Raw, lane: Lane) -> int | None:
    """How many runs of the lane may be under way; None: any number, since the limit is gone."""
    rows = connection.execute(
        "SELECT run_limit FROM studio_workflow WHERE id = %s", (lane.workflow_id,)
    )
    return rows[0][0] if rows else None


def holders(connection: Raw, lane: Lane, now: object, most: int) -> list[int]:
    """The runs that have a place, at most `most`, the oldest first. `now` is a column value."""
    # Sorted here: to order, SQLite would read all runs of the workflow.
    rows = connection.execute(
        f"SELECT id FROM studio_run WHERE workflow_id = %s AND lane = %s AND {_HOLDS} LIMIT %s",
        (lane.workflow_id, lane.name, now, most),
    )
    return sorted(key for (key,) in rows)


def next_in(
    connection: Raw,
    lane: Lane,
    now: object,
    most: int,
    turns: Turns | None = None,
    fit: Fit = ANYTHING,
) -> list[int]:
    """The queued runs of the lane that have a place to take, in turn, at most `most`."""
    limit = limit_of(connection, lane)
    if limit is not None:
        most = min(most, limit - len(holders(connection, lane, now, limit)))
    return [run.id for run in _first_in(connection, lane, most, turns or Turns(), fit)]


def _first_in(connection: Raw, lane: Lane, most: int, turns: Turns, fit: Fit) -> list[line.Queued]:
    """The first `most` queued runs of the lane, in turn."""
    queued = {run.id: run for run in line.waiting(connection, lane.queued(fit), most)}
    if len(queued) < 2:
        return list(queued.values())
    given = turns.give(queued.values(), _under_way_in(connection, lane), most)
    return [queued[key] for key in given]


def lock(connection: Raw, lane: Lane) -> None:
    """Keep everybody else from giving places of this workflow until the transaction ends."""
    if connection.vendor == "postgresql":
        number = lane.workflow_id % 2**31
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCKS, number))


def open_runs(
    connection: Raw, now: object, most: int, turns: Turns, fit: Fit = ANYTHING
) -> list[line.Queued]:
    """Queued runs in lanes that have a place for them; at most `most` of each lane."""
    found: list[line.Queued] = []
    for workflow_id, limit in _limited_workflows(connection, fit):
        lanes = _open_lanes(connection, workflow_id, limit, now, fit)
        for lane, free in lanes:
            if len(lanes) <= FEW:
                found += _first_in(connection, lane, min(free, most), turns, fit)
            else:
                found += line.waiting(connection, lane.queued(fit), 1)[:1]
    return found


def _under_way_in(connection: Raw, lane: Lane) -> dict[int | None, int]:
    """How many runs each owner has under way in the lane."""
    rows = connection.execute(
        "SELECT owner_id FROM studio_run WHERE workflow_id = %s AND lane = %s"
        " AND lane IS NOT NULL AND status = 'running'",
        (lane.workflow_id, lane.name),
    )
    return Counter(owner for (owner,) in rows)


def _limited_workflows(connection: Raw, fit: Fit) -> list[tuple[int, int | None]]:
    """Workflows with a queued run in a lane, and their limits."""
    here = (
        "SELECT workflow_id FROM studio_run WHERE status = 'queued' AND lane IS NOT NULL"
        + fit.condition
    )
    rows = connection.execute(
        "WITH RECURSIVE found (workflow) AS ("
        f" SELECT ({here} ORDER BY workflow_id LIMIT 1)"
        " UNION ALL"
        f" SELECT ({here} AND workflow_id > found.workflow ORDER BY workflow_id LIMIT 1)"
        " FROM found WHERE found.workflow IS NOT NULL"
        ") SELECT workflow.id, workflow.run_limit FROM found"
        " JOIN studio_workflow workflow ON workflow.id = found.workflow"
    )
    return [(key, limit) for key, limit in rows]


def _open_lanes(
    connection: Raw, workflow_id: int, limit: int | None, now: object, fit: Fit
) -> list[tuple[Lane, int]]:
    """The lanes of a workflow that have queued runs and a place, with how many places."""
    here = (
        "SELECT lane FROM studio_run WHERE status = 'queued' AND workflow_id = %s"
        " AND lane IS NOT NULL" + fit.condition
    )
    rows = connection.execute(
        "WITH RECURSIVE found (name) AS ("
        f" SELECT ({here} ORDER BY lane LIMIT 1)"
        " UNION ALL"
        f" SELECT ({here} AND lane > found.name ORDER BY lane LIMIT 1)"
        " FROM found WHERE found.name IS NOT NULL"
        ") SELECT name, held FROM (SELECT name, (SELECT COUNT(*) FROM studio_run"
        f" WHERE workflow_id = %s AND lane = found.name AND {_HOLDS}) AS held"
        " FROM found WHERE name IS NOT NULL) AS counted WHERE held < %s LIMIT %s",
        (workflow_id, workflow_id, workflow_id, now, ANY if limit is None else limit, MANY),
    )
    return [
        (Lane(workflow_id, name), ANY if limit is None else limit - int(held))
        for name, held in rows
    ]
