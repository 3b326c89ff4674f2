"""The one-hop handler: what Django's own handler does, in one hop to a long-lived thread."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import clear_url_caches

from studio.http.handler import THREADS, OneHopHandler
from tests.studio.http import views
from tests.studio.http.asgi_client import ask

CONF = "tests.studio.http.views"


@pytest.fixture(autouse=True)
def own_urls() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=CONF):
        clear_url_caches()
        yield
    clear_url_caches()


@pytest.fixture
def handler() -> Iterator[OneHopHandler]:
    made = OneHopHandler()
    yield made
    made.close()


async def test_view_runs_in_a_pool_thread(handler: OneHopHandler) -> None:
    answer = await ask(handler, "GET", "/thread")

    assert answer.status == 200
    assert answer.content.startswith(b"http_")


async def test_no_context_leaks_into_the_next_request(handler: OneHopHandler) -> None:
    answers = [await ask(handler, "GET", "/thread") for _ in range(THREADS * 3)]

    assert {answer.content.split()[1] for answer in answers} == {b"clean"}


async def test_body_arrives_whole_however_it_was_cut(handler: OneHopHandler) -> None:
    chunks = [b"a" * 70_000, b"", b"b" * 5]

    answer = await ask(handler, "POST", "/echo", chunks=chunks)

    assert answer.content == b"".join(chunks)


async def test_large_answers_go_out_in_chunks(handler: OneHopHandler) -> None:
    body = bytes(range(256)) * 1024

    answer = await ask(handler, "POST", "/echo", body=body)

    assert answer.content == body
    assert len(answer.parts) > 1


async def test_declared_length_over_the_limit_is_refused_before_reading(
    handler: OneHopHandler,
) -> None:
    headers = {"content-length": str(50_000_000)}

    answer = await ask(handler, "POST", "/echo", chunks=[b"x", b"y"], headers=headers)

    assert answer.status == 413
    assert answer.headers["connection"] == "close"
    assert b"E_BODY_SIZE" in answer.content
    assert b"2048 KiB" in answer.content


async def test_undeclared_body_is_refused_while_it_arrives(handler: OneHopHandler) -> None:
    chunks = [b"x" * 65_536] * 40

    answer = await ask(handler, "POST", "/echo", chunks=chunks)

    assert answer.status == 413


async def test_run_inputs_have_a_smaller_limit(handler: OneHopHandler) -> None:
    just_over = b"x" * (1024 * 1024 + 1)

    answer = await ask(handler, "POST", "/graph/run", body=just_over)

    assert answer.status == 413
    assert b"1024 KiB" in answer.content


async def test_client_that_hangs_up_in_its_body_gets_no_answer(handler: OneHopHandler) -> None:
    gone = asyncio.Event()
    gone.set()

    answer = await ask(handler, "POST", "/echo", chunks=[], hang_up=gone)

    assert answer.status == 0


async def test_error_in_a_view_is_a_500(
    handler: OneHopHandler, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask(handler, "GET", "/broken")

    assert answer.status == 500
    assert "on purpose" in caplog.text


async def test_unknown_address_is_a_404_and_other_methods_work(handler: OneHopHandler) -> None:
    assert (await ask(handler, "GET", "/nowhere")).status == 404
    assert (await ask(handler, "HEAD", "/thread")).status == 200
    assert (await ask(handler, "OPTIONS", "/thread")).status == 200


async def test_every_answer_has_a_request_id(handler: OneHopHandler) -> None:
    made = await ask(handler, "GET", "/thread")
    given = await ask(handler, "GET", "/thread", headers={"x-request-id": "from-a-proxy-1"})
    hostile = await ask(handler, "GET", "/thread", headers={"x-request-id": "<script>alert()"})

    assert len(made.headers["x-request-id"]) == 16
    assert given.headers["x-request-id"] == "from-a-proxy-1"
    assert "<" not in hostile.headers["x-request-id"]


async def test_cookies_are_set_each_in_its_header(handler: OneHopHandler) -> None:
    answer = await ask(handler, "GET", "/cookie")

    assert answer.status == 200
    assert answer.headers["set-cookie"].startswith("two=2")


async def test_sync_stream_is_read_in_pool_threads(handler: OneHopHandler) -> None:
    views.threads_of_stream.clear()

    answer = await ask(handler, "GET", "/stream")

    assert answer.content == b"0;1;2;"
    assert all(name.startswith("http_") for name in views.threads_of_stream)


async def test_async_stream_is_read_on_the_loop(handler: OneHopHandler) -> None:
    assert (await ask(handler, "GET", "/async-stream")).content == b"0;1;2;"


async def test_async_view_keeps_the_stock_handler(handler: OneHopHandler) -> None:
    answer = await ask(handler, "GET", "/coroutine")

    assert answer.status == 200
    assert answer.content == b"MainThread"


async def test_deferred_answers_hold_no_thread(handler: OneHopHandler) -> None:
    views.released = asyncio.Event()
    many = [asyncio.create_task(ask(handler, "GET", "/deferred")) for _ in range(THREADS * 4)]
    while len(views.waiting) < len(many):
        await asyncio.sleep(0.01)

    other = await asyncio.wait_for(ask(handler, "GET", "/thread"), 5)
    views.released.set()
    answers = await asyncio.gather(*many)

    assert other.status == 200
    assert {(answer.status, answer.content) for answer in answers} == {(201, b'{"late": true}')}
    assert all("x-request-id" in answer.headers for answer in answers)
    assert {answer.headers["content-length"] for answer in answers} == {"14"}


async def test_deferred_answer_ends_when_its_client_hangs_up(handler: OneHopHandler) -> None:
    views.released = asyncio.Event()
    gone = asyncio.Event()
    asking = asyncio.create_task(ask(handler, "GET", "/deferred", hang_up=gone))
    while not views.waiting:
        await asyncio.sleep(0.01)

    gone.set()
    answer = await asyncio.wait_for(asking, 5)

    assert answer.status == 0
    assert not views.waiting


async def test_deferred_answers_come_early_when_the_server_stops(handler: OneHopHandler) -> None:
    views.released = asyncio.Event()
    asking = asyncio.create_task(ask(handler, "GET", "/deferred"))
    while not views.waiting:
        await asyncio.sleep(0.01)

    handler.departure.announce()
    answer = await asyncio.wait_for(asking, 5)
    late = await asyncio.wait_for(ask(handler, "GET", "/deferred"), 5)

    assert (answer.status, late.status) == (201, 201)
    assert not views.waiting


async def test_a_deferred_answer_that_is_known_needs_no_thread(handler: OneHopHandler) -> None:
    known = await ask(handler, "GET", "/deferred-known")
    unknown = await ask(handler, "GET", "/deferred-unknown")

    here = threading.current_thread().name
    assert (known.status, known.content.decode().split()[1]) == (203, here)
    assert (unknown.status, unknown.content.decode().split()[1][:4]) == (202, "http")
    assert "x-request-id" in known.headers
    assert known.headers["content-length"] == str(len(known.content))


def test_other_handlers_answer_with_what_is_known(client: Client) -> None:
    assert client.get("/deferred-known").status_code == 203
    assert client.get("/deferred-unknown").status_code == 202


def test_other_handlers_wait_for_a_deferred_answer(client: Client) -> None:
    response = client.get("/deferred-soon")

    assert (response.status_code, response.content) == (202, b"soon")


@pytest.mark.django_db(transaction=True)
async def test_threads_keep_their_database_connection(handler: OneHopHandler) -> None:
    from asgiref.sync import sync_to_async

    await sync_to_async(User.objects.create_user)("somebody")

    answers = await asyncio.gather(*(ask(handler, "GET", "/users") for _ in range(20)))

    assert {answer.content for answer in answers} == {b"1"}
