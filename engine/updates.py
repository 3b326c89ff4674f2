"""What a node's result changes: from a tool's return value, or a `set` mapping, to ops. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Code, RunError, ValueRefused
from engine.expressions import Expression, ExpressionError
from engine.graph.model import Node
from engine.jsonvalue import Cleaner, Json
from engine.private import PrivateState
from engine.reducers import ABSENT, difference
from engine.routing import scope
from engine.state import DEL, OVER, RED, SET, Op, StateRules, write
from engine.tools import Overwrite


@dataclass(slots=True)
class Update:
    """The ops of one step, and how much they write."""

    ops: list[Op]
    size: int = 0
    """Bytes written, counted high."""
    mended: list[str] = field(default_factory=list)
    """Paths of texts that held U+0000 or lone surrogates."""


def from_result(
    node: Node,
    result: Any,
    data: dict[str, Json],
    rules: StateRules,
    *,
    private: PrivateState | None = None,
    names: Mapping[str, Any] | None = None,
) -> Update:
    """The update that a tool's return value means. Raises RunError.

    `private` is the dict the tool was free to change; `names` are extra names for `outputs`.
    """
    maker = _Maker(node, data, rules)
    changes = private.changes() if private is not None else None
    returned_state = result is None or result is private
    written: Collection[Any] = ()
    if node.outputs is not None:
        given = dict(private) if private is not None and result is private else result
        maker.map_outputs(node.outputs, given, names or {})
        written = node.outputs.keys()
    elif not returned_state:
        written = maker.take_result(result)
    if changes:
        if not returned_state:
            _refuse_ambiguity(node, changes, written)
        maker.take_changes(changes, written)
    return maker.update()


def from_mapping(
    node: Node,
    mapping: Mapping[str, Expression],
    data: dict[str, Json],
    rules: StateRules,
    names: Mapping[str, Any],
) -> Update:
    """The update that a `set` mapping means. Raises RunError."""
    maker = _Maker(node, data, rules)
    maker.evaluate(mapping, scope(data, **names))
    return maker.update()


def _refuse_ambiguity(node: Node, changes: Mapping[str, Any], written: Collection[Any]) -> None:
    lost = [key for key in changes if key not in written]
    if lost:
        raise RunError(
            Code.AMBIGUOUS_WRITE,
            f"the tool changed {', '.join(map(repr, lost))} of its state in place and returned "
            f"something else that leaves this out; return the state (or None), or do not change it",
            node=node.id,
            details={"keys": lost},
        )


class _Maker:
    """Collects the ops of one update."""

    __slots__ = ("_cleaner", "_data", "_node", "_reducers", "_rules", "ops")

    def __init__(self, node: Node, data: dict[str, Json], rules: StateRules) -> None:
        self._node = node
        self._data = data
        self._rules = rules
        self._reducers = rules.reducers
        self._cleaner = Cleaner()
        self.ops: list[Op] = []

    def update(self) -> Update:
        """What was collected."""
        return Update(self.ops, self._cleaner.size, self._cleaner.mended)

    def take_result(self, result: Any) -> Collection[Any]:
        """A dict is merged key by key, anything else stored under the node's id."""
        values = result if isinstance(result, dict) else {self._node.id: result}
        for key, value in values.items():
            self.put(key if key in self._data else self._key(key), value)
        return values.keys()

    def take_changes(
        self, changes: Mapping[str, tuple[Json, Any]], written: Collection[Any]
    ) -> None:
        """Changes made in place, for the keys that nothing else writes."""
        for key, (before, after) in changes.items():
            if key not in written:
                self._change(key if key in self._data else self._key(key), before, after)

    def map_outputs(
        self, outputs: Mapping[str, Expression], result: Any, names: Mapping[str, Any]
    ) -> None:
        """Evaluate an `outputs` mapping over `result`."""
        overwrites = isinstance(result, dict) and any(
            isinstance(v, Overwrite) for v in result.values()
        )
        plain = {k: _bare(v) for k, v in result.items()} if overwrites else result
        given = self._cleaned(plain, "result")
        self.evaluate(outputs, {**scope(self._data, **names), "result": given, "state": self._data})

    def evaluate(self, mapping: Mapping[str, Expression], names: Mapping[str, Any]) -> None:
        """Put the value of each expression under its key."""
        for key, expression in mapping.items():
            try:
                value = expression.evaluate(names)
            except ExpressionError as error:
                raise RunError(
                    Code.EXPRESSION,
                    f"the expression for {key!r} cannot be evaluated: {error}\n{error.caret}",
                    node=self._node.id,
                    details={"key": key, "source": error.source, **error.as_dict()},
                ) from None
            self.put(key, value)

    def put(self, key: str, value: Any) -> None:
        """An update of one key, through its reducer if it has one."""
        over = type(value) is Overwrite
        value = self._cleaned(value.value if over else value, key)
        if over and key in self._reducers:
            self.ops.append([OVER, key, value])
            return
        try:
            op = write(key, value, self._data, self._reducers)
        except ValueRefused as error:
            raise self._refused(error, key) from None
        if op is not None:
            self.ops.append(op)

    def _change(self, key: str, before: Json, after: Any) -> None:
        """A change made in place; under a reducer it becomes an update where one leads there."""
        if after is ABSENT:
            self.ops.append([DEL, key])
            return
        value = self._cleaned(after, key)
        if key not in self._reducers:
            self.ops.append([SET, key, value])
            return
        try:
            update = difference(self._rules.names[key], before, value)
        except ValueRefused as error:
            raise self._refused(error, key) from None
        self.ops.append([OVER, key, value] if update is ABSENT else [RED, key, update])

    def _key(self, key: Any) -> str:
        if type(key) is str and key.isascii() and len(key) <= 200 and key.isprintable():
            return key
        cleaned = self._cleaned({key: None}, "")
        name = next(iter(cleaned))
        if len(name) > 200:
            raise self._refused(
                ValueRefused(name[:40], "a state key has at most 200 characters"), ""
            )
        return str(name)

    def _cleaned(self, value: Any, path: str) -> Json:
        try:
            return self._cleaner.clean(value, path)
        except ValueRefused as error:
            raise self._refused(error, "") from None

    def _refused(self, error: ValueRefused, key: str) -> RunError:
        message = f"{key}: {error}" if key else str(error)
        return RunError(
            Code.OUTPUT,
            f"what the node gave cannot become state: {message}",
            node=self._node.id,
            details={"path": error.path or key},
        )


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Overwrite) else value
