"""The headers of everything that the studio answers."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.studio.security.test_anonymous import EVERYTHING

# What every answer says, whatever it is.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
# Redoc makes style elements while it runs.
UNSAFE_STYLES = {"redoc"}


@pytest.mark.parametrize(("name", "path"), EVERYTHING, ids=[name for name, _ in EVERYTHING])
def test_sec_headers_of_every_page(name: str, path: str, root: User) -> None:
    """Of pages and refusals alike, for who is signed in and for who is not."""
    somebody, nobody = Client(), Client()
    somebody.force_login(root)
    for client in (somebody, nobody):
        response = client.get(f"/{path}")
        policy = response["Content-Security-Policy"]

        assert {key: response.get(key) for key in ALWAYS} == ALWAYS
        assert "camera=()" in response["Permissions-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy or name in UNSAFE_STYLES
        assert "Access-Control-Allow-Origin" not in response
