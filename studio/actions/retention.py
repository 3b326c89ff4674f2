"""What people say about keeping: the rule of a workflow, and runs that nothing forgets."""

from django.contrib.auth.models import User
from django.db import transaction

from engine.said import quoted, say
from studio import rights
from studio.actions import audit
from studio.actions.errors import ActionError, forgotten
from studio.actions.permission import require
from studio.models import Run, Workflow
from studio.setup.retention import Retention, a_retention


def read(text: str | None) -> Retention | None:
    """The rule that somebody wrote; None for None. Raises ActionError."""
    if text is None:
        return None
    try:
        return a_retention(text)
    except ValueError as error:
        raise ActionError(
            "E_RETENTION",
            say(
                "{text} is no rule for keeping runs: {problem}.",
                text=quoted(text),
                problem=str(error),
            ),
            422,
        ) from error


@transaction.atomic
def set_retention(*, user: User | None, workflow: Workflow, rule: Retention | None) -> Workflow:
    """Keep what the rule says; None: what the studio says. It holds for all runs, old and new."""
    require(user, rights.Verb.DELETE, workflow)
    text = "" if rule is None else str(rule)
    head = Workflow.objects.select_for_update().get(pk=workflow.pk)
    if head.retention == text:
        return head
    head.retention = text
    head.save(update_fields=["retention"])
    audit.record(user, "workflow.retention", head.public_id, rule=text or None)
    return head


@transaction.atomic
def keep_run(*, user: User | None, run: Run, kept: bool = True) -> Run:
    """Let no rule forget the run, nor those above and below it; `kept=False` leaves it to them."""
    require(user, rights.Verb.STEER, run)
    root = _root(run)
    if root is None:
        raise forgotten(run.public_id)
    # Who forgets runs locks the root and looks below it: one of both comes second and sees it.
    rows = Run.objects.select_for_update(no_key=True).filter(pk__in=[root, run.pk])
    found = {row.pk: row for row in rows.order_by("pk").only("pk", "kept", "forgotten_at")}
    if len(found) != len({root, run.pk}) or any(row.forgotten_at for row in found.values()):
        raise forgotten(run.public_id)
    if found[run.pk].kept != kept:
        Run.objects.filter(pk=run.pk).update(kept=kept)
        audit.record(user, "run.keep" if kept else "run.release", run.public_id)
    run.kept = kept
    return run


def _root(run: Run) -> int | None:
    """The run at the top of its tree; None when that is gone."""
    key, above = run.pk, run.parent_id
    while above is not None:
        row = Run.objects.filter(pk=above).values_list("pk", "parent_id").first()
        if row is None:
            return None
        key, above = row
    return key
