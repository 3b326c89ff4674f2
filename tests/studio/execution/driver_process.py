"""A process that drives runs until it is killed: `python -m tests.studio.execution.driver_process`.

Uses the product's settings on the database its environment names. Prints "ready" once it drives.
With TRIAL_FAILPOINT=name:n it kills itself when it is at that place for the nth time, with
TRIAL_STOPPOINT=name:n it stops itself there until it is woken (SIGSTOP). With
TRIAL_TWO_TRANSACTIONS=1 what transactional tools write is not committed with their step: the
negative control of the tests that look for that.
"""

import os
import signal
import sys
import threading

import django


def main() -> None:
    django.setup()
    from studio.execution import sweeper
    from studio.execution.service import service
    from tests.studio import booking, tools  # noqa: F401 - registers the tools of the tests

    hurt_at(os.environ.get("TRIAL_FAILPOINT", ""), signal.SIGKILL)
    hurt_at(os.environ.get("TRIAL_STOPPOINT", ""), signal.SIGSTOP)
    if os.environ.get("TRIAL_TWO_TRANSACTIONS"):
        take_transactions_apart()
    sweeper.SWEEP_S = float(os.environ.get("TRIAL_SWEEP_S", sweeper.SWEEP_S))
    service().start()
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    threading.Event().wait()


def hurt_at(place: str, how: signal.Signals) -> None:
    from studio.journal import failpoints

    name, _, number = place.partition(":")
    left = int(number or 1)

    def hook(reached: str) -> None:
        nonlocal left
        if reached == name:
            left -= 1
            if left == 0:
                # To this very thread: with another one in its place it would go on for a moment.
                signal.pthread_kill(threading.get_ident(), how)

    if name:
        failpoints.hook = hook


def take_transactions_apart() -> None:
    """The tool's own writes are committed by themselves, and the step after them."""
    from engine.driving.thread_calls import ThreadCalls
    from studio.journal import failpoints

    async def call(self, attempt, variables, *others):  # type: ignore[no-untyped-def]
        failpoints.reach("transaction.before_tool")
        value = await self.call(attempt, variables)
        failpoints.reach("transaction.after_tool")
        failpoints.reach("transaction.before_commit")
        return value

    assert ThreadCalls.call_in_transaction, "this is what has to be replaced"
    ThreadCalls.call_in_transaction = call  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
