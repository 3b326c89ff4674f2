"""Waits by the engine's name for them: a node may wait for several things at once."""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Cast


def name_waits(apps: Any, schema_editor: Any) -> None:
    """What was one wait of its activation is called like the activation."""
    waits = apps.get_model("studio", "Wait").objects
    waits.update(ref=Cast(F("activation"), models.CharField()))


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0003_secrets"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="wait", name="wait_once"),
        migrations.AddField(
            model_name="wait",
            name="ref",
            field=models.CharField(
                default="",
                help_text="The engine's name for it: the activation, or one part of it.",
                max_length=24,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="wait",
            name="signal",
            field=models.CharField(
                blank=True,
                default="",
                help_text="The name of the signal that ends it.",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="wait",
            name="key",
            field=models.CharField(
                blank=True,
                help_text="The signal's key as JSON; empty: any.",
                max_length=200,
                null=True,
            ),
        ),
        migrations.RunPython(name_waits, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="wait",
            constraint=models.UniqueConstraint(fields=("run", "ref", "kind"), name="wait_once"),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(
                condition=Q(("closed_at__isnull", True), Q(("signal", ""), _negated=True)),
                fields=["signal", "key"],
                name="wait_signal",
            ),
        ),
    ]
