"""Calls of unknown outcome: the operators' list, and the decisions that need no output."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from engine.policies import OutcomeChoice
from studio.actions.errors import ActionError
from studio.actions.outcomes import decide_outcome
from studio.admin.fresh import FreshAdmin
from studio.admin.read_only import ReadOnlyAdmin
from studio.journal import codec
from studio.models import UnknownOutcome
from studio.queries.outcomes import OVER
from studio.waits.outcome_rows import OUTCOME


class Undecided(admin.SimpleListFilter):
    """Shows those that somebody has to decide, unless asked for the others too."""

    title = "what became of it"
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no", "Undecided"), ("all", "All")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Without Django's own "All": the undecided ones are what is shown at first."""
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            chosen = (self.value() or "no") == value
            yield {"selected": chosen, "query_string": query, "display": title}

    def queryset(
        self, request: HttpRequest, rows: QuerySet[UnknownOutcome]
    ) -> QuerySet[UnknownOutcome]:
        if self.value() == "all":
            return rows
        return rows.filter(closed_at=None).exclude(run__status__in=OVER)


@admin.register(UnknownOutcome)
class UnknownOutcomeAdmin(FreshAdmin, ReadOnlyAdmin):
    """An output is given, and a late result adopted, on the page of the call."""

    actions = ("retry", "skip", "fail")
    list_display = ("node", "page", "workflow", "attempt", "created_at", "closed_at", "run")
    list_filter = (Undecided, "created_at")
    list_select_related = ("run__workflow",)
    search_fields = ("run__public_id", "run__workflow__name")
    search_help_text = "Id of the run, or workflow"
    ordering = ("-id",)
    fields = ("page", "run", "workflow", "node", "activation", "attempt", "created_at", "closed_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnknownOutcome]:
        rows: QuerySet[UnknownOutcome] = super().get_queryset(request).filter(kind=OUTCOME)
        return rows.defer("run__final_state", "run__error", "run__workflow__draft")

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.display(description="step")
    def node(self, row: UnknownOutcome) -> str:
        data = codec.decode(row.data)
        return data["node"] if data.get("item") is None else f"{data['node']}, item {data['item']}"

    @admin.display(description="workflow", ordering="run__workflow__name")
    def workflow(self, row: UnknownOutcome) -> str:
        return row.run.workflow.name

    @admin.display(description="attempt")
    def attempt(self, row: UnknownOutcome) -> str:
        return row.ref.partition(".")[2]

    @admin.display(description="page")
    def page(self, row: UnknownOutcome) -> SafeString:
        url = reverse("outcome", args=[f"{row.run.public_id}.{row.ref}"])
        word = "Decide" if row.closed_at is None else "See"
        return format_html('<a href="{}">{}</a>', url, word)

    @admin.action(description="Call the chosen ones again", permissions=["decide"])
    def retry(self, request: HttpRequest, chosen: QuerySet[UnknownOutcome]) -> None:
        self._decide(request, chosen, OutcomeChoice.RETRY)

    @admin.action(description="Skip the steps of the chosen ones", permissions=["decide"])
    def skip(self, request: HttpRequest, chosen: QuerySet[UnknownOutcome]) -> None:
        self._decide(request, chosen, OutcomeChoice.SKIP)

    @admin.action(description="Let the steps of the chosen ones fail", permissions=["decide"])
    def fail(self, request: HttpRequest, chosen: QuerySet[UnknownOutcome]) -> None:
        self._decide(request, chosen, OutcomeChoice.FAIL)

    def _decide(
        self, request: HttpRequest, chosen: QuerySet[UnknownOutcome], choice: OutcomeChoice
    ) -> None:
        """Each by itself: one that cannot be decided holds up no other."""
        assert isinstance(request.user, User)
        done, note = 0, "decided in the administration"
        for row in chosen.order_by("id"):
            try:
                decide_outcome(user=request.user, wait=row, choice=choice, note=note)
            except ActionError as error:
                said = f"Step {self.node(row)}: {error.message}"
                self.message_user(request, said, messages.ERROR)
            else:
                done += 1
        if done:
            plural = "" if done == 1 else "s"
            self.message_user(request, f"{done} call{plural} decided.", messages.SUCCESS)
