"""The forms of schedules and webhooks, as people fill them in."""

import json
import re
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from studio.actions.errors import ActionError
from studio.actions.schedules import ScheduleFields
from studio.actions.webhooks import Action, WebhookFields
from studio.models import Schedule, Version, Webhook, Workflow
from studio.queries import visible
from studio.sentences import told
from studio.triggers import cron
from studio.triggers.schedule_plan import CatchUp, Overlap
from studio.triggers.signatures import Scheme

MOST_WORKFLOWS = 500
SIGNAL_MEMBERS = ("name", "key", "payload")
MOST_VERSIONS = 50
_PLAIN = re.compile(r"[^\s\"=]([^\"=\n\r]*[^\s\"=])?")
CATCH_UPS = (
    (CatchUp.ONE.value, _("Start one run for all of them")),
    (CatchUp.SKIP.value, _("Pass over them")),
    (CatchUp.ALL.value, _("Start one run for each, 100 at most")),
)
OVERLAPS = (
    (Overlap.ALLOW.value, _("Start the next one beside it")),
    (Overlap.SKIP.value, _("Start none")),
    (Overlap.QUEUE.value, _("Start the next one when it has ended")),
)
ACTIONS = (
    (Action.START.value, _("Start a run")),
    (Action.SIGNAL.value, _("Send a signal to a run that waits")),
)
SCHEMES = (
    (Scheme.TREADLE.value, _("Treadle: time and body")),
    (Scheme.GITHUB.value, "GitHub: X-Hub-Signature-256"),
)


def text_input(**attrs: Any) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "input", "autocomplete": "off", **attrs})


def select() -> forms.Select:
    return forms.Select(attrs={"class": "select"})


def code_area(rows: int) -> forms.Textarea:
    return forms.Textarea(
        attrs={"class": "textarea textarea--code textarea--short", "rows": rows}
        | {"spellcheck": "false", "autocapitalize": "off"}
    )


class TriggerForm(forms.Form):
    """Name, workflow, version and tags. The workflow is chosen once, when the trigger is made."""

    name = forms.CharField(label=_("Name"), max_length=200, widget=text_input())
    workflow = forms.ChoiceField(label=_("Workflow"), widget=select())
    version = forms.ChoiceField(label=_("Version"), required=False, widget=select())
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        help_text=_("Of the runs, with commas between them."),
        max_length=1000,
        widget=text_input(),
    )

    def __init__(
        self, *args: Any, user: User, workflow: Workflow | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        self._workflows: dict[str, Workflow] = {}
        self._versions: dict[str, Version] = {}
        if workflow is None:
            self._offer_workflows()
            del self.fields["version"]
        else:
            del self.fields["workflow"]
            self._offer_versions(workflow)

    def _offer_workflows(self) -> None:
        rows = visible.workflows(self._user).filter(hidden=False).exclude(published=None)
        listed = rows.defer("draft").order_by("name", "pk")[:MOST_WORKFLOWS]
        self._workflows = {str(row.public_id): row for row in listed}
        choices = [(key, row.name) for key, row in self._workflows.items()]
        self.fields["workflow"].choices = choices  # type: ignore[attr-defined]

    def _offer_versions(self, workflow: Workflow) -> None:
        rows = workflow.versions.exclude(number=None).defer("document").order_by("-number")
        self._versions = {str(row.public_id): row for row in rows[:MOST_VERSIONS]}
        choices = [("", gettext("What is published when a run starts"))]
        choices += [(key, f"v{row.number}") for key, row in self._versions.items()]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]

    def chosen_workflow(self) -> Workflow:
        return self._workflows[self.cleaned_data["workflow"]]

    def clean_version(self) -> Version | None:
        return self._versions.get(self.cleaned_data["version"])

    def clean_tags(self) -> tuple[str, ...]:
        return tuple(words(self.cleaned_data["tags"]))

    def take(self, error: ActionError) -> None:
        """Show what the verb refuses beside the field it is about."""
        for detail in error.details:
            hint = f" {told(detail['hint'])}" if detail["hint"] else ""
            where = self.place(detail["pointer"].split("/")[1:])
            self.add_error(where, f"{self.said(detail)}{hint}")
        if not error.details:
            self.add_error(None, told(error.message))

    def place(self, path: list[str]) -> str | None:
        """The field that a pointer leads to."""
        return path[0] if path and path[0] in self.fields else None

    def said(self, detail: dict[str, Any]) -> str:
        return told(detail["message"])


class ScheduleForm(TriggerForm):
    cron = forms.CharField(
        label=_("Cron"),
        max_length=200,
        help_text=_(
            "Minute, hour, day of month, month, day of week: 30 9 * * 1-5 is 9:30, Mon-Fri."
        ),
        widget=text_input(spellcheck="false", placeholder="30 9 * * 1-5"),
    )
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=100,
        initial="UTC",
        help_text=_("Such as Europe/Berlin."),
        widget=text_input(list="time-zones", spellcheck="false"),
    )
    catch_up = forms.ChoiceField(
        label=_("Times that were missed"), choices=CATCH_UPS, widget=select()
    )
    overlap = forms.ChoiceField(
        label=_("While a run is still active"), choices=OVERLAPS, widget=select()
    )
    jitter_s = forms.IntegerField(
        label=_("Delay, up to"),
        min_value=0,
        max_value=3600,
        initial=0,
        help_text=_("Seconds, so that many schedules do not start at once."),
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
    state = forms.CharField(
        label=_("Start state"),
        required=False,
        initial="{}",
        help_text=_("A JSON object."),
        max_length=1024 * 1024,
        widget=code_area(6),
    )

    @property
    def zones(self) -> list[str]:
        return sorted(cron.zones())

    @classmethod
    def of(cls, schedule: Schedule, user: User, data: Any = None) -> "ScheduleForm":
        """The form of a stored schedule, filled in with what it holds, or with `data`."""
        initial = {
            "name": schedule.name,
            "version": str(schedule.version.public_id) if schedule.version else "",
            "cron": schedule.cron,
            "time_zone": schedule.time_zone,
            "catch_up": schedule.catch_up,
            "overlap": schedule.overlap,
            "jitter_s": schedule.jitter_s,
            "state": json.dumps(json.loads(schedule.state), indent=2, ensure_ascii=False),
            "tags": ", ".join(schedule.tags),
        }
        return cls(data, user=user, workflow=schedule.workflow, initial=initial)

    def clean_state(self) -> dict[str, Any]:
        return json_object(self.cleaned_data["state"] or "{}")

    def changes(self) -> dict[str, Any]:
        """What the form says, by the fields of `ScheduleFields`."""
        return {key: value for key, value in self.cleaned_data.items() if key != "workflow"}

    def wanted(self) -> ScheduleFields:
        return ScheduleFields(**self.changes())


class WebhookForm(TriggerForm):
    action = forms.ChoiceField(label=_("What a delivery does"), choices=ACTIONS, widget=select())
    signal_name = forms.CharField(
        label=_("Name of the signal"), required=False, max_length=200, widget=text_input()
    )
    signal_key = forms.CharField(
        label=_("Its key"),
        required=False,
        help_text=_("An expression, such as body.order."),
        max_length=4000,
        widget=text_input(spellcheck="false"),
    )
    signal_payload = forms.CharField(
        label=_("Its payload"),
        required=False,
        help_text=_("An expression; empty is the body."),
        max_length=4000,
        widget=text_input(spellcheck="false"),
    )
    scheme = forms.ChoiceField(label=_("Signed by"), choices=SCHEMES, widget=select())
    mapping = forms.CharField(
        label=_("Start state of the run"),
        required=False,
        help_text=_("A line for each key: key = expression, over body, headers and query."),
        max_length=100_000,
        widget=code_area(5),
    )
    headers = forms.CharField(
        label=_("Headers that expressions may read"),
        required=False,
        help_text=_("With commas between them."),
        max_length=2000,
        widget=text_input(spellcheck="false"),
    )

    @classmethod
    def of(cls, webhook: Webhook, user: User, data: Any = None) -> "WebhookForm":
        """The form of a stored webhook, filled in with what it holds, or with `data`."""
        initial = {
            "name": webhook.name,
            "version": str(webhook.version.public_id) if webhook.version else "",
            "scheme": webhook.scheme,
            "action": webhook.action,
            **{f"signal_{member}": source for member, source in webhook.signal.items()},
            "mapping": "\n".join(_line(*each) for each in webhook.mapping.items()),
            "headers": ", ".join(webhook.headers),
            "tags": ", ".join(webhook.tags),
        }
        return cls(data, user=user, workflow=webhook.workflow, initial=initial)

    def place(self, path: list[str]) -> str | None:
        if path[:1] == ["signal"]:
            return f"signal_{path[1]}" if len(path) > 1 else "signal_name"
        return super().place(path)

    def clean_mapping(self) -> dict[str, str]:
        mapping: dict[str, str] = {}
        for number, line in enumerate(self.cleaned_data["mapping"].splitlines(), 1):
            if not line.strip():
                continue
            key, source = _parts(line.strip())
            if key is None or not source:
                raise forms.ValidationError(
                    gettext("Line {number}: write key = expression.").format(number=number)
                )
            if key in mapping:
                raise forms.ValidationError(
                    gettext("Line {number}: the key {key} is there twice.").format(
                        number=number, key=key
                    )
                )
            mapping[key] = source
        return mapping

    def clean_headers(self) -> tuple[str, ...]:
        return tuple(words(self.cleaned_data["headers"]))

    def clean_name(self) -> str:
        # A reload of the answer sends the form again: it must not make a second webhook.
        name: str = self.cleaned_data["name"]
        if "workflow" in self.fields and Webhook.objects.filter(owner=self._user, name=name):
            raise forms.ValidationError(gettext("You have a webhook of this name."))
        return name

    def said(self, detail: dict[str, Any]) -> str:
        member, _, key = str(detail["pointer"]).removeprefix("/").partition("/")
        if member == "mapping" and key:
            return f"{key.replace('~1', '/').replace('~0', '~')}: {told(detail['message'])}"
        return super().said(detail)

    def changes(self) -> dict[str, Any]:
        """What the form says, by the fields of `WebhookFields`."""
        said = {key: value for key, value in self.cleaned_data.items() if key != "workflow"}
        signal = {member: said.pop(f"signal_{member}").strip() for member in SIGNAL_MEMBERS}
        said["signal"] = {member: source for member, source in signal.items() if source}
        return said

    def wanted(self) -> WebhookFields:
        return WebhookFields(**self.changes())


class TryForm(forms.Form):
    """A body to try a webhook with."""

    body = forms.CharField(
        label=_("Body"), required=False, initial="{}", max_length=1024 * 1024, widget=code_area(5)
    )

    def clean_body(self) -> Any:
        return json_value(self.cleaned_data["body"] or "null")


def _line(key: str, source: str) -> str:
    """A line of the mapping; a key that is no plain word stands in quotes."""
    return f"{key if _PLAIN.fullmatch(key) else json.dumps(key)} = {' '.join(source.split())}"


def _parts(line: str) -> tuple[str | None, str]:
    """Key and expression of a line; no key when it has none."""
    if not line.startswith('"'):
        key, _, source = line.partition("=")
        return key.strip() or None, source.strip()
    try:
        quoted, end = json.JSONDecoder().raw_decode(line)
    except ValueError:
        return None, ""
    equals, source = line[end:].strip()[:1], line[end:].strip()[1:]
    return quoted if equals == "=" else None, source.strip()


def words(text: str) -> list[str]:
    return [word for part in text.split(",") if (word := part.strip())]


def json_object(text: str) -> dict[str, Any]:
    value = json_value(text)
    if not isinstance(value, dict):
        raise forms.ValidationError(gettext('Write a JSON object, such as {"name": "value"}.'))
    return value


def json_value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise forms.ValidationError(
            gettext("This is not JSON: {error}").format(error=error)
        ) from error
