"""`python manage.py fsck`: check every invariant of the stored runs."""

import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from studio import integrity
from studio.commandline import terminal
from studio.models import Run


class Command(BaseCommand):
    help = "Check every stored run: journal, row, blobs. Exit code 1 when something is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(integrity.flaws())
        if options["json"]:
            terminal.say_json({"runs": Run.objects.count(), "flaws": [asdict(f) for f in found]})
        else:
            for flaw in found:
                terminal.say(f"{flaw.subject}: {flaw.code}: {flaw.message}")
            terminal.say(f"{Run.objects.count()} runs, {len(found)} flaws")
        if found:
            sys.exit(1)
