"""`python manage.py prune`: forget the runs that no rule keeps."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timezone import now

from studio.actions import forgetting
from studio.actions.forgetting import Forgetting, Outlook
from studio.commandline import tables, terminal
from studio.journal import forgetting as rows
from studio.models import Workflow

TELL_EVERY = 1000


class Command(BaseCommand):
    help = (
        "Forget runs that no rule keeps, in small batches, beside a studio that runs. Stop it"
        " whenever you like: it goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go")
        parser.add_argument("--workflow", metavar="KEY", help="only of the workflow of this key")
        parser.add_argument(
            "--pause",
            type=float,
            metavar="SECONDS",
            help="rest so long after each batch; default: as long as the batch took",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        tables.ensure_ready()
        chosen = _chosen(options["workflow"])
        if options["dry_run"]:
            _foretell(chosen, as_json=options["json"])
        else:
            _forget(chosen, options["pause"], as_json=options["json"])


def _chosen(key: str | None) -> list[Workflow | None]:
    """The workflows of that key; [None] for all."""
    if key is None:
        return [None]
    found: list[Workflow | None] = list(Workflow.objects.filter(key=key).order_by("id"))
    if not found:
        raise CommandError(f"There is no workflow with the key {terminal.printable(key)}.")
    return found


def _foretell(chosen: list[Workflow | None], *, as_json: bool) -> None:
    workflows = list(forgetting.with_rules()) if chosen == [None] else chosen
    moment = now()
    seen = [forgetting.outlook(workflow, moment) for workflow in workflows if workflow]
    if as_json:
        terminal.say_json([_as_item(each) for each in seen])
        return
    for each in seen:
        terminal.say(_as_line(each))
    terminal.say(f"{sum(each.runs for each in seen)} runs would go; nothing was changed")


def _as_item(each: Outlook) -> dict[str, Any]:
    return {
        "workflow": str(each.workflow.public_id),
        "key": each.workflow.key,
        "keeps": str(each.rule),
        "runs": each.runs,
        "first": each.first.isoformat() if each.first else None,
        "last": each.last.isoformat() if each.last else None,
        "held": each.held,
    }


def _as_line(each: Outlook) -> str:
    line = f"{each.workflow.key}: keeps {each.rule}; {each.runs} runs would go"
    if each.first and each.last:
        line += f", ended {each.first:%Y-%m-%d} to {each.last:%Y-%m-%d}"
    return f"{line}; {each.held} are held by runs that they started" if each.held else line


def _forget(chosen: list[Workflow | None], pause: float | None, *, as_json: bool) -> None:
    stop = _stopped_by_signals()
    marked, total = 0, rows.Gone()
    for workflow in chosen:
        work = Forgetting(workflow)
        told = 0
        while not stop.is_set() and work.step():
            if work.gone.runs - told >= TELL_EVERY and not as_json:
                told = work.gone.runs
                terminal.say(f"{told} runs are gone")
            rows.give_pages_back()
            stop.wait(work.lasted if pause is None else pause)
        marked += work.marked
        total.add(work.gone)
    total.blobs += _drop_blobs(stop)
    while not stop.is_set() and rows.give_pages_back():
        stop.wait(0.01 if pause is None else pause)
    _tell(marked, total, is_stopped=stop.is_set(), as_json=as_json)


def _drop_blobs(stop: threading.Event) -> int:
    count = 0
    for some in forgetting.drop_unused_blobs():
        count += some
        if stop.is_set():
            break
    return count


def _tell(marked: int, gone: rows.Gone, *, is_stopped: bool, as_json: bool) -> None:
    if as_json:
        terminal.say_json(
            {
                "runs": gone.runs,
                "events": gone.events,
                "blobs": gone.blobs,
                "batches": gone.batches,
                "marked": marked,
                "stopped": is_stopped,
            }
        )
        return
    terminal.say(f"{gone.runs} runs, {gone.events} events and {gone.blobs} blobs are gone")
    if is_stopped:
        terminal.say("stopped before the end: the same command goes on from here")
    if not rows.gives_pages_back():
        terminal.say(
            "the file keeps its size, and new runs use the room: it was made by an older Treadle."
            " To make it smaller, stop the studio and run"
            ' sqlite3 FILE "PRAGMA auto_vacuum=INCREMENTAL; VACUUM"'
        )


def _stopped_by_signals() -> threading.Event:
    """Set by Ctrl-C and SIGTERM: the batch in hand is finished."""
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
    return stop
