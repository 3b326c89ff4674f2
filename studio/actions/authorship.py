"""Who changed what of a draft: kept with each save, handed to the version when it is published.

Called with the workflow's row locked, in the transaction that changes the draft.
"""

from datetime import datetime

from django.contrib.auth.models import User

from engine.graph.difference import Difference
from studio import draft_parts
from studio.models import Authorship, Version, Workflow


def brought(workflow: Workflow, user: User | None, at: datetime) -> None:
    """This user made the draft as a whole."""
    Authorship.objects.create(workflow=workflow, part=draft_parts.WHOLE, user=user, at=at)


def note(workflow: Workflow, user: User | None, found: Difference, at: datetime) -> None:
    """This user changed these parts: each user once a part, with the last time."""
    touched = draft_parts.touched(found)
    if not touched:
        return
    lines = list(workflow.authorships.filter(version=None))
    known = {line.part for line in lines}
    own = {line.part: line.pk for line in lines if line.user_id == _id_of(user)}
    again = [own[part] for part in touched if part in own]
    Authorship.objects.filter(pk__in=again).update(at=at)
    made = [
        Authorship(workflow=workflow, part=part, user=user, at=at)
        for part in touched
        if part not in own
    ]
    whole = next((line for line in lines if line.part == draft_parts.WHOLE), None)
    if whole is not None and whole.user_id != _id_of(user):
        # What came with the whole document keeps its first author beside the one who changed it.
        there = set(touched) - known - set(draft_parts.added(found))
        made += [
            Authorship(workflow=workflow, part=part, user_id=whole.user_id, at=whole.at)
            for part in sorted(there)
        ]
    Authorship.objects.bulk_create(made, batch_size=500)


def hand_over(workflow: Workflow, version: Version, found: Difference) -> None:
    """The draft became this version, which differs so from the one before it."""
    parts = set(draft_parts.touched(found)) | {draft_parts.WHOLE}
    drafted = workflow.authorships.filter(version=None)
    kept = [pk for pk, part in drafted.values_list("pk", "part") if part in parts]
    for start in range(0, len(kept), 500):
        Authorship.objects.filter(pk__in=kept[start : start + 500]).update(version=version)
    drafted.delete()


def _id_of(user: User | None) -> int | None:
    return None if user is None else user.pk
