"""What is done to the audit trail behind the studio's back shows."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from studio.actions import audit, rotation
from studio.journal import integrity
from studio.models import AuditDay, AuditEntry
from studio.seals import audit_chain, sealing
from tests.studio.secrets.conftest import own_keys

__all__ = ["own_keys"]
pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.fixture
def trail(alice: User, own_keys: Path) -> list[AuditEntry]:
    """Three entries on each of the four days before, and two of today."""
    for day in range(4, -1, -1):
        for hour in range(3 if day else 2):
            audit.record(alice, "workflow.save", f"w{day}", rev=hour)
            at = NOW - timedelta(days=day, hours=hour)
            AuditEntry.objects.filter(pk=AuditEntry.objects.latest("id").pk).update(at=at)
    audit_chain.close_days(NOW)
    return list(AuditEntry.objects.order_by("id"))


def test_days_that_are_over_are_closed(trail: list[AuditEntry]) -> None:
    days = list(AuditDay.objects.order_by("day"))

    assert [(str(day.day), day.rows) for day in days] == [
        (f"2026-11-{number}", 3) for number in (23, 24, 25, 26)
    ]
    assert len({day.digest for day in days}) == 4
    assert list(audit_chain.flaws()) == []
    audit_chain.close_days(NOW)
    assert AuditDay.objects.count() == 4


def test_a_day_is_closed_when_it_has_settled(trail: list[AuditEntry]) -> None:
    audit_chain.close_days(datetime(2026, 11, 28, 0, 9, tzinfo=UTC))
    assert AuditDay.objects.count() == 4
    audit_chain.close_days(datetime(2026, 11, 28, 0, 11, tzinfo=UTC))
    assert AuditDay.objects.count() == 5
    assert list(audit_chain.flaws()) == []


def altered(trail: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(pk=trail[4].pk).update(data={"rev": 99})


def taken_out(trail: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(pk=trail[4].pk)._raw_delete("default")


def put_in(trail: list[AuditEntry]) -> None:
    made = AuditEntry.objects.create(verb="x", object="y")
    AuditEntry.objects.filter(pk=made.pk).update(at=trail[4].at)


def blamed_on_another(trail: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(pk=trail[4].pk).update(user_id=12345)


def moved_to_another_day(trail: list[AuditEntry]) -> None:
    AuditEntry.objects.filter(pk=trail[4].pk).update(at=trail[4].at - timedelta(days=1))


def day_taken_out(trail: list[AuditEntry]) -> None:
    AuditDay.objects.filter(day="2026-11-24").delete()
    AuditEntry.objects.filter(at__date="2026-11-24")._raw_delete("default")


def hashed_again_without_the_key(trail: list[AuditEntry]) -> None:
    """Everything a writer of the database can do: change a row and mend every hash after it."""
    altered(trail)
    before = ""
    for day in AuditDay.objects.order_by("day"):
        day.digest, day.rows = audit_chain.digest_of(day.day, before)
        day.save(update_fields=["digest", "rows"])
        before = day.digest


@pytest.mark.parametrize(
    "harm",
    [altered, taken_out, put_in, blamed_on_another, moved_to_another_day, day_taken_out,
     hashed_again_without_the_key],
)  # fmt: skip
def test_sec_audit_chain(
    harm: Callable[[list[AuditEntry]], None], trail: list[AuditEntry],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    harm(trail)

    assert any(flaw.code == "audit" for flaw in integrity.flaws())
    with pytest.raises(SystemExit):
        call_command("fsck", "--json")
    assert "audit" in {flaw["code"] for flaw in json.loads(capsys.readouterr().out)["flaws"]}


def test_fsck_tells_the_last_hash(
    trail: list[AuditEntry], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("fsck", "--json")

    told = json.loads(capsys.readouterr().out)["audit"]
    assert told == {"day": "2026-11-26", "hash": AuditDay.objects.latest("day").digest}


def test_the_chain_outlives_users_and_keys(trail: list[AuditEntry], alice: User) -> None:
    number = alice.pk
    User.objects.get(pk=number).delete()
    rotation.rotate()

    assert [flaw for flaw in integrity.flaws() if flaw.code in ("audit", "seal")] == []
    assert AuditEntry.objects.filter(user_id=number).count() == len(trail)


def test_a_missing_key_is_a_flaw_by_its_name(trail: list[AuditEntry]) -> None:
    key = sealing.key_ring().current
    sealing.add_key()
    sealing.drop_key(key)

    assert ("seal", key) in {(flaw.code, flaw.subject) for flaw in integrity.flaws()}
