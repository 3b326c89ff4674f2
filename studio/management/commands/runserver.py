"""`manage.py runserver`: daphne's, for development, on everything that `up` makes ready."""

from typing import Any

from daphne.management.commands import runserver

from studio.commandline import serving


class Command(runserver.Command):  # type: ignore[misc]
    def inner_run(self, *args: Any, **options: Any) -> None:
        """Called again after each reload, so that changed styles and scripts are collected too."""
        serving.prepare()
        super().inner_run(*args, **options)
