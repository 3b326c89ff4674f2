"""What the filter forms above the lists ask for, and what that means for a queryset."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from django.db.models import F, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from studio.models import Run, Workflow
from studio.pages import statuses
from studio.queries import workflows as workflow_queries
from studio.templatetags.treadle import STATUSES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Choices: TypeAlias = "tuple[tuple[str, StrOrPromise], ...]"
_LONGEST = 200
WITH_CHILDREN = "all"
"""The choice of a source that hides nothing, not even runs that other runs started."""
_ID_PART = re.compile(r"[0-9a-f]{6,32}")


@dataclass(frozen=True, slots=True)
class WorkflowFilters:
    search: str
    tag: str
    owner: str
    state: str

    owner_choices: Choices = (("", _("Any owner")), ("me", _("Mine")), ("shared", _("Shared")))
    state_choices: Choices = (
        ("", _("Any state")),
        ("published", _("Published")),
        ("draft", _("Draft only")),
        ("changed", _("Newer draft")),
    )

    @classmethod
    def read(cls, request: HttpRequest) -> "WorkflowFilters":
        return cls(
            _text(request, "search"),
            _text(request, "tag"),
            _text(request, "owner"),
            _text(request, "state"),
        )

    @property
    def active(self) -> bool:
        return bool(self.search or self.tag or self.owner or self.state)

    def rows(self, request: HttpRequest) -> QuerySet[Workflow]:
        rows = workflow_queries.listed(request.user, search=self.search, tag=self.tag)
        if self.owner == "me":
            rows = rows.filter(owner=request.user.pk)
        elif self.owner == "shared":
            rows = rows.filter(owner=None)
        if self.state == "published":
            return rows.exclude(published=None)
        if self.state == "draft":
            return rows.filter(published=None)
        if self.state == "changed":
            return rows.filter(published__created_at__lt=F("draft_saved_at"))
        return rows


@dataclass(frozen=True, slots=True)
class RunFilters:
    search: str
    status: str
    source: str
    workflow: str
    parent: str
    """The id of the run whose children are shown."""

    status_choices: Choices = (
        ("", _("Any status")),
        ("active", _("Active")),
        *((status, STATUSES[status]) for status in statuses.ALL),
    )
    source_choices: Choices = (
        ("", _("From anywhere")),
        ("editor", _("From the editor")),
        ("page", _("From a page")),
        ("review", _("From a review")),
        ("api", _("From the API")),
        ("demo", _("From /graph/run")),
        ("command", _("From the command line")),
        ("schedule", _("From a schedule")),
        ("webhook", _("From a webhook")),
        ("workflow", _("From the tool workflow.start")),
        ("child", _("From other runs")),
        (WITH_CHILDREN, _("From anywhere and other runs")),
    )

    @classmethod
    def read(cls, request: HttpRequest) -> "RunFilters":
        return cls(
            _text(request, "search"),
            _text(request, "status"),
            _text(request, "source"),
            _text(request, "workflow"),
            _text(request, "parent"),
        )

    @property
    def active(self) -> bool:
        return bool(self.search or self.status or self.source or self.workflow or self.parent)

    def apply(self, rows: QuerySet[Run]) -> QuerySet[Run]:
        if self.status == "active":
            rows = rows.filter(status__in=statuses.ACTIVE)
        elif self.status in statuses.ALL:
            rows = rows.filter(status=self.status)
        if self.parent:
            rows = rows.filter(parent__public_id=as_uuid(self.parent))
        elif not self.source:
            # One run of a map may have thousands of them.
            rows = rows.filter(parent=None)
        if self.source and self.source != WITH_CHILDREN:
            rows = rows.filter(source=self.source)
        if self.workflow:
            rows = rows.filter(workflow__public_id=as_uuid(self.workflow))
        return _search_runs(rows, self.search) if self.search else rows


def _search_runs(rows: QuerySet[Run], search: str) -> QuerySet[Run]:
    wanted = Q(workflow__name__icontains=search) | Q(error_code__iexact=search)
    hexadecimal = search.lower().replace("-", "")
    if _ID_PART.fullmatch(hexadecimal):
        wanted |= Q(public_id=as_uuid(search)) if len(hexadecimal) == 32 else _id_ends(hexadecimal)
    rows = rows.annotate(tags_text=Cast("tags", TextField()))
    return rows.filter(wanted | _has_tag(search))


def _id_ends(hexadecimal: str) -> Q:
    # PostgreSQL writes ids with hyphens; the last twelve digits have none.
    return Q(public_id__endswith=hexadecimal) if len(hexadecimal) <= 12 else Q(pk__in=())


def _has_tag(tag: str) -> Q:
    """For rows with `tags_text`. One database keeps é as it is, the other as \\u00e9."""
    plain, escaped = json.dumps(tag, ensure_ascii=False), json.dumps(tag)
    return Q(tags_text__contains=plain) | Q(tags_text__contains=escaped)


def _text(request: HttpRequest, name: str) -> str:
    # A database refuses U+0000, and nobody searches for it.
    return request.GET.get(name, "").replace("\x00", "").strip()[:_LONGEST]


def as_uuid(text: str) -> UUID:
    """The id, or one that no row has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
