"""`manage.py up`: make everything ready, then serve until Ctrl-C or SIGTERM."""

import os
import signal
import socket
import sys
import threading
from typing import NoReturn

from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import CommandError

from studio.accounts import sign_in_links
from studio.accounts.first_run import ensure_admin
from studio.commandline import tables, terminal
from studio.commandline.accounts import address
from studio.execution.service import service


def refuse_bad_settings() -> None:
    """Raise CommandError naming every setting that would leave the studio open or broken."""
    errors = [
        message
        for message in checks.run_checks(tags=[checks.Tags.security])
        if message.is_serious(checks.ERROR)
    ]
    if errors:
        said = "\n".join(f"{error.id}: {error.msg}\n    {error.hint or ''}" for error in errors)
        raise CommandError(f"refused to start:\n{said}")


def refuse_taken_port() -> None:
    """Raise CommandError when the address cannot be listened on, before anything is touched."""
    family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.HOST.strip("[]"), settings.PORT))
        except OSError as error:
            raise CommandError(
                f"cannot listen on {settings.HOST}:{settings.PORT}: {error.strerror}."
                " Set TREADLE_PORT or TREADLE_HOST to something else."
            ) from error


def prepare() -> None:
    """Migrate, install the examples, collect the static files."""
    tables.make_ready()
    call_command("collectstatic", interactive=False, verbosity=0)


def greet() -> None:
    """Print the address, and a way in for the administrator."""
    terminal.say(f"Treadle is at {address()}/")
    try:
        admin = ensure_admin()
    except LookupError as error:
        terminal.complain(error)
        return
    link = address() + sign_in_links.create(admin)
    terminal.say(f"Sign in as {admin.get_username()} (once, within 15 minutes): {link}")
    terminal.say("Ctrl-C stops it; what runs goes on at the next start.")


def serve(fd: int | None = None) -> bool:
    """Serve in the foreground, on an open socket if one is given.

    Returns when stopped and drained; whether to start again.
    """
    from studio.http.serve import run

    worn = threading.Event()

    def end() -> None:
        worn.set()
        ask_to_stop()

    service().when_worn = end

    # uvicorn raises the signal that stopped it once more when it is done: that one is no news.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    run(settings.HOST, settings.PORT, fd)
    service().stop(0.0)
    return worn.is_set()


def ask_to_stop() -> None:
    """Let this process stop as if it was told from outside."""
    os.kill(os.getpid(), signal.SIGTERM)


def start_again() -> NoReturn:
    """Be a new process with the same arguments: nothing else ends threads that are stuck."""
    terminal.say("Starting again, without the stuck tool threads.")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def leave(code: int) -> NoReturn:
    """End the process now: a tool's thread that is still busy must not hold it for minutes.

    Its run was handed back; the journal refuses whatever it would still say.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
