"""The line: queued runs in the order in which they are taken up.

The highest priority comes first; within it, the run of whoever has the fewest under way, and of
several such owners whoever had no turn for longest, so that nobody's thousand runs hold up another
one's single run; of one owner, the oldest. Runs of
a workflow that may only run a few at once stand in lanes of their own (`studio.claims.lanes`).

Every question here is answered from an index, whatever the length of the line: owners and
priorities are found by skipping from one to the next. Conditions on `status` and `lane` are written
out, because a partial index is only used for those.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studio.journal.raw_connection import Raw, Row

MOST_OWNERS = 1_000
"""Owners that are looked at in one priority: those after them have their turn later."""
CHUNK = 100
"""Parts of one UNION ALL; SQLite takes 500."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which queued runs: a condition on `studio_run` that an index answers."""

    sql: str
    parameters: tuple[object, ...] = ()
    index: str = ""
    """The index that SQLite is told to read: it keeps no statistics, and takes another one."""

    def table(self, connection: Raw) -> str:
        """The table as a query of this scope names it."""
        if self.index and connection.vendor == "sqlite":
            return f"studio_run INDEXED BY {self.index}"
        return "studio_run"


def ordinary(queue: str, more: str = "") -> Scope:
    """Runs of a queue that no limit of their workflow holds back; `more` conditions on them."""
    here = f"status = 'queued' AND lane IS NULL AND queue = %s{more}"
    return Scope(here, (queue,), index="run_line")


def queues(connection: Raw) -> list[str]:
    """The queues in which such runs stand."""
    table = ordinary("").table(connection)
    here = f"SELECT queue FROM {table} WHERE status = 'queued' AND lane IS NULL"
    rows = connection.execute(
        "WITH RECURSIVE found (queue) AS ("
        f" SELECT ({here} ORDER BY queue LIMIT 1)"
        " UNION ALL"
        f" SELECT ({here} AND queue > found.queue ORDER BY queue LIMIT 1)"
        " FROM found WHERE found.queue IS NOT NULL"
        ") SELECT queue FROM found WHERE queue IS NOT NULL"
    )
    return [queue for (queue,) in rows]


@dataclass(frozen=True, slots=True)
class Queued:
    """A run in the line."""

    id: int
    owner: int | None
    priority: int


class Turns:
    """Who had a turn when, as far as this process gave them: it settles who is next of several
    owners with as many runs under way."""

    def __init__(self) -> None:
        self._last: dict[int | None, int] = {}
        self._count = 0

    def give(
        self, queued: Iterable[Queued], under_way: Mapping[int | None, int], most: int
    ) -> list[int]:
        """The keys of at most `most` of these runs, in the order in which they are taken up."""
        by_key = {run.id: run for run in queued}
        given = self.order(by_key.values(), under_way)[:most]
        for key in given:
            self._count += 1
            self._last[by_key[key].owner] = self._count
        return given

    def order(self, queued: Iterable[Queued], under_way: Mapping[int | None, int]) -> list[int]:
        """The keys of all of them, in that order; nobody has had a turn by that."""
        turns = Counter(dict(under_way))
        found = []
        for run in sorted(queued, key=lambda run: (-run.priority, run.id)):
            last = self._last.get(run.owner, 0)
            found.append((-run.priority, turns[run.owner], last, run.id))
            turns[run.owner] += 1
        return [key for *_, key in sorted(found)]


def under_way(connection: Raw) -> dict[int | None, int]:
    """How many runs of each owner are being driven."""
    # Counted here: to group, SQLite would read all runs in the order of their owners.
    rows = connection.execute("SELECT owner_id FROM studio_run WHERE status = 'running'")
    return Counter(owner for (owner,) in rows)


def waiting(connection: Raw, scope: Scope, most: int) -> list[Queued]:
    """At least the `most` runs of a scope that come first, if it has so many. In no order."""
    found: list[Queued] = []
    below: int | None = None
    while len(found) < most:
        priority = _next_priority(connection, scope, below)
        if priority is None:
            break
        found += _of_priority(connection, scope, priority, most)
        below = priority
    return found


def _next_priority(connection: Raw, scope: Scope, below: int | None) -> int | None:
    bound = "" if below is None else " AND priority < %s"
    rows = connection.execute(
        f"SELECT priority FROM {scope.table(connection)} WHERE {scope.sql}{bound}"
        " ORDER BY priority DESC LIMIT 1",
        (*scope.parameters, *(() if below is None else (below,))),
    )
    return int(rows[0][0]) if rows else None


def _of_priority(connection: Raw, scope: Scope, priority: int, most: int) -> list[Queued]:
    """The oldest `most` runs of each owner."""
    owners = _owners(connection, scope, priority)
    rows: list[Row] = []
    for at in range(0, len(owners), CHUNK):
        some = owners[at : at + CHUNK]
        table = scope.table(connection)
        sql = " UNION ALL ".join(_oldest(table, scope, owner) for owner in some)
        parameters: list[object] = []
        for owner in some:
            mine = () if owner is None else (owner,)
            parameters += [*scope.parameters, priority, *mine, most]
        rows += connection.execute(sql, parameters)
    return [Queued(int(key), owner, priority) for key, owner in rows]


def _oldest(table: str, scope: Scope, owner: int | None) -> str:
    whose = "owner_id IS NULL" if owner is None else "owner_id = %s"
    return (
        f"SELECT * FROM (SELECT id, owner_id FROM {table} WHERE {scope.sql} AND priority = %s"
        f" AND {whose} ORDER BY id LIMIT %s) AS oldest"
    )


def _owners(connection: Raw, scope: Scope, priority: int) -> list[int | None]:
    """Everybody with a run of this priority; None stands for runs without an owner."""
    table = scope.table(connection)
    here = f"SELECT owner_id FROM {table} WHERE {scope.sql} AND priority = %s"
    rows = connection.execute(
        "WITH RECURSIVE owners (owner) AS ("
        f" SELECT ({here} AND owner_id IS NOT NULL ORDER BY owner_id LIMIT 1)"
        " UNION ALL"
        f" SELECT ({here} AND owner_id > owners.owner ORDER BY owner_id LIMIT 1)"
        " FROM owners WHERE owners.owner IS NOT NULL"
        ") SELECT owner FROM owners WHERE owner IS NOT NULL LIMIT %s",
        (*scope.parameters, priority, *scope.parameters, priority, MOST_OWNERS),
    )
    return [None, *(owner for (owner,) in rows)]
