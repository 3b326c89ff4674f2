"""Signals by name and key: send one to whichever run waits for it, list and forget kept ones."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from engine.policies import SignalMode
from studio.actions import signals as actions
from studio.api import answers, guard, shapes
from studio.api.operation import Operation, found, user_of
from studio.api.pagination import newest_first, page_body
from studio.queries import signals as queries
from studio.queries import visible


class Signals(Operation):
    json_limits = guard.RUN_INPUT

    @extend_schema(parameters=[shapes.Page], responses={200: answers.page(answers.SIGNAL)})
    def get(self, request: Request) -> Response:
        """List your signals that no wait has taken yet, newest first."""
        asked = self.query(shapes.Page)
        rows = queries.kept(user_of(request)).order_by("-id")
        page, following = newest_first(rows, asked["cursor"], asked["limit"])
        return Response(page_body([queries.item(signal) for signal in page], following))

    @extend_schema(request=shapes.NewSignalToRuns, responses={202: answers.SENT})
    def post(self, request: Request) -> Response:
        """Send a signal to the oldest wait for it among your runs.

        One wait takes it. If there is none it is kept until one opens; with `mode: transient` it is
        gone.
        """
        asked = self.body(shapes.NewSignalToRuns)
        sent = actions.send_signal_to_runs(
            user=user_of(request),
            name=asked["name"],
            key=asked.get("key"),
            payload=asked.get("payload"),
            mode=SignalMode(asked["mode"]),
        )
        became = "dropped" if sent.signal is None else "kept" if sent.run is None else "taken"
        return Response(
            {
                "id": None if sent.signal is None else str(sent.signal.public_id),
                "became": became,
                "run": None if sent.run is None else str(sent.run.public_id),
            },
            status=202,
        )


class SignalDetail(Operation):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, signal_id: UUID) -> Response:
        """Take back a signal that is still kept; 409 when a wait has taken it."""
        rows = visible.signals(user_of(request))
        signal = found(rows, signal_id, "No such signal, or not one of yours.")
        actions.forget_signal(user=user_of(request), signal=signal)
        return Response(status=204)
