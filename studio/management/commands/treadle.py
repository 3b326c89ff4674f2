"""`python manage.py treadle …`: workflows, runs, reviews and accounts from a terminal."""

import sys
from argparse import Namespace
from functools import partial
from typing import Any

from django.core.management import load_command_class
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.actions.errors import ActionError
from studio.commandline import SUBCOMMANDS, tables, terminal

WITHOUT_DATABASE = {"review"}
ALSO_HERE = ("worker", "prune", "fsck")
"""Commands of their own that can be called by way of this one too."""


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
        for name in ALSO_HERE:
            command = load_command_class("studio", name)
            sub = commands.add_parser(name, help=command.help, description=command.help)
            command.add_arguments(sub)
            sub.set_defaults(run=partial(_as_command, command))

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


def _as_command(command: BaseCommand, given: Namespace) -> int:
    command.handle(**vars(given))
    return 0
