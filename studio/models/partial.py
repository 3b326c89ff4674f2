"""Rows of which a few columns are at hand: no more is read until somebody asks for it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import DEFERRED, Model

M = TypeVar("M", bound=Model)


def partial(model: type[M], known: Mapping[str, Any]) -> M:
    """The stored row with these columns, as `only` would give it. Keys are attribute names."""
    row = model(*(known.get(field.attname, DEFERRED) for field in model._meta.concrete_fields))
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS
    return row
