"""What the API says when a run cannot go on by another version."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine import ValueRefused
from engine.planning.transplant import Homeless, NoHome
from engine.said import Said, say
from engine.steering.moving import MapRefused
from studio.actions.errors import ActionError

HINT = say(
    "map it to something of the new version: {example}", example='{"map": {"old id": "new id"}}'
)


_MISFIT = say("The state does not fit that version")


@contextmanager
def told(
    refused: Said = _MISFIT,
    pointer: str = "/version",
    status: int = 422,
) -> Iterator[None]:
    """Turn what the engine refuses into an ActionError that names everything without a home.

    The arguments say how a state that is refused is told.
    """
    try:
        yield
    except NoHome as error:
        raise ActionError(
            "E_NO_HOME",
            say(
                "That version has no place for everything that this run stands on: {problem}.",
                problem=str(error),
            ),
            422,
            [_detail(each) for each in error.found],
        ) from error
    except MapRefused as error:
        detail = {"pointer": "/map", "code": "E_MAP", "message": str(error), "hint": ""}
        raise ActionError("E_MAP", say("{problem}.", problem=str(error)), 400, [detail]) from error
    except ValueRefused as error:
        detail = {"pointer": pointer, "code": "E_VALUE", "message": str(error), "hint": ""}
        raise ActionError(
            "E_VALUE",
            say("{refused}: {problem}.", refused=refused, problem=str(error)),
            status,
            [detail],
        ) from error


def _detail(homeless: Homeless) -> dict[str, Any]:
    where = f"/edges/{homeless.edge}" if homeless.edge else f"/nodes/{homeless.node or ''}"
    return {"pointer": where, "code": "E_NO_HOME", "message": homeless.text, "hint": HINT}
