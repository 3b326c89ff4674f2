"""When a run that is followed rests."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from studio.actions.runs import start_run
from studio.commandline.following import Follower
from studio.commandline.terminal import Bar
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run, RunEvent
from studio.waits import children
from tests.studio import build


@pytest.fixture
def waiting(root: User) -> Run:
    """A run that waits for nothing that anybody knows of."""
    version = build.published(build.chain("trial.count"), root)
    run = start_run(user=root, version=version, state={})
    Run.objects.filter(pk=run.pk).update(status="waiting")
    return run


def test_a_run_that_waits_for_nobody_at_work_rests(waiting: Run) -> None:
    with Bar() as bar:
        assert Follower(waiting, bar, lines=False).look()


def test_a_run_whose_wait_ends_while_one_looks_does_not_rest(waiting: Run) -> None:
    """Its status was read before the run below it ended, its waits after that."""

    def goes_on(execute: Any, sql: str, *arguments: Any) -> Any:
        if "studio_wait" in sql and Run.objects.filter(pk=waiting.pk, status="waiting").exists():
            Run.objects.filter(pk=waiting.pk).update(status="running")
            RunEvent.objects.create(
                run=waiting, seq=2, at=timezone.now(), kind="run.resumed", data="{}"
            )
        return execute(sql, *arguments)

    with Bar() as bar, connection.execute_wrapper(goes_on):
        assert not Follower(waiting, bar, lines=False).look()
    assert Run.objects.get(pk=waiting.pk).status == "running"


def test_a_run_that_was_made_to_go_on_is_at_work(waiting: Run) -> None:
    """The last run that it waited for has just ended: nothing is left that it waits for."""
    assert not children.at_work(DjangoConnection(), waiting.pk)
    Run.objects.filter(pk=waiting.pk).update(status="running")
    assert children.at_work(DjangoConnection(), waiting.pk)
