"""Which runs are kept, as people write it: `all`, `30 days`, `100 runs`, or both of the latter."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_DAYS = 36_500
MOST_RUNS = 100_000

_RULE = re.compile(r"([1-9][0-9]{0,5})\s+(days?|runs?)", re.ASCII)
_WRITE = "write all, or how long and how many, such as 30 days, 100 runs (one of them is enough)"


@dataclass(frozen=True, slots=True)
class Retention:
    """What holds a run that has ended. Each of the two holds it by itself."""

    days: int | None = None
    """Days from its end for which a run is kept; None: no rule."""
    runs: int | None = None
    """How many runs of the workflow are kept, the last ones to end; None: no rule."""

    @property
    def keeps_all(self) -> bool:
        return self.days is None and self.runs is None

    def before(self, now: datetime) -> datetime | None:
        """Ends at or after this moment are held by the days; None: the days hold nothing."""
        return None if self.days is None else now - timedelta(days=self.days)

    def __str__(self) -> str:
        parts = [
            f"{count} {word if count != 1 else word[:-1]}"
            for count, word in ((self.days, "days"), (self.runs, "runs"))
            if count is not None
        ]
        return ", ".join(parts) or "all"


def a_retention(text: str) -> Retention:
    """`30 days, 100 runs` as a Retention. Raises ValueError that says what to write."""
    if text.strip().lower() == "all":
        return Retention()
    found: dict[str, int] = {}
    for part in text.lower().split(","):
        match = _RULE.fullmatch(part.strip())
        if match is None or (word := match[2].rstrip("s")) in found:
            raise ValueError(_WRITE)
        found[word] = int(match[1])
    days, runs = found.get("day"), found.get("run")
    if (days or 1) > MOST_DAYS or (runs or 1) > MOST_RUNS:
        raise ValueError(f"write at most {MOST_DAYS:,} days and {MOST_RUNS:,} runs, or all")
    return Retention(days, runs)
