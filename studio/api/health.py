"""Whether this process lives, and whether it can do its work. Open to anybody, and says no more."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from studio.execution.service import service


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """503 while the database does not answer, or the engine of this process does not run."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database"}, status=503)
    if settings.ENGINE_AUTOSTART and not service().is_running:
        return JsonResponse({"status": "engine"}, status=503)
    return JsonResponse({"status": "ok"})
