"""What this process counts for its operators, in the text format of Prometheus.

Each meter is written where the thing happens, by one thread or by few that may lose one count in
a million to each other: nothing waits for a lock. `studio.execution.figures` reads them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

Labels = Mapping[str, str]


class Counter:
    """Something that happens, since this process began."""

    def __init__(self, name: str, about: str) -> None:
        self.name = name
        self.about = about
        self.value = 0

    def add(self, count: int = 1) -> None:
        self.value += count

    def lines(self) -> Iterator[str]:
        yield from figure(self.name, self.about, "counter", [({}, self.value)])


class Histogram:
    """How large things are, by bounds: each bucket counts what is not above its bound."""

    def __init__(self, name: str, about: str, bounds: Sequence[float]) -> None:
        self.name = name
        self.about = about
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self._total = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._total += value

    def lines(self) -> Iterator[str]:
        counts, below = list(self._counts), 0
        yield from _head(self.name, self.about, "histogram")
        for bound, count in zip((*map(_number, self._bounds), "+Inf"), counts, strict=True):
            below += count
            yield f'{self.name}_bucket{{le="{bound}"}} {below}'
        yield f"{self.name}_sum {_number(self._total)}"
        yield f"{self.name}_count {below}"


def figure(
    name: str, about: str, kind: str, values: Iterable[tuple[Labels, float]]
) -> Iterator[str]:
    """The lines of one figure, with a value for each set of labels."""
    yield from _head(name, about, kind)
    for labels, value in values:
        pairs = ",".join(f'{key}="{_quoted(text)}"' for key, text in labels.items())
        yield f"{name}{{{pairs}}} {_number(value)}" if pairs else f"{name} {_number(value)}"


def _head(name: str, about: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


CLAIMS = Counter("treadle_claims_total", "Runs that this process took up to drive.")
FENCED = Counter("treadle_fenced_total", "Runs that another driver took from this process.")
LOST = Counter("treadle_attempts_lost_total", "Attempts that ended with their worker.")
BATCHES = Histogram(
    "treadle_commit_events",
    "Events that one commit of the journal wrote.",
    (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
COMMITS = Histogram(
    "treadle_commit_seconds",
    "How long one commit of the journal took.",
    (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
LATENCY = Histogram(
    "treadle_live_seconds",
    "From an event's time until it was read for those who watch its run.",
    (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
METERS = (CLAIMS, FENCED, LOST, BATCHES, COMMITS, LATENCY)
