"""The Django admin: useful lists for operators. Runs can be read here, never changed."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required

from studio.admin import access, journal, outcomes, people, runs, secrets, triggers, workflows

admin.site.site_header = "Treadle"
admin.site.site_title = "Treadle"
admin.site.index_title = "Administration"
# One door: who is not signed in comes through Treadle's own page, with its limits on guessing.
admin.site.login = login_required(admin.site.login)  # type: ignore[method-assign]

__all__ = ["access", "journal", "outcomes", "people", "runs", "secrets", "triggers", "workflows"]
