"""A studio in a process of its own: `python -m tests.studio.keeping.studio_process`.

Uses the database that its environment names. Reads commands from its input, a line each, and
answers each with a line of JSON.

    prepare                      migrate, and publish the workflow whose steps leave large values
    start N                      start N runs of it
    look                         how it is: {"open", "full", "calls", "statuses"}
    drive                        drive what is in a database that somebody else prepared
    backup FILE                  copy the database
    stop                         stop driving
    fsck                         what fsck finds: {"flaws": […]}
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

ROUNDS = 12
NOISE_BYTES = 24_000
calls: Counter[str] = Counter()


def main() -> None:
    django.setup()
    from engine import default_registry
    from tests.studio import tools  # noqa: F401 - registers the tools of the tests

    default_registry.register("trial.noise", noise, effect="idempotent")
    for line in sys.stdin:
        verb, _, rest = line.strip().partition(" ")
        answer = VERBS[verb](*rest.split())
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def noise(state: dict[str, Any]) -> dict[str, Any]:
    """A value that nothing makes smaller, and a line in the ledger of this process."""
    n = state.get("n", 0) + 1
    calls[f"{state['name']}:{n}"] += 1
    if n >= int(os.environ.get("TRIAL_GATE_AT", ROUNDS + 1)):
        gate = Path(os.environ["TRIAL_GATE"])
        while not gate.exists():
            time.sleep(0.02)
    time.sleep(float(os.environ.get("TRIAL_SLOW_S", "0")))
    return {"n": n, "noise": os.urandom(NOISE_BYTES).hex()}


def prepare() -> dict[str, Any]:
    from django.core.management import call_command

    from studio.execution.service import service
    from tests.studio import build

    call_command("migrate", verbosity=0)
    version = build.published(build.loop("trial.noise", ROUNDS))
    service().start()
    # The keys are made the first time that somebody asks for one.
    return {"version": version.pk, **fsck()}


def drive() -> dict[str, Any]:
    from studio.execution.service import service

    service().start()
    return {}


def start(count: str) -> dict[str, Any]:
    from studio.actions.runs import start_run
    from studio.models import Version

    version = Version.objects.select_related("workflow").order_by("id")[0]
    for number in range(int(count)):
        start_run(user=None, version=version, state={"name": f"r{number}"})
    return {"started": int(count)}


def look() -> dict[str, Any]:
    from studio.execution.service import service
    from studio.models import Run, RunEvent

    statuses = Counter(Run.objects.values_list("status", flat=True))
    ended = sum(statuses[status] for status in ("completed", "failed", "cancelled"))
    warned = RunEvent.objects.filter(kind="warning", data__contains='"storage"')
    return {
        "statuses": statuses,
        "open": sum(statuses.values()) - ended,
        "full": service().health().get("storage_full", False),
        "steps": RunEvent.objects.filter(kind="attempt.succeeded", node="a").count(),
        "calls": sum(calls.values()),
        "doubled": sum(count > 1 for count in calls.values()),
        "warned": warned.values("run").distinct().count(),
    }


def fsck() -> dict[str, Any]:
    from studio.journal import integrity

    return {"flaws": [f"{each.code} {each.message}" for each in integrity.flaws()]}


def backup(path: str) -> dict[str, Any]:
    from django.core.management import call_command

    call_command("backup", path, verbosity=0)
    return {}


def stop() -> dict[str, Any]:
    from studio.execution.service import service

    service().stop(5)
    return {}


VERBS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare,
    "drive": drive,
    "start": start,
    "look": look,
    "fsck": fsck,
    "backup": backup,
    "stop": stop,
}

if __name__ == "__main__":
    main()
