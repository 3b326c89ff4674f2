"""What operators watch, for Prometheus."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from engine.said import say
from studio.api.operation import Operation, user_of
from studio.api.problems import ApiError
from studio.execution import figures


class Metrics(Operation):
    @extend_schema(responses={(200, "text/plain"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """The figures of the process that answers and of the table of runs, in the text format
        of Prometheus. For administrators: give the scraper a token of one.
        """
        if not user_of(request).is_staff:
            raise ApiError(403, "E_NOT_ALLOWED", say("Only administrators may read the metrics."))
        return HttpResponse(figures.exposition(), content_type=figures.CONTENT_TYPE)
