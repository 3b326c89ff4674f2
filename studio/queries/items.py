"""What lists and pages show of a workflow, a version, a run and a token: plain JSON-able dicts.

The API answers with them and pages boot their islands with them, so both say the same.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import OuterRef, QuerySet, Subquery

from studio.journal import codec
from studio.models import ApiToken, Grant, Run, Secret, Version, Workflow
from studio.queries import children, visible
from studio.queries import runs as run_queries
from studio.queries.visible import Viewer
from studio.rights import ON_WORKFLOW, Standing, Verb

Item = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """2026-11-23T10:00:00.123Z, as in the journal; None stays None."""
    return None if at is None else codec.from_column(at)


def listed_workflows(user: Viewer, workflows: QuerySet[Workflow]) -> QuerySet[Workflow]:
    """With everything that `workflow_items` reads, in one query."""
    own = visible.runs(user).filter(workflow=OuterRef("pk"), parent=None)
    newest = own.order_by("-id").values("pk")
    return (
        workflows.select_related("owner", "draft_saved_by", "published")
        .defer("draft", "published__document")
        .annotate(last_run_pk=Subquery(newest[:1]))
    )


def workflow_item(workflow: Workflow, last_run: Run | None, can: frozenset[Verb]) -> Item:
    """`can`: what whoever reads it may do with it."""
    published = workflow.published
    return {
        "id": str(workflow.public_id),
        "key": workflow.key,
        "name": workflow.name,
        "description": workflow.description,
        "tags": workflow.tags,
        "owner": _username(workflow.owner),
        "rev": workflow.draft_rev,
        "saved_at": moment(workflow.draft_saved_at),
        "saved_by": _username(workflow.draft_saved_by),
        "published": published
        and {
            "number": published.number,
            "id": str(published.public_id),
            "published_at": moment(published.created_at),
        },
        "can_edit": Verb.EDIT in can,
        "can": {verb.value: verb in can for verb in sorted(ON_WORKFLOW[Standing.OWNER])},
        "concurrency": workflow.run_limit
        and {"limit": workflow.run_limit, "key": workflow.run_limit_key},
        "retention": {
            "keep": workflow.retention or None,
            "in_force": workflow.retention or str(settings.KEEP),
        },
        "last_run": last_run
        and {
            "id": str(last_run.public_id),
            "status": last_run.status,
            "created_at": moment(last_run.created_at),
            "finished_at": moment(last_run.finished_at),
        },
    }


def workflow_items(user: Viewer, workflows: list[Workflow]) -> list[Item]:
    """The items of a page of `listed_workflows`, with one more query for their last runs."""
    keys = {workflow.pk: workflow.last_run_pk for workflow in workflows}  # type: ignore[attr-defined]
    wanted = [key for key in keys.values() if key is not None]
    runs = Run.objects.defer("final_state", "error").in_bulk(wanted)
    can = visible.can_each(user, workflows)
    return [workflow_item(each, runs.get(keys[each.pk]), can[each.pk]) for each in workflows]


def workflow_full(user: Viewer, workflow: Workflow, problems: list[Item]) -> Item:
    """WorkflowItem with its draft and what is wrong with that."""
    own = visible.runs(user).filter(workflow=workflow, parent=None)
    last_run = own.order_by("-id").first()
    return {
        **workflow_item(workflow, last_run, visible.can(user, workflow)),
        "draft": codec.decode(workflow.draft),
        "problems": problems,
    }


def version_item(version: Version) -> Item:
    return {
        "id": str(version.public_id),
        "number": version.number,
        "hash": version.hash,
        "note": version.note,
        "created_at": moment(version.created_at),
        "created_by": _username(version.created_by),
    }


def listed_runs(runs: QuerySet[Run]) -> QuerySet[Run]:
    """With everything that `run_item` reads, in one query."""
    return runs.select_related("workflow", "version", "owner").defer(
        "final_state", "workflow__draft", "version__document"
    )


def run_item(run: Run) -> Item:
    return {
        "id": str(run.public_id),
        "workflow": {"id": str(run.workflow.public_id), "name": run.workflow.name},
        "version": {"id": str(run.version.public_id), "number": run.version.number},
        "status": run.status,
        "source": run.source,
        "tags": run.tags,
        "priority": run.priority,
        "owner": _username(run.owner),
        "created_at": moment(run.created_at),
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at),
        "kept": run.kept,
        "duration_ms": _duration_ms(run),
        "error": error_of(run),
    }


def run_full(run: Run) -> Item:
    """RunItem with where it is, what each node and edge did, and how far its journal goes."""
    view = run_queries.glance(run)
    return {
        **run_item(run),
        "current_nodes": list(view.current_nodes),
        "nodes": view.nodes,
        "edges": view.edges,
        "head": view.head,
        "part": view.part,
        "parent": children.parent_of(run),
        "children": children.of(run),
    }


def token_item(token: ApiToken) -> Item:
    return {
        "id": str(token.public_id),
        "name": token.name,
        "prefix": token.prefix,
        "created_at": moment(token.created_at),
        "expires_at": moment(token.expires_at),
        "last_used_at": moment(token.last_used_at),
        "scopes": token.scopes,
        "workflows": [str(each.public_id) for each in token.workflows.all()]
        if token.of_workflows
        else None,
    }


def grant_item(grant: Grant) -> Item:
    return {
        "id": str(grant.public_id),
        "user": _username(grant.user),
        "group": grant.group.name if grant.group is not None else None,
        "role": grant.role,
        "created_at": moment(grant.created_at),
        "created_by": _username(grant.created_by),
    }


def secret_item(secret: Secret, user: User) -> Item:
    """A secret without its value."""
    scope = "own" if secret.owner_id is not None else "everybody"
    return {
        "id": str(secret.public_id),
        "name": secret.name,
        "scope": "group" if secret.group_id is not None else scope,
        "owner": _username(secret.owner),
        "group": secret.group.name if secret.group is not None else None,
        "created_at": moment(secret.created_at),
        "set_at": moment(secret.set_at),
        "set_by": _username(secret.set_by),
        "used_at": moment(secret.used_at),
        "can_change": visible.can_change_secret(user, secret),
    }


def error_of(run: Run) -> Mapping[str, Any] | None:
    return json.loads(run.error) if run.error else None


def _duration_ms(run: Run) -> int | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds() * 1000)


def _username(user: Any) -> str | None:
    return None if user is None else user.get_username()
