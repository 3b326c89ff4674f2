"""`treadle shuffle`: run a workflow in many orders: does the result depend on timing?"""

import argparse
from pathlib import Path
from typing import Any

from studio.actions import shuffling, workflows
from studio.commandline import subject, terminal
from studio.journal import codec


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="a key, an id, or a JSON or YAML file")
    parser.add_argument(
        "--state", "--input", dest="state", metavar="JSON|@FILE", help="the start state"
    )
    parser.add_argument(
        "--pinned", metavar="JSON|@FILE", help="outputs by node, used in place of calling its tool"
    )
    parser.add_argument("--schedules", type=int, default=50, help="how many orders to try: 50")
    parser.add_argument("--seed", type=int, default=0, help="the first schedule: 0")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="stop after this long")
    parser.add_argument(
        "--user", default=None, help="whose workflow it is; default: the administrator"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    document, owner_id = _document(options)
    report = shuffling.shuffle_document(
        document=document,
        owner_id=owner_id,
        state=subject.state_from(options.state),
        pinned=subject.state_from(options.pinned, "--pinned"),
        schedules=options.schedules,
        seed=options.seed,
        max_seconds=options.timeout,
    )
    if options.json:
        terminal.say_json(report.as_dict())
    else:
        terminal.say(report.summary)
        for difference in report.differences[:10]:
            for change in difference.changes:
                sides = (
                    f"{change.get('first', 'nothing')!r} became {change.get('here', 'nothing')!r}"
                )
                terminal.say(f"  seed {difference.seed}: {change['path']}: {sides}")
    return 0 if report.ok else 1


def _document(options: argparse.Namespace) -> tuple[dict[str, Any], int | None]:
    """The document, and the id of whoever owns the workflows that it runs."""
    user = subject.user_named(options.user)
    if subject.is_file(options.workflow):
        path = Path(options.workflow)
        return workflows.draft_of(subject.document_in(path), path.stem, path.stem), user.pk
    found = subject.workflow_named(options.workflow, user)
    return codec.decode(found.draft), found.owner_id
