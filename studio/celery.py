"""The Celery application: `celery -A studio worker` drives runs as `manage.py worker` does.

Its one task carries a hint, "drive this run", and is over in milliseconds: each worker process has
an engine of its own that takes the hint, and drives up to TREADLE_DRIVERS runs at once. The run's
row is the queue, so a message that is lost, doubled or late costs latency only.
"""

import os
import sys
import threading
from typing import Any
from uuid import UUID

import django
from celery import Celery, bootsteps, signals
from django.apps import apps
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.settings")
if not apps.ready:
    # A web process that sends hints is set up already.
    django.setup()

from django.conf import settings

from studio.execution.broker import TASK, queue_name
from studio.execution.service import service

GRACE_S = 20.0
PREFORK = "celery.concurrency.prefork"
LOOK_S = 0.2
"""How often a worker looks whether one of its processes is gone."""

app = Celery("treadle", broker=settings.BROKER_URL or None)
app.conf.update(
    accept_content=["json"],
    broker_connection_retry_on_startup=True,
    # However long the broker is away: the engines look at the table meanwhile.
    broker_connection_max_retries=None,
    task_acks_late=False,
    task_default_queue=queue_name("default"),
    task_ignore_result=True,
    task_queues=[
        Queue(queue_name(name))  # type: ignore[no-untyped-call]
        for name in settings.QUEUES or ("default",)
    ],
    task_serializer="json",
    worker_cancel_long_running_tasks_on_connection_loss=False,
    # Its queue is named by the host: a second worker there would be refused by RabbitMQ.
    worker_enable_remote_control=False,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=GRACE_S,
)


class Replacing(bootsteps.StartStopStep):  # type: ignore[misc]
    """Has another process made at once in the place of one that was killed.

    Celery looks at the moment when the files of the dead are closed. One with so many threads as
    ours is often not to be reaped yet then, and the next look is up to five seconds later.
    """

    requires = ("celery.worker.components:Pool",)
    _timer: Any = None

    def register_with_event_loop(self, worker: Any, hub: Any) -> None:
        """Called again whenever the broker was away."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = hub.call_repeatedly(LOOK_S, worker.pool.maintain_pool)


app.steps["worker"].add(Replacing)


@app.task(name=TASK)
def drive(run_id: str) -> None:
    """A hint: this run may be waiting for a driver. What is no id of a run is no hint."""
    try:
        service().take(UUID(run_id))
    except (AttributeError, TypeError, ValueError):
        return


@signals.celeryd_init.connect
def _check(**_: Any) -> None:
    if settings.DRIVERS < 1:
        sys.exit("treadle: TREADLE_DRIVERS=0 is for web processes: a worker needs 1 or more")
    if not settings.BROKER_URL:
        sys.exit("treadle: a Celery worker needs TREADLE_BROKER_URL")


@signals.setup_logging.connect
def _keep_logging(**_: Any) -> None:
    """Celery leaves the log alone when somebody is connected here."""


@signals.worker_process_init.connect
def _begin_child(**_: Any) -> None:
    """After the fork: threads and connections do not survive one."""
    service().when_worn = _end_soon
    service().start()


@signals.worker_process_shutdown.connect
def _end_child(**_: Any) -> None:
    service().stop(GRACE_S)


@signals.worker_ready.connect
def _begin_here(sender: Any, **_: Any) -> None:
    """Pools of threads live in this very process."""
    if type(sender.pool).__module__ != PREFORK:
        service().start()


@signals.worker_shutdown.connect
def _end_here(**_: Any) -> None:
    service().stop(GRACE_S)


def _end_soon() -> None:
    """Too many tool threads are stuck: hand the runs back, and let Celery make another process."""
    service().stop(0.0)
    threading.Timer(0.1, os._exit, (1,)).start()
