"""The sub-protocol `treadle.v1`: every event once, in order, whatever happens in between."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from engine import EventKind
from studio.actions.runs import start_run
from studio.consumers import treadle_v1
from studio.models import Run
from tests.studio import build
from tests.studio.sockets.conftest import append, end, fill
from tests.studio.sockets.conversation import Conversation

pytestmark = pytest.mark.django_db(transaction=True)

in_thread: Any = sync_to_async


def path(run: Run, after: int | None = None) -> str:
    query = "" if after is None else f"?after={after}"
    return f"/ws/run/{run.public_id}{query}"


async def seqs_until(conversation: Conversation, last: int) -> list[int]:
    """The seqs that come until the one given, with each frame's borders checked."""
    seen: list[int] = []
    expected = None
    while not seen or seen[-1] < last:
        message = await conversation.hear()
        if message["t"] != "ev":
            continue
        seqs = [event["seq"] for event in message["ev"]]
        assert message["from"] == seqs[0]
        assert message["to"] == seqs[-1]
        assert expected is None or message["from"] == expected
        assert len(seqs) <= 500
        expected = message["to"] + 1
        seen += seqs
    return seen


async def test_it_greets_then_sends_what_is_there(run: Run, token: str) -> None:
    await in_thread(fill)(run, 2)
    conversation = Conversation(path(run), token=token)

    protocol = await conversation.open()
    hello = await conversation.hear()
    events = await conversation.hear()

    assert protocol == "treadle.v1"
    assert hello == {
        "t": "hello",
        "v": 1,
        "run": str(run.public_id),
        "status": "queued",
        "after": 0,
        "head": 3,
        "first": 1,
        "window": 1000,
        "hb": 15,
    }
    assert (events["t"], events["from"], events["to"]) == ("ev", 1, 3)
    assert set(events["ev"][0]) == {"seq", "ts", "k", "node", "act", "att", "data"}
    await conversation.leave()


async def test_new_rows_come_by_themselves(run: Run, token: str) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await seqs_until(conversation, 1)

    await in_thread(append)(run)
    await in_thread(append)(run)

    assert await seqs_until(conversation, 3) == [2, 3]
    await conversation.leave()


async def test_rows_that_nobody_announced_come_within_the_poll(run: Run, token: str) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await seqs_until(conversation, 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studio.live.hub.wake", lambda run_id: None)
        await in_thread(append)(run)

    assert await asyncio.wait_for(seqs_until(conversation, 2), 3) == [2]
    await conversation.leave()


async def test_the_end_is_said_and_the_socket_closed(run: Run, token: str) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await seqs_until(conversation, 1)
    await in_thread(end)(run)

    heard, code = await conversation.everything()

    assert heard[-1] == {"t": "end", "status": "completed", "head": 2}
    assert code == 1000


async def test_a_run_that_ended_long_ago_is_read_whole(run: Run, token: str) -> None:
    await in_thread(fill)(run, 5_000)
    await in_thread(end)(run)
    conversation = Conversation(path(run), token=token)
    await conversation.open()

    seen: list[int] = []
    while len(seen) < 5_002:
        message = await conversation.hear()
        if message["t"] == "ev":
            seen += [event["seq"] for event in message["ev"]]
            await conversation.say(t="ack", seq=message["to"])
    heard, code = await conversation.everything()

    assert seen == list(range(1, 5_003))
    assert [message["t"] for message in heard] == ["end"]
    assert code == 1000


@pytest.mark.parametrize("after", [0, 1, 7, 2_500, 2_999, 3_001])
async def test_a_second_socket_goes_on_where_the_first_broke(
    run: Run, token: str, after: int
) -> None:
    await in_thread(fill)(run, 3_000)
    conversation = Conversation(path(run, after), token=token)
    await conversation.open()
    assert (await conversation.hear())["after"] == after

    await in_thread(append)(run)

    last = 3_002
    seen: list[int] = []
    while not seen or seen[-1] < last:
        message = await conversation.hear()
        seen += [event["seq"] for event in message["ev"]]
        await conversation.say(t="ack", seq=message["to"])
    assert seen == list(range(after + 1, last + 1))
    await conversation.leave()


async def test_nothing_is_sent_beyond_the_window(run: Run, token: str) -> None:
    await in_thread(fill)(run, 2_500)
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await seqs_until(conversation, 1_000)

    assert await conversation.is_quiet()
    await conversation.say(t="ack", seq=600)
    assert await seqs_until(conversation, 1_600) == list(range(1_001, 1_601))
    assert await conversation.is_quiet()
    await conversation.leave()


async def test_acks_of_what_was_not_sent_open_no_window(run: Run, token: str) -> None:
    await in_thread(fill)(run, 2_500)
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await seqs_until(conversation, 1_000)

    await conversation.say(t="ack", seq=2_000_000)

    assert await seqs_until(conversation, 2_000) == list(range(1_001, 2_001))
    assert await conversation.is_quiet()
    await conversation.leave()


async def test_a_client_that_acknowledges_nothing_is_closed(
    run: Run, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treadle_v1, "SLOW_S", 0.2)
    await in_thread(fill)(run, 1_500)
    conversation = Conversation(path(run), token=token)
    await conversation.open()

    assert await conversation.closing() == 4408


async def test_silence_is_filled_with_heartbeats(
    run: Run, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(treadle_v1, "HEARTBEAT_S", 0.1)
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await seqs_until(conversation, 1)

    beats = [await conversation.hear() for _ in range(3)]

    assert [(beat["t"], beat["head"]) for beat in beats] == [("hb", 1)] * 3
    await conversation.leave()


async def test_a_ping_is_answered(run: Run, token: str) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await seqs_until(conversation, 1)

    await conversation.say(t="ping")

    assert (await conversation.hear())["t"] == "hb"
    await conversation.leave()


async def test_a_filter_thins_the_events_but_not_the_numbers(run: Run, token: str) -> None:
    conversation = Conversation(path(run, 1), token=token)
    await conversation.open()
    await conversation.hear()
    await conversation.say(t="filter", lvl="warning", node=["a"])
    await conversation.say(t="ping")
    await conversation.hear()

    def write() -> None:
        append(run, node="a", level="info", message="too quiet")
        append(run, node="b", level="error", message="of another node")
        append(run, node="a", level="error", message="wanted")

    await in_thread(write)()

    numbers, texts = [], []
    while not numbers or numbers[-1] < 4:
        message = await conversation.hear()
        numbers += range(message["from"], message["to"] + 1)
        texts += [event["data"]["message"] for event in message["ev"]]
    assert numbers == [2, 3, 4]
    assert texts == ["wanted"]
    await conversation.leave()


async def test_frames_stay_below_256_kib(run: Run, token: str) -> None:
    def write() -> None:
        for _ in range(12):
            append(run, level="info", message="x" * 30_000)

    await in_thread(write)()
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await conversation.hear()

    lengths = []
    seen = 0
    while seen < 13:
        text = await conversation.receive_from(timeout=10)
        lengths.append(len(text))
        seen += text.count('"seq":')
    assert max(lengths) <= 256 * 1024 + 200
    assert len(lengths) > 1
    await conversation.leave()


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "[]",
        "1",
        '{"t":"ack"}',
        '{"t":"ack","seq":-1}',
        '{"t":"ack","seq":true}',
        '{"t":"ack","seq":"1"}',
        '{"t":"filter","lvl":"loud"}',
        '{"t":"filter","node":"a"}',
        '{"t":"shout"}',
        '{"t":' + "[" * 5_000,
    ],
)
async def test_what_is_not_in_the_protocol_closes_the_socket(
    run: Run, token: str, text: str
) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await conversation.hear()

    await conversation.send_to(text_data=text)

    assert await conversation.closing() == 4400


async def test_binary_messages_close_the_socket(run: Run, token: str) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await conversation.hear()

    await conversation.send_to(bytes_data=b"\x00")

    assert await conversation.closing() == 4400


async def test_sec_socket_frame_size(run: Run, token: str) -> None:
    """An inbound frame over 64 KiB closes the socket."""
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await conversation.hear()

    await conversation.send_to(text_data=" " * (64 * 1024 + 1))

    assert await conversation.closing() == 1009


async def test_a_flood_of_messages_closes_the_socket(run: Run, token: str) -> None:
    conversation = Conversation(path(run), token=token)
    await conversation.open()
    await conversation.hear()

    for _ in range(301):
        await conversation.say(t="ack", seq=1)

    assert await conversation.closing() == 4429


@pytest.mark.parametrize("after", ["-1", "x", "1e3", "9" * 13])
async def test_a_place_that_is_none_is_refused(run: Run, token: str, after: str) -> None:
    conversation = Conversation(f"/ws/run/{run.public_id}?after={after}", token=token)
    await conversation.open()

    assert await conversation.closing() == 4400


async def test_many_watchers_share_one_tail_and_leave_nothing(run: Run, token: str) -> None:
    from studio.consumers import registry
    from studio.live import hub

    conversations = [Conversation(path(run), token=token) for _ in range(20)]
    for conversation in conversations:
        await conversation.open()
    for conversation in conversations:
        await seqs_until(conversation, 1)
    assert hub.current().watched() == 1
    await in_thread(fill)(run, 700)

    seen = await asyncio.gather(*(seqs_until(each, 701) for each in conversations))

    assert all(seqs == list(range(2, 702)) for seqs in seen)
    for conversation in conversations:
        await conversation.leave()
    assert hub.current().watched() == 0
    assert registry.count() == 0


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("", "edge 'e1' was taken 3 times, which is its max"),
        ("&language=tlh", "edge 'e1' was taken 3 times, which is its max"),
        ("&language=en", "edge “Print it → s2” was taken 3 times, which is its max"),
        ("&language=de", "die Kante „Print it → s2“ wurde 3-mal genommen, öfter lässt ihr max "
                         "nicht zu"),
    ],
)  # fmt: skip
async def test_who_names_a_language_is_told_in_it_what_failed(
    owner: User, token: str, language: str, message: str
) -> None:
    run = await in_thread(titled_run)(owner)
    said = "edge 'e1' was taken 3 times, which is its max"
    error = {"code": "E_LOOP_EXHAUSTED", "message": said, "edge": "e1", "details": {}}
    await in_thread(append)(run, EventKind.RUN_FAILED, error=error)
    conversation = Conversation(f"{path(run, 1)}{language}", token=token)
    await conversation.open()
    await conversation.hear()

    (event,) = (await conversation.hear())["ev"]

    assert event["data"] == {"error": {**error, "message": message}}
    await conversation.leave()


def titled_run(owner: User) -> Run:
    document = build.chain("trial.count")
    document["nodes"]["s1"]["title"] = "Print it"
    return start_run(user=owner, version=build.published(document, owner))
