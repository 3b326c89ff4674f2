"""How large a request body may be, by path: the one table that the handler and the parser read."""

import re

KIB = 1024
MIB = 1024 * KIB

DOCUMENT_BYTES = 2 * MIB
RUN_INPUT_BYTES = 1 * MIB

_RUN_INPUTS = re.compile(r"^/(graph/(run|run_async)|api/v1/runs|hooks/[^/]+)/?$")


def body_limit(path: str) -> int:
    """The largest body in bytes that is read at this path: 1 MiB to start a run, else 2 MiB."""
    return RUN_INPUT_BYTES if _RUN_INPUTS.match(path) else DOCUMENT_BYTES


def too_large(limit: int) -> str:
    """The sentence that a caller reads about a body that was refused unread."""
    return f"The body is larger than {limit // KIB} KiB, the limit of this address."
