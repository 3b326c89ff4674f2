"""`python manage.py up`: everything a studio needs, from an empty folder to a page that answers."""

from typing import Any

from django.core.management.base import BaseCommand

from studio.commandline import serving


class Command(BaseCommand):
    help = "Migrate, install the examples, collect static files and serve until stopped."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        serving.refuse_bad_settings()
        serving.refuse_taken_port()
        serving.prepare()
        serving.greet()
        if serving.serve():
            serving.start_again()
        serving.leave(0)
