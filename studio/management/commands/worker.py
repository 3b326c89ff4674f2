"""`python manage.py worker`: drive runs beside the web processes, on the same database."""

from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studio.commandline import serving, tables, watch_port, working
from studio.setup import env


class Command(BaseCommand):
    help = "Drive runs of the same database as the web processes, until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--drivers", type=int, help="runs driven at the same time; else TREADLE_DRIVERS"
        )
        parser.add_argument(
            "--queues",
            type=_queues,
            metavar="NAME,NAME",
            help="queues from which runs are taken, * for all; else TREADLE_QUEUES",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=working.GRACE_S,
            metavar="SECONDS",
            help="how long what runs may take to finish at a stop (20)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        serving.refuse_bad_settings()
        if problem := working.refuse_no_drivers(options["drivers"]):
            raise CommandError(problem)
        tables.ensure_ready()
        if settings.WORKER_PORT:
            try:
                watch_port.open_port(settings.HOST, settings.WORKER_PORT)
            except OSError as error:
                raise CommandError(
                    f"cannot listen on {settings.HOST}:{settings.WORKER_PORT}: {error.strerror}."
                    " Set TREADLE_WORKER_PORT to something else."
                ) from error
        worker = working.Worker(options["drivers"], options["queues"], options["grace"])
        if worker.serve():
            serving.start_again()
        serving.leave(0)


def _queues(text: str) -> tuple[str, ...]:
    try:
        return env.queues(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None
