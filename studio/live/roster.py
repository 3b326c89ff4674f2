"""Who has one workflow open, in all processes. Pure: the time is passed in.

Nothing of it is stored: looking at a workflow writes nothing. Each process says now and then who
looks through it; of one that falls silent nothing is believed for long.
"""

from collections.abc import Iterable
from dataclasses import dataclass

SILENCE_S = 60.0
"""After which another process's word is worth nothing."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a page, once for each person however many pages it are."""

    user_id: int
    name: str
    can_edit: bool


class Roster:
    def __init__(self) -> None:
        self._here: dict[object, Person] = {}
        self._elsewhere: dict[str, tuple[float, tuple[Person, ...]]] = {}

    def enter(self, page: object, person: Person) -> None:
        self._here[page] = person

    def leave(self, page: object) -> None:
        self._here.pop(page, None)

    def here(self) -> tuple[Person, ...]:
        """Who looks through this process."""
        return _once(self._here.values())

    def report(self, process: str, people: Iterable[Person], now: float) -> None:
        """Another process said who looks through it."""
        said = _once(people)
        if said:
            self._elsewhere[process] = (now, said)
        else:
            self._elsewhere.pop(process, None)

    def others(self, user_id: int, now: float) -> tuple[Person, ...]:
        """Everybody but this person, by name."""
        alive = [said for at, said in self._elsewhere.values() if now - at < SILENCE_S]
        people = _once([*self._here.values(), *(person for said in alive for person in said)])
        return tuple(person for person in people if person.user_id != user_id)


def _once(people: Iterable[Person]) -> tuple[Person, ...]:
    """Each person once; who may edit on one page counts as that."""
    found: dict[int, Person] = {}
    for person in people:
        known = found.get(person.user_id)
        if known is None or person.can_edit:
            found[person.user_id] = person
    return tuple(sorted(found.values(), key=lambda person: (person.name, person.user_id)))
