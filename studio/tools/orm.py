"""`orm.query`, `orm.create` and `orm.update`: rows of the tables that the operator opened.

Columns and comparisons are looked up in closed lists: nothing that a workflow says becomes part of
a query otherwise than as a value.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, NotSupportedError
from django.db.models import ForeignKey, Model, QuerySet

from studio.tools.allowed import Allowed, resolve

MAX_ROWS = 1_000
TEXT_LOOKUPS = ("iexact", "contains", "icontains", "startswith", "istartswith", "endswith")
LOOKUPS = ("exact", "gt", "gte", "lt", "lte", "in", "isnull", *TEXT_LOOKUPS)


def query(
    model: str,
    where: dict[str, Any] | None = None,
    fields: list[str] | None = None,
    order: list[str] | None = None,
    limit: int = 100,
) -> dict[str, Any]:
    """Read rows of a table. Returns {"rows": [...], "more": whether there are more}.

    Tables and columns are those of TREADLE_MODELS. `where` compares columns, as in
    {"status": "new", "total__gte": 10, "id__in": [1, 2]}; `order` names columns, "-total" from
    the highest. At most 1,000 rows.
    """
    table = _table(model)
    for name, given in (("fields", fields), ("order", order)):
        if given is not None and not isinstance(given, list):
            raise ValueError(f"{name} is a list of columns, not {given!r:.80}")
    if not 1 <= limit <= MAX_ROWS:
        raise ValueError(f"limit is from 1 to {MAX_ROWS:,}")
    names = list(table.fields) if fields is None else fields
    columns = [_field(table, name).attname for name in names]
    with _Refusals():
        rows = _filtered(table, where or {}).order_by(*_ordered(table, order or []), "pk")
        found = list(rows.values_list(*columns)[: limit + 1])
    listed = [dict(zip(names, map(_plain, row), strict=True)) for row in found[:limit]]
    return {"rows": listed, "more": len(found) > limit}


def create(model: str, values: dict[str, Any]) -> dict[str, Any]:
    """Add a row to a table. Returns {"id": ...}; it is there once the step is.

    Columns with a star in TREADLE_MODELS may be set; the table's own rules are checked.
    """
    table = _table(model)
    row = table.model()
    with _Refusals():
        _set(table, row, values)
        row.full_clean()
        row.save(force_insert=True)
    return {"id": _plain(row.pk)}


def update(
    model: str, where: dict[str, Any], values: dict[str, Any], at_most: int = 1
) -> dict[str, Any]:
    """Change rows of a table. Returns {"updated": how many, "ids": [...]}.

    `where` chooses them as for orm.query, and must not be empty; more than `at_most` are refused
    and none is changed. Columns with a star in TREADLE_MODELS may be set.
    """
    table = _table(model)
    if not where:
        raise ValueError("where must not be empty: say which rows to change")
    if not values:
        raise ValueError("values must not be empty: say what to set")
    if not 1 <= at_most <= MAX_ROWS:
        raise ValueError(f"at_most is from 1 to {MAX_ROWS:,}")
    with _Refusals():
        rows = list(_filtered(table, where).order_by("pk").select_for_update()[: at_most + 1])
        if len(rows) > at_most:
            raise ValueError(
                f"more than {at_most} rows of {table.name} fit: narrow where, or raise at_most"
            )
        for row in rows:
            _set(table, row, values)
            changed = [table.fields[name].name for name in values]
            others = [field.name for field in row._meta.fields if field.name not in changed]
            row.full_clean(exclude=others)
            row.save(update_fields=changed)
    return {"updated": len(rows), "ids": [_plain(row.pk) for row in rows]}


# What is open -------------------------------------------------------------------------------------


def _table(name: str) -> Allowed:
    entry = settings.MODELS.get(name)
    if entry is None:
        open_ones = ", ".join(settings.MODELS) or "none: the operator sets TREADLE_MODELS"
        raise ValueError(f"{name!r:.80} is not open to workflows; open are {open_ones}")
    return _resolved(name, tuple(entry.items()))


@lru_cache(maxsize=256)
def _resolved(name: str, entry: tuple[tuple[str, bool], ...]) -> Allowed:
    return resolve(name, dict(entry))


def _field(table: Allowed, name: Any) -> Any:
    field = table.fields.get(name) if isinstance(name, str) else None
    if field is None:
        raise ValueError(
            f"{table.name} has no open column {name!r:.80}; open are {', '.join(table.fields)}"
        )
    return field


# Filters, order, values ---------------------------------------------------------------------------


def _filtered(table: Allowed, where: Mapping[str, Any]) -> QuerySet[Model]:
    rows = table.model._default_manager.all()
    for key, value in where.items():
        name, _, lookup = str(key).partition("__")
        field = _field(table, name)
        lookup = lookup or "exact"
        if lookup not in LOOKUPS:
            raise ValueError(f"{key!r:.80}: compare by {', '.join(LOOKUPS)}")
        if value is None and lookup == "exact":
            lookup, value = "isnull", True
        rows = rows.filter(**{f"{field.attname}__{lookup}": _operand(field, key, lookup, value)})
    return rows


def _operand(field: Any, key: str, lookup: str, value: Any) -> Any:
    """What a column is compared with. Raises ValueError for what cannot be its value."""
    if lookup == "isnull":
        if not isinstance(value, bool):
            raise ValueError(f"{key}: write true or false")
        return value
    if lookup in TEXT_LOOKUPS:
        if not isinstance(value, str):
            raise ValueError(f"{key}: compare with a text")
        return value
    if lookup == "in":
        if not isinstance(value, list) or len(value) > MAX_ROWS:
            raise ValueError(f"{key}: give a list of at most {MAX_ROWS:,} values")
        return [_value(field, item) for item in value]
    return _value(field, value)


def _value(field: Any, value: Any) -> Any:
    target = field.target_field if isinstance(field, ForeignKey) else field
    return target.to_python(value)


def _ordered(table: Allowed, order: list[str]) -> Iterator[str]:
    for name in order:
        sign = "-" if str(name).startswith("-") else ""
        yield sign + _field(table, str(name).removeprefix("-")).attname


def _set(table: Allowed, row: Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        field = _field(table, name)
        if name not in table.writable:
            raise ValueError(f"{table.name}.{name} may be read, not written (TREADLE_MODELS)")
        setattr(row, field.attname, None if value is None else _value(field, value))


def _plain(value: Any) -> Any:
    """A value of a column as JSON."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value) if isinstance(value, (Decimal, UUID)) else value


class _Refusals:
    """Turns what Django refuses into one error that names the columns; not tried again."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, ValidationError):
            raise ValueError(_said(error)) from None
        if isinstance(error, IntegrityError):
            raise ValueError(f"the table refuses it: {error}") from None
        if isinstance(error, (FieldError, NotSupportedError, TypeError, OverflowError)):
            raise ValueError(f"the column cannot be compared so: {error}") from None


def _said(error: ValidationError) -> str:
    if hasattr(error, "error_dict"):
        parts = (f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
        return "; ".join(parts)
    return " ".join(error.messages)
