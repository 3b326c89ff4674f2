"""`treadle move|fork|explain|compare`: steer a run by its id, and ask why it stands there."""

import argparse
import json
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from studio.actions import forks, moves
from studio.commandline import subject, terminal
from studio.execution import dispatch
from studio.models import Run, Version
from studio.queries import compare, explain, visible

PUBLISHED = "published"


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_id", metavar="RUN", help="the run's id")
    parser.add_argument("--user", default=None, help="who asks; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_move(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument(
        "--to",
        default=PUBLISHED,
        metavar="VERSION",
        help="a number, an id, or 'published' (the default): the version to go on by",
    )
    _add_map(parser)


def _add_map(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--map", metavar="JSON|@FILE", help="new ids of nodes and edges by their old ones"
    )


def add_fork(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--seq", type=int, required=True, help="the event after which it goes on")
    parser.add_argument(
        "--patch", metavar="JSON|@FILE", help="keys of the state to set; null: none"
    )
    parser.add_argument("--to", metavar="VERSION", help="a number, an id, or 'published'")
    _add_map(parser)


def add_explain(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("--edge", metavar="EDGE", help="say too why this edge was taken or not")


def add_compare(parser: argparse.ArgumentParser) -> None:
    _add_run(parser)
    parser.add_argument("other", metavar="OTHER", help="the id of the run to compare it with")


def move(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    moved = moves.move_run(
        user=user, run=run, version=_version(options.to, user, run), names=_names(options)
    )
    return _say(moved, options)


def fork(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    forked = forks.fork_run(
        user=user,
        run=run,
        seq=options.seq,
        patch=subject.state_from(options.patch, "--patch"),
        version=None if options.to is None else _version(options.to, user, run),
        names=_names(options),
    )
    return _say(forked, options)


def explain_run(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    try:
        told = explain.explained(run, user, options.edge)
    except explain.NoSuchEdge:
        raise CommandError(f"The graph of this run has no edge {options.edge!r}.") from None
    if options.json:
        terminal.say_json(told)
        return 0
    terminal.say(f"run {run.public_id} {told['status']}, after event {told['seq']}")
    for reason in told["reasons"]:
        terminal.say(f"  {reason['what']:<9} {reason['text']}")
    if told["edge"] is not None:
        terminal.say(f"  edge      {told['edge']['edge']}: {told['edge']['text']}")
    return 0


def compare_runs(options: argparse.Namespace) -> int:
    user, run = _asked(options)
    told = compare.compared(run, subject.run_named(options.other, user))
    if options.json:
        terminal.say_json(told)
        return 0
    first = told["first"]
    terminal.say(first["text"] if first else "Both went the same way.")
    for node in told["nodes"]:
        visits = ", ".join(str(step["visit"]) for step in node["steps"][:10])
        terminal.say(f"  {node['node']}: differs at visit {visits}")
    for name in ("input", "state"):
        for change in told[name][:20]:
            sides = [_brief(change, side) for side in "ab"]
            where = ".".join(map(str, change["path"]))
            terminal.say(f"  {name} {where}: {sides[0]} became {sides[1]}")
    return 0


def _brief(change: dict[str, Any], side: str) -> str:
    if side not in change:
        return "nothing"
    text = json.dumps(change[side], ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:59]}…"


def _asked(options: argparse.Namespace) -> tuple[Any, Run]:
    dispatch.use(dispatch.Nobody())
    user = subject.user_named(options.user)
    return user, subject.run_named(options.run_id, user)


def _names(options: argparse.Namespace) -> dict[str, Any]:
    return subject.state_from(options.map, "--map")


def _version(name: str, user: Any, run: Run) -> Version:
    """A version of the run's workflow. Raises CommandError."""
    rows = visible.versions(user).filter(workflow_id=run.workflow_id)
    found: Version | None = None
    if name == PUBLISHED:
        found = rows.filter(pk=run.workflow.published_id or 0).first()
    elif name.isdecimal():
        found = rows.filter(number=int(name)).first()
    else:
        try:
            found = rows.filter(public_id=UUID(name)).first()
        except ValueError:
            found = None
    if found is None:
        numbers = rows.exclude(number=None).order_by("number").values_list("number", flat=True)
        known = ", ".join(map(str, numbers)) or "none"
        raise CommandError(
            f"The run's workflow has no version {name!r} that you may see; numbers: {known}."
        )
    return found


def _say(run: Run, options: argparse.Namespace) -> int:
    number = run.version.number
    version = f"v{number}" if number else "draft"
    if options.json:
        terminal.say_json({"id": str(run.public_id), "status": run.status, "version": number})
    else:
        terminal.say(f"run {run.public_id} {run.status} on {version}")
    return 0
