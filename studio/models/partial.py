"""Rows of which a few columns are at hand: no more is read until somebody asks for it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model
from django.db.models.base import ModelState

M = TypeVar("M", bound=Model)


def partial(model: type[M], known: Mapping[str, Any]) -> M:
    """The stored row with these columns, as `only` would give it. Keys are attribute names."""
    # Not by its constructor, which goes through every column: what is not in the dict is deferred.
    row = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    row.__dict__.update(known, _state=state)
    return row
