"""Large graphs in Chromium: the editor and the run page beside stock React Flow.

    python -m tests.bench.browser [ROUNDS] [--only SUBJECT,…] [--counts 1000,5000] [--patience 120]

Subjects: `stock` (React Flow as its manual starts it), `editor`, `run` (the page of a run that
waits), `ran` (the same page once every step has run) and `log` (100,000 lines).

Every canvas draws the same graph of so many steps in a window of 1440 by 900. Gestures are wheel
and key events, one in each frame, for at most six seconds; frames are counted by the browser's
clock, CPU is what the main thread spent (scripts, style, layout, painting). The longest stall is
the longest time in which the page could not have answered a key, what other programs took of it
included; the longest task is the CPU of the page's thread alone, from Chromium's trace. Subjects
take turns, and the best round counts: other work on the machine only ever makes them slower. A
subject that has not got through everything within the patience (seconds) is ended and not tried
again.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.bench.timing import skip
from tests.live import LiveStudio
from tests.services import CHROMIUM

from .measures import (
    Part,
    canvas_parts,
    following_part,
    log_parts,
    ran_part,
    saving_parts,
    status_part,
    undo_part,
)
from .meter import IN_PAGE
from .patience import Cut, carry_out
from .stock import VITE, stock_page
from .subjects import Editor, LogPage, RunPage, Stock
from .table import best, report

COUNTS = (1_000, 5_000)
LINES = 100_000
ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]
OPENING_S = 60.0
"""A page that is not there after so long counts as one that never comes."""


@dataclass(frozen=True, slots=True)
class World:
    """What all subjects are measured in."""

    playwright: Playwright
    studio: LiveStudio
    stock: str
    """The address of the stock page."""
    cookies: object


Parts = Callable[[Page, World, int], list[Part]]


def stock_parts(page: Page, world: World, count: int) -> list[Part]:
    """React Flow as its manual starts it."""
    peer = Stock(page, world.stock)
    return [*canvas_parts(peer, count), status_part(peer), undo_part(peer)]


def editor_parts(page: Page, world: World, count: int) -> list[Part]:
    """The editor."""
    editor = Editor(page, world.studio)
    saving = saving_parts(editor)
    return [*canvas_parts(editor, count), undo_part(editor), *saving, following_part(editor)]


def run_parts(page: Page, world: World, count: int) -> list[Part]:
    """The page of a run whose first steps wait."""
    run = RunPage(page, world.studio)
    return [*canvas_parts(run, count), status_part(run)]


def ran_parts(page: Page, world: World, count: int) -> list[Part]:
    """The same page when all other steps have run: log, timeline and list are long."""
    run = RunPage(page, world.studio)
    opening, *_ = canvas_parts(run, count)
    return [opening, ran_part(run, count), status_part(run)]


def lines_parts(page: Page, world: World, count: int) -> list[Part]:
    """The log."""
    return log_parts(LogPage(page, world.studio), count)


SUBJECTS: dict[str, Parts] = {
    "stock": stock_parts,
    "editor": editor_parts,
    "run": run_parts,
    "ran": ran_parts,
    "log": lines_parts,
}


def main() -> None:
    """Make the pages, measure them in turn, report."""
    options = asked()
    if not Path(CHROMIUM).exists():
        skip("browser", "Chromium is not installed")
        return
    if not VITE.exists():
        skip("browser", "run npm install --no-save in static/src")
        return
    rounds: dict[str, list[Cut]] = {}
    with ExitStack() as stack:
        world = stack.enter_context(made(options.only, options.counts))
        for _ in range(options.rounds):
            for name, count in cases(options.only, options.counts):
                title = f"{name}, {count:,}"
                if any(None in one.values() for one in rounds.get(title, [])):
                    continue
                with fresh(world.playwright, world.cookies) as page:
                    browser = page.context.browser
                    assert browser is not None
                    parts = SUBJECTS[name](page, world, count)
                    found = carry_out(browser, parts, options.patience)
                rounds.setdefault(title, []).append(found)
    report({title: best(each) for title, each in rounds.items()}, options.patience)


def asked() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.browser")
    parser.add_argument("rounds", nargs="?", type=int, default=1)
    parser.add_argument("--only", type=_names, default=tuple(SUBJECTS), help=", ".join(SUBJECTS))
    parser.add_argument("--counts", type=_counts, default=COUNTS, help="steps, such as 1000,5000")
    parser.add_argument("--patience", type=float, default=120.0, help="seconds for each subject")
    return parser.parse_args()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    for name in names:
        if name not in SUBJECTS:
            raise argparse.ArgumentTypeError(f"no such subject: {name}")
    return names


def _counts(text: str) -> tuple[int, ...]:
    return tuple(int(one) for one in text.split(","))


def cases(names: tuple[str, ...], counts: tuple[int, ...]) -> Iterator[tuple[str, int]]:
    """Subject and size, in turn; the log has a size of its own."""
    for count in counts:
        yield from ((name, count) for name in names if name != "log")
    if "log" in names:
        yield "log", LINES


@contextmanager
def made(names: tuple[str, ...], counts: tuple[int, ...]) -> Iterator[World]:
    """The studio, the stock page where it is asked for, and a browser driver."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stock = ""
        if "stock" in names:
            stock = stack.enter_context(stock_page(folder / "stock", counts))
        studio = stack.enter_context(running(folder))
        playwright = stack.enter_context(sync_playwright())
        yield World(playwright, studio, stock, signed_in(playwright, studio))


@contextmanager
def fresh(playwright: Playwright, cookies: object = None) -> Iterator[Page]:
    """A page in a browser of its own, watched by the meter."""
    browser = launched(playwright)
    try:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            storage_state=cookies,  # type: ignore[arg-type]
        )
        context.set_default_timeout(1000 * OPENING_S)
        page = context.new_page()
        page.add_init_script(IN_PAGE)
        yield page
    finally:
        browser.close()


def launched(playwright: Playwright) -> Browser:
    """Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@contextmanager
def running(folder: Path) -> Iterator[LiveStudio]:
    """A real studio with a data folder of its own."""
    tools = "tests.bench.browser.tools"
    studio = LiveStudio(folder / "data", TREADLE_LOG_LEVEL="WARNING", TREADLE_TOOLS=tools)
    studio.start()
    try:
        yield studio
    finally:
        studio.stop()


def signed_in(playwright: Playwright, studio: LiveStudio) -> object:
    """The cookies of the administrator."""
    with fresh(playwright) as page:
        page.goto(studio.url + studio.sign_in_path())
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/workflows/")
        return page.context.storage_state()


if __name__ == "__main__":
    main()
