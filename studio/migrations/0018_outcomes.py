"""Calls of unknown outcome as rows: those that runs rest for are found in the journals."""

import json
from typing import Any

from django.db import migrations, models


def open_outcomes(apps: Any, schema_editor: Any) -> None:
    """A row for each call that a resting run lost and that was not made again since."""
    events = apps.get_model("studio", "RunEvent").objects
    waits = apps.get_model("studio", "Wait").objects
    lost = events.filter(
        kind="attempt.lost",
        run__status__in=["paused", "failed"],
        data__contains='"E_OUTCOME_UNKNOWN"',
    ).order_by("run_id", "seq")
    for event in lost.iterator(chunk_size=200):
        data = json.loads(event.data)
        about = {"run_id": event.run_id, "activation": event.activation}
        later = events.filter(**about, seq__gt=event.seq, kind__startswith="attempt.")
        if "edges" in data or later.exclude(kind="attempt.late_result").exists():
            continue
        kept = {"att": event.attempt, "node": event.node}
        if "item" in data:
            kept["item"] = data["item"]
        ref = f"{event.activation}.{event.attempt}"
        row, _ = waits.get_or_create(
            **about, ref=ref, kind="outcome", defaults={"data": json.dumps(kept)}
        )
        waits.filter(pk=row.pk).update(created_at=event.at)


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0017_keeping_online"),
    ]

    operations = [
        migrations.CreateModel(
            name="UnknownOutcome",
            fields=[],
            options={
                "verbose_name": "call of unknown outcome",
                "verbose_name_plural": "calls of unknown outcome",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("studio.wait",),
        ),
        migrations.AlterField(
            model_name="wait",
            name="kind",
            field=models.CharField(
                help_text="retry, timer, human, signal, child or outcome.", max_length=12
            ),
        ),
        migrations.RunPython(open_outcomes, migrations.RunPython.noop),
    ]
