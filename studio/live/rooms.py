"""The rooms: who has which workflow open in this process, and the news that reach them.

`draft_saved` is called after a commit, from whatever thread made it. It carries no data: whoever
hears it reads the row. Between processes the news travel over the channel layer; rows are looked at
now and then anyway.
"""

import asyncio
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from studio.live import relay
from studio.live.roster import Person, Roster

REPORT_S = 20.0
"""How often a process says who looks through it."""


class Visit:
    """One page in a room. Its bell rings when somebody comes or goes, and after each save."""

    def __init__(self, room: "Room", person: Person) -> None:
        self.bell = asyncio.Event()
        self.saves = 0
        """Counts the saves that were heard of."""
        self._room = room
        self._person = person

    def others(self) -> tuple[Person, ...]:
        return self._room.roster.others(self._person.user_id, time.monotonic())


class Room:
    """Everybody at one workflow."""

    def __init__(self, workflow_id: int) -> None:
        self.workflow_id = workflow_id
        self.roster = Roster()
        self.visits: set[Visit] = set()

    def ring(self) -> None:
        for visit in self.visits:
            visit.bell.set()

    def saved(self) -> None:
        for visit in self.visits:
            visit.saves += 1
        self.ring()


class Rooms:
    """Those of one event loop, one for each workflow that is open."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._process = uuid.uuid4().hex
        self._rooms: dict[int, Room] = {}
        self._listener = relay.Listener(self._heard)
        self._reports: asyncio.Task[None] | None = None
        self._asking: set[asyncio.Task[None]] = set()

    async def enter(self, workflow_id: int, person: Person) -> Visit:
        """Come in; undo with `leave`."""
        room = self._rooms.get(workflow_id)
        if room is None:
            room = self._rooms[workflow_id] = Room(workflow_id)
            await self._listener.add(relay.draft_topic(workflow_id))
        visit = Visit(room, person)
        room.visits.add(visit)
        room.roster.enter(visit, person)
        room.ring()
        if relay.is_on():
            self._ask_soon(room)
        return visit

    async def leave(self, visit: Visit) -> None:
        room = visit._room
        room.visits.discard(visit)
        room.roster.leave(visit)
        room.ring()
        self._report(room)
        if not room.visits and self._rooms.get(room.workflow_id) is room:
            del self._rooms[room.workflow_id]
            await self._listener.discard(relay.draft_topic(room.workflow_id))
        if not self._rooms and self._reports is not None:
            self._reports.cancel()
            self._reports = None
            for asking in self._asking:
                asking.cancel()

    def saved(self, workflow_id: int) -> None:
        """From any thread."""
        if workflow_id in self._rooms and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._saved, workflow_id)

    def open(self) -> int:
        """How many workflows are open here."""
        return len(self._rooms)

    def _saved(self, workflow_id: int) -> None:
        room = self._rooms.get(workflow_id)
        if room is not None:
            room.saved()

    def _heard(self, topic: str, body: Mapping[str, Any]) -> None:
        room = self._rooms.get(relay.number_in(topic))
        process = body.get("process")
        if room is None or process == self._process:
            return
        if process is None:
            room.saved()
            return
        people = [Person(*fields) for fields in body["who"]]
        room.roster.report(process, people, time.monotonic())
        room.ring()
        if body.get("ask"):
            self._report(room)

    def _report(self, room: Room, *, ask: bool = False) -> None:
        who = [[each.user_id, each.name, each.can_edit] for each in room.roster.here()]
        body = {"process": self._process, "who": who, "ask": ask}
        relay.tell(relay.draft_topic(room.workflow_id), body)

    def _ask_soon(self, room: Room) -> None:
        if self._reports is None:
            self._reports = asyncio.create_task(self._report_on())
        asking = asyncio.create_task(self._ask(room))
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)

    async def _ask(self, room: Room) -> None:
        """Say who is here and ask who is elsewhere, once the answers can be heard."""
        await self._listener.joined.wait()
        self._report(room, ask=True)

    async def _report_on(self) -> None:
        while True:
            await asyncio.sleep(REPORT_S)
            for room in tuple(self._rooms.values()):
                self._report(room)
                # Somebody elsewhere may have fallen silent.
                room.ring()


_lock = threading.Lock()
# Replaced, never changed: `draft_saved` reads it from other threads without a lock.
_all: tuple[Rooms, ...] = ()


def current() -> Rooms:
    """The rooms of the running event loop."""
    global _all
    loop = asyncio.get_running_loop()
    for rooms in _all:
        if rooms.loop is loop:
            return rooms
    with _lock:
        rooms = Rooms()
        _all = (*(known for known in _all if not known.loop.is_closed()), rooms)
    return rooms


def draft_saved(workflow_id: int) -> None:
    """The draft has a new revision: tell everybody who has it open, here and elsewhere."""
    for rooms in _all:
        rooms.saved(workflow_id)
    relay.tell(relay.draft_topic(workflow_id), {})
