"""What the engine says of failures, as sentences that can be read back out of a journal.

A journal keeps what a failure says in English (`engine/said.py`: for whoever reads it later), and
nothing of what it was made from. Each sentence stands here once: who raises a `RunError` fills it,
and `reread` finds it again in the text that was kept, with its gaps, so that a page can say it in
the language of its reader and with the titles of steps. What tools say is no sentence of ours and
stays as it is. What an expression says of its mistake is read out of the `details` beside it.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final

from engine.errors import Code
from engine.expressions import faults
from engine.readable import readable
from engine.said import Grouped, Quoted, Said, Step, joined, say

MOST: Final = 5_000
"""Texts over so many characters are left as they are; what the engine says is shorter."""

_REPR = r"""'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?"""
_NUMBER = r"[-+.,0-9einf]+"
_STEPS = ("node", "edge")
_QUOTED = ("key", "name", "tool", "workflow", "signal", "source", "alternative")
_NUMBERS = ("n", "most", "index", "seconds")
_GROUPED = ("n", "most")
"""What fills gaps of these names; any other one holds text."""

Error = Mapping[str, Any]
"""As `RunError.as_dict` gives it."""


@dataclass(frozen=True, slots=True)
class Names:
    """What people call the steps and edges of a graph, by their ids; empty for what has no name."""

    step: Callable[[str], str] = lambda _id: ""
    edge: Callable[[str], str] = lambda _id: ""


NOBODY: Final = Names()


class Failure:
    """A sentence about a failure. `{node}` and `{edge}` are told by their ids in quotes."""

    __slots__ = ("_pattern", "sentence")

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        parts = [
            re.escape(text) + (f"(?P<{gap}>{_pattern_of(gap)})" if gap else "")
            for text, gap, _format, _conversion in Formatter().parse(sentence)
        ]
        self._pattern = re.compile("".join(parts), re.DOTALL)

    def __call__(self, **values: Any) -> str:
        """The sentence in English; texts of gaps that hold names are quoted."""
        return self.sentence.format(**{gap: _shown(value, gap) for gap, value in values.items()})

    def read(self, message: str) -> dict[str, str] | None:
        """What fills the gaps of a text that says this sentence; None if it says another."""
        found = self._pattern.fullmatch(message)
        return None if found is None else found.groupdict()


def _shown(value: Any, gap: str) -> Any:
    if isinstance(value, str) and gap not in _STEPS and gap not in _QUOTED:
        return value
    if isinstance(value, str):
        return value if isinstance(value, Quoted) else repr(value)
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if gap in _GROUPED else value


def _pattern_of(gap: str) -> str:
    if gap in _STEPS or gap in _QUOTED:
        return _REPR
    if gap in _NUMBERS:
        return _NUMBER
    return "[-0-9A-Za-z]+" if gap == "run" else ".*?"


_BY_CODE: Final[dict[str, list[Failure]]] = defaultdict(list)


def failure(sentence: str, *codes: Code) -> Failure:
    """A sentence that failures of these codes say."""
    made = Failure(sentence)
    for code in codes:
        _BY_CODE[code].append(made)
    return made


NO_ROUTE = failure(
    "no edge of node {node} matched; draw an else edge, or set on_no_route to 'end'", Code.NO_ROUTE
)
NO_WAY_BY = failure(
    "{alternative} came first at {node}, but no edge leaves it by that name; draw an edge with "
    "on: {way}, or set on_no_route to 'end'",
    Code.NO_ROUTE,
)
CONDITION_VALUE = failure(
    "the condition of edge {edge} gives {value}, not true or false: {when}", Code.CONDITION
)
CONDITION = failure("the condition of edge {edge} cannot be evaluated: {why}", Code.CONDITION)
LOOP_EXHAUSTED = failure(
    "edge {edge} was taken {index} times, which is its max", Code.LOOP_EXHAUSTED
)
NO_PROGRESS = failure(
    "the loop closed by edge {edge} went round {index} times without changing the state; it would "
    "go on for ever",
    Code.NO_PROGRESS,
)
EXPRESSION = failure("the expression for {key} cannot be evaluated: {why}", Code.EXPRESSION)
INPUT_EXPRESSION = failure("the input {name} cannot be evaluated: {why}", Code.EXPRESSION)
FIELD_EXPRESSION = failure("{key} of {node} cannot be evaluated: {why}", Code.EXPRESSION)
NULL_KEY = failure(
    "the 'key' of the signal {signal} is null, so no wait and no signal would ever fit each other; "
    "see to it that {when} has a value, or leave out 'key'",
    Code.EXPRESSION,
)
NO_TIME = failure(
    "'until' gives {value}, which is no time; give ISO 8601 text such as '2030-01-31T09:00:00Z', "
    "or seconds since 1970",
    Code.EXPRESSION,
)
COMPLETE_WHEN = failure(
    "'complete_when' of {node} gives {value}, not true or false", Code.EXPRESSION
)
PIN = failure("the pinned output of {node}: {why}", Code.INPUT)
NO_LIST = failure("{node} needs a list, but {source} gives {value}", Code.INPUT)
TOO_MANY_ITEMS = failure(
    "{node} has {n} items, more than the {most} it may have; raise its max_items and "
    "limits.max_items, or give it a shorter list",
    Code.INPUT,
)
NO_KEY_AT_ALL = failure(
    "the tool {tool} needs {name}, but the state has no such key (keys here: none); give the node "
    "an input",
    Code.INPUT,
)
NO_SUCH_KEY = failure(
    "the tool {tool} needs {name}, but the state has no such key (keys here: {keys}); give the "
    "node an input",
    Code.INPUT,
)
CHILD_INPUT = failure("{workflow} refuses what {node} gives it: {why}", Code.INPUT)
LIMIT_KEY = failure("the key of the limit of {workflow} cannot be worked out: {why}", Code.INPUT)
NO_STATE = failure("what the node gave cannot become state: {why}", Code.OUTPUT)
LATE_RESULT = failure(
    "the late result of {node} does not fit the state any more: {why}", Code.OUTPUT
)
AMBIGUOUS = failure(
    "the tool changed {keys} of its state in place and returned something else that leaves this "
    "out; return the state (or None), or do not change it",
    Code.AMBIGUOUS_WRITE,
)
AMBIGUOUS_ASKING = failure(
    "the tool changed {keys} of its state in place and asks; put what it has to remember into the "
    "memo of ctx.ask",
    Code.AMBIGUOUS_WRITE,
)
STATE_SIZE = failure(
    "the state would take {n} bytes, more than limits.max_state_bytes = {most}; keep big values "
    "out of the state, or raise the limit",
    Code.STATE_SIZE,
)
DEPTH = failure(
    "{node} would start a run {index} levels deep, {most} are allowed: let the recursion end "
    "earlier",
    Code.DEPTH,
)
NOT_ANSWERED = failure("nobody answered {node} in time", Code.TIMEOUT)
"""Its journal may hold the title."""
TIMEOUT = failure("{node} took longer than its timeout of {seconds} s", Code.TIMEOUT)
IDLE = failure(
    "{node} gave no sign of life for its idle_timeout of {seconds} s; a tool that works for longer "
    "calls ctx.heartbeat(), ctx.progress(…) or ctx.log(…) meanwhile",
    Code.TIMEOUT,
)
CHILD_TIMEOUT = failure(
    "run {run}, which {node} waited for, took more than {seconds} s", Code.TIMEOUT
)
CHILD_CANCELLED = failure("run {run}, which {node} waited for, was cancelled", Code.CANCELLED)
LOST = failure("{node} was cut {index} times; it may be what kills its worker", Code.LOST)
OUTCOME_UNKNOWN = failure(
    "the worker went away while {node} was running; its tool must not be called twice, so somebody "
    "has to say what happened",
    Code.OUTCOME_UNKNOWN,
)
GIVEN_UP = failure(
    "the worker went away while {node} was running, and {by} decided that it failed",
    Code.OUTCOME_UNKNOWN,
)
GIVEN_UP_FOR = failure(
    "the worker went away while {node} was running, and {by} decided that it failed: {why}",
    Code.OUTCOME_UNKNOWN,
)
NOT_CALLED = failure("the run was lost before the tool was called", Code.NOT_CALLED)
STEP_BUDGET = failure(
    "the run has used its {index} steps; raise limits.max_steps to go on", Code.STEP_BUDGET
)
TIME_BUDGET = failure(
    "the run has been active for {seconds} s; raise limits.max_active to go on", Code.TIME_BUDGET
)
STARVED = failure(
    "the join {node} needs every way in, but nothing can come by {edges} any more; use the policy "
    "all_active, or draw the missing way",
    Code.JOIN_STARVED,
)
STARVED_RACE = failure(
    "the join {node} needs {index} of {all} ways in, but nothing can come by {edges} any more; use "
    "the policy all_active, or draw the missing way",
    Code.JOIN_STARVED,
)
STATE_CONFLICT = failure(
    "the branches that meet here disagree about {key}: {writers}; give the key a reducer, write it "
    "in one branch only, or set on_conflict",
    Code.STATE_CONFLICT,
)
NO_SECRET = failure("this run was given no secret {name}; it has none", Code.SECRET)
SECRET_NOT_GIVEN = failure("this run was given no secret {name}; it has {keys}", Code.SECRET)
SECRET_REFUSED = failure("the secret {name}: {why}; see Settings, Secrets", Code.SECRET)
NOT_OF_STARTER: Final = say("whoever started this run has no secret of this name, nor may use one")
STARTER_IS_OFF: Final = say("the account that started this run is switched off")
CANNOT_OPEN: Final = readable("it cannot be opened. {problem}")
"""Why a secret is refused."""

NO_CHILDREN = failure("this engine starts no runs of other workflows", Code.WORKFLOW)
WORKING_ALREADY = failure(
    "run {run} works for this step already, and this run does not know it; look at what it has "
    "done, cancel it, and start this run anew or fork it",
    Code.WORKFLOW,
)
NO_VERSION = failure(
    "there is no version {version} of a workflow {workflow}; publish it, or publish this workflow "
    "anew",
    Code.WORKFLOW,
)

ITEM = failure("item {index} of {node} failed: {why}")
CHILD = failure("{workflow} failed in run {run}: {why}")
BODY = failure("the body failed in run {run}: {why}")


def reread(error: Error, names: Names = NOBODY) -> Said | None:
    """What an error of a journal says, as a sentence that knows its gaps; None for what is none of
    ours. `names` are those of the graph whose run failed."""
    message, details = error.get("message"), error.get("details") or {}
    if not isinstance(message, str) or len(message) > MOST:
        return None
    for wrapping, mark in ((ITEM, "item"), (CHILD, "origin"), (BODY, "origin")):
        gaps = wrapping.read(message) if mark in details else None
        if gaps is not None:
            return _wrapped(wrapping, gaps, error, mark, names)
    for each in _BY_CODE.get(str(error.get("code")), ()):
        gaps = each.read(message)
        if gaps is not None:
            return say(each.sentence, **_values(gaps, details, names))
    return None


def _wrapped(
    wrapping: Failure, gaps: dict[str, str], error: Error, mark: str, names: Names
) -> Said:
    """What failed within an item, or within a run of another graph, whose names are not known."""
    inner = {key: value for key, value in error["details"].items() if key != mark}
    if mark == "item":
        why = reread({**error, "message": gaps["why"], "details": inner}, names)
    else:
        why = reread({**error["details"]["origin"], "message": gaps["why"]})
    values = _values(gaps, inner, names)
    return say(wrapping.sentence, **(values if why is None else {**values, "why": why}))


def _values(gaps: dict[str, str], details: Mapping[str, Any], names: Names) -> dict[str, Any]:
    return {gap: _value(gap, text, details, names) for gap, text in gaps.items()}


def _value(gap: str, text: str, details: Mapping[str, Any], names: Names) -> Any:
    if gap in _STEPS:
        return _named(text, names.step if gap == "node" else names.edge)
    if gap in _QUOTED:
        return Quoted(text)
    if gap in _GROUPED and text.replace(",", "").isdigit():
        return Grouped(text)
    if gap == "edges" and ", ".join(details.get("missing", ())) == text:
        return joined(Step(edge, edge, names.edge(edge)) for edge in details["missing"])
    if gap == "why":
        return faults.reread(details, text) or _why_refused(text) or text
    if gap == "writers":
        return joined(_writer(writer, names) for writer in details.get("writers", ())) or text
    return text


def _why_refused(text: str) -> Said | None:
    """What is said of a secret that a step asked for in vain."""
    plain = {str(said): said for said in (NOT_OF_STARTER, STARTER_IS_OFF)}
    return plain.get(text) or CANNOT_OPEN.read(text)


def _named(text: str, name: Callable[[str], str]) -> Step:
    id_ = str(ast.literal_eval(text))
    return Step(text, id_, name(id_))


def _writer(writer: Mapping[str, Any], names: Names) -> Said:
    node = str(writer["node"])
    return say(
        "{node} says {value}", node=Step(node, node, names.step(node)), value=writer["value"]
    )
