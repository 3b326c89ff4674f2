"""The catalogue of tools that this process can call."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine.said import quoted, say
from studio.api import answers
from studio.api.operation import Operation
from studio.api.problems import ApiError
from studio.setup import toolbox


class Tools(Operation):
    @extend_schema(responses={200: answers.TOOLS})
    def get(self, request: Request) -> Response:
        """List every registered tool."""
        registry = toolbox.registry()
        return Response({"items": [registry.get(name).describe() for name in registry.names()]})


class ToolDetail(Operation):
    @extend_schema(responses={200: answers.ANY_OBJECT})
    def get(self, request: Request, name: str) -> Response:
        """Read one tool: its text, effect and parameters."""
        registry = toolbox.registry()
        if name not in registry:
            raise ApiError(
                404, "E_NOT_FOUND", say("No tool is registered as {name}.", name=quoted(name[:100]))
            )
        return Response(registry.get(name).describe())
