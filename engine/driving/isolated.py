"""A tool's call in a process of its own, so that it can be killed at its deadline.

The thread that asked waits for the process, passes on what the tool logs, and kills it once its
attempt is told to stop. Arguments and the result travel by pickle; the function by its name, so it
has to stand at the top level of a module. A secret is asked for over the pipe when the tool wants
it: neither the command line nor the environment of the process ever holds one.
"""

import asyncio
import importlib
import inspect
import math
import multiprocessing
import os
import pickle
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

from engine.driving import capture
from engine.driving.context import CURRENT, Secrets, ToolContext
from engine.driving.failures import message_of, shortened, tool_traceback
from engine.errors import Code, RunError
from engine.events import Event
from engine.planning.retries import kinds_of
from engine.values.private import PrivateState

LOOK_S = 0.05
"""How often the waiting thread looks whether it is to kill the process, in seconds."""

BEAT_S = 0.05
"""A tool's signs of life come over the pipe at most this often, in seconds."""

preparation = ""
"""`module:function` that the process calls first; the studio names what sets up Django."""


class RemoteError(RunError):
    """What a tool raised in its process; `kinds` is what retry policies know it by."""

    def __init__(
        self, message: str, kinds: list[str], details: dict[str, Any], code: str = Code.TOOL
    ) -> None:
        super().__init__(code, message, details=details)
        self.kinds = kinds


class _Marker:
    """Stands for an argument that is made anew in the process."""

    def __init__(self, name: str) -> None:
        self.name = name


def call(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    state: PrivateState | None,
    context: ToolContext,
) -> Any:
    """What the function answers, called in a new process; changes of `state` are brought back.

    Raises RemoteError for what it raised, and CancelledError after the process was killed.
    """
    order = _order(function, args, kwargs, state, context)
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs,), name="treadle-tool", daemon=True)
    process.start()
    theirs.close()
    try:
        ours.send_bytes(order)
        answer = _answer(ours, process.sentinel, context)
    except (BrokenPipeError, ConnectionResetError):
        answer = None
    finally:
        ours.close()
        process.kill() if process.is_alive() else None
        process.join()
    if context.cancelled:
        raise asyncio.CancelledError
    if answer is None:
        raise _died(process.exitcode)
    return _taken(answer, state)


def _order(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    state: PrivateState | None,
    context: ToolContext,
) -> bytes:
    def portable(value: Any) -> Any:
        if value is context:
            return _Marker("context")
        return _Marker("state") if state is not None and value is state else value

    plain = None if state is None else {key: state[key] for key in state}
    about = (context.run_id, context.node, context.activation, context.attempt, context.error)
    answer = (context.answer, context.memo)
    named = {name: portable(value) for name, value in kwargs.items()}
    call = (function, tuple(map(portable, args)), named, plain, about, answer)
    try:
        return pickle.dumps((preparation, capture.active(), pickle.dumps(call)))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        name = getattr(function, "__qualname__", repr(function))
        raise RunError(
            Code.TOOL,
            f"{name} cannot be called in another process: {error}; define the tool at the top "
            f"level of a module, or leave out isolation",
            details={"type": type(error).__name__},
        ) from error


_Answer = tuple[str, Any, dict[str, Any] | None]


def _answer(pipe: Connection, sentinel: int, context: ToolContext) -> _Answer | None:
    """What the process says in the end, or None if it is gone or was to be stopped."""
    while not context.cancelled:
        if pipe not in (ready := wait([pipe, sentinel], LOOK_S)):
            if ready:
                return None
            continue
        try:
            kind, *rest = pickle.loads(pipe.recv_bytes())
        except EOFError:
            return None
        if kind == "event":
            context.pass_on(*rest)
        elif kind == "secret":
            pipe.send_bytes(pickle.dumps(_secret(context, rest[0])))
        elif kind == "beat":
            context.heartbeat()
        else:
            return kind, rest[0], rest[1]
    return None


def _secret(context: ToolContext, name: str) -> tuple[str, Any]:
    """A secret for the process that asks, or why it may not have it."""
    try:
        return "value", context.secret(name)
    except RunError as error:
        return "refused", error.as_dict()


def _taken(answer: _Answer, state: PrivateState | None) -> Any:
    kind, value, after = answer
    if kind == "raised":
        raise RemoteError(**value)
    if state is not None and after is not None:
        _bring_back(after, state)
    return state if kind == "state" else value


def _bring_back(after: dict[str, Any], state: PrivateState) -> None:
    for key in [key for key in state if key not in after]:
        del state[key]
    # Also what is the same: a result may hold these very objects, and so says whose they are.
    for key, value in after.items():
        state[key] = value


def _died(code: int | None) -> RemoteError:
    how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with {code}"
    message = f"the tool's process {how} before the tool answered"
    return RemoteError(message, ["ProcessDied", "Exception"], {"type": "ProcessDied"})


# In the process -----------------------------------------------------------------------------------


def _serve(pipe: Connection) -> None:
    """Make the call that comes over the pipe, and say what came of it."""
    _end_with_the_parent()
    talking = threading.Lock()

    def say(*what: Any) -> None:
        text = pickle.dumps(what)
        with talking:
            pipe.send_bytes(text)

    asking = threading.Lock()

    def secret(name: str) -> str:
        with asking:
            say("secret", name)
            kind, answer = pickle.loads(pipe.recv_bytes())
        if kind == "refused":
            raise RunError.from_dict(answer)
        return str(answer)

    try:
        prepare, captures, order = pickle.loads(pipe.recv_bytes())
        said = _made(prepare, captures, order, say, secret)
        say(*said)
    except Exception as error:
        say(*_raised(error))


def _made(
    prepare: str, captures: bool, order: bytes, say: Callable[..., None], secret: Secrets
) -> tuple[str, Any, dict[str, Any] | None]:
    if prepare:
        module, _, name = prepare.partition(":")
        getattr(importlib.import_module(module), name)()
    function, args, kwargs, state, about, (answer, memo) = pickle.loads(order)
    if captures:
        capture.install()

    def emit(event: Event) -> None:
        say("event", event.kind, event.data)

    run_id, node, activation, attempt, error = about
    beat = _seldom(lambda: say("beat"))
    context = ToolContext(
        run_id, node, activation, attempt, error, emit, secret, beat, answer, memo
    )

    def real(value: Any) -> Any:
        if type(value) is not _Marker:
            return value
        return context if value.name == "context" else state

    CURRENT.set(context)
    beat()
    named = {name: real(value) for name, value in kwargs.items()}
    result = function(*map(real, args), **named)
    if inspect.isawaitable(result):
        result = asyncio.run(_awaited(result))
    capture.finish(context)
    return ("state", None, state) if result is state is not None else ("returned", result, state)


async def _awaited(work: Any) -> Any:
    return await work


def _seldom(tell: Callable[[], None]) -> Callable[[], None]:
    """Call `tell`, but not again within `BEAT_S`: a tool may give signs of life in a tight loop."""
    told = -math.inf

    def beat() -> None:
        nonlocal told
        now = time.monotonic()
        if now - told >= BEAT_S:
            told = now
            tell()

    return beat


def _raised(error: BaseException) -> tuple[str, dict[str, Any], None]:
    name, message = type(error).__qualname__, message_of(error)
    if isinstance(error, RunError):
        own = {"code": error.code, "details": error.details}
        return "raised", {"message": message, "kinds": kinds_of(error), **own}, None
    details = {
        "type": name,
        "module": type(error).__module__,
        "traceback": shortened(tool_traceback(error)),
    }
    said = f"{name}: {message}" if message else name
    return "raised", {"message": said, "kinds": kinds_of(error), "details": details}, None


def _end_with_the_parent() -> None:
    """End at once when the process that asked is gone: nobody would take the answer."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        watch = threading.Thread(target=_wait_for, args=(parent.sentinel,), daemon=True)
        watch.start()


def _wait_for(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
