"""The addresses of the native API, below /api/v1/."""

from django.urls import path

from studio.api import (
    expressions,
    health,
    reviews,
    runs,
    schedules,
    secrets,
    signals,
    tokens,
    tools,
    waits,
    webhooks,
    workflows,
)

urlpatterns = [
    path("workflows", workflows.Workflows.as_view(), name="api-workflows"),
    path("workflows/import", workflows.Import.as_view(), name="api-workflow-import"),
    path("workflows/<uuid:workflow_id>", workflows.WorkflowDetail.as_view(), name="api-workflow"),
    path(
        "workflows/<uuid:workflow_id>/concurrency",
        workflows.Concurrency.as_view(),
        name="api-concurrency",
    ),
    path("workflows/<uuid:workflow_id>/draft", workflows.Draft.as_view(), name="api-draft"),
    path(
        "workflows/<uuid:workflow_id>/duplicate",
        workflows.Duplicate.as_view(),
        name="api-duplicate",
    ),
    path(
        "workflows/<uuid:workflow_id>/validate",
        workflows.ValidateWorkflow.as_view(),
        name="api-workflow-validate",
    ),
    path(
        "workflows/<uuid:workflow_id>/shuffle",
        workflows.ShuffleWorkflow.as_view(),
        name="api-workflow-shuffle",
    ),
    path("workflows/<uuid:workflow_id>/publish", workflows.Publish.as_view(), name="api-publish"),
    path(
        "workflows/<uuid:workflow_id>/versions", workflows.Versions.as_view(), name="api-versions"
    ),
    path("workflows/<uuid:workflow_id>/export", workflows.Export.as_view(), name="api-export"),
    path("versions/<uuid:version_id>", workflows.VersionDetail.as_view(), name="api-version"),
    path("validate", workflows.Validate.as_view(), name="api-validate"),
    path("runs", runs.Runs.as_view(), name="api-runs"),
    path("runs/<uuid:run_id>", runs.RunDetail.as_view(), name="api-run"),
    path("runs/<uuid:run_id>/state", runs.RunState.as_view(), name="api-run-state"),
    path("runs/<uuid:run_id>/events", runs.RunEvents.as_view(), name="api-run-events"),
    path("runs/<uuid:run_id>/document", runs.RunDocument.as_view(), name="api-run-document"),
    path("runs/<uuid:run_id>/cancel", runs.CancelRun.as_view(), name="api-run-cancel"),
    path("runs/<uuid:run_id>/pause", runs.PauseRun.as_view(), name="api-run-pause"),
    path("runs/<uuid:run_id>/resume", runs.ResumeRun.as_view(), name="api-run-resume"),
    path("runs/<uuid:run_id>/explain", runs.ExplainRun.as_view(), name="api-run-explain"),
    path("runs/<uuid:run_id>/fork", runs.ForkRun.as_view(), name="api-run-fork"),
    path("runs/<uuid:run_id>/move", runs.MoveRun.as_view(), name="api-run-move"),
    path("runs/<uuid:run_id>/retry", runs.RetryRun.as_view(), name="api-run-retry"),
    path("runs/<uuid:run_id>/signals", waits.SendSignal.as_view(), name="api-run-signals"),
    path("signals", signals.Signals.as_view(), name="api-signals"),
    path("signals/<uuid:signal_id>", signals.SignalDetail.as_view(), name="api-signal"),
    path("waits", waits.Waits.as_view(), name="api-waits"),
    path("waits/<str:wait_id>/answer", waits.AnswerWait.as_view(), name="api-wait-answer"),
    path("schedules", schedules.Schedules.as_view(), name="api-schedules"),
    path("schedules/preview", schedules.SchedulePreview.as_view(), name="api-schedule-preview"),
    path("schedules/<uuid:schedule_id>", schedules.ScheduleDetail.as_view(), name="api-schedule"),
    path(
        "schedules/<uuid:schedule_id>/run", schedules.RunSchedule.as_view(), name="api-schedule-run"
    ),
    path(
        "schedules/<uuid:schedule_id>/firings",
        schedules.ScheduleFirings.as_view(),
        name="api-schedule-firings",
    ),
    path("webhooks", webhooks.Webhooks.as_view(), name="api-webhooks"),
    path("webhooks/<uuid:webhook_id>", webhooks.WebhookDetail.as_view(), name="api-webhook"),
    path(
        "webhooks/<uuid:webhook_id>/rotate",
        webhooks.RotateSecret.as_view(),
        name="api-webhook-rotate",
    ),
    path("webhooks/<uuid:webhook_id>/run", webhooks.RunWebhook.as_view(), name="api-webhook-run"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries",
        webhooks.WebhookDeliveries.as_view(),
        name="api-webhook-deliveries",
    ),
    path("reviews", reviews.Reviews.as_view(), name="api-reviews"),
    path("reviews/<uuid:run_id>", reviews.ReviewDetail.as_view(), name="api-review"),
    path("tools", tools.Tools.as_view(), name="api-tools"),
    path("tools/<str:name>", tools.ToolDetail.as_view(), name="api-tool"),
    path("expressions/check", expressions.CheckExpression.as_view(), name="api-expressions-check"),
    path("secrets", secrets.Secrets.as_view(), name="api-secrets"),
    path("secrets/<uuid:secret_id>", secrets.SecretDetail.as_view(), name="api-secret"),
    path("tokens", tokens.Tokens.as_view(), name="api-tokens"),
    path("tokens/<uuid:token_id>", tokens.TokenDetail.as_view(), name="api-token"),
    path("health/live", health.live, name="api-health-live"),
    path("health/ready", health.ready, name="api-health-ready"),
]
