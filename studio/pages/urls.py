"""Addresses of the pages."""

from django.urls import path

from studio.pages import (
    editor,
    home,
    inbox,
    profile,
    review,
    run_page,
    runs,
    schedule_page,
    secret_page,
    theme,
    token_page,
    tools,
    triggers,
    versions,
    webhook_page,
    workflow_changes,
    workflow_new,
    workflow_run,
    workflows,
)

_WORKFLOW = "workflows/<uuid:workflow_id>"
_RUN = "runs/<uuid:run_id>"
_SCHEDULE = "triggers/schedules/<uuid:schedule_id>"
_WEBHOOK = "triggers/webhooks/<uuid:webhook_id>"

urlpatterns = [
    path("", home.home, name="home"),
    path("theme", theme.choose, name="theme"),
    path("workflows/", workflows.workflows, name="workflows"),
    path("workflows/new", workflow_new.new, name="workflow-new"),
    path("workflows/import", workflow_new.import_, name="workflow-import"),
    path(f"{_WORKFLOW}/edit", editor.edit, name="workflow-edit"),
    path(f"{_WORKFLOW}/run", workflow_run.start, name="workflow-run"),
    path(f"{_WORKFLOW}/runs/", runs.workflow_runs, name="workflow-runs"),
    path(f"{_WORKFLOW}/versions/", versions.versions, name="workflow-versions"),
    path(
        f"{_WORKFLOW}/versions/<int:number>/restore",
        workflow_changes.restore,
        name="workflow-restore",
    ),
    path(f"{_WORKFLOW}/duplicate", workflow_changes.duplicate, name="workflow-duplicate"),
    path(f"{_WORKFLOW}/delete", workflow_changes.delete, name="workflow-delete"),
    path(f"{_WORKFLOW}/export", workflow_changes.export, name="workflow-export"),
    path("runs/", runs.runs, name="runs"),
    path(_RUN, run_page.run, name="run"),
    path(f"{_RUN}/cancel", run_page.cancel, name="run-cancel"),
    path(f"{_RUN}/pause", run_page.pause, name="run-pause"),
    path(f"{_RUN}/go-on", run_page.go_on, name="run-go-on"),
    path(f"{_RUN}/again", run_page.again, name="run-again"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<str:wait_id>", inbox.question, name="question"),
    path("triggers/", triggers.triggers, name="triggers"),
    path("triggers/schedules/new", schedule_page.new, name="schedule-new"),
    path(_SCHEDULE, schedule_page.schedule, name="schedule"),
    path(f"{_SCHEDULE}/run", schedule_page.run, name="schedule-run"),
    path(f"{_SCHEDULE}/switch", schedule_page.switch, name="schedule-switch"),
    path(f"{_SCHEDULE}/delete", schedule_page.delete, name="schedule-delete"),
    path("triggers/webhooks/new", webhook_page.new, name="webhook-new"),
    path(_WEBHOOK, webhook_page.webhook, name="webhook"),
    path(f"{_WEBHOOK}/try", webhook_page.try_, name="webhook-try"),
    path(f"{_WEBHOOK}/rotate", webhook_page.rotate, name="webhook-rotate"),
    path(f"{_WEBHOOK}/switch", webhook_page.switch, name="webhook-switch"),
    path(f"{_WEBHOOK}/delete", webhook_page.delete, name="webhook-delete"),
    path("review/", review.start, name="review"),
    path("review/<uuid:run_id>", review.result, name="review-run"),
    path("tools/", tools.tools, name="tools"),
    path("tools/<str:name>", tools.tool, name="tool"),
    path("settings/profile", profile.profile, name="settings-profile"),
    path("settings/tokens", token_page.token_list, name="settings-tokens"),
    path("settings/secrets", secret_page.secret_list, name="settings-secrets"),
    path("settings/secrets/<uuid:secret_id>", secret_page.secret_value, name="settings-secret"),
    path(
        "settings/secrets/<uuid:secret_id>/delete",
        secret_page.secret_delete,
        name="settings-secret-delete",
    ),
    path("settings/tokens/<uuid:token_id>/revoke", token_page.revoke, name="settings-token-revoke"),
]
