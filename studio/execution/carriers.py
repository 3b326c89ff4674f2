"""Who carries the hints of this process, by the settings."""

from functools import partial

from django.conf import settings

from studio.execution.broker import ByBroker, CeleryWire, Post
from studio.execution.dispatch import Dispatcher
from studio.execution.in_process import InProcess


def of_settings() -> Dispatcher:
    """Through the broker where there is one; else to the engine of this process."""
    if not settings.BROKER_URL:
        return InProcess()
    return ByBroker(Post(partial(CeleryWire, settings.BROKER_URL)))
