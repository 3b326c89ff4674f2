"""The Django app: registers the tools and the start-up checks."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    name = "studio"
    verbose_name = "Treadle"

    def ready(self) -> None:
        from engine.driving import isolated
        from studio.setup import checks, toolbox  # noqa: F401 - registers the checks

        self._register_tools()
        toolbox.load()
        self._register_chores()
        self._name_dispatcher()
        # A tool that is called in a process of its own finds the studio there as it is here.
        isolated.preparation = "django:setup"

    def _register_tools(self) -> None:
        """Those that are verbs of the studio: the toolbox stands on a lower floor."""
        from engine import default_registry
        from engine.library.starting import start_tool
        from studio.actions.starting import start_for_run

        start = start_tool(start_for_run)
        default_registry.register("workflow.start", start, effect="idempotent")

    def _name_dispatcher(self) -> None:
        from studio.execution import dispatch

        def make() -> dispatch.Dispatcher:
            # Looked for when the first hint is given: most commands give none.
            from studio.execution.carriers import of_settings

            return of_settings()

        dispatch.made_by(make)

    def _register_chores(self) -> None:
        from studio.actions import deliveries, firing, forgetting
        from studio.execution import chores
        from studio.queries import tellings
        from studio.seals import audit_chain

        chores.register(firing.fire_due)
        chores.register(deliveries.prune)
        chores.register(forgetting.sweep)
        chores.register(tellings.tell_wanted)
        chores.register(audit_chain.close_days)
