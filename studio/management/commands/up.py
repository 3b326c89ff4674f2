"""`python manage.py up`: everything a studio needs, from an empty folder to a page that answers."""

from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from studio.commandline import serving, web_processes


class Command(BaseCommand):
    help = "Migrate, install the examples, collect static files and serve until stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fd",
            type=int,
            help="serve on this open listening socket, and make nothing ready: its opener has",
        )
        parser.add_argument(
            "--opener", type=int, help="stop when the process with this number is gone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        serving.refuse_bad_settings()
        if options["fd"] is not None:
            if options["opener"] is not None:
                web_processes.end_with(options["opener"], serving.ask_to_stop)
            self._serve(options["fd"])
        serving.refuse_taken_port()
        serving.prepare()
        serving.greet()
        if settings.WEB_PROCESSES > 1:
            sockets = web_processes.listeners(settings.HOST, settings.PORT, settings.WEB_PROCESSES)
            web_processes.Keeper(sockets).serve()
            serving.leave(0)
        self._serve(None)

    def _serve(self, fd: int | None) -> NoReturn:
        if serving.serve(fd):
            serving.start_again()
        serving.leave(0)
