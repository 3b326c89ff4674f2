"""One subject of the tables: who runs the loop, and what it took."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Round:
    seconds: float
    """By the clock."""
    cpu: float
    """CPU seconds of the process that does the work, the database server's left out."""
    stored: int = 0
    """Bytes that the database grew by; 0 where nobody can say."""
    commits: int | None = None


class Loop(Protocol):
    """A durable loop: `runs` of `steps` steps beside each other, `size` bytes carried along."""

    def __call__(self, steps: int, runs: int = 1, size: int = 0) -> Round: ...


@dataclass(slots=True)
class Subject:
    """A loop and its rounds."""

    name: str
    loop: Loop
    rounds: list[Round] = field(default_factory=list)

    def median(self, pick: Callable[[Round], float]) -> float:
        return statistics.median(pick(each) for each in self.rounds)

    def best(self, pick: Callable[[Round], float]) -> float:
        return min(pick(each) for each in self.rounds)


def measure(subjects: list[Subject], rounds: int, **what: Any) -> None:
    """Once to warm up, then in turns: a slow minute of the machine hits everybody alike."""
    for each in subjects:
        each.rounds.clear()
    for number in range(rounds + 1):
        for each in subjects:
            found = each.loop(**what)
            if number:
                each.rounds.append(found)
