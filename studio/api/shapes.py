"""The bodies and queries of the native API, each as a shape."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from engine.events import EventKind
from engine.policies import OutcomeChoice, RunStatus, SignalMode
from studio.actions.outcomes import MAX_NOTE
from studio.actions.secrets import MAX_LENGTH, OWN, SCOPES
from studio.actions.tokens import MOST_WORKFLOWS
from studio.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from studio.api.serializers import ObjectField, Shape, StrictCharField, StrictIntegerField
from studio.queries import tryout
from studio.rights import Role, Scope

NAME_MAX = 200


class Page(Shape):
    cursor = serializers.CharField(default="", allow_blank=True, max_length=100)
    limit = serializers.IntegerField(default=DEFAULT_LIMIT, min_value=1, max_value=MAX_LIMIT)


class WorkflowsQuery(Page):
    search = serializers.CharField(required=False, allow_blank=True, max_length=200)
    tag = serializers.CharField(required=False, allow_blank=True, max_length=40)
    owner = serializers.CharField(required=False, allow_blank=True, max_length=150)


class NewWorkflow(Shape):
    name = StrictCharField(required=False, max_length=NAME_MAX)
    document = ObjectField(required=False)
    beside = serializers.UUIDField(required=False)


class Meta(Shape):
    name = StrictCharField(required=False, max_length=NAME_MAX)
    description = StrictCharField(required=False, allow_blank=True, max_length=10_000)
    tags = serializers.ListField(
        child=StrictCharField(max_length=40), required=False, max_length=20
    )


class Concurrency(Shape):
    limit = StrictIntegerField(min_value=1, max_value=10_000, allow_null=True)
    key = StrictCharField(default="", allow_blank=True, max_length=500, trim_whitespace=True)


class Retention(Shape):
    keep = StrictCharField(allow_null=True, max_length=60, trim_whitespace=True)


class Keep(Shape):
    kept = serializers.BooleanField()


class DocumentBody(Shape):
    document = ObjectField()


class DraftBody(DocumentBody):
    shrink = serializers.BooleanField(
        default=False, help_text="Yes, nearly all nodes of the draft are meant to go."
    )


class OptionalDocument(Shape):
    document = ObjectField(required=False)


class Shuffle(OptionalDocument):
    state = ObjectField(default=dict)
    pinned = ObjectField(default=dict)
    schedules = StrictIntegerField(default=50, min_value=1, max_value=200)
    seed = StrictIntegerField(default=0, min_value=0, max_value=2**31)


class Name(Shape):
    name = StrictCharField(required=False, max_length=NAME_MAX)


class Publication(Shape):
    rev = StrictIntegerField(required=False, min_value=1)
    note = StrictCharField(default="", allow_blank=True, max_length=500)


class Import(Shape):
    text = StrictCharField(trim_whitespace=False)
    format = serializers.ChoiceField(["json", "yaml", "auto"], default="auto")


class DocumentText(Shape):
    text = StrictCharField(trim_whitespace=False)
    format = serializers.ChoiceField(["json", "yaml", "auto"], default="auto")


class ExportQuery(Shape):
    format = serializers.ChoiceField(["json", "yaml"], required=False)


class RunBody(Shape):
    workflow = serializers.UUIDField(required=False)
    version = serializers.UUIDField(required=False)
    draft = serializers.BooleanField(default=False)
    state = ObjectField(default=dict)
    limits = ObjectField(required=False)
    tags = serializers.ListField(child=StrictCharField(max_length=40), default=list, max_length=20)
    pinned = ObjectField(required=False)
    priority = StrictIntegerField(default=0, min_value=-100, max_value=100)
    to = StrictCharField(required=False, max_length=200)


class RunBase(Shape):
    """Where a partial run begins, and the run whose state it begins with."""

    node = StrictCharField(max_length=200)
    run = serializers.UUIDField(required=False)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {
                    "node": {"type": "string"},
                    "run": {"type": "string", "format": "uuid"},
                },
                "required": ["node"],
            },
        ]
    }
)
class StartField(serializers.Field[Any, Any, Any, Any]):
    """The node to start at: its id, or {"node", "run"?}. Gives the latter."""

    default_error_messages = {"not_a_start": "Write a node, or an object with `node` and `run`."}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given = {"node": data} if isinstance(data, str) else data
        if not isinstance(given, dict):
            self.fail("not_a_start")
        shape = RunBase(data=given)
        shape.is_valid(raise_exception=True)
        return dict(shape.validated_data)

    def to_representation(self, value: Any) -> Any:
        return value


class NewRun(RunBody):
    """`from` is a word of Python, so it is added by its name."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {**super().get_fields(), "from": StartField(required=False)}


class RunsQuery(Page):
    workflow = serializers.UUIDField(required=False)
    status = serializers.ChoiceField([str(status) for status in RunStatus], required=False)
    tag = serializers.CharField(required=False, max_length=40)
    source = serializers.CharField(required=False, max_length=16)  # type: ignore[assignment]
    search = serializers.CharField(required=False, max_length=200)
    parent = serializers.UUIDField(required=False)  # type: ignore[assignment]
    children = serializers.BooleanField(required=False, default=False)


class WaitQuery(Shape):
    wait = serializers.FloatField(required=False, min_value=0, max_value=300)


class StateQuery(Shape):
    seq = serializers.IntegerField(required=False, min_value=1)


class EventsQuery(Shape):
    after = serializers.IntegerField(default=0, min_value=0)
    limit = serializers.IntegerField(default=500, min_value=1, max_value=500)
    kind = serializers.ChoiceField([str(kind) for kind in EventKind], required=False)
    node = serializers.CharField(required=False, max_length=200)


class Cancellation(Shape):
    reason = StrictCharField(default="", allow_blank=True, max_length=500)


class Pause(Shape):
    reason = StrictCharField(default="", allow_blank=True, max_length=500)


class GoOn(Shape):
    limits = ObjectField(required=False)


class ExplainQuery(Shape):
    edge = serializers.CharField(required=False, max_length=200)


class CompareQuery(Shape):
    """`with` is a word of Python, so it is added by its name."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"with": serializers.UUIDField()}


class Fork(Shape):
    seq = StrictIntegerField(min_value=1)
    state_patch = ObjectField(default=dict)
    version = serializers.UUIDField(required=False)
    map = ObjectField(default=dict)


class Move(Shape):
    version = serializers.UUIDField()
    map = ObjectField(default=dict)


class DocumentQuery(Shape):
    seq = serializers.IntegerField(required=False, min_value=1)


class WaitsQuery(Page):
    mine = serializers.BooleanField(default=False)


class Answer(Shape):
    answer = ObjectField()


class Decision(Shape):
    choice = serializers.ChoiceField([choice.value for choice in OutcomeChoice])
    output = serializers.JSONField(required=False, allow_null=True)
    note = StrictCharField(default="", allow_blank=True, max_length=MAX_NOTE)


class NewSignal(Shape):
    name = StrictCharField(max_length=200)
    key = serializers.JSONField(required=False)
    payload = serializers.JSONField(required=False)


class NewSignalToRuns(NewSignal):
    mode = serializers.ChoiceField([mode.value for mode in SignalMode], default="keep")


class Expression(Shape):
    source = StrictCharField(  # type: ignore[assignment]
        max_length=10_000, trim_whitespace=False, allow_blank=True
    )
    state = ObjectField(required=False)
    names = ObjectField(required=False)


class Tryout(Shape):
    source = StrictCharField(  # type: ignore[assignment]
        max_length=10_000, trim_whitespace=False, allow_blank=True
    )
    workflow = serializers.UUIDField()
    node = StrictCharField(max_length=200)
    at = serializers.ChoiceField(["before", "item", "result", "after"], default="after")
    edge = StrictCharField(required=False, max_length=200)
    on = StrictCharField(required=False, max_length=200)
    run = serializers.UUIDField(required=False)
    runs = StrictIntegerField(default=tryout.RUNS, min_value=1, max_value=tryout.RUNS)


class VisitQuery(Shape):
    node = serializers.CharField(max_length=200)
    visit = serializers.IntegerField(required=False, min_value=1)


class ReviewFile(Shape):
    path = StrictCharField(max_length=500)
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class NewReview(Shape):
    code = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    files = ReviewFile(many=True, required=False)
    quality_threshold = serializers.FloatField(default=7, min_value=0, max_value=10)
    max_passes = StrictIntegerField(default=8, min_value=0, max_value=100)


class SecretValue(Shape):
    value = StrictCharField(trim_whitespace=False, max_length=MAX_LENGTH, write_only=True)


class NewSecret(SecretValue):
    name = StrictCharField(max_length=64)
    scope = serializers.ChoiceField(SCOPES, default=OWN)
    group = StrictCharField(required=False, max_length=150)


class NewToken(Shape):
    name = StrictCharField(max_length=100)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(list(Scope)), required=False, allow_null=True, min_length=1
    )
    workflows = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=MOST_WORKFLOWS,
    )


class NewGrant(Shape):
    user = StrictCharField(required=False, max_length=150)
    group = StrictCharField(required=False, max_length=150)
    role = serializers.ChoiceField(list(Role))
