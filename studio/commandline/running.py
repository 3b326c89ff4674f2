"""`treadle run`: start a run in this process, follow it, and say by the exit code how it ended."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from engine import RunStatus
from engine.said import say
from studio.actions import courses, workflows
from studio.actions.courses import Course
from studio.actions.errors import ActionError
from studio.actions.runs import start_run
from studio.commandline import subject, terminal
from studio.commandline.following import Follower
from studio.execution.service import Service, use
from studio.models import Run, Version
from studio.queries import runs
from studio.queries.subgraphs import OwnedWorkflows, pinned

EXIT_CODES = {
    RunStatus.COMPLETED: 0,
    RunStatus.FAILED: 1,
    RunStatus.PAUSED: 3,
    RunStatus.CANCELLED: 4,
    RunStatus.WAITING: 5,
}
STILL_RUNNING = 6
STOP_GRACE_S = 2.0


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="a key, an id, or a JSON or YAML file")
    parser.add_argument("--state", metavar="JSON|@FILE", help="the start state")
    parser.add_argument("--draft", action="store_true", help="the draft, not the published version")
    parser.add_argument("--limits", metavar="JSON", help='lower limits, such as {"max_steps": 50}')
    parser.add_argument("--from", dest="start", metavar="NODE", help="the node to start at")
    parser.add_argument(
        "--from-run", metavar="RUN", help="start with the state that this run came to NODE with"
    )
    parser.add_argument("--to", dest="until", metavar="NODE", help="the node to end at")
    parser.add_argument(
        "--pinned", metavar="JSON|@FILE", help="outputs by node, used in place of calling its tool"
    )
    parser.add_argument(
        "--priority", type=int, default=0, help="from -100 to 100; the highest is taken up first"
    )
    parser.add_argument("--follow", action="store_true", help="print what happens as it happens")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="wait no longer than this")
    parser.add_argument("--user", default=None, help="whose run it is; default: the administrator")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(options: argparse.Namespace) -> int:
    user = subject.user_named(options.user)
    service = Service(sweeps=False, queues=())
    use(service)
    service.start()
    try:
        course = _course(options, user)
        started = start_run(
            user=user,
            version=_version(options, user, course),
            state=subject.state_from(options.state),
            limits=subject.state_from(options.limits, "--limits") or None,
            pinned=subject.state_from(options.pinned, "--pinned") or None,
            course=course,
            priority=options.priority,
            source="command",
        )
        _wait(started, options)
    finally:
        service.stop(STOP_GRACE_S)
    return _report(runs.get_run(user, started.public_id), options)


def _course(options: argparse.Namespace, user: Any) -> Course:
    base = None if options.from_run is None else subject.run_named(options.from_run, user)
    return courses.course(options.start, options.until, base)


def _version(options: argparse.Namespace, user: Any, course: Course) -> Version:
    if subject.is_file(options.workflow):
        return _version_of_file(Path(options.workflow), user)
    workflow = subject.workflow_named(options.workflow, user)
    if options.draft:
        return workflows.draft_version(user=user, workflow=workflow, part=course.part)
    if workflow.published is None:
        raise ActionError(
            "E_NOT_PUBLISHED",
            say("{key} has no published version: publish it, or add --draft.", key=workflow.key),
        )
    return workflow.published


def _version_of_file(path: Path, user: Any) -> Version:
    """A hidden workflow holds the runs of a file; running the same file again uses it again."""
    document = subject.document_in(path)
    key = f"file-{path.stem}"
    known = user.workflows.filter(hidden=True, deleted_at=None, key__startswith="file-")
    others = OwnedWorkflows(user.pk, user)
    draft = pinned(workflows.draft_of(document, key, path.stem), others)
    wanted = workflows.valid_graph(draft, others)
    for workflow in known.order_by("-id"):
        version: Version | None = workflow.versions.filter(hash=wanted.hash).first()
        if version is not None:
            return version
    workflow = workflows.create_workflow(
        user=user, document=document, name=path.stem, key=key, hidden=True
    )
    return workflows.draft_version(user=user, workflow=workflow)


def _wait(started: Run, options: argparse.Namespace) -> None:
    deadline = None if options.timeout is None else time.monotonic() + options.timeout
    with terminal.Bar() as bar:
        follower = Follower(started, bar, lines=options.follow and not options.json)
        while not follower.look():
            if deadline is not None and time.monotonic() > deadline:
                return
            time.sleep(0.05)


def _report(run: Run, options: argparse.Namespace) -> int:
    told = runs.view(run)
    status = RunStatus(run.status)
    if options.json:
        terminal.say_json(
            {
                "id": str(run.public_id),
                "status": run.status,
                "state": told.state,
                "error": told.error,
            }
        )
    else:
        terminal.say(json.dumps(told.state, indent=2, ensure_ascii=False))
        terminal.complain(_summary(run, told.error))
    return EXIT_CODES.get(status, STILL_RUNNING)


def _summary(run: Run, error: dict[str, Any] | None) -> str:
    text = f"run {run.public_id} {run.status}"
    if error:
        where = f" at {error['node']}" if error.get("node") else ""
        text += f"{where}: {error['code']} {error['message']}"
    if run.status in {RunStatus.QUEUED, RunStatus.RUNNING}:
        text += "; it goes on as soon as the studio runs"
    return text
