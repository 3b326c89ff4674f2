"""`python manage.py fsck`: check every invariant of the stored runs."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studio.commandline import terminal
from studio.journal import integrity, mending
from studio.journal.integrity import ADVICE, Flaw
from studio.models import Run
from studio.seals import audit_chain


class Command(BaseCommand):
    help = (
        "Check every stored run, the audit trail and the seals, while runs go on. Exit code 1 when"
        " one is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--repair",
            action="store_true",
            help="make anew what stands beside the journal of runs that nobody drives",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[Flaw] = []
        for flaw in integrity.flaws():
            found.append(flaw)
            if not options["json"]:
                terminal.say(f"{flaw.subject}: {flaw.code}: {flaw.message}")
                terminal.say(f"    {ADVICE[flaw.code]}")
        mended = _repaired(found) if options["repair"] else []
        left = len(found) - len(mended)
        _tell(found, mended, left, as_json=options["json"])
        if left:
            sys.exit(1)


def _repaired(found: list[Flaw]) -> list[dict[str, str]]:
    """What was repaired, each {"subject", "code"}."""
    subjects = {flaw.run_id: flaw.subject for flaw in found if flaw.run_id is not None}
    return [
        {"subject": subject, "code": code}
        for run_id, subject in subjects.items()
        for code in mending.mend(run_id)
    ]


def _tell(found: list[Flaw], mended: list[dict[str, str]], left: int, *, as_json: bool) -> None:
    audit, runs = audit_chain.head(), Run.objects.filter(forgotten_at=None).count()
    if as_json:
        flaws = [
            {
                "code": flaw.code,
                "subject": flaw.subject,
                "message": flaw.message,
                "advice": ADVICE[flaw.code],
            }
            for flaw in found
        ]
        told: dict[str, Any] = {"runs": runs, "flaws": flaws, "audit": audit}
        terminal.say_json({**told, "repaired": mended} if mended else told)
        return
    for each in mended:
        terminal.say(f"{each['subject']}: {each['code']}: repaired")
    if audit is not None:
        terminal.say(f"audit trail closed up to {audit['day']}: {audit['hash']}")
    repaired = f", {len(mended)} repaired" if mended else ""
    terminal.say(f"{runs} runs, {len(found)} flaws{repaired}")
    if left and mended:
        terminal.say("what is left is told again by another fsck")
