"""Pages of lists by cursor: where the last page ended, so that new rows never shift the next."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from engine.said import say
from studio.api.problems import ApiError

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

M = TypeVar("M", bound=Model)


def newest_first(
    rows: QuerySet[M], cursor: str, limit: int, moment: str = ""
) -> tuple[list[M], str | None]:
    """A page of rows by falling key, and the cursor of the next page or None.

    With `moment`, the name of a datetime column, by that and then by key.
    """
    order = [f"-{moment}", "-pk"] if moment else ["-pk"]
    if cursor:
        rows = rows.filter(_below(cursor, moment))
    page = list(rows.order_by(*order)[: limit + 1])
    following = _cursor_of(page[limit - 1], moment) if len(page) > limit else None
    return page[:limit], following


def page_body(items: list[dict[str, Any]], following: str | None) -> dict[str, Any]:
    return {"items": items, "next": following}


def _cursor_of(row: Model, moment: str) -> str:
    place = [row.pk, getattr(row, moment).isoformat()] if moment else [row.pk]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _below(cursor: str, moment: str) -> Q:
    """Rows after the place that a cursor names. Raises ApiError for text that is no cursor."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = int(place[0])
        if not moment:
            return Q(pk__lt=key)
        at = datetime.fromisoformat(place[1])
        if at.tzinfo is None or not 0 <= key < 2**63:
            raise ValueError(cursor)
        return Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": key})
    except (binascii.Error, ValueError, TypeError, LookupError, OverflowError):
        raise ApiError(
            400, "E_CURSOR", say("The cursor is not one of ours: take it from `next` of a page.")
        ) from None
