"""`/ws/workflow/{id}`: who else has it open, and when it was saved."""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.contrib.auth.models import User
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from studio.accounts import tokens
from studio.actions.workflows import create_workflow, save_draft
from studio.consumers import draft as consumer
from studio.consumers import person
from studio.journal import codec
from studio.live import rooms
from studio.models import Workflow
from tests.studio import build
from tests.studio.sockets.conversation import Conversation
from tests.studio.sockets.test_relay import LAYERS, URL

pytestmark = pytest.mark.django_db(transaction=True)

in_thread: Any = sync_to_async


@pytest.fixture
def workflow(owner: User) -> Workflow:
    return create_workflow(user=owner, document=build.chain("trial.count"))


@pytest.fixture
def boss(transactional_db: None) -> User:
    return User.objects.create_superuser("boss")


@pytest.fixture
def boss_token(boss: User) -> str:
    return tokens.create(user=boss, name="test")[1]


class Page(Conversation):
    """The socket of an open editor."""

    def __init__(self, workflow: Workflow, **more: Any) -> None:
        super().__init__(f"/ws/workflow/{workflow.public_id}", **more)
        self.scope["subprotocols"] = [consumer.NAME]

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            message = await self.hear()
            if message["t"] == kind:
                return message


def save(workflow: Workflow, user: User, title: str) -> None:
    head = Workflow.objects.get(pk=workflow.pk)
    document = codec.decode(head.draft)
    document["nodes"]["s1"]["title"] = title
    save_draft(user=user, workflow=head, rev=head.draft_rev, document=document)


async def test_everybody_hears_who_comes_and_goes(
    workflow: Workflow, token: str, boss_token: str
) -> None:
    first = Page(workflow, token=token)
    assert await first.open() == consumer.NAME
    hello = await first.hear()
    assert (hello["t"], hello["who"], hello["rev"]) == ("hello", [], 1)

    second = Page(workflow, token=boss_token)
    await second.open()
    assert (await second.hear())["who"] == [{"name": "owner", "can_edit": True}]
    assert (await first.until("who"))["who"] == [{"name": "boss", "can_edit": True}]
    again = Page(workflow, token=boss_token)
    await again.open()
    assert (await again.hear())["who"] == [{"name": "owner", "can_edit": True}]
    await second.leave()
    assert await first.is_quiet(), "boss is still there on another page"
    await again.leave()
    assert (await first.until("who"))["who"] == []
    await first.leave()
    assert rooms.current().open() == 0


async def test_a_save_is_told_with_who_made_it(
    workflow: Workflow, token: str, boss_token: str, boss: User
) -> None:
    pages = [Page(workflow, token=shown) for shown in (token, boss_token)]
    for page in pages:
        await page.open()
        await page.until("hello")

    await in_thread(save)(workflow, boss, "Of the boss")

    for page in pages:
        told = await page.until("draft")
        assert (told["rev"], told["saved_by"]) == (2, "boss")
        await page.leave()


async def test_silence_is_filled_and_nothing_is_missed(
    workflow: Workflow, token: str, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save by a process that cannot tell us of it is found with the next heartbeat."""
    monkeypatch.setattr(consumer, "HEARTBEAT_S", 0.1)
    page = Page(workflow, token=token)
    await page.open()
    assert (await page.until("hb"))["rev"] == 1
    monkeypatch.setattr(rooms, "_all", ())
    await in_thread(save)(workflow, owner, "Elsewhere")
    assert (await page.until("draft"))["rev"] == 2
    await page.leave()


async def test_sec_looking_writes_nothing(workflow: Workflow, owner: User) -> None:
    """Opening the editor, being seen and leaving again: only reads."""
    from tests.studio.sockets.test_access import signed_in

    client, session = await in_thread(signed_in)(owner)

    def look() -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(f"/workflows/{workflow.public_id}/edit").status_code == 200
        return [query["sql"].split(" ", 1)[0].upper() for query in queries.captured_queries]

    verbs = await in_thread(look)()
    page = Page(workflow, session=session)
    await page.open()
    await page.until("hello")
    await page.leave()

    assert not {"INSERT", "UPDATE", "DELETE"} & set(verbs)
    row = await Workflow.objects.aget(pk=workflow.pk)
    assert (row.draft_rev, row.draft_saved_at) == (1, workflow.draft_saved_at)


async def test_sec_strangers_hear_nothing(workflow: Workflow) -> None:
    eve = await in_thread(User.objects.create_user)("eve")
    _, theirs = await in_thread(tokens.create)(user=eve, name="test")
    page = Page(workflow, token=theirs)
    await page.open()
    assert await page.everything() == ([], 4404)
    nobody = Page(workflow, token="trd_nonsense")
    await nobody.open()
    assert await nobody.everything() == ([], 4401)


async def test_sec_permission_is_asked_again(
    workflow: Workflow, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person, "RECHECK_S", 0.1)
    page = Page(workflow, token=token)
    await page.open()
    await page.until("hello")
    eve = await in_thread(User.objects.create_user)("eve")
    await Workflow.objects.filter(pk=workflow.pk).aupdate(owner=eve)

    assert await page.everything() == ([], 4403)


async def test_what_is_not_understood_ends_it(workflow: Workflow, token: str) -> None:
    page = Page(workflow, token=token)
    await page.open()
    await page.until("hello")
    await page.say(t="ping")
    await page.say(t="save")
    assert await page.closing() == 4400


@pytest.fixture
def redis() -> Iterator[None]:
    with override_settings(CHANNEL_URL=URL, CHANNEL_LAYERS=LAYERS):
        yield
    channel_layers.backends = {}


@pytest.mark.redis
async def test_people_of_other_processes_are_there_too(
    redis: None, workflow: Workflow, token: str, boss: User
) -> None:
    """Another process is another `Rooms`: they know each other only through the channel layer."""
    page = Page(workflow, token=token)
    await page.open()
    await page.until("hello")
    elsewhere = rooms.Rooms()
    visit = await elsewhere.enter(workflow.pk, rooms.Person(boss.pk, "boss", True))

    assert (await page.until("who"))["who"] == [{"name": "boss", "can_edit": True}]
    await visit.bell.wait()
    while not visit.others():
        visit.bell.clear()
        await visit.bell.wait()
    assert [each.name for each in visit.others()] == ["owner"]

    await elsewhere.leave(visit)
    assert (await page.until("who"))["who"] == []
    await page.leave()
    for one in (elsewhere, rooms.current()):
        await one._listener.close()
