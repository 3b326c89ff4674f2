"""The course that a run is to take: through the whole graph, or from a node to a node."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import JournalCorrupt, PartRefused
from engine.graph.part import Part
from engine.said import Step, say, say_as
from engine.telling.looking_back import Before, before
from studio.actions.errors import ActionError
from studio.journal import graphs
from studio.models import Run
from studio.queries import runs as queries


@dataclass(frozen=True, slots=True)
class Course:
    """Where a run begins, where it ends, and what it finds there."""

    start: str | None = None
    until: str | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    """What another run left for the start; the start's own state is put over it."""
    error: Mapping[str, Any] | None = None

    @property
    def part(self) -> Part:
        return Part(self.start, self.until)


WHOLE = Course()


def course(start: str | None = None, until: str | None = None, base: Run | None = None) -> Course:
    """From `start` to `until`; with `base`, on the state that this run came to `start` with.

    The caller found the run through `queries.visible`. Raises ActionError when that run never
    came to the node.
    """
    if base is None:
        return Course(start, until)
    if start is None:
        raise ActionError(
            "E_PART", say("Say which node to start at: `from` needs its `node`."), 400
        )
    try:
        seen = _before(base, start)
    except (JournalCorrupt, LookupError) as error:
        raise ActionError(
            "E_PART",
            say(
                "The journal of run {run} cannot be read: {error}.",
                run=str(base.public_id),
                error=str(error),
            ),
            409,
        ) from error
    if seen is None:
        place = graphs.of(base.version).nodes.get(start)
        step = Step(repr(start), start, "" if place is None else place.title)
        said = say("Run {run} never came to {step}", run=str(base.public_id), step=step)
        raise ActionError(
            "E_PART",
            say("{said}: choose a node that it visited, or give the state yourself.", said=said),
            400,
            [{"pointer": "/from/node", "code": "E_PART", "message": said, "hint": ""}],
        )
    return Course(start, until, seen.state, seen.error)


def _before(base: Run, node: str) -> Before | None:
    graph, kin = graphs.of(base.version), graphs.kin_of(base.version)
    return before(graph, queries.journal(base), node, kin)


def refusal(error: PartRefused) -> ActionError:
    """What the API says about a part that no run can take."""
    pointer = "/from" if error.key == "start" else "/to"
    detail = {"pointer": pointer, "code": "E_PART", "message": error.said, "hint": ""}
    english = f"{error.said[:1].upper()}{error.said[1:]}."
    said = say_as("{problem}.", english, problem=error.said)
    return ActionError("E_PART", said, 400, [detail])
