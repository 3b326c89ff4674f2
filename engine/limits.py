"""How much a run may use."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.policies import OnStepBudget
from engine.said import Said, quoted, say
from engine.values.durations import DurationRefused, seconds

MAX_VALUE_BYTES = 64 * 1_048_576
"""Of what a tool gives, as JSON: an item of a map, or what `outputs` pick from. The state is held
to less, see `max_state_bytes`."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one run. A document sets them; a start can only lower them."""

    max_steps: int = 1_000
    """Activations of a run, before it pauses (or fails, see `on_step_budget`)."""
    max_active_s: float = 86_400.0
    """Seconds of being driven; waiting does not count. Then the run pauses."""
    max_parallel: int = 32
    """Attempts of the run that are under way at once."""
    max_items: int = 10_000
    """Items of one map node."""
    max_state_bytes: int = 1_048_576
    """Size of a token's folded state as JSON."""
    on_step_budget: OnStepBudget = OnStepBudget.PAUSE
    no_progress: int = 3
    """Rounds of a loop that may leave the state unchanged before it is stopped; 0: any number."""

    def as_dict(self) -> dict[str, Any]:
        """The limits as a document writes them."""
        return {
            "max_steps": self.max_steps,
            "max_active": self.max_active_s,
            "max_parallel": self.max_parallel,
            "max_items": self.max_items,
            "max_state_bytes": self.max_state_bytes,
            "on_step_budget": str(self.on_step_budget),
            "no_progress": self.no_progress,
        }

    def lowered(self, asked: "Mapping[str, Any] | Limits | None") -> "Limits":
        """These limits, with whatever `asked` sets lower. Raises LimitRefused."""
        if asked is None:
            return self
        wanted = asked.as_dict() if isinstance(asked, Limits) else dict(asked)
        new = changed(self, wanted)
        kept = {name: min(getattr(new, name), getattr(self, name)) for name in _LOWERABLE}
        return replace(new, **kept)

    def raised(self, asked: Mapping[str, Any]) -> "Limits":
        """These limits with what `asked` sets: for a person who lets a paused run go on."""
        return changed(self, asked)


_LOWERABLE = ("max_steps", "max_active_s", "max_parallel", "max_items", "max_state_bytes")

HIGHEST: Mapping[str, int] = {
    "max_steps": 10_000_000,
    "max_parallel": 1_000,
    "max_items": 1_000_000,
    "max_state_bytes": 8 * 1_048_576,
    "no_progress": 1_000_000,
}
"""What a document may ask for at most."""

LIMIT_KEYS = (*HIGHEST, "max_active", "on_step_budget")


class LimitRefused(ValueError):
    """A limit that nobody may ask for."""

    def __init__(self, key: str, problem: Said) -> None:
        self.message = say("limits.{key}: {problem}", key=key, problem=problem)
        super().__init__(self.message)
        self.pointer = "/limits/" + str(key).replace("~", "~0").replace("/", "~1")
        """JSON pointer to it, in what a run is started with."""
        self.problem = problem


def limit_value(key: str, value: Any) -> Any:
    """The value of one limit as a document writes it. Raises LimitRefused with what is allowed."""
    if key == "max_active":
        try:
            return seconds(value)
        except DurationRefused as error:
            raise LimitRefused(key, error.message) from error
    if key == "on_step_budget":
        try:
            return OnStepBudget(value)
        except ValueError:
            raise LimitRefused(key, say("expected 'pause' or 'fail'")) from None
    if key not in HIGHEST:
        known = ", ".join(LIMIT_KEYS)
        said = say("there is no limit {key}; there are {known}", key=quoted(key), known=known)
        raise LimitRefused(key, said)
    least = 0 if key == "no_progress" else 1
    if type(value) is not int or not least <= value <= HIGHEST[key]:
        said = say("expected a whole number from {least} to {most}", least=least, most=HIGHEST[key])
        raise LimitRefused(key, said)
    return value


def changed(limits: Limits, asked: Mapping[str, Any]) -> Limits:
    """`limits` with the values that `asked` gives. Raises LimitRefused."""
    values: dict[str, Any] = {}
    for key, value in asked.items():
        values["max_active_s" if key == "max_active" else key] = limit_value(key, value)
    return replace(limits, **values)
