"""DraftConsumer: one socket of one open editor: who else is there, and when the draft was saved.

Server: hello, who, draft, hb. The client says nothing but ping. Nothing is written for it.
"""

import asyncio
import json
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from studio.consumers import codes
from studio.consumers.identity import Credential
from studio.consumers.person import Closed, PersonSocket, object_in
from studio.live import rooms
from studio.live.pool import in_pool
from studio.live.rooms import Visit
from studio.live.roster import Person
from studio.models import Workflow
from studio.queries import items, visible

NAME = "treadle.draft.v1"
HEARTBEAT_S = 15.0
"""Silence is filled with heartbeats; the row is looked at with each, whatever was heard."""


class DraftConsumer(PersonSocket):
    """`/ws/workflow/{workflow_id}` with the sub-protocol `treadle.draft.v1`."""

    attending = False

    def subprotocol(self) -> str | None:
        return NAME if NAME in self.scope.get("subprotocols", ()) else None

    async def attend(self, user: User, credential: Credential) -> int:
        if self.subprotocol() is None:
            return codes.BAD_MESSAGE
        workflow = await in_pool(self._find, user)
        if workflow is None:
            return codes.NOT_THERE
        edits = await in_pool(visible.can_edit, user, workflow)
        person = Person(user.pk, user.get_username(), edits)
        async with self.counted(user, credential):
            here = rooms.current()
            visit = await here.enter(workflow.pk, person)
            self.attending = True
            try:
                return await self._tell(visit, user)
            finally:
                await here.leave(visit)

    def may_stay(self, user: User) -> bool:
        return self._find(user) is not None

    def is_attending(self) -> bool:
        return self.attending

    def hear(self, text: str) -> None:
        if object_in(text).get("t") != "ping":
            raise Closed(codes.BAD_MESSAGE)

    def subject(self) -> str:
        return f"workflow {self._workflow_id()}"

    async def _tell(self, visit: Visit, user: User) -> int:
        """For as long as the socket is open, or until the workflow is gone."""
        told, saves = visit.others(), visit.saves
        row = await in_pool(self._find, user)
        if row is None:
            return codes.FORBIDDEN
        rev = row.draft_rev
        await self._say(t="hello", v=1, hb=int(HEARTBEAT_S), who=_names(told), **_revision(row))
        while True:
            beats = not await _rung(visit.bell)
            visit.bell.clear()
            others = visit.others()
            if others != told:
                told = others
                await self._say(t="who", who=_names(told))
            if not beats and visit.saves == saves:
                continue
            saves = visit.saves
            row = await in_pool(self._find, user)
            if row is None:
                return codes.FORBIDDEN
            if row.draft_rev != rev:
                rev = row.draft_rev
                await self._say(t="draft", **_revision(row))
            elif beats:
                await self._say(t="hb", rev=rev)

    async def _say(self, **message: Any) -> None:
        await self.link.text(json.dumps(message, separators=(",", ":")))

    def _find(self, user: User) -> Workflow | None:
        try:
            wanted = UUID(self._workflow_id())
        except ValueError:
            return None
        rows = visible.workflows(user).select_related("draft_saved_by").defer("draft")
        return rows.filter(public_id=wanted).first()

    def _workflow_id(self) -> str:
        workflow_id: str = self.scope["url_route"]["kwargs"]["workflow_id"]
        return workflow_id


async def _rung(bell: asyncio.Event) -> bool:
    """Whether there was news before it was time for a heartbeat."""
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            await bell.wait()
    except TimeoutError:
        return False
    return True


def _names(people: tuple[Person, ...]) -> list[dict[str, Any]]:
    return [{"name": person.name, "can_edit": person.can_edit} for person in people]


def _revision(workflow: Workflow) -> dict[str, Any]:
    by = workflow.draft_saved_by
    return {
        "rev": workflow.draft_rev,
        "saved_at": items.moment(workflow.draft_saved_at),
        "saved_by": by and by.get_username(),
    }
