"""A run that is asked for by the id of its workflow, looked up and planned where it is written.

Only what memory and one row can tell is planned here, on the engine's loop, where nobody may wait
for Django's connection. Whoever asks for more goes the ordinary way (`actions.runs.plan_run`).
"""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User

from studio.actions.run_rights import asks_for_secrets
from studio.actions.runs import PlannedRun, plan_run
from studio.execution.dispatch import dispatcher
from studio.execution.handover import Handover
from studio.journal import graphs
from studio.journal.raw_connection import Raw
from studio.journal.run_start import Found, RunStart
from studio.models import Version
from studio.models.fields import new_public_id
from studio.queries import ceilings, lookups, visible
from studio.rights import Verb


class NotAtHand(Exception):
    """More has to be looked up, or there is something to refuse: nothing was written."""


@dataclass(slots=True)
class AskedRun:
    """One request for a run."""

    user: User
    graph_id: UUID
    state: dict[str, Any]
    source: str
    ip: str | None
    """Where the request came from, for the audit entry."""
    planned: PlannedRun | None = None
    """Set once nothing speaks against the run: from then on it may have been written."""
    public_id: UUID = field(default_factory=new_public_id)

    def hand_over(self, timeout_s: float) -> Handover | None:
        """Let it be planned, written and driven. None where this process hands nothing over."""
        return dispatcher().hand_over(self.public_id, self.plan, timeout_s)

    def plan(self, connection: Raw, found: Found) -> RunStart:
        """On the engine's loop. Raises NotAtHand, or what `plan_run` raises."""
        self.planned = plan_run(
            user=self.user,
            version=self._version(connection, found),
            state=self.state,
            source=self.source,
            idempotency_key=None,
            public_id=self.public_id,
            ip=self.ip,
        )
        return self.planned.start

    def _version(self, connection: Raw, found: Found) -> Version:
        """The published version, looked up once for the starts of a moment."""
        key = (self.user.pk, ceilings.of_token_alone(self.user), self.graph_id)
        if key not in found:
            found[key] = self._looked_up(connection)
        version = found[key]
        if not isinstance(version, Version):
            raise NotAtHand
        return version

    def _looked_up(self, connection: Raw) -> Version | None:
        """None unless everything about it is at hand."""
        workflow = lookups.startable(self.user, self.graph_id, connection)
        version = None if workflow is None else workflow.published
        if version is None:
            return None
        if not visible.may_at_a_glance(self.user, Verb.RUN, version.workflow):
            return None
        graph = graphs.remembered(version.hash)
        return None if graph is None or asks_for_secrets(graph) else version
