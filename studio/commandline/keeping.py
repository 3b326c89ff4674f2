"""`treadle keep|release RUN`, `treadle retention WORKFLOW`: what is kept when others go."""

import argparse

from studio.actions import forgetting, retention
from studio.commandline import subject, terminal


def add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN", help="the run's id")
    _add_asking(parser)


def add_rule(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="its key or id")
    parser.add_argument(
        "keep",
        nargs="?",
        metavar="RULE",
        help='all, or such as "30 days, 100 runs", or studio; without it nothing changes',
    )
    _add_asking(parser)


def _add_asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", default=None, help="who asks; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def keep(options: argparse.Namespace) -> int:
    return _keep(options, kept=True)


def release(options: argparse.Namespace) -> int:
    return _keep(options, kept=False)


def _keep(options: argparse.Namespace, *, kept: bool) -> int:
    user = subject.user_named(options.user)
    found = subject.run_named(options.run_id, user)
    run = retention.keep_run(user=user, run=found, kept=kept)
    if options.json:
        terminal.say_json({"id": str(run.public_id), "kept": run.kept})
    else:
        terminal.say(f"run {run.public_id} is {'kept' if kept else 'left to its rule'}")
    return 0


def rule(options: argparse.Namespace) -> int:
    user = subject.user_named(options.user)
    workflow = subject.workflow_named(options.workflow, user)
    if options.keep is not None:
        asked = None if options.keep == "studio" else retention.read(options.keep)
        workflow = retention.set_retention(user=user, workflow=workflow, rule=asked)
    in_force = str(forgetting.rule_of(workflow))
    if options.json:
        said = {"keep": workflow.retention or None, "in_force": in_force}
        terminal.say_json({"workflow": workflow.key, **said})
    else:
        whose = "its own rule" if workflow.retention else "as the studio says"
        terminal.say(f"{workflow.key} keeps {in_force} ({whose})")
    return 0
