"""`python manage.py fsck`: check every invariant of the stored runs."""

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studio import audit_chain, integrity
from studio.commandline import terminal
from studio.models import Run


class Command(BaseCommand):
    help = "Check every stored run, the audit trail and the seals. Exit code 1 when one is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(integrity.flaws())
        audit = audit_chain.head()
        if options["json"]:
            terminal.say_json(
                {
                    "runs": Run.objects.count(),
                    "flaws": [asdict(flaw) for flaw in found],
                    "audit": audit,
                }
            )
        else:
            for flaw in found:
                terminal.say(f"{flaw.subject}: {flaw.code}: {flaw.message}")
            if audit is not None:
                terminal.say(f"audit trail closed up to {audit['day']}: {audit['hash']}")
            terminal.say(f"{Run.objects.count()} runs, {len(found)} flaws")
        if found:
            sys.exit(1)
