"""Who may open a socket, what he may watch, and when it is taken from him."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.test import Client

from studio.accounts import tokens
from studio.actions.sharing import share, unshare
from studio.consumers import person as consumer
from studio.models import ApiToken, Run
from tests.studio.sockets.conftest import append
from tests.studio.sockets.conversation import Conversation

pytestmark = pytest.mark.django_db(transaction=True)

in_thread: Any = sync_to_async


def path(run: Run) -> str:
    return f"/ws/run/{run.public_id}"


def signed_in(user: User) -> tuple[Client, str]:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client, client.cookies["treadle_session"].value


@pytest.mark.parametrize("native", [True, False])
async def test_sec_socket_anonymous(
    run: Run,
    native: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever shows nothing hears nothing, in either protocol."""
    monkeypatch.setattr(consumer, "FIRST_FRAME_S", 0.1)
    conversation = Conversation(path(run), native=native)
    await conversation.open()

    assert await conversation.everything() == ([], 4401)


@pytest.mark.parametrize("shown", ["", "trd_nonsense", "Bearer x"])
async def test_a_bad_token_is_refused(run: Run, shown: str) -> None:
    conversation = Conversation(path(run), token=shown)
    await conversation.open()

    assert await conversation.everything() == ([], 4401)


async def test_a_bad_session_is_refused(run: Run) -> None:
    conversation = Conversation(path(run), session="x" * 32)
    await conversation.open()

    assert await conversation.everything() == ([], 4401)


async def test_a_session_is_enough_for_our_own_pages(run: Run, owner: User) -> None:
    _client, session = await in_thread(signed_in)(owner)
    conversation = Conversation(path(run), session=session)
    await conversation.open()

    assert (await conversation.hear())["t"] == "hello"
    await conversation.leave()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None, "http://testserver"])
async def test_sec_cswsh(run: Run, owner: User, origin: str | None) -> None:
    """Another site's page may not use the session: refused before the handshake is over."""
    _client, session = await in_thread(signed_in)(owner)
    conversation = Conversation(path(run), session=session, origin=origin)

    is_open, _code = await conversation.connect(timeout=5)

    assert not is_open


async def test_a_token_may_come_in_the_first_frame(run: Run, token: str) -> None:
    conversation = Conversation(path(run), origin=None)
    await conversation.open()

    await conversation.say(t="auth", token=token)

    assert (await conversation.hear())["t"] == "hello"
    await conversation.leave()


@pytest.mark.parametrize("text", ['{"t":"ack","seq":1}', '{"token":7}', "nonsense"])
async def test_a_first_frame_without_a_token_is_refused(run: Run, text: str) -> None:
    conversation = Conversation(path(run), origin=None)
    await conversation.open()

    await conversation.send_to(text_data=text)

    assert await conversation.closing() in (4400, 4401)


async def test_a_token_is_not_taken_from_the_address(
    run: Run,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "FIRST_FRAME_S", 0.1)
    conversation = Conversation(f"{path(run)}?token={token}&access_token={token}")
    await conversation.open()

    assert await conversation.closing() == 4401


async def test_sec_socket_idor(run: Run) -> None:
    """Somebody else's run is no run, in both protocols."""
    eve = await in_thread(User.objects.create_user)("eve")
    _row, theirs = await in_thread(tokens.create)(user=eve, name="eve")

    native = Conversation(path(run), token=theirs)
    await native.open()
    assert await native.everything() == ([], 4404)
    demo = Conversation(path(run), token=theirs, native=False)
    await demo.open()
    assert await demo.everything() == ([{"error": "Run not found"}], 1000)


async def test_sec_logout_closes_sockets(run: Run, owner: User) -> None:
    """Signing out closes what the session opened, at once."""
    client, session = await in_thread(signed_in)(owner)
    conversation = Conversation(path(run), session=session)
    await conversation.open()
    await conversation.hear()

    await in_thread(client.post)("/logout")

    assert await conversation.closing() == 4401


async def test_a_revoked_token_closes_its_sockets(run: Run, token: str) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await conversation.hear()

    row = await ApiToken.objects.aget()
    await in_thread(tokens.revoke)(row)

    assert await conversation.closing() == 4401


async def test_sec_permission_changes_while_watching(
    run: Run,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who may no longer see the run is closed at the next check and hears nothing after it."""
    monkeypatch.setattr(consumer, "RECHECK_S", 0.2)
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await conversation.hear()
    await conversation.hear()
    eve = await in_thread(User.objects.create_user)("eve")

    def take_away() -> None:
        run.workflow.owner = eve
        run.workflow.save()
        Run.objects.filter(pk=run.pk).update(owner=eve)

    await in_thread(take_away)()
    assert await conversation.everything() == ([], 4403)
    await in_thread(append)(run)
    assert await conversation.receive_nothing(0.2)


async def test_sec_a_role_taken_back_closes_sockets(run: Run, owner: User) -> None:
    """Whoever watches by a role is closed when it is taken back, long before the next look."""
    eve = await in_thread(User.objects.create_user)("eve")
    _row, theirs = await in_thread(tokens.create)(user=eve, name="eve")
    shared = await in_thread(
        lambda: share(user=owner, workflow=run.workflow, role="viewer", person="eve")
    )()
    conversation = Conversation(path(run), token=theirs)
    await conversation.open()
    assert (await conversation.hear())["t"] == "hello"
    await conversation.hear()

    await in_thread(unshare)(user=owner, grant=shared.grant)

    assert await conversation.everything() == ([], 4403)


async def test_a_user_who_was_switched_off_is_closed(
    run: Run,
    token: str,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "RECHECK_S", 0.2)
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    owner.is_active = False
    await in_thread(owner.save)()

    assert await conversation.closing() == 4401


async def test_sec_sockets_per_user(run: Run, token: str) -> None:
    """Twenty sockets a user; a place is free again when one leaves."""
    open_ones = [Conversation(path(run), token=token) for _ in range(20)]
    for conversation in open_ones:
        await conversation.open()
        await conversation.hear()
    late = Conversation(path(run), token=token)
    await late.open()
    assert await late.closing() == 4409

    await open_ones.pop().leave()
    again = Conversation(path(run), token=token)
    await again.open()
    assert (await again.hear())["t"] == "hello"
    for conversation in [*open_ones, again]:
        await conversation.leave()


@pytest.mark.parametrize("route", ["/ws/", "/ws/run/", "/ws/runs/x", "/", "/ws/run/a/b", "/admin/"])
async def test_other_socket_routes_are_refused(token: str, route: str) -> None:
    is_open, _code = await Conversation(route, token=token).connect(timeout=5)

    assert not is_open
