"""Compare and download runs by the API."""

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from engine import Graph, replay
from studio.execution.service import Service
from studio.queries import download
from tests.studio import build
from tests.studio.api.calls import Api


@pytest.fixture
def api(engine: Service, alice: User) -> Api:
    return Api(alice)


@pytest.fixture
def pair(api: Api, alice: User) -> tuple[str, str]:
    """Two runs of one loop, of which the second stops a round earlier."""
    version = build.published(build.loop("trial.count", 3), alice)
    return tuple(
        api.post(
            "/api/v1/runs?wait=20", {"version": str(version.public_id), "state": {"n": n}}
        ).body["id"]
        for n in (0, 1)
    )  # type: ignore[return-value]


def test_two_runs_are_compared(api: Api, pair: tuple[str, str]) -> None:
    first, second = pair

    told = api.get(f"/api/v1/runs/{first}/compare?with={second}").body

    assert (told["a"]["id"], told["b"]["id"], told["same_version"]) == (first, second, True)
    assert (told["first"]["node"], told["first"]["visit"]) == ("a", 2)
    assert told["input"] == [{"path": ["n"], "a": 0, "b": 1}]
    assert told["state"] == []
    assert told["edges"] == [{"edge": "again", "taken": {"a": 2, "b": 1}}]
    same = api.get(f"/api/v1/runs/{first}/compare?with={first}").body
    assert (same["first"], same["nodes"], same["edges"]) == (None, [], [])


def test_what_cannot_be_compared_says_so(api: Api, bob: User, pair: tuple[str, str]) -> None:
    path = f"/api/v1/runs/{pair[0]}/compare"

    assert api.get(path).code == "E_INVALID"
    assert api.get(f"{path}?with=x").code == "E_INVALID"
    assert api.get(f"{path}?with={uuid.uuid4()}").status == 404
    assert Api(bob).get(f"{path}?with={pair[1]}").status == 404


def test_a_download_opens_without_the_studio(api: Api, alice: User) -> None:
    version = build.published(build.chain("trial.large", 2), alice)
    body = {"version": str(version.public_id), "to": "s2", "state": {"n": 5}, "tags": ["x"]}
    run_id = api.post("/api/v1/runs?wait=20", body).body["id"]

    answer = api.get(f"/api/v1/runs/{run_id}/download")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="run-{run_id}.json"'
    told: dict[str, Any] = json.loads(json.dumps(answer.body))
    assert (told["format"], told["run"]["id"], told["run"]["tags"]) == (
        "treadle-run/1",
        run_id,
        ["x"],
    )
    assert (told["input"]["state"], told["input"]["to"]) == ({"n": 5}, "s2")
    [one] = told["versions"]
    assert (one["from_seq"], one["number"]) == (1, 1)
    opened = replay(Graph.from_dict(one["document"]), told["events"])
    assert opened.state == told["state"]
    assert len(told["state"]["large"]) == 100_000
    assert [step["node"] for step in told["states"]] == ["s1", "s2"]
    assert told["states"][-1]["state"] == told["state"]


def test_states_that_would_be_too_much_are_left_out(
    api: Api, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MOST_STATE_BYTES", 150_000)
    version = build.published(build.chain("trial.large", 3), alice)
    run_id = api.post("/api/v1/runs?wait=20", {"version": str(version.public_id)}).body["id"]

    told = api.get(f"/api/v1/runs/{run_id}/download").body

    assert (len(told["states"]), told["states_left_out"]) == (1, 2)
