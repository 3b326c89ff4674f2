"""`ai.chat` against a local service: good answers, errors, slow, huge and malformed ones."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from engine import Graph, RunResult, ToolRegistry, run
from engine.driving.context import ToolContext
from engine.library.chat import chat_tool
from engine.library.exchange import MAX_BYTES
from engine.values import redaction
from tests.engine.library.servers import Server, dripping, serving

CTX = ToolContext("run", "node", 1, 1, None, lambda event: None)
KEY = "sk-0123456789abcdef"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(redaction, "KNOWN", redaction.Redactor())
    with serving() as server:
        server.answer = (200, {}, completion("Hello!"))
        yield server


def completion(text: Any, reason: str = "stop", **message: Any) -> dict[str, Any]:
    said = {"role": "assistant", "content": text, **message}
    return {
        "id": "c1",
        "object": "chat.completion",
        "model": "small-1",
        "choices": [{"index": 0, "message": said, "finish_reason": reason}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


def ask(server: Server, **inputs: Any) -> dict[str, Any]:
    chat = chat_tool([f"127.0.0.1:{server.port}"])
    given = {"model": "small", "base_url": f"http://127.0.0.1:{server.port}/v1", **inputs}
    answer: dict[str, Any] = chat(CTX, **given)
    return answer


def sent(server: Server) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(server.seen[-1][3])
    return body


def test_a_prompt_is_answered(server: Server) -> None:
    answer = ask(server, prompt="Say hello", system="Be brief", temperature=0.5, max_tokens=20)

    assert answer == {
        "text": "Hello!",
        "data": None,
        "model": "small-1",
        "finish_reason": "stop",
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }
    assert server.seen[0][:2] == ("POST", "/v1/chat/completions")
    assert "authorization" not in server.seen[0][2]
    assert sent(server) == {
        "model": "small",
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Say hello"},
        ],
        "stream": False,
        "temperature": 0.5,
        "max_tokens": 20,
    }


def test_messages_go_as_they_are(server: Server) -> None:
    talk = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]

    ask(server, messages=talk)

    assert sent(server)["messages"] == talk


@pytest.mark.parametrize("text", ['{"a": [1]}', '```json\n{"a": [1]}\n```', ' ```\n{"a": [1]}```'])
def test_json_comes_as_data(text: str, server: Server) -> None:
    server.answer = (200, {}, completion(text))

    assert ask(server, prompt="x", as_json=True)["data"] == {"a": [1]}
    assert sent(server)["response_format"] == {"type": "json_object"}


def test_what_is_no_json_is_told(server: Server) -> None:
    server.answer = (200, {}, completion('{"a": [1', reason="length"))

    with pytest.raises(ValueError, match=r"did not answer JSON .*raise max_tokens"):
        ask(server, prompt="x", as_json=True)


def test_a_refusal_is_the_text(server: Server) -> None:
    server.answer = (200, {}, completion(None, refusal="I will not."))

    assert ask(server, prompt="x")["text"] == "I will not."


@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "said"),
    [
        (429, {"Retry-After": "7"}, {"error": {"message": "slow down"}}, ConnectionError,
         "429; it asks to wait 7 s: slow down"),
        (500, {}, b"oops", ConnectionError, "answered 500: oops"),
        (503, {"Retry-After": "Fri, 27 Nov 2026 12:00:00 GMT"}, {}, ConnectionError,
         "wait Fri, 27 Nov 2026"),
        (529, {}, {"error": "overloaded"}, ConnectionError, "529: overloaded"),
        (401, {}, {"error": {"message": "bad key"}}, ValueError, "refused the key .*bad key"),
        (404, {}, {"error": {"message": "no such model"}}, ValueError, "404: no such model"),
        (400, {}, {"error": {"message": "m" * 9_000}}, ValueError, "400: m{500}$"),
        (302, {"Location": "http://169.254.169.254/"}, {}, ValueError, "answered 302"),
        (200, {}, b"<html>", ValueError, "no JSON object: '<html>'"),
        (200, {"Content-Type": "text/plain"}, b"{}", ValueError, "no JSON object"),
        (200, {}, b"[" * 100_000, ValueError, "no JSON object"),
        (200, {}, {"choices": []}, ValueError, "without choices"),
        (200, {}, {"choices": [{"message": "text"}]}, ValueError, "without choices"),
        (200, {}, {"choices": {"a": 1}}, ValueError, "without choices"),
        (200, {}, completion({"x": 1}), ValueError, "no text"),
        (200, {}, b" " * (MAX_BYTES + 1), ValueError, "more than 5,242,880 bytes"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told(
    status: int, headers: dict[str, str], body: Any, error: type[Exception], said: str,
    server: Server,
) -> None:  # fmt: skip
    server.answer = (status, headers, body)

    with pytest.raises(error, match=said):
        ask(server, prompt="x")
    assert len(server.seen) == 1


def test_a_slow_service_is_cut(server: Server) -> None:
    server.answer = (200, {}, dripping(5))
    began = time.monotonic()

    with pytest.raises(ConnectionError, match="no answer within 1 seconds"):
        ask(server, prompt="x", seconds=1)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"prompt": "a", "messages": [{"role": "user", "content": "b"}]},
        {"messages": [{"role": "root", "content": "b"}]},
        {"messages": [{"role": "user"}]},
        {"prompt": "a", "seconds": 0},
        {"prompt": "a", "seconds": 1e9},
        {"prompt": "a", "base_url": "http://localhost/v1"},
        {"prompt": "a", "base_url": "http://10.0.0.1/v1"},
        {"prompt": "a", "base_url": "file:///etc"},
    ],
)
def test_wrong_inputs_ask_nobody(inputs: dict[str, Any], server: Server) -> None:
    with pytest.raises(ValueError):
        ask(server, **inputs)
    assert server.seen == []


def run_of(server: Server, retries: int = 1) -> RunResult:
    registry = ToolRegistry()
    registry.register("ai.chat", chat_tool([f"127.0.0.1:{server.port}"]), effect="idempotent")
    node = {
        "type": "tool",
        "tool": "ai.chat",
        "inputs": {
            "model": "'small'",
            "prompt": "question",
            "key": "'openai'",
            "base_url": f"'http://127.0.0.1:{server.port}/v1'",
        },
        "retry": {"max_attempts": retries, "initial": "1ms", "on": ["ConnectionError"]},
    }
    document = {"format": "treadle/1", "key": "k", "entry": ["a"], "nodes": {"a": node}}
    graph = Graph.from_dict({**document, "edges": []})
    return run(graph, {"question": "x"}, registry=registry, secrets={"openai": KEY})


def test_the_key_goes_to_the_service_and_nowhere_else(server: Server) -> None:
    server.answer = (200, {}, completion(f"You sent {KEY}"))

    result = run_of(server)

    assert server.seen[0][2]["authorization"] == f"Bearer {KEY}"
    assert result.state["text"] == "You sent [secret openai]"
    assert KEY not in repr(result.events)


def test_limits_of_the_service_are_tried_again_and_refusals_not(server: Server) -> None:
    server.answer = (429, {"Retry-After": "1"}, {"error": {"message": f"key {KEY} is slow"}})
    busy = run_of(server, retries=3)
    server.answer = (401, {}, {"error": {"message": f"key {KEY} is wrong"}})
    refused = run_of(server, retries=3)

    assert len(server.seen) == 3 + 1
    for result in (busy, refused):
        assert result.status == "failed"
        assert KEY not in repr(result.events)
        assert "[secret openai]" in str(result.error)
