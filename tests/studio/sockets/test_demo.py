"""The demo's socket: one message per step, then the end."""

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from studio.actions.runs import start_run
from studio.execution.service import Service
from studio.models import Run
from tests.studio import build, tools
from tests.studio.sockets.conversation import Conversation

pytestmark = pytest.mark.django_db(transaction=True)


def started(owner: User, tool: str, length: int) -> Run:
    return start_run(user=owner, version=build.published(build.chain(tool, length), owner))


async def test_steps_come_with_the_state_after_each(
    engine: Service, owner: User, token: str
) -> None:
    run = await sync_to_async(started)(owner, "trial.count", 3)
    conversation = Conversation(f"/ws/run/{run.public_id}", token=token, native=False)

    assert await conversation.open() is None
    heard, code = await conversation.everything()

    assert [(m["node"], m["state_snapshot"]) for m in heard[:-1]] == [
        ("s1", {"n": 1}),
        ("s2", {"n": 2}),
        ("s3", {"n": 3}),
    ]
    assert all(message["status"] in ("RUNNING", "COMPLETED") for message in heard[:-1])
    assert heard[-1] == {"status": "COMPLETED", "done": True}
    assert code == 1000


async def test_steps_come_while_the_run_goes_on(engine: Service, owner: User, token: str) -> None:
    document = build.chain("trial.count", 2)
    document["nodes"]["s2"]["tool"] = "trial.wait"
    version = await sync_to_async(build.published)(document, owner)
    run = await sync_to_async(start_run)(user=owner, version=version)
    conversation = Conversation(f"/ws/run/{run.public_id}", token=token, native=False)
    await conversation.open()

    first = await conversation.hear()
    tools.gate.set()
    heard, _code = await conversation.everything()

    assert first == {"node": "s1", "state_snapshot": {"n": 1}, "status": "RUNNING"}
    assert [message.get("node") for message in heard] == ["s2", None]


async def test_a_run_that_fails_says_so(engine: Service, owner: User, token: str) -> None:
    run = await sync_to_async(started)(owner, "trial.break", 1)
    conversation = Conversation(f"/ws/run/{run.public_id}", token=token, native=False)
    await conversation.open()

    heard, code = await conversation.everything()

    assert heard[-1] == {"status": "FAILED", "done": True}
    assert code == 1000


async def test_what_the_client_says_is_ignored(run: Run, token: str) -> None:
    conversation = Conversation(f"/ws/run/{run.public_id}", token=token, native=False)
    await conversation.open()

    await conversation.send_to(text_data="hello?")

    assert await conversation.receive_nothing(0.3)
    await conversation.leave()


@pytest.mark.parametrize("run_id", ["nonsense", "019a0000-0000-7000-8000-000000000000"])
async def test_an_unknown_run_is_said_and_closed(owner: User, token: str, run_id: str) -> None:
    conversation = Conversation(f"/ws/run/{run_id}", token=token, native=False)
    await conversation.open()

    assert await conversation.everything() == ([{"error": "Run not found"}], 1000)
