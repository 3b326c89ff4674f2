"""Back to the page on which a choice was made."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest) -> str:
    """The address in `next`, if it is one of this studio; else the start page."""
    wish = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wish, {request.get_host()}, request.is_secure()):
        return wish
    return "/"
