"""`python manage.py treadle …`: workflows, runs, reviews and accounts from a terminal."""

import sys
from argparse import Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.actions.errors import ActionError
from studio.commandline import SUBCOMMANDS, tables, terminal

WITHOUT_DATABASE = {"review"}


class Command(BaseCommand):
    help = "Run, review, validate, export and import workflows; make tokens and sign-in links."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        # Each subcommand is a parser of its own: Django's would add its options to all of them.
        commands = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, (about, add, run) in SUBCOMMANDS.items():
            sub = commands.add_parser(name, help=about, description=about)
            add(sub)
            sub.set_defaults(run=run)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["subcommand"] not in WITHOUT_DATABASE:
                tables.ensure_ready()
            code = options["run"](Namespace(**options))
        except ActionError as error:
            for detail in error.details:
                terminal.complain(f"  {detail.get('pointer') or '/'}: {detail.get('message')}")
            raise CommandError(terminal.printable(error.message)) from error
        except KeyboardInterrupt:
            code = 130
        if code:
            sys.exit(code)
