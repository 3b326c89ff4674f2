"""Work that would never end by itself."""

import pytest
from django.contrib.auth.models import User

from studio.execution.service import Service
from studio.models import Run
from tests.studio.api.calls import Api

ENDLESS = {
    "format": "treadle/1",
    "key": "endless",
    "name": "Endless",
    "entry": ["a"],
    "nodes": {"a": {"type": "tool", "tool": "trial.count"}, "done": {"type": "end"}},
    "edges": [
        {"id": "again", "from": "a", "to": "a", "when": "n > 0"},
        {"id": "out", "from": "a", "to": "done", "else": True},
    ],
    "limits": {"max_steps": 25, "no_progress": 0},
}


@pytest.mark.django_db(transaction=True)
def test_sec_infinite_loop(engine: Service, alice: User) -> None:
    """A loop without an end stands still at exactly its number of steps."""
    api = Api(alice)
    made = api.post("/api/v1/workflows", {"document": ENDLESS})
    assert made.status == 201, made.body
    run = api.post("/api/v1/runs", {"workflow": made.body["id"], "draft": True})
    assert run.status == 201, run.body
    engine.wait_ended_blocking(Run.objects.get().public_id, 20)

    read = api.get(f"/api/v1/runs/{run.body['id']}/state").body
    assert (read["status"], read["state"]["n"]) == ("paused", 25)
