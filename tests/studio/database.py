"""Where the test's own database is, for processes of the product."""

from django.db import connection


def database_url() -> str:
    """The address that leads the product to the database of this test."""
    parts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite://{parts['NAME']}"
    address = f"{parts['HOST']}:{parts['PORT'] or 5432}"
    return f"postgresql://{parts['USER']}@{address}/{parts['NAME']}"
