"""`treadle outcomes` and `treadle decide`."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from studio.execution import dispatch
from tests.studio.api.test_outcomes import cut

pytestmark = pytest.mark.django_db(transaction=True)


def said(capsys: Any, *words: str) -> str:
    call_command("treadle", *words, "--user", "alice")
    return str(capsys.readouterr().out)


def test_calls_are_listed_read_and_decided(
    alice: User, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_dispatcher", dispatch.Nobody())
    assert "Nobody has to decide" in said(capsys, "outcomes")
    run = cut(alice, "pay", late=True)
    name = f"{run.public_id}.1.1"

    assert said(capsys, "outcomes").startswith(f"{name}  shop: pay  lost ")
    (item,) = json.loads(said(capsys, "outcomes", str(run.public_id), "--json"))["items"]
    assert (item["id"], item["late"]) == (name, True)
    for words, message in (
        (("decide", name, "done", "--output", "{"), "is not JSON"),
        (("decide", name, "done"), "Give an output"),
        (("decide", f"{run.public_id}.9.1", "skip"), "There is no call"),
    ):
        with pytest.raises(CommandError, match=message):
            said(capsys, *words)

    taken = said(capsys, "decide", name, "done", "--output", '{"paid": 3}', "--note", "seen")
    assert taken == f"run {run.public_id} queued\n"
    assert "done" in said(capsys, "outcomes", str(run.public_id))
    whole = said(capsys, "decide", name, "done", "--output", '{"paid": 3}', "--json")
    assert json.loads(whole)["decided"]["note"] == "seen"
    with pytest.raises(CommandError, match="was decided by alice"):
        said(capsys, "decide", name, "skip")
