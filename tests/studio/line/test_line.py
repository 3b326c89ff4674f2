"""Who is taken up next: priority, fairness between owners, age; and all of it from an index."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection as django
from django.utils import timezone

from studio.claims import candidates, lanes, line
from studio.claims.fitness import Fit
from studio.claims.lanes import Lane
from studio.claims.line import Queued
from studio.claims.owner import new_owner, retire
from studio.journal.raw_connection import Raw
from studio.models import Run, Version, Workflow
from tests.studio.line.conftest import Enqueue

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timezone.now() + timedelta(hours=1)


def test_turns_go_by_priority_then_by_share_then_by_age() -> None:
    queued = [
        Queued(1, 1, 0),
        Queued(2, 1, 0),
        Queued(3, 2, 0),
        Queued(4, 2, 0),
        Queued(5, 1, 9),
        Queued(6, None, 0),
    ]

    turns = line.Turns()
    assert turns.order(queued, {}) == [5, 3, 6, 1, 4, 2]
    assert turns.order(queued, {2: 3}) == [5, 6, 1, 2, 3, 4]
    assert turns.order(reversed(queued), {}) == [5, 3, 6, 1, 4, 2]


def test_of_equal_shares_whoever_waited_longest_for_a_turn_is_next() -> None:
    queued = {n: Queued(n, 1 if n <= 4 else 2, 0) for n in range(1, 7)}
    turns, order = line.Turns(), []

    while queued:
        [key] = turns.give(queued.values(), {}, 1)
        order.append(key)
        del queued[key]

    assert order == [1, 5, 2, 6, 3, 4]


def test_one_run_does_not_wait_behind_a_thousand_of_another_owner(
    raw: Raw, enqueue: Enqueue, alice: User, bob: User
) -> None:
    owner = new_owner()
    hers = enqueue(1_000, alice)
    [his] = enqueue(1, bob)

    assert candidates.claimable(raw, owner, 2) == [hers[0], his]
    Run.objects.filter(pk=hers[0]).update(status="running", lease_until=LATER)
    assert candidates.claimable(raw, owner, 1) == [his]
    retire(owner)


def test_priorities_come_before_fairness_and_age(
    raw: Raw, enqueue: Enqueue, alice: User, bob: User
) -> None:
    owner = new_owner()
    low = enqueue(2, alice, priority=-5)
    plain = enqueue(3, alice)
    urgent = enqueue(2, alice, priority=5)
    his = enqueue(1, bob)

    assert candidates.claimable(raw, owner, 20) == [*urgent, *his, *plain, *low]
    assert candidates.claimable(raw, owner, 1) == urgent[:1]
    retire(owner)


def test_what_was_begun_before_goes_on_first(raw: Raw, enqueue: Enqueue, alice: User) -> None:
    owner = new_owner()
    queued = enqueue(2, alice, priority=9)
    begun = enqueue(1, alice, status="running")
    ending = enqueue(1, alice, status="cancelling")

    assert candidates.claimable(raw, owner, 10) == [*begun, *ending, *queued]
    retire(owner)


def test_many_owners_and_priorities_are_all_found(raw: Raw, enqueue: Enqueue) -> None:
    people = [User.objects.create_user(f"u{number}") for number in range(120)]
    keys = [enqueue(1, person, priority=at % 3)[0] for at, person in enumerate(people)]

    found = line.waiting(raw, line.ordinary("default"), 1_000)

    assert sorted(run.id for run in found) == sorted(keys)
    assert {run.priority for run in found} == {0, 1, 2}


# Lanes -------------------------------------------------------------------------------------------


def limited(version: Version, limit: int | None, key: str = "") -> None:
    Workflow.objects.filter(pk=version.workflow_id).update(run_limit=limit, run_limit_key=key)


def test_a_lane_has_as_many_places_as_its_limit(
    raw: Raw, version: Version, enqueue: Enqueue, alice: User, bob: User, now: object
) -> None:
    limited(version, 2)
    lane = Lane(version.workflow_id, "")
    hers = enqueue(4, alice, lane="")
    his = enqueue(1, bob, lane="")

    assert lanes.next_in(raw, lane, now, 10) == [hers[0], *his]
    for status in ("running", "waiting", "cancelling"):
        Run.objects.filter(pk=hers[0]).update(status=status)
        assert lanes.holders(raw, lane, now, 10) == hers[:1]
        assert lanes.next_in(raw, lane, now, 10) == (his if status == "running" else [hers[1]])
    Run.objects.filter(pk=his[0]).update(status="running")
    assert lanes.next_in(raw, lane, now, 10) == []
    for status in ("completed", "failed", "cancelled", "paused"):
        Run.objects.filter(pk=hers[0]).update(status=status)
        assert lanes.next_in(raw, lane, now, 10) == [hers[1]]


def test_a_paused_run_keeps_its_place_while_its_driver_is_at_it(
    raw: Raw, version: Version, enqueue: Enqueue, now: object
) -> None:
    limited(version, 1)
    lane = Lane(version.workflow_id, "")
    [paused] = enqueue(1, lane="", status="paused", lease_owner="somebody")
    [queued] = enqueue(1, lane="")

    for minutes, places in ((5, []), (-5, [queued])):
        until = timezone.now() + timedelta(minutes=minutes)
        Run.objects.filter(pk=paused).update(lease_until=until)
        assert lanes.next_in(raw, lane, now, 10) == places


def test_each_value_of_the_key_is_a_lane(raw: Raw, version: Version, enqueue: Enqueue) -> None:
    limited(version, 1, "customer")
    owner = new_owner()
    acme, other = enqueue(2, lane='"acme"'), enqueue(2, lane='"other"')
    free = enqueue(1)

    found = candidates.claimable(raw, owner, 10)

    assert found == [acme[0], other[0], *free]
    limited(version, None)
    assert candidates.claimable(raw, owner, 10) == [*acme, *other, *free]
    retire(owner)


def test_many_lanes_are_looked_at(raw: Raw, version: Version, enqueue: Enqueue) -> None:
    limited(version, 1, "customer")
    owner = new_owner()
    full = [enqueue(1, lane=f"{n:03}", status="running", lease_until=LATER)[0] for n in range(50)]
    held = [enqueue(1, lane=f"{number:03}")[0] for number in range(50)]
    first = [enqueue(2, lane=f"x{number}")[0] for number in range(50)]

    found = candidates.claimable(raw, owner, 100)

    assert not set(found) & set(held)
    assert set(found) >= set(first)
    assert not set(found) & set(full)
    retire(owner)


# The plans of the queries ------------------------------------------------------------------------

TEN_THOUSAND = 10_000


class Explaining:
    """A connection that notes the plan of every question."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self.vendor = raw.vendor
        self.plans: list[str] = []

    def execute(self, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        if sql.startswith(("SELECT", "WITH")):
            verb = "EXPLAIN" if self.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
            rows = self.raw.execute(f"{verb} {sql}", parameters)
            self.plans.append("\n".join(str(row[-1]) for row in rows))
        return self.raw.execute(sql, parameters)

    def scanned(self) -> list[str]:
        """The plans that read more of the table of runs than the rows they are about."""
        return [plan for plan in self.plans if any(map(_is_long, plan.splitlines()))]


def _is_long(step: str) -> bool:
    """Whether a step of a plan goes through all runs, or through all of a workflow or an owner."""
    if "studio_run" not in step:
        return False
    wide = ("run_workflow ", "run_owner ")
    if "run_line" in step:
        return False  # Its end, or the whole of what stands in line for one owner.
    return "Seq Scan" in step or "SCAN studio_run" in step or any(name in step for name in wide)


def analyse() -> None:
    """PostgreSQL does this by itself; SQLite does not, and has no use for averages here."""
    if django.vendor == "sqlite":
        return
    with django.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_the_line_is_read_from_indexes(
    raw: Raw, version: Version, enqueue: Enqueue, alice: User, bob: User, now: object
) -> None:
    limited(version, 2)
    enqueue(TEN_THOUSAND // 2, alice, status="completed", lane="")
    enqueue(TEN_THOUSAND // 2, bob, status="completed")
    enqueue(TEN_THOUSAND, alice)
    enqueue(TEN_THOUSAND // 10, alice, lane="")
    enqueue(3, bob, lane="", status="running", lease_until=LATER)
    enqueue(3, bob)
    analyse()
    asked = Explaining(raw)
    owner = new_owner()
    fit = Fit(("gpu", "default"))
    fit._has_tools[10**6] = False

    found = candidates.claimable(asked, owner, 32)  # type: ignore[arg-type]
    assert candidates.claimable(asked, owner, 32, fit=fit) == found  # type: ignore[arg-type]
    lanes.next_in(asked, Lane(version.workflow_id, ""), now, 4)  # type: ignore[arg-type]
    retire(owner)

    assert len(found) == 32
    assert asked.scanned() == [], json.dumps(asked.scanned(), indent=1)
    used = "\n".join(asked.plans)
    assert "run_line" in used
    assert "run_lane" in used
