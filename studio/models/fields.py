"""Column helpers shared by the tables."""

import uuid

import uuid_utils


def new_public_id() -> uuid.UUID:
    """A time-ordered id (UUIDv7) for the world outside; rows are joined by integer keys."""
    return uuid.UUID(int=uuid_utils.uuid7().int)
