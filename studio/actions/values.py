"""Values that cannot begin a run or go on in one, as answers that say where they stand."""

import re

from engine import ValueRefused
from engine.limits import LimitRefused
from studio.actions.errors import ActionError


def value_refused(what: str, error: ValueRefused) -> ActionError:
    """The answer to a state or pin that no run can have; `what` begins its sentence."""
    part = re.split(r"[.\[]", error.path)[0]
    found = error.found or [(f"/{part}" if part else "", str(error))]
    details = [
        {"pointer": where, "code": "E_VALUE", "message": why, "hint": ""} for where, why in found
    ]
    return ActionError("E_VALUE", f"{what} is refused: {error}.", 400, details)


def limit_refused(error: LimitRefused) -> ActionError:
    """The answer to a limit that no run can have."""
    detail = {"pointer": error.pointer, "code": "E_LIMITS", "message": error.problem, "hint": ""}
    return ActionError("E_LIMITS", f"{error}.", 400, [detail])
