"""Who waits for a run: told by its driver, or by a look at the table where that says nothing."""

from unittest.mock import Mock

import pytest
from django.contrib.auth.models import User

from engine import RunStatus
from studio.actions.runs import start_run
from studio.execution import dispatch
from studio.execution.waiters import Waiters
from studio.journal.raw_connection import DjangoConnection
from studio.models import Run
from tests.studio import build


@pytest.fixture
def run(alice: User, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that has ended, as far as the table says."""
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    started = start_run(user=alice, version=build.published(build.chain("trial.count"), alice))
    Run.objects.filter(pk=started.pk).update(status=RunStatus.COMPLETED.value)
    return started


@pytest.mark.parametrize("patient", [True, False])
def test_a_run_that_is_driven_elsewhere_is_told_at_once(run: Run, patient: bool) -> None:
    waiters, heard = Waiters(), Mock()
    waiters.add(str(run.public_id), heard, patient=patient)

    waiters.look(DjangoConnection(), lambda _: False)

    heard.assert_called_once_with(None)


@pytest.mark.parametrize("patient", [True, False])
def test_a_run_that_is_driven_here_is_left_to_its_driver_for_one_look(
    run: Run, patient: bool
) -> None:
    waiters, heard = Waiters(), Mock()
    waiters.add(str(run.public_id), heard, patient=patient)

    waiters.look(DjangoConnection(), lambda _: True)
    assert not heard.called, "its driver is about to say it"
    waiters.look(DjangoConnection(), lambda _: True)

    heard.assert_called_once_with(None)


def test_a_run_that_was_resumed_between_two_looks_is_left_to_its_driver_again(run: Run) -> None:
    waiters, heard = Waiters(), Mock()
    waiters.add(str(run.public_id), heard, patient=True)
    rows = Run.objects.filter(pk=run.pk)

    for status in (RunStatus.PAUSED, RunStatus.RUNNING, RunStatus.PAUSED):
        rows.update(status=status.value)
        waiters.look(DjangoConnection(), lambda _: True)

    assert not heard.called
