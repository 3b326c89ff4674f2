"""Column helpers shared by the tables."""

import uuid
from typing import Any

import uuid_utils
from django.db import models


def new_public_id() -> uuid.UUID:
    """A time-ordered id (UUIDv7) for the world outside; rows are joined by integer keys."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


class SealedField(models.TextField):  # type: ignore[type-arg]
    """Text that was sealed (`studio.seals.sealing`); anything else is refused before it is stored.

    Reading gives the seal, not the text. Rotating the keys finds these columns by their type.
    """

    def get_prep_value(self, value: Any) -> Any:
        if value and not str(value).startswith("s1."):
            raise ValueError(f"{self.model.__name__}.{self.name} takes sealed text only")
        return super().get_prep_value(value)
