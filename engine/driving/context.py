"""What a tool may ask of the engine while it runs: its parameter `ctx`."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from engine.errors import Code, RunError
from engine.events import Event, EventKind
from engine.planning.asking import Question, question
from engine.values import redaction
from engine.values.jsonvalue import Json, clean

MAX_LINE = 8 * 1024
"""Bytes of one log line as UTF-8; the rest is cut off."""
MAX_LOG = 10 * 1024 * 1024
"""Bytes of lines and notes that one attempt may write; what comes after them is not kept."""
LEVELS = ("debug", "info", "warning", "error")

Secrets = Callable[[str], str]
"""Gives the value of a secret by its name. Raises RunError (E_SECRET) when it may not."""


class ToolContext:
    """One attempt, as its tool sees it. Safe to use from any thread."""

    __slots__ = (
        "_emit",
        "_room",
        "_secrets",
        "_stop",
        "activation",
        "answer",
        "attempt",
        "error",
        "listen",
        "memo",
        "node",
        "run_id",
    )

    def __init__(
        self,
        run_id: str,
        node: str,
        activation: int,
        attempt: int,
        error: dict[str, Any] | None,
        emit: Callable[[Event], None],
        secrets: Secrets | None = None,
        listen: Callable[[], None] | None = None,
        answer: Json = None,
        memo: Json = None,
    ) -> None:
        self.run_id = run_id
        self.node = node
        self.activation = activation
        """Which visit of the run this is: the same for every attempt of it."""
        self.attempt = attempt
        """1 for the first attempt."""
        self.error = error
        """What failed before, on the far side of an error edge: {node, type, message, …}."""
        self.answer = answer
        """What a person answered to the `ask` before; None in the first call."""
        self.memo = memo
        """What that `ask` said is to be remembered; None in the first call."""
        self.listen = listen
        """Hears every sign of life, if somebody waits for them."""
        self._emit = emit
        self._secrets = secrets
        self._room = MAX_LOG
        self._stop = False

    @property
    def idempotency_key(self) -> str:
        """A key that every attempt of this activation shares, to hand to other services."""
        return f"{self.run_id}:{self.activation}"

    @property
    def cancelled(self) -> bool:
        """Whether the attempt should end: it timed out, or the run is being cancelled."""
        return self._stop

    def log(self, message: object, level: str = "info") -> None:
        """Write a line to the run's journal. Levels: debug, info, warning, error."""
        if level not in LEVELS:
            raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r:.40}")
        text = _cut(clean(redaction.line(str(message))[: MAX_LINE + 1]))
        self._write(EventKind.LOG, {"level": level, "message": text}, text)

    def progress(self, done: float, total: float | None = None, note: str = "") -> None:
        """Say how far the tool is."""
        text = _cut(clean(redaction.line(str(note))[: MAX_LINE + 1]))
        data = {"done": clean(done), "total": clean(total), "note": text}
        self._write(EventKind.PROGRESS, data, text)

    def heartbeat(self) -> None:
        """Say that the tool lives, to a node with an `idle_timeout`. Costs next to nothing."""
        if self.listen is not None:
            self.listen()

    def secret(self, name: str) -> str:
        """The value of a secret that this run may use. Raises RunError (E_SECRET).

        It is for the call alone: wherever it turns up in what the tool returns, raises or logs, it
        is replaced before that is written.
        """
        if self._secrets is None:
            raise RunError(
                Code.SECRET,
                f"there is no secret {name!r:.80} here: this run was given none "
                "(engine.run takes secrets={name: value})",
                node=self.node,
                details={"secret": str(name)[:80]},
            )
        value = self._secrets(name)
        redaction.KNOWN.learn(name, value)
        return value

    def ask(
        self,
        form: Mapping[str, Any],
        memo: Any = None,
        *,
        title: str = "",
        description: str = "",
        assignees: Mapping[str, Any] | None = None,
        due: str | None = None,
    ) -> Question:
        """Ask a person: `return ctx.ask(form, memo)`. The tool is called again with the answer.

        `form` is a JSON Schema of the answer, an object. `memo`, any JSON, comes back as
        `ctx.memo` beside `ctx.answer`. `due` ("48h") is how long the person has: past it the
        node's `timeout` edge is taken. Raises ValueError for what cannot be asked.
        """
        return question(
            form,
            memo,
            title=title or self.node,
            description=description,
            assignees=assignees,
            due=due,
        )

    def pass_on(self, kind: EventKind, data: dict[str, Any]) -> None:
        """Write a line or progress that the tool gave in a process of its own."""
        self.heartbeat()
        self._emit(self._event(kind, redaction.KNOWN.value(data)))

    def stop(self) -> None:
        """Ask the tool to end; called by the driver."""
        self._stop = True

    def _write(self, kind: EventKind, data: dict[str, Any], text: str) -> None:
        """Write a line or a note, as long as the attempt has not written too much."""
        if self.listen is not None:
            self.listen()
        if self._room < 0:
            return
        self._room -= size_of(text)
        if self._room < 0:
            kind, data = EventKind.TRUNCATED, {"limit": MAX_LOG}
        self._emit(self._event(kind, data))

    def _event(self, kind: EventKind, data: dict[str, Any]) -> Event:
        return Event(kind, data, self.node, self.activation, self.attempt)


def size_of(text: str) -> int:
    """Bytes of a text as UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def _cut(text: str) -> str:
    """At most `MAX_LINE` bytes of a text; it shows where it was cut."""
    if size_of(text) <= MAX_LINE:
        return text
    mark = "…"
    kept = text.encode()[: MAX_LINE - size_of(mark)]
    return kept.decode(errors="ignore") + mark


CURRENT: ContextVar[ToolContext | None] = ContextVar("treadle_attempt", default=None)
"""The attempt whose tool is running here, where logging and print are captured."""
