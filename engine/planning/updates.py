"""What a node's result changes: from a tool's return value, or a `set` mapping, to ops. Pure."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine import failing, limits
from engine.errors import Code, RunError, ValueRefused
from engine.expressions import Expression, ExpressionError
from engine.graph.model import Node
from engine.planning.routing import scope
from engine.tools import Overwrite
from engine.values.jsonvalue import SMALL, Cleaner, Json
from engine.values.private import PrivateState
from engine.values.reducers import ABSENT, difference
from engine.values.state import DEL, OVER, RED, SET, Op, StateRules, write

Hide = Callable[[Json], Json]

MAX_KEY = 200
"""Characters of a state key."""


class Update(Cleaner):
    """The ops of one step: collected from a result or a mapping, with their size."""

    __slots__ = ("_data", "_hide", "_node", "_rules", "ops")

    def __init__(
        self, node: Node, data: dict[str, Json], rules: StateRules, hide: Hide | None = None
    ) -> None:
        self.size = 0
        self.mended = ()
        self.ops: list[Op] = []
        self._hide = hide
        self._node = node
        self._data = data
        self._rules = rules

    def take_result(self, result: Any) -> Collection[Any]:
        """A dict is merged key by key, anything else stored under the node's id."""
        values = result if isinstance(result, dict) else {self._node.id: result}
        for key, value in values.items():
            self.put(key if key in self._data else self._state_key(key), value)
        return values.keys()

    def take_changes(
        self, changes: Mapping[str, tuple[Json, Any]], written: Collection[Any]
    ) -> None:
        """Changes made in place, for the keys that nothing else writes."""
        reducers = self._rules.reducers
        for key, (before, after) in changes.items():
            if key in written:
                continue
            name = key if key in self._data else self._state_key(key)
            if after is ABSENT:
                self.ops.append([DEL, name])
            elif key in reducers:
                self._change(name, before, self._cleaned(after, name))
            else:
                self.ops.append([SET, name, self._cleaned(after, name)])

    def map_outputs(
        self,
        outputs: Mapping[str, Expression],
        result: Any,
        names: Mapping[str, Any],
        there: Mapping[str, Any],
    ) -> None:
        """Evaluate an `outputs` mapping over `result`."""
        if isinstance(result, dict) and any(type(v) is Overwrite for v in result.values()):
            result = {k: v.value if type(v) is Overwrite else v for k, v in result.items()}
        given = self._taken(result)
        seen = {**scope(self._data, **names), **there, "result": given, "state": self._data}
        self.evaluate(outputs, seen)

    def evaluate(self, mapping: Mapping[str, Expression], names: Mapping[str, Any]) -> None:
        """Put the value of each expression under its key."""
        for key, expression in mapping.items():
            try:
                value = expression.evaluate(names)
            except ExpressionError as error:
                raise RunError(
                    Code.EXPRESSION,
                    failing.EXPRESSION(key=key, why=f"{error}\n{error.caret}"),
                    node=self._node.id,
                    details={"key": key, "source": error.source, **error.as_dict()},
                ) from None
            self.put(key, value)

    def put(self, key: str, value: Any) -> None:
        """An update of one key, through its reducer if it has one."""
        over = type(value) is Overwrite
        value = self._cleaned(value.value if over else value, key)
        if over and key in self._rules.reducers:
            self.ops.append([OVER, key, value])
            return
        try:
            op = write(key, value, self._data, self._rules.reducers)
        except ValueRefused as error:
            raise self._refused(error, key) from None
        if op is not None:
            self.ops.append(op)

    def take_item(self, result: Any) -> Json:
        """What a tool gave for one item of a map node, as JSON."""
        return self._taken(result)

    def _taken(self, result: Any) -> Json:
        """A result as JSON: what becomes state is bounded by the run's limits, this is not."""
        before = self.size
        given = self._cleaned(result, "result")
        size, most = self.size - before, limits.MAX_VALUE_BYTES
        if size > most:
            problem = f"{size:,} bytes as JSON; at most {most // 1_048_576} MiB are taken"
            raise self._refused(ValueRefused("result", problem), "")
        return given

    def _change(self, key: str, before: Json, value: Json) -> None:
        """A change of a key with a reducer: an update where one leads there, else an overwrite."""
        try:
            update = difference(self._rules.names[key], before, value)
        except ValueRefused as error:
            raise self._refused(error, key) from None
        self.ops.append([OVER, key, value] if update is ABSENT else [RED, key, update])

    def _state_key(self, key: Any) -> str:
        plain = type(key) is str and key.isascii() and len(key) <= MAX_KEY and key.isprintable()
        if plain and self._hide is None:
            return str(key)
        name = str(next(iter(self._cleaned({key: None}, ""))))
        if len(name) > MAX_KEY:
            problem = f"a state key has at most {MAX_KEY} characters"
            raise self._refused(ValueRefused(name[:40], problem), "")
        return name

    def _cleaned(self, value: Any, path: str) -> Json:
        if type(value) is int and -SMALL < value < SMALL and self._hide is None:
            self.size += 20
            return value
        try:
            before = self.size
            cleaned = self.clean(value, path)
            if self._hide is None or (shown := self._hide(cleaned)) == cleaned:
                return cleaned
            self.size = before
            return self.clean(shown, path)
        except ValueRefused as error:
            raise self._refused(error, "") from None

    def _refused(self, error: ValueRefused, key: str) -> RunError:
        message = f"{key}: {error}" if key else str(error)
        return RunError(
            Code.OUTPUT,
            failing.NO_STATE(why=message),
            node=self._node.id,
            details={"path": error.path or key},
        )


def from_result(
    node: Node,
    result: Any,
    data: dict[str, Json],
    rules: StateRules,
    *,
    private: PrivateState | None = None,
    names: Mapping[str, Any] | None = None,
    there: Mapping[str, Any] | None = None,
    hide: Hide | None = None,
) -> Update:
    """The update that a tool's return value means. Raises RunError.

    `private` is the dict the tool was free to change, and a list or map of it that comes back under
    its own key counts by what changed in it; `names` are extra names for `outputs`, those
    of `there` even where they are null; `hide` takes out of the tool's values what must not become
    state.
    """
    update = Update(node, data, rules, hide)
    changes = private.changes() if private is not None else None
    returned_state = result is None or result is private
    written: Collection[Any] = ()
    own: Collection[str] = ()
    if node.outputs is not None:
        given = dict(private) if private is not None and result is private else result
        update.map_outputs(node.outputs, given, names or {}, there or {})
        written = node.outputs.keys()
    elif not returned_state:
        own = _own_of(private, result)
        written = update.take_result(result if not own else _without(result, own))
    if changes:
        if not returned_state:
            _refuse_ambiguity(node, changes, {*written, *own})
        update.take_changes(changes, written)
    return update


def of_item(
    node: Node,
    result: Any,
    rules: StateRules,
    private: PrivateState | None,
    hide: Hide | None = None,
) -> tuple[Json, Collection[str]]:
    """What a tool gave for one item, and where its text was mended. Raises RunError.

    A tool that changes the state it is given, and returns it or nothing, gave the changed keys.
    """
    changes = private.changes() if private is not None else {}
    if changes and result is not None and result is not private:
        _refuse_ambiguity(node, changes, ())
    if changes:
        result = {key: after for key, (_, after) in changes.items() if after is not ABSENT}
    elif private is not None and result is private:
        result = None
    update = Update(node, {}, rules, hide)
    return update.take_item(result), update.mended


def from_mapping(
    node: Node,
    mapping: Mapping[str, Expression],
    data: dict[str, Json],
    rules: StateRules,
    names: Mapping[str, Any],
) -> Update:
    """The update that a `set` mapping means. Raises RunError."""
    update = Update(node, data, rules)
    update.evaluate(mapping, scope(data, **names))
    return update


def _own_of(private: PrivateState | None, result: Any) -> Collection[str]:
    """The keys of a result that hold what the tool's copy of the state holds under them."""
    if private is None or not private.touched or not isinstance(result, dict):
        return ()
    return [key for key in private.touched if key in result and private.holds(key, result[key])]


def _without(result: dict[str, Any], keys: Collection[str]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key not in keys}


def _refuse_ambiguity(node: Node, changes: Mapping[str, Any], written: Collection[Any]) -> None:
    lost = [key for key in changes if key not in written]
    if lost:
        raise RunError(
            Code.AMBIGUOUS_WRITE,
            failing.AMBIGUOUS(keys=", ".join(map(repr, lost))),
            node=node.id,
            details={"keys": lost},
        )
