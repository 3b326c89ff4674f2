"""Which blobs the runs of before need, and the indexes that find what may be forgotten.

Neither locks anybody out for longer than a batch, and both can be cut and begun again. Processes of
before do not note which blobs they use: restart them before the first run is forgotten.
"""

import json
from typing import Any

from django.db import migrations, models

from studio.migrations._online import AddIndexOnline

ROWS = 5000
REFERENCES = "$blobs"


def note_uses(apps: Any, schema_editor: Any) -> None:
    """One BlobUse for each blob that a run's events or snapshots refer to."""
    events = apps.get_model("studio", "RunEvent").objects.filter(data__contains=f'"{REFERENCES}"')
    _note(apps, events, _in_event)
    snapshots = apps.get_model("studio", "Snapshot").objects.exclude(data__endswith='"large":[]}')
    _note(apps, snapshots, _in_snapshot)


def _note(apps: Any, rows: Any, names_in: Any) -> None:
    use, blob = apps.get_model("studio", "BlobUse"), apps.get_model("studio", "Blob")
    last = rows.model.objects.order_by("-id").values_list("id", flat=True).first() or 0
    for low in range(0, last + 1, ROWS):
        found = {
            (run_id, name)
            for run_id, data in rows.filter(id__gt=low, id__lte=low + ROWS).values_list(
                "run_id", "data"
            )
            for name in names_in(data)
        }
        there = set(
            blob.objects.filter(pk__in={name for _, name in found}).values_list("pk", flat=True)
        )
        use.objects.bulk_create(
            [use(run_id=run_id, blob_id=name) for run_id, name in found if name in there],
            ignore_conflicts=True,
        )


def _in_event(text: str) -> list[str]:
    return [reference["sha256"] for reference in _read(text).get(REFERENCES, ())]


def _in_snapshot(text: str) -> list[str]:
    return [name for _, name in _read(text).get("large", ())]


def _read(text: str) -> dict[str, Any]:
    """What cannot be read needs no blob any more: `fsck` names it."""
    try:
        data = json.loads(text)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("studio", "0016_keeping")]

    operations = [
        migrations.RunPython(note_uses, migrations.RunPython.noop),
        AddIndexOnline(
            model_name="run",
            index=models.Index(
                condition=models.Q(
                    ("finished_at__isnull", False),
                    ("forgotten_at__isnull", True),
                    ("kept", False),
                    ("parent__isnull", True),
                ),
                fields=["workflow", "finished_at"],
                name="run_ended",
            ),
        ),
        AddIndexOnline(
            model_name="run",
            index=models.Index(
                condition=models.Q(("forgotten_at__isnull", False)),
                fields=["id"],
                name="run_forgotten",
            ),
        ),
    ]
