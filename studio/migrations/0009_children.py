"""For whom a child run works: the activation of its parent, and the attempt of that."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0008_lanes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="run",
            name="parent_node",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="run",
            name="parent_activation",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="run",
            name="parent_attempt",
            field=models.PositiveSmallIntegerField(
                blank=True,
                help_text="The attempt of the parent's activation it works for.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="parent_item",
            field=models.PositiveIntegerField(
                blank=True, help_text="Which item of a map node it is.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="run",
            name="source",
            field=models.CharField(
                default="api",
                help_text=(
                    "api, demo, editor, page, review, command, fork, schedule, webhook or child."
                ),
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="wait",
            name="kind",
            field=models.CharField(
                help_text="retry, timer, human, signal or child.", max_length=12
            ),
        ),
        migrations.AddConstraint(
            model_name="run",
            constraint=models.UniqueConstraint(
                condition=models.Q(("parent__isnull", False)),
                fields=("parent", "parent_activation", "parent_attempt"),
                name="run_child_once",
            ),
        ),
    ]
