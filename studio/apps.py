"""The Django app: registers the tools and the start-up checks."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = "Treadle"

    def ready(self) -> None:
        from engine import isolated
        from studio import checks, toolbox  # noqa: F401 - registers the checks

        self._register_tools()
        toolbox.load()
        self._register_chores()
        # A tool that is called in a process of its own finds the studio there as it is here.
        isolated.preparation = "django:setup"

    def _register_tools(self) -> None:
        """Those that are verbs of the studio: the toolbox stands on a lower floor."""
        from engine import default_registry
        from engine.library.starting import start_tool
        from studio.actions.starting import start_for_run

        start = start_tool(start_for_run)
        default_registry.register("workflow.start", start, effect="idempotent")

    def _register_chores(self) -> None:
        from studio import audit_chain
        from studio.actions import deliveries, firing
        from studio.execution import chores

        chores.register(firing.fire_due)
        chores.register(deliveries.prune)
        chores.register(audit_chain.close_days)
