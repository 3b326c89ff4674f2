"""The figures as a table, and as JSON."""

import json
import os
from pathlib import Path

from .patience import Cut

NAME, CELL = 44, 20


def best(rounds: list[Cut]) -> Cut:
    """The best of each figure; None where no round got so far."""
    names = dict.fromkeys(name for one in rounds for name in one)
    return {name: _best(name, [one.get(name) for one in rounds]) for name in names}


def _best(name: str, figures: list[float | None]) -> float | None:
    known = [one for one in figures if one is not None]
    if not known:
        return None
    return max(known) if more_is_better(name) else min(known)


def more_is_better(name: str) -> bool:
    """Whether a figure counts what there should be much of."""
    return name.endswith(("frames a second", "in time, %"))


def report(found: dict[str, Cut], patience_s: float) -> None:
    """Print the table, and write it to TREADLE_BENCH_JSON when that is set."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"\n== browser: Chromium, 1440 by 900, {os.cpu_count()} cores, best rounds, load {load}")
    print(table(found, patience_s))
    folder = os.environ.get("TREADLE_BENCH_JSON")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        told = {"bench": "browser", "patience_s": patience_s, "cases": found}
        (Path(folder) / "browser.json").write_text(json.dumps(told, indent=1))


def table(found: dict[str, Cut], patience_s: float) -> str:
    """A line per figure, a column per subject; empty where a subject has no such figure."""
    names = list(dict.fromkeys(name for one in found.values() for name in one))
    lines = [f"{'':{NAME}}" + "".join(f"{subject:>{CELL}}" for subject in found)]
    for name in names:
        cells = (_cell(one, name, patience_s) for one in found.values())
        lines.append(f"{name:{NAME}}" + "".join(f"{cell:>{CELL}}" for cell in cells))
    return "\n".join(lines) + "\n"


def _cell(figures: Cut, name: str, patience_s: float) -> str:
    if name not in figures:
        return ""
    figure = figures[name]
    return f"not within {patience_s:g} s" if figure is None else f"{figure:.1f}"
