"""Which operations are counted, and the refusal of those that come too fast."""

from django.conf import settings
from rest_framework.request import Request

from studio.api.problems import ApiError
from studio.setup.rates import Buckets

WRITES, STARTS, UPLOADS = "writes", "starts", "uploads"

READS = frozenset({"GET", "HEAD", "OPTIONS"})

# By the name of the address; whatever changes something and is not here is one of the writes.
# Saving a draft is not counted, as the editor does it while people type; nor is what takes
# something back, nor what looks at a text without storing it.
KINDS = {
    ("graph-run", "POST"): STARTS,
    ("graph-run-async", "POST"): STARTS,
    ("api-runs", "POST"): STARTS,
    ("api-run-resume", "POST"): STARTS,
    ("api-run-retry", "POST"): STARTS,
    ("api-schedule-run", "POST"): STARTS,
    ("api-webhook-run", "POST"): STARTS,
    ("api-workflow-import", "POST"): UPLOADS,
    ("api-reviews", "POST"): UPLOADS,
    ("api-workflow-shuffle", "POST"): UPLOADS,
    ("api-draft", "PUT"): None,
    ("api-run-cancel", "POST"): None,
    ("api-run-pause", "POST"): None,
    ("api-token", "DELETE"): None,
    ("api-secret", "DELETE"): None,
    ("api-validate", "POST"): None,
    ("api-workflow-validate", "POST"): None,
    ("api-expressions-check", "POST"): None,
    ("api-expressions-try", "POST"): None,
    ("api-schedule-preview", "POST"): None,
}

buckets = Buckets()


class TooFast(ApiError):
    """`wait` becomes the Retry-After of the answer."""

    def __init__(self, kind: str, wait: int) -> None:
        seconds = "1 second" if wait == 1 else f"{wait} seconds"
        super().__init__(429, "E_RATE", f"Too many {kind} in a short time: wait {seconds}.")
        self.wait = wait


def check(request: Request) -> None:
    """Count a request against its user. Raises TooFast once the user's bucket is empty."""
    if request.method in READS:
        return
    match = request.resolver_match
    name = (match and match.url_name) or ""
    kind = KINDS.get((name.removesuffix("-slash"), request.method or ""), WRITES)
    if kind is None:
        return
    wait = take(kind, request.user.pk)
    if wait:
        raise TooFast(kind, wait)


def take(kind: str, user_id: int | None) -> int:
    """Count one. 0 where that is allowed, else the seconds until one is."""
    rate = settings.RATES[kind]
    return 0 if rate is None else buckets.take((kind, user_id), rate)


def give_back(kind: str, user_id: int | None) -> None:
    """What was counted will be counted once more."""
    rate = settings.RATES[kind]
    if rate is not None:
        buckets.give_back((kind, user_id), rate)
