"""What is kept, by the native API."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.execution import dispatch
from studio.models import Version
from studio.setup.retention import Retention
from tests.studio import build
from tests.studio.api.calls import Api


@pytest.fixture
def version(alice: User, monkeypatch: pytest.MonkeyPatch) -> Version:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    return build.published(build.chain("trial.count"), alice)


def test_a_workflow_says_which_runs_are_kept(
    version: Version, alice: User, settings: LazySettings
) -> None:
    settings.KEEP = Retention(days=90)
    api, path = Api(alice), f"/api/v1/workflows/{version.workflow.public_id}"
    assert api.get(path).body["retention"] == {"keep": None, "in_force": "90 days"}

    answer = api.put(f"{path}/retention", {"keep": "5 runs, 7 days"})

    assert answer.status == 200
    assert answer.body["retention"] == {"keep": "7 days, 5 runs", "in_force": "7 days, 5 runs"}
    assert api.put(f"{path}/retention", {"keep": "all"}).body["retention"]["in_force"] == "all"
    assert api.put(f"{path}/retention", {"keep": None}).body["retention"]["keep"] is None


@pytest.mark.parametrize("keep", ["", "for ever", "0 days", 7])
def test_what_is_no_rule_is_refused_with_one(version: Version, alice: User, keep: object) -> None:
    path = f"/api/v1/workflows/{version.workflow.public_id}/retention"

    answer = Api(alice).put(path, {"keep": keep})

    assert answer.status in {400, 422}
    assert answer.status == 400 or "30 days, 100 runs" in answer.body["error"]["message"]


def test_a_run_is_kept_and_released(version: Version, alice: User, bob: User) -> None:
    run = start_run(user=alice, version=version)
    path = f"/api/v1/runs/{run.public_id}/keep"

    assert Api(alice).put(path, {"kept": True}).body["kept"] is True
    assert Api(alice).get(f"/api/v1/runs/{run.public_id}").body["kept"] is True
    assert Api(alice).put(path, {"kept": False}).body["kept"] is False
    assert Api(alice).put(path, {}).status == 400
    assert Api(bob).put(path, {"kept": True}).status == 404
