"""What came of a call, as a signal for the planner."""

import random
import time
from dataclasses import replace
from typing import Any

from engine import failing
from engine.driving.calls import Call
from engine.driving.clock import Clock
from engine.driving.failures import idle_error, timeout_error, tool_error
from engine.errors import Code, RunError
from engine.planning.asking import Question
from engine.planning.marking import Activation
from engine.planning.retries import kinds_of
from engine.planning.signals import Failed, ItemSucceeded, Parked, Signal, Succeeded
from engine.planning.updates import from_result, of_item
from engine.policies import Effect
from engine.values import redaction
from engine.values.private import PrivateState
from engine.values.state import StateRules

_now = time.perf_counter


class Outcomes:
    """Makes signals of results and errors; adds the time and the dice that a decision needs."""

    __slots__ = ("_clock", "_dice", "_rules")

    def __init__(self, rules: StateRules, clock: Clock, dice: random.Random) -> None:
        self._rules = rules
        self._clock = clock
        self._dice = dice

    def success(
        self,
        activation: Activation,
        call: Call,
        private: PrivateState | None,
        began: float,
        result: Any,
    ) -> Signal:
        """A tool returned; a result that cannot become state is a failure."""
        token, node = activation.token, call.node
        if type(result) is Question:
            return self._asks(activation, call, private, began, result)
        if activation.of is not None:
            return self._item(activation, call, private, began, result)
        names = None
        if node.outputs is not None:
            names = {"error": token.error, "iteration": activation.visit}
        try:
            update = from_result(
                node,
                result,
                token.version.data,
                self._rules,
                private=private,
                names=names,
                hide=redaction.KNOWN.hide,
            )
        except RunError as error:
            return self.failure(activation, call.effect, error, began)
        return Succeeded(activation, update, _ms_since(began))

    def _asks(
        self,
        activation: Activation,
        call: Call,
        private: PrivateState | None,
        began: float,
        put: Question,
    ) -> Signal:
        """A tool asks a person. What it did to its state would be lost: that is a failure."""
        node = activation.place.id
        changed = list(private.changes()) if private is not None else []
        if changed:
            message = failing.AMBIGUOUS_ASKING(keys=", ".join(map(repr, changed)))
            error = RunError(Code.AMBIGUOUS_WRITE, message, node=node, details={"keys": changed})
            return self.failure(activation, call.effect, error, began)
        if redaction.KNOWN:
            put = replace(
                put,
                memo=redaction.KNOWN.value(put.memo),
                title=redaction.KNOWN.value(put.title),
                description=redaction.KNOWN.value(put.description),
                form=redaction.KNOWN.value(dict(put.form)),
            )
        return Parked(activation, put, self._clock.now(), _ms_since(began))

    def _item(
        self,
        item: Activation,
        call: Call,
        private: PrivateState | None,
        began: float,
        result: Any,
    ) -> Signal:
        try:
            hide = redaction.KNOWN.hide
            value, mended = of_item(call.node, result, self._rules, private, hide)
        except RunError as error:
            return self.failure(item, call.effect, error, began)
        return ItemSucceeded(item, value, tuple(mended), _ms_since(began))

    def failure(
        self, activation: Activation, effect: Effect, error: BaseException, began: float
    ) -> Failed:
        """A tool raised, or its arguments could not be bound."""
        return Failed(
            activation,
            tool_error(error, activation.place.id),
            kinds_of(error),
            effect,
            self._clock.now(),
            self._dice.random(),
            _ms_since(began),
        )

    def timeout(self, activation: Activation, effect: Effect, timeout_s: float) -> Failed:
        """The deadline of a call passed."""
        error = timeout_error(timeout_s, activation.place.id)
        return self._timed_out(activation, effect, error, timeout_s)

    def idle(self, activation: Activation, effect: Effect, idle_s: float, took_s: float) -> Failed:
        """A tool gave no sign of life for `idle_s` seconds, `took_s` after it had begun."""
        error = idle_error(idle_s, activation.place.id)
        return self._timed_out(activation, effect, error, took_s)

    def _timed_out(
        self, activation: Activation, effect: Effect, error: RunError, took_s: float
    ) -> Failed:
        return Failed(
            activation,
            error,
            kinds_of(TimeoutError()),
            effect,
            self._clock.now(),
            self._dice.random(),
            int(took_s * 1_000_000) / 1000,
            timed_out=True,
        )


def _ms_since(began: float) -> float:
    """Milliseconds since `began`, to the microsecond."""
    return int((_now() - began) * 1_000_000) / 1000
