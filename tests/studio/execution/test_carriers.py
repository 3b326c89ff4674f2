"""Who carries the hints of a process."""

import pytest
from django.test import override_settings

from studio.execution import carriers, dispatch
from studio.execution.broker import ByBroker
from studio.execution.in_process import InProcess


def test_without_a_broker_hints_stay_in_the_process() -> None:
    with override_settings(BROKER_URL=""):
        assert type(carriers.of_settings()) is InProcess


def test_with_a_broker_they_go_to_it() -> None:
    with override_settings(BROKER_URL="memory://"):
        assert isinstance(carriers.of_settings(), ByBroker)


def test_the_app_says_who_carries_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_dispatcher", None)

    with override_settings(BROKER_URL=""):
        first = dispatch.dispatcher()

    assert type(first) is InProcess
    assert dispatch.dispatcher() is first
