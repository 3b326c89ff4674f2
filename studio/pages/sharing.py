"""With whom a workflow is shared, and as what: the page of its owner."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studio.actions import sharing as actions
from studio.actions.errors import ActionError
from studio.actions.permission import require
from studio.models import Grant, Workflow
from studio.pages.found import person, workflow_or_404
from studio.queries import sharing as queries
from studio.queries import visible
from studio.rights import Role, Verb
from studio.sentences import told

ROLES = {
    Role.VIEWER: _("May look: the graph, its versions and its runs"),
    Role.EDITOR: _("May change: edit the draft and publish it"),
    Role.OPERATOR: _("May run: start runs, steer them, answer them"),
}
BOTH = "both"
# Short enough for the narrowest screen; the table below says all of it.
CHOICES = (
    (Role.VIEWER.value, _("viewer: may look")),
    (Role.EDITOR.value, _("editor: may change")),
    (Role.OPERATOR.value, _("operator: may run")),
    (BOTH, _("editor and operator")),
)


class ShareForm(forms.Form):
    """One person by name, or one of the groups that the sharer is in."""

    user = forms.CharField(
        label=_("Person"),
        max_length=150,
        required=False,
        help_text=_("The name that this person signs in with."),
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    group = forms.ChoiceField(
        label=_("Or a group"), required=False, widget=forms.Select(attrs={"class": "select"})
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=CHOICES,
        help_text=_("Who may change or run it may look at it, too."),
        widget=forms.Select(attrs={"class": "select"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = visible.groups(user).order_by("name").values_list("name", flat=True)
        if names:
            choices = [("", gettext("No group")), *((name, name) for name in names)]
            self.fields["group"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["group"]


@dataclass(frozen=True, slots=True)
class GrantRow:
    grant: Grant
    name: str
    is_group: bool
    words: str
    switched_off: bool


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sharing(request: HttpRequest, workflow_id: UUID) -> HttpResponse:
    """GET lists the grants, POST makes one."""
    workflow = workflow_or_404(request, workflow_id)
    user = person(request)
    require(user, Verb.SHARE, workflow)
    form = ShareForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_bound and form.is_valid() and _shared(user, workflow, form):
        name = form.cleaned_data["user"].strip() or form.cleaned_data["group"]
        messages.success(request, gettext("Shared with {name}.").format(name=name))
        return redirect("workflow-sharing", workflow_id)
    context = {
        "workflow": workflow,
        "form": form,
        "grants": [_row(grant) for grant in queries.grants(workflow).order_by("id")],
    }
    return render(request, "workflows/sharing.html", context, status=422 if form.errors else 200)


def _shared(user: User, workflow: Workflow, form: ShareForm) -> bool:
    asked = form.cleaned_data
    roles = [Role.EDITOR, Role.OPERATOR] if asked["role"] == BOTH else [asked["role"]]
    try:
        for role in roles:
            actions.share(
                user=user,
                workflow=workflow,
                role=role,
                person=asked["user"].strip(),
                group=asked.get("group"),
            )
    except ActionError as error:
        pointer = str(error.details[0]["pointer"]).removeprefix("/") if error.details else ""
        form.add_error(pointer if pointer in form.fields else None, told(error.message))
        return False
    return True


def _row(grant: Grant) -> GrantRow:
    subject = grant.group.name if grant.group is not None else str(grant.user)
    switched_off = grant.user is not None and not grant.user.is_active
    return GrantRow(
        grant, subject, grant.group is not None, str(ROLES[Role(grant.role)]), switched_off
    )


@login_required
@require_POST
def unshare(request: HttpRequest, workflow_id: UUID, grant_id: UUID) -> HttpResponse:
    workflow = workflow_or_404(request, workflow_id)
    require(person(request), Verb.SHARE, workflow)
    grant = queries.grants(workflow).filter(public_id=grant_id).first()
    if grant is None:
        raise Http404("no such grant")
    actions.unshare(user=person(request), grant=grant)
    messages.success(
        request,
        gettext("{name} is no longer {role}.").format(name=_row(grant).name, role=grant.role),
    )
    return redirect("workflow-sharing", workflow_id)
