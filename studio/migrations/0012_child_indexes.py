"""What each sweep asks about child runs is answered by the few rows that are open."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("studio", "0011_webhook_signals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="run",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["status", "parent"],
                name="run_child_status",
            ),
        ),
        migrations.AddIndex(
            model_name="wait",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True), ("kind", "child")),
                fields=["run"],
                name="wait_child",
            ),
        ),
    ]
