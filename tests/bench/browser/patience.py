"""A bound for what a page may take: a browser that does not answer any more is ended."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from .measures import Part

Cut = dict[str, float | None]
"""Figures by name; None where the time was over before."""


def carry_out(browser: Browser, parts: list[Part], seconds: float) -> Cut:
    """Do the parts in turn, for at most so many seconds altogether."""
    found: Cut = {name: None for part in parts for name in part.names}
    with _bounded(browser, seconds) as over:
        for part in parts:
            if over.is_set():
                break
            try:
                found |= zip(part.names, part.find(), strict=True)
            except PlaywrightError:
                if not over.is_set():
                    raise
    return found


@contextmanager
def _bounded(browser: Browser, seconds: float) -> Iterator[threading.Event]:
    """The event is set, and the browser killed, when the time is over."""
    process = _process_id(browser)
    over = threading.Event()

    def end() -> None:
        over.set()
        os.kill(process, signal.SIGKILL)

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield over
    finally:
        timer.cancel()


def _process_id(browser: Browser) -> int:
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return int(next(one["id"] for one in processes if one["type"] == "browser"))
