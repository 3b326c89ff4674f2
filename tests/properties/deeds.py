"""What the tools of random graphs do, as data: printable, and done alike by both engines."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import Overwrite, ToolRegistry
from engine.driving.clock import VirtualClock
from tests.engine.reference import GONE, Hangs, Over

FOREVER_S = 1_000_000.0
"""Longer than any timeout of a random graph, in seconds of its virtual clock."""
FORM = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
LONGEST_S = 0.2
"""No call lasts longer if it returns at all."""


@dataclass(frozen=True)
class Deed:
    """One tool. Called with the state and the number of the attempt it answers updates."""

    name: str
    do: str
    number: int = 0
    fails: str = "never"
    """never, always, `by_state`, `first` (that many attempts), `odd` (by the item of a map)."""
    times: int = 0
    how: str = "raises"
    """raises, connection (which is tried again by default), hangs."""

    def __call__(self, state: Mapping[str, Any], attempt: int = 1) -> Any:
        if self._is_to_fail(state, attempt):
            if self.how == "hangs":
                raise Hangs
            raise (ConnectionError if self.how == "connection" else RuntimeError)("as planned")
        return self._update(state)

    def _is_to_fail(self, state: Mapping[str, Any], attempt: int) -> bool:
        return {
            "never": False,
            "always": True,
            "by_state": state.get("p") == 1,
            "first": attempt <= self.times,
            "odd": state.get("x", 0) % 2 == 1,
            "until": state.get(f"{self.name}_tries", 0) < self.times,
        }[self.fails]

    def _update(self, state: Mapping[str, Any]) -> Any:
        name, number = self.name, self.number
        own = state.get(name, 0)
        return {
            "nothing": None,
            "own": {name: own + 1 if isinstance(own, int) else 1},
            "log": {"log": [name]},
            "total": {"total": number},
            "seen": {"seen": [number % 3, name]},
            "top": {"top": number},
            "low": {"low": number},
            "notes": {"notes": {f"k{number % 3}": number, name: 1}},
            "many": {"log": name, "total": 1, name: len(state.get("log", ()))},
            "shared": {"shared": number % 2},
            "over": {"log": Over([name])},
            "forget": {"shared": GONE},
            "same": {"log": ["race"]},
            "item": {"value": [state.get("x", 0), number + state.get("index", 0)]},
            "asked": {"value": [state.get("x", 0), said_of(state.get("x", 0))]},
        }[self.do]


def said_of(item: int) -> int:
    """What the person says who is asked about an item."""
    return 7 * item + 1


def as_tool(
    deed: Callable[..., Any], clock: VirtualClock | None, dice: random.Random | None
) -> Callable[..., Any]:
    """The tool of a deed for the engine: async where there is a clock that it may hang by.

    Dice give every call a length of its own, short beside timeouts.
    """

    def answered(state: Any, ctx: Any) -> Any:
        updates = deed(state, ctx.attempt)
        if not isinstance(updates, dict):
            return updates
        if getattr(deed, "do", "") == "asked":
            item = updates["value"][0]
            if ctx.answer is None:
                return ctx.ask(FORM, {"item": item}, title=str(item))
            assert ctx.memo == {"item": item}
            return {"value": [item, ctx.answer["n"]]}
        gone = [key for key, value in updates.items() if value is GONE]
        for key in gone:
            state.pop(key, None)
        return None if gone else {key: _given(value) for key, value in updates.items()}

    def tool(state: Any, ctx: Any) -> Any:
        return answered(state, ctx)

    async def patient(state: Any, ctx: Any) -> Any:
        assert clock is not None
        if dice is not None:
            await clock.sleep(dice.random() * LONGEST_S)
        try:
            return answered(state, ctx)
        except Hangs:
            await clock.sleep(FOREVER_S)

    return tool if clock is None else patient


def _given(value: Any) -> Any:
    return Overwrite(value.value) if isinstance(value, Over) else value


def tools_of(
    deeds: Mapping[str, Callable[..., Any]],
    clock: VirtualClock | None = None,
    dice: random.Random | None = None,
) -> ToolRegistry:
    """A registry of pure tools that do these deeds."""
    registry = ToolRegistry()
    for name, deed in deeds.items():
        registry.register(name, as_tool(deed, clock, dice), effect="pure")
    return registry
