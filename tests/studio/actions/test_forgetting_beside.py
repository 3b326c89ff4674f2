"""Forgetting runs beside others who write: another prune, a step that refers to the same blob."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.utils.timezone import now

from engine import Event, EventKind
from studio.actions import retention
from studio.actions.forgetting import Forgetting
from studio.actions.runs import start_run
from studio.journal import blobs, forgetting
from studio.journal.append import append_as_other, append_within
from studio.journal.raw_connection import DjangoConnection
from studio.models import Blob, BlobUse, Run, Version
from studio.setup.retention import Retention
from tests.studio import build

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20
LARGE = "x" * (blobs.LIMIT_BYTES + 1)


@pytest.fixture
def version(alice: User) -> Version:
    return build.published(build.chain("trial.count", 1), alice)


def old(version: Version, count: int, state: Any = None) -> list[int]:
    owner = version.workflow.owner
    keys = [start_run(user=owner, version=version, state=state or {}).pk for _ in range(count)]
    end = now() - timedelta(days=50)
    Run.objects.filter(pk__in=keys).update(status="completed", finished_at=end)
    retention.set_retention(user=owner, workflow=version.workflow, rule=Retention(days=30))
    return keys


class Beside(threading.Thread):
    """Does something in a thread with connections of its own; `done` raises what went wrong."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._error = error
        finally:
            connections.close_all()

    def done(self) -> None:
        self.join(PATIENCE_S)
        assert not self.is_alive()
        if self._error is not None:
            raise self._error


def test_two_at_the_same_time_delete_each_run_once(version: Version) -> None:
    old(version, 150, {"text": LARGE})
    works = [Forgetting(), Forgetting()]
    together = threading.Barrier(2)

    def forget(work: Forgetting) -> None:
        together.wait(PATIENCE_S)
        while work.step():
            pass

    beside = [Beside(lambda work=work: forget(work)) for work in works]  # type: ignore[misc]
    for each in beside:
        each.done()

    # The last of both to look may have left out what the other one held at that moment.
    while works[0].step():
        pass
    assert not Run.objects.exists()
    assert sum(work.gone.runs for work in works) == 150
    assert not BlobUse.objects.exists()
    assert not Blob.objects.exists()


def refer(run_id: int) -> None:
    append_as_other(DjangoConnection(), run_id, [Event(EventKind.LOG, {"line": LARGE})])


def test_who_refers_to_a_blob_that_is_being_deleted_has_it(
    version: Version, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    old(version, 1, {"line": LARGE})
    going_on = start_run(user=alice, version=version)
    delete = forgetting._delete_unused
    writers: list[Beside] = []

    def delete_beside_a_writer(*args: Any) -> int:
        count = delete(*args)
        if args[1]:
            # Deleted and not yet committed. The writer waits for that, or writes later.
            writers.append(Beside(lambda: refer(going_on.pk)))
            writers[0].join(0.3)
        return count

    monkeypatch.setattr(forgetting, "_delete_unused", delete_beside_a_writer)
    work = Forgetting()
    while work.step():
        pass
    [writer] = writers
    writer.done()

    assert work.gone.blobs == 1
    assert Blob.objects.get().uses.get().run_id == going_on.pk


def test_a_blob_to_which_somebody_is_just_referring_stays(version: Version, alice: User) -> None:
    old(version, 1, {"line": LARGE})
    going_on = start_run(user=alice, version=version)
    has_written, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            append_within(DjangoConnection(), going_on.pk, [Event(EventKind.LOG, {"line": LARGE})])
            has_written.set()
            assert may_commit.wait(PATIENCE_S)

    def forget() -> None:
        while Forgetting().step():
            pass

    writer = Beside(write_slowly)
    assert has_written.wait(PATIENCE_S)
    pruner = Beside(forget)
    pruner.join(0.3)
    may_commit.set()
    writer.done()
    pruner.done()
    while Forgetting().step():
        pass

    assert set(Run.objects.values_list("pk", flat=True)) == {going_on.pk}
    assert Blob.objects.get().uses.get().run_id == going_on.pk
