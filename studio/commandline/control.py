"""`treadle pause|resume|retry|cancel RUN`: leave word for a run; the studio does it."""

import argparse
from typing import Any

from studio.actions import control, runs
from studio.commandline import subject, terminal
from studio.execution import dispatch
from studio.models import Run


def add_pause(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--reason", default="", help="shown on the run's page")


def add_going_on(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--limits", metavar="JSON", help='raise limits, as {"max_steps": 2000}')


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN", help="the run's id")
    parser.add_argument("--user", default=None, help="who asks; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def pause(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    return _say(control.pause_run(user=user, run=run, reason=options.reason), options)


def resume(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    limits = subject.state_from(options.limits)
    return _say(control.resume_run(user=user, run=run, limits=limits), options)


def retry(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    limits = subject.state_from(options.limits)
    return _say(control.retry_run(user=user, run=run, limits=limits), options)


def cancel(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    return _say(runs.cancel_run(user=user, run=run, reason=options.reason), options)


def _asked(options: argparse.Namespace) -> tuple[Any, Run]:
    dispatch.use(dispatch.Nobody())
    user = subject.user_named(options.user)
    return user, subject.run_named(options.run_id, user)


def _say(run: Run, options: argparse.Namespace) -> int:
    if options.json:
        terminal.say_json({"id": str(run.public_id), "status": run.status})
    else:
        terminal.say(f"run {run.public_id} {run.status}")
    return 0
