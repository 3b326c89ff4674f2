"""What is measured of each page, in parts that can be cut: a part names what it finds."""

from collections.abc import Callable
from dataclasses import dataclass

from .meter import Meter
from .subjects import Canvas, Editor, LogPage, RunPage

PAN_FRAMES = 120
ZOOM_FRAMES = 80
CHANGES = 10
LETTERS = "measured while it saves "

Found = dict[str, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a round. `find` gives a figure for each of `names`, in their order."""

    names: tuple[str, ...]
    find: Callable[[], tuple[float, ...]]


def canvas_parts(canvas: Canvas, count: int) -> list[Part]:
    """What every page with a graph can do."""
    meter = Meter(canvas.page)

    def first_render() -> tuple[float, ...]:
        canvas.open(count)
        found = meter.since_navigation()
        meter.settle(1500)
        return (found,)

    def pan(show: Callable[[], None]) -> tuple[float, ...]:
        show()
        meter.settle()
        frames = meter.pan(PAN_FRAMES)
        at_once = (frames.median, frames.percentile(0.95))
        return (*at_once, frames.per_second, frames.in_time, frames.cpu_ms)

    def zoom() -> tuple[float, ...]:
        frames = meter.zoom(ZOOM_FRAMES)
        canvas.full_size()
        meter.settle()
        return (frames.percentile(0.95), frames.cpu_ms)

    return [
        Part(("first render, ms",), first_render),
        Part(_panned("whole graph"), lambda: pan(canvas.whole_graph)),
        Part(_panned("100 %"), lambda: pan(canvas.full_size)),
        Part(("zoom: p95 frame, ms", "zoom: CPU per frame, ms"), zoom),
    ]


def _panned(view: str) -> tuple[str, ...]:
    figures = ("p50 frame, ms", "p95 frame, ms", "frames a second", "in time, %")
    return tuple(f"{view}, pan: {figure}" for figure in (*figures, "CPU per frame, ms"))


def status_part(canvas: Canvas) -> Part:
    """What one change of one step's status costs, beyond what the page does anyhow."""
    meter = Meter(canvas.page)

    def spend(change: Callable[[int], None]) -> float:
        before = meter.cpu_ms()
        for turn in range(2 * CHANGES):
            change(turn)
            meter.settle(120)
            # A busy machine may be late: each change is drawn before the next is made.
            meter.drawn()
        return meter.cpu_ms() - before

    def find() -> tuple[float, ...]:
        # The first changes are read and compiled by the browser; a run has thousands.
        spend(canvas.change_status)
        meter.settle(1500)
        idle = spend(lambda turn: None)
        busy = spend(canvas.change_status)
        return (max(0.0, busy - idle) / (2 * CHANGES),)

    return Part(("one status change: CPU, ms",), find)


def following_part(editor: Editor) -> Part:
    """The same in the editor, while it follows a test run."""
    part = status_part(editor)

    def find() -> tuple[float, ...]:
        editor.run()
        return part.find()

    return Part(part.names, find)


def undo_part(canvas: Canvas) -> Part:
    """Moves of one step, each taken back."""
    meter = Meter(canvas.page)

    def turns() -> float:
        cpu = 0.0
        for _ in range(CHANGES):
            canvas.move()
            meter.settle(100)
            before = meter.cpu_ms()
            canvas.take_back()
            meter.settle(60)
            cpu += meter.cpu_ms() - before
        return cpu / CHANGES

    def find() -> tuple[float, ...]:
        cpu = turns()
        with meter.stalls() as stall:
            turns()
        return (cpu, stall.cpu_ms, stall.clock_ms)

    return Part(("undo: CPU, ms", *_stalled("undo")), find)


def _stalled(what: str) -> tuple[str, str]:
    return (f"{what}: longest task, CPU ms", f"{what}: longest stall, ms")


def saving_parts(editor: Editor) -> list[Part]:
    """An edit until it is saved, and a title that is typed meanwhile."""
    meter = Meter(editor.page)

    def save_once() -> None:
        editor.move()
        meter.settle(200)
        editor.saved()

    def autosave() -> tuple[float, ...]:
        editor.saved()
        before = meter.cpu_ms()
        save_once()
        cpu = meter.cpu_ms() - before
        with meter.stalls() as stall:
            save_once()
        return (cpu, stall.cpu_ms, stall.clock_ms)

    def write() -> None:
        for _ in range(3):
            editor.page.keyboard.type(LETTERS, delay=40)
            meter.settle(1500)
        editor.saved()

    def typing() -> tuple[float, ...]:
        editor.name_field().click()
        meter.settle()
        before = meter.cpu_ms()
        write()
        cpu = (meter.cpu_ms() - before) / (3 * len(LETTERS))
        with meter.stalls() as stall:
            write()
        return (cpu, stall.cpu_ms, stall.clock_ms)

    return [
        Part(("autosave: CPU, ms", *_stalled("autosave")), autosave),
        Part(("typing: CPU per letter, ms", *_stalled("typing while it saves")), typing),
    ]


def ran_part(run: RunPage, count: int) -> Part:
    """The page gets to know that every step but those that wait has run, in one go."""
    meter = Meter(run.page)

    def find() -> tuple[float, ...]:
        before = meter.cpu_ms()
        with meter.stalls() as stall:
            run.let_all_run(count)
            meter.settle(1500)
        return (meter.cpu_ms() - before, stall.cpu_ms)

    return Part(("every step runs: CPU, ms", "every step runs: longest task, CPU ms"), find)


def log_parts(log: LogPage, lines: int) -> list[Part]:
    """A log of many lines: all of it comes, then is scrolled through and searched."""
    meter = Meter(log.page)

    def open_it() -> tuple[float, ...]:
        log.open(lines)
        found = meter.since_navigation()
        meter.settle(500)
        return (found,)

    def scroll() -> tuple[float, ...]:
        with meter.stalls() as stall:
            log.scroll(PAN_FRAMES)
        return (stall.cpu_ms, stall.clock_ms)

    def search() -> tuple[float, ...]:
        with meter.stalls() as stall:
            log.search(f"line {lines - 1} ")
            meter.settle(500)
        return (stall.cpu_ms, stall.clock_ms)

    return [
        Part(("every line is there, ms",), open_it),
        Part(_stalled("scrolling"), scroll),
        Part(_stalled("searching"), search),
    ]
