"""A process that looks after schedules: `python -m tests.studio.triggers.firing_process WHERE GO`.

Waits until the file GO exists, acts on what is due, and prints what it did. WHERE names the place
at which it pulls its own plug: `before` the run is started, `between` start and bookkeeping, or
`after` the commit, before the hint that the run wants a driver; `nowhere` lets it live. With a
third argument, the id of a webhook, it takes a delivery to that instead.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_at(where: str) -> None:
    from studio.actions import deliveries, firing
    from studio.execution import dispatch

    class Deadly(dispatch.Nobody):
        wanted: Callable[..., None] = die

    dispatch.use(Deadly() if where == "after" else dispatch.Nobody())
    if where == "before":
        firing._start = die
    if where == "between":
        firing._note = die
        deliveries._remember = die


def main() -> None:
    where, go = sys.argv[1], Path(sys.argv[2])
    django.setup()
    from studio.actions import firing
    from tests.studio import tools  # noqa: F401 - registers the tools of the tests

    dies_at(where)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not go.exists():
        time.sleep(0.001)
    if len(sys.argv) > 3:
        deliver(sys.argv[3])
    else:
        firing.fire_due()


def deliver(webhook_id: str) -> None:
    from studio.actions import deliveries
    from studio.actions.webhooks import valid_secrets
    from studio.models import Webhook
    from studio.triggers.signatures import signed_header

    webhook = Webhook.objects.get(public_id=webhook_id)
    secret = valid_secrets(webhook, deliveries.now())[0]
    headers = {
        "treadle-signature": signed_header(secret, int(time.time()), b"{}"),
        "treadle-delivery": "d-1",
    }
    message = deliveries.Message(webhook.public_id, headers, {}, b"{}")
    deliveries.accept(deliveries.prove(message), {})


if __name__ == "__main__":
    main()
