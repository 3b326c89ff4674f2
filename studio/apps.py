"""The Django app: registers the tools and the start-up checks."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = "Treadle"

    def ready(self) -> None:
        from engine import isolated
        from studio import checks, toolbox  # noqa: F401 - registers the checks

        toolbox.load()
        self._register_chores()
        # A tool that is called in a process of its own finds the studio there as it is here.
        isolated.preparation = "django:setup"

    def _register_chores(self) -> None:
        from studio import audit_chain
        from studio.actions import deliveries, firing
        from studio.execution import chores

        chores.register(firing.fire_due)
        chores.register(deliveries.prune)
        chores.register(audit_chain.close_days)
