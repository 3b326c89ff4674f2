"""Values that cannot begin a run or go on in one, as answers that say where they stand."""

import re
from collections.abc import Iterable

from engine import ValueRefused
from engine.limits import LimitRefused
from engine.said import Said, say, say_as
from studio.actions.errors import ActionError


def value_refused(what: Said, error: ValueRefused) -> ActionError:
    """The answer to a state or pin that no run can have; `what` begins its sentence."""
    part = re.split(r"[.\[]", error.path)[0]
    found = error.found or [(f"/{part}" if part else "", str(error))]
    details = [
        {"pointer": where, "code": "E_VALUE", "message": why, "hint": ""} for where, why in found
    ]
    return ActionError("E_VALUE", refused_because(what, error), 400, details)


def refused_because(what: Said, error: ValueRefused) -> Said:
    """That this value is refused, and why: as a sentence where a schema says so."""
    problem = say_as("{problem}", str(error), problem=_problem(error.found) or str(error))
    return say("{what} is refused: {problem}.", what=what, problem=problem)


def _problem(found: Iterable[tuple[str, str]]) -> str:
    """The violations of a schema, one after the other, each with its place in the state."""
    told = ""
    for pointer, why in found:
        key = ".".join(pointer.split("/")[2:])
        each = say("{key}: {problem}", key=key, problem=why) if key else why
        told = say("{one}; {other}", one=told, other=each) if told else each
    return told


def limit_refused(error: LimitRefused) -> ActionError:
    """The answer to a limit that no run can have."""
    detail = {"pointer": error.pointer, "code": "E_LIMITS", "message": error.problem, "hint": ""}
    return ActionError("E_LIMITS", say("{problem}.", problem=str(error)), 400, [detail])
