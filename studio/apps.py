"""The Django app: registers the tools and the start-up checks."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = "Treadle"

    def ready(self) -> None:
        from studio import checks, toolbox  # noqa: F401 - registers the checks

        toolbox.load()
