"""Who changed which part of a draft, since it was last published and before."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0012_child_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorship",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.CharField(help_text="As in studio/draft_parts.py.", max_length=250),
                ),
                ("at", models.DateTimeField(help_text="The last time.")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: Treadle, or somebody who is gone.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: not published yet.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authorships",
                        to="studio.version",
                    ),
                ),
                (
                    "workflow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="authorships",
                        to="studio.workflow",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workflow", "version"], name="authorship_of_draft")
                ],
            },
        ),
    ]
