"""Tools that answer what a test says, and remember what they were asked."""

import copy
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.policies import Effect
from engine.tools import CONTEXT, Tool, ToolRegistry


def stand_in_effect(tool: Tool) -> Effect:
    """The effect of what stands in for a tool on the event loop, where no transaction can be."""
    return Effect.IDEMPOTENT if tool.effect is Effect.TRANSACTIONAL else tool.effect


@dataclass(frozen=True, slots=True)
class FakeCall:
    """One call of a fake tool."""

    tool: str
    inputs: dict[str, Any]
    """What it was given by name, as it was then; without `ctx`."""


class FakeTools(ToolRegistry):
    """A registry of fakes, each an answer: a value, a function, or an exception to raise.

    A function keeps its signature, so parameters are bound as in a real run. Other answers take
    whatever the node's `inputs` give, or the parameters of the tool of that name in `like`, whose
    effect they have too. Fakes run on the event loop: they go well with a VirtualClock, and
    `isolation: process` means nothing to them.
    """

    def __init__(
        self, answers: Mapping[str, Any] | None = None, *, like: ToolRegistry | None = None
    ) -> None:
        super().__init__()
        self._like = like
        self.calls: list[FakeCall] = []
        """Every call, in order."""
        for name, value in (answers or {}).items():
            self.answer(name, value)

    def answer(
        self,
        name: str,
        value: Any = None,
        *,
        fails: int = 0,
        error: BaseException | None = None,
        effect: Effect | str | None = None,
    ) -> None:
        """Let the tool answer this; its first `fails` calls raise `error` (a ConnectionError)."""
        real = self._like.get(name) if self._like is not None and name in self._like else None
        failure = error or ConnectionError(f"{name} is not there yet (a fake failure)")
        fake = self._fake(name, value, fails, failure)
        if callable(value):
            fake = functools.wraps(value)(fake)
        elif real is not None:
            fake.__signature__ = inspect.signature(real.function)  # type: ignore[attr-defined]
        self._tools.pop(name, None)
        made = self.register(name, fake, effect or (stand_in_effect(real) if real else None))
        made.stands_in = True

    def calls_of(self, name: str) -> list[dict[str, Any]]:
        """The inputs of each call of one tool, in order."""
        return [call.inputs for call in self.calls if call.tool == name]

    def _fake(
        self, name: str, value: Any, fails: int, failure: BaseException
    ) -> Callable[..., Any]:
        left = fails

        async def fake(*args: Any, **inputs: Any) -> Any:
            nonlocal left
            self.calls.append(FakeCall(name, self._inputs(name, args, inputs)))
            if left > 0:
                left -= 1
                raise failure
            if isinstance(value, BaseException):
                raise value
            if not callable(value):
                return copy.deepcopy(value)
            result = value(*args, **inputs)
            return await result if inspect.isawaitable(result) else result

        return fake

    def _inputs(self, name: str, args: tuple[Any, ...], inputs: dict[str, Any]) -> dict[str, Any]:
        signature = inspect.signature(self.get(name).function)
        bound = signature.bind_partial(*args, **inputs).arguments
        named = {
            key: value
            for key, value in bound.items()
            if signature.parameters[key].kind is not inspect.Parameter.VAR_KEYWORD
        }
        given = {**named, **inputs}
        return copy.deepcopy({k: v for k, v in given.items() if k != CONTEXT})
