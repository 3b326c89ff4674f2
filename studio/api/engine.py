"""How the engine of this process is: for those who operate the studio."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine.said import say
from studio.api import answers
from studio.api.operation import Operation, user_of
from studio.api.problems import ApiError
from studio.execution.service import service
from studio.queries import ceilings


class Engine(Operation):
    @extend_schema(responses={200: answers.ENGINE})
    def get(self, request: Request) -> Response:
        """How the engine of the process that answers is. For administrators.

        `leaked_threads` are tool threads that are busy with calls nobody waits for any more;
        `loop_blocked` counts how often an async tool kept the event loop from turning for over a
        second, `last_blocked` names the last one.
        """
        user = user_of(request)
        if not user.is_staff or ceilings.of(user).workflows is not None:
            raise ApiError(403, "E_NOT_ALLOWED", say("Only administrators may look at the engine."))
        return Response(service().health())
