"""Transactional tools of the tests, and the table they write to: Django's own log of changes.

Nothing in it is unique, so a step that is done twice shows as two rows.
"""

import os
import threading
import time
from pathlib import Path
from typing import Any

from django.contrib.admin.models import ADDITION, LogEntry
from django.db import IntegrityError, connection, transaction

from engine import default_registry
from studio.actions.runs import start_run
from studio.models import Run, RunEvent, Version

after_commit: list[str] = []
started: list[str] = []
inside = threading.Event()
gate = threading.Event()


def reset() -> None:
    after_commit.clear()
    started.clear()
    inside.clear()
    gate.clear()


def rows() -> list[str]:
    """What stands in the ledger, in order."""
    return list(LogEntry.objects.order_by("pk").values_list("object_repr", flat=True))


def write(text: str, user: int) -> None:
    LogEntry.objects.create(
        user_id=user, action_flag=ADDITION, object_repr=text, change_message=str(os.getpid())
    )


@default_registry.tool("trial.book", effect="transactional")
def book(state: dict[str, Any], ctx: Any) -> None:
    """Write one row, slowly if asked to."""
    write(ctx.node, state["user"])
    time.sleep(float(os.environ.get("TRIAL_SLOW_S", "0")))
    state["booked"] = [*state.get("booked", []), ctx.node]


@default_registry.tool("trial.book_and_fail", effect="transactional")
def book_and_fail(user: int, ctx: Any) -> None:
    """Write a row, and raise on the first attempt."""
    write(f"{ctx.node}/{ctx.attempt}", user)
    if ctx.attempt == 1:
        raise ConnectionResetError("gone")


@default_registry.tool("trial.book_nan", effect="transactional")
def book_nan(user: int) -> dict[str, Any]:
    """Write a row, and answer what cannot be state."""
    write("nan", user)
    return {"value": float("nan")}


@default_registry.tool("trial.book_large", effect="transactional")
def book_large(user: int) -> dict[str, Any]:
    """Write a row, and answer more than the state may hold."""
    write("large", user)
    return {"value": "x" * 5_000}


@default_registry.tool("trial.book_late", effect="transactional")
def book_late(user: int, ctx: Any) -> None:
    """Write a row, and be still at it when the time is over."""
    write(f"late/{ctx.attempt}", user)
    while ctx.attempt == 1 and not ctx.cancelled:
        time.sleep(0.005)


@default_registry.tool("trial.book_nobody", effect="transactional")
def book_nobody() -> None:
    """Write a row for a user who does not exist."""
    write("nobody", 999_999)


@default_registry.tool("trial.book_carelessly", effect="transactional")
def book_carelessly(user: int) -> None:
    """Go on after an error of the database as if nothing had been."""
    write("careless", user)
    try:
        with transaction.atomic(savepoint=False):
            LogEntry.objects.create(user_id=user, action_flag=None, object_repr="broken")
    except IntegrityError:
        pass


@default_registry.tool("trial.book_and_tell", effect="transactional")
def book_and_tell(user: int, ctx: Any) -> None:
    """Have something done after the commit, which fails."""
    write(ctx.node, user)

    def tell() -> None:
        after_commit.append(ctx.node)
        raise RuntimeError("nobody at home")

    transaction.on_commit(tell)


@default_registry.tool("trial.book_and_ask", effect="transactional")
def book_and_ask(user: int, ctx: Any) -> Any:
    """Write a row, ask, and write another one when the answer is there."""
    if ctx.answer is None:
        write("asked", user)
        return ctx.ask({"type": "object", "properties": {"sum": {"type": "integer"}}}, memo="m")
    write(f"answered {ctx.answer['sum']}", user)
    return {"sum": ctx.answer["sum"]}


@default_registry.tool("trial.book_and_start", effect="transactional")
def book_and_start(user: int, version: int, fails: bool) -> None:
    """Write a row and start a run, and perhaps think better of it."""
    write("starts", user)
    begun = start_run(user=None, version=Version.objects.get(pk=version))
    started.append(str(begun.public_id))
    if fails:
        raise ValueError("on second thoughts")


@default_registry.tool("trial.book_and_lose", effect="transactional")
def book_and_lose(user: int, ctx: Any) -> None:
    """Write a row, and lose the connection to the database on the first attempt."""
    write(f"lost/{ctx.attempt}", user)
    if ctx.attempt == 1:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@default_registry.tool("trial.book_and_count", effect="transactional")
def book_and_count(user: int, state: dict[str, Any], items: list[str], ctx: Any) -> dict[str, Any]:
    """Change what it was given, write a row, and lose the connection in the first call."""
    started.append(ctx.node)
    state["n"] += 1
    items.append(ctx.node)
    write("counted", user)
    if len(started) == 1:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    state["given"] = items
    return state


@default_registry.tool("trial.book_asleep", effect="transactional")
def book_asleep(user: int, ctx: Any) -> None:
    """Write a row, and think for longer than the database lets a transaction stand still."""
    started.append(ctx.node)
    write("asleep", user)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 50")
        time.sleep(0.3)
        cursor.execute("SELECT 1")


@default_registry.tool("trial.book_nowhere", effect="transactional")
def book_nowhere(user: int) -> None:
    """Write a row, and one into a table that is not there."""
    write("nowhere", user)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO nowhere VALUES (1)")


@default_registry.tool("trial.book_waiting", effect="transactional")
def book_waiting(user: int, ctx: Any) -> None:
    """Write a row and wait until the test opens the gate."""
    write(ctx.node, user)
    inside.set()
    if "TRIAL_INSIDE" in os.environ:
        Path(os.environ["TRIAL_INSIDE"]).touch()
    if os.environ.get("TRIAL_GATE") != "open":
        gate.wait(30)


@default_registry.tool("trial.book_beside", effect="transactional")
def book_beside(user: int, kind: str, ctx: Any) -> None:
    """Write a row, and an event to the run's journal as somebody else would."""
    write(ctx.node, user)
    run = Run.objects.get(public_id=ctx.run_id)
    head = RunEvent.objects.filter(run=run).order_by("-seq").values_list("seq", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO studio_runevent (run_id, seq, kind, at, data) VALUES (%s, %s, %s, %s, %s)",
            [run.pk, head + 1, kind, run.created_at, '{"owner": "somebody else", "fence": 9}'],
        )
