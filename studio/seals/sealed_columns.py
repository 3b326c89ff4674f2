"""Every column that holds sealed text, found by its type, whichever table it stands in."""

from collections import Counter
from collections.abc import Iterator

from django.apps import apps
from django.db import models

from studio.models.fields import SealedField
from studio.seals import sealing


def sealed_columns() -> Iterator[tuple[type[models.Model], str]]:
    """Each model and the name of its column."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SealedField):
                yield model, field.name


def seals_by_key() -> Counter[str]:
    """How many stored seals each key has."""
    return Counter(
        sealing.key_of(sealed)
        for model, field in sealed_columns()
        for sealed in model._base_manager.exclude(**{field: ""}).values_list(field, flat=True)
        if sealed
    )
