"""Which tables of the operator's apps workflows may read and write, as TREADLE_MODELS says.

`shop.Order: id, number, status*; shop.Customer: id, name` lets workflows read these columns and
write those with a star.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models


@dataclass(frozen=True, slots=True)
class Allowed:
    """One table that is open."""

    name: str
    model: type[models.Model]
    fields: dict[str, Any]
    """Columns that may be read, by name."""
    writable: frozenset[str]


def resolve(name: str, entry: Mapping[str, bool]) -> Allowed:
    """The table of an entry. Raises ValueError where the app, table or column is not there."""
    try:
        model = apps.get_model(name)
    except (LookupError, ValueError):
        raise ValueError(
            f"TREADLE_MODELS: there is no {name}; is its app in TREADLE_APPS?"
        ) from None
    fields = {field: _column(model, field) for field in entry}
    return Allowed(name, model, fields, frozenset(f for f, writes in entry.items() if writes))


def _column(model: type[models.Model], name: str) -> Any:
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        raise ValueError(f"TREADLE_MODELS: {model._meta.label} has no field {name!r}") from None
    if not getattr(field, "concrete", False) or getattr(field, "many_to_many", False):
        raise ValueError(f"TREADLE_MODELS: {model._meta.label}.{name} is no column of its table")
    if isinstance(field, (models.BinaryField, models.FileField)):
        raise ValueError(f"TREADLE_MODELS: {model._meta.label}.{name} holds no plain value")
    return field
