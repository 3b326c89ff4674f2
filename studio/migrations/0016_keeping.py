"""What is kept of the runs of a workflow, which runs are kept in any case, who needs which blob."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("studio", "0015_grants")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="forgotten_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it was given up: nobody sees it any more, and its rows are being"
                " deleted.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="run",
            name="kept",
            field=models.BooleanField(
                db_default=False, default=False, help_text="Somebody needs it: no rule forgets it."
            ),
        ),
        migrations.AddField(
            model_name="workflow",
            name="retention",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Which runs are kept, such as 90 days, 100 runs; empty: as the studio"
                " says.",
                max_length=60,
            ),
        ),
        migrations.CreateModel(
            name="BlobUse",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "blob",
                    models.ForeignKey(
                        db_column="sha256",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="studio.blob",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="studio.run",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "blob"), name="blob_use_once")
                ],
            },
        ),
    ]
