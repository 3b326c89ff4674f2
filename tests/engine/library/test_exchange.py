"""The one HTTP client: every address in turn, one limit of time for all, and real TLS."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.driving.context import ToolContext
from engine.library.web import request_tool
from engine.values import redaction
from tests.engine.library.servers import Authority, Server, serving

CTX = ToolContext("run", "node", 1, 1, None, lambda event: None)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch, server: Server) -> list[str]:
    """Addresses that were tried. 93.184.216.34 is the server; the others take nothing."""
    tried: list[str] = []
    real = socket.create_connection

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        tried.append(address[0])
        if address[0] == "93.184.216.34":
            return real(("127.0.0.1", server.port), timeout)
        if address[0] == "8.8.4.4":
            time.sleep(timeout)
            raise TimeoutError("timed out")
        raise ConnectionRefusedError("refused here")

    monkeypatch.setattr("engine.library.exchange.socket.create_connection", connect)
    return tried


def test_every_address_is_tried_in_turn(connections: list[str], server: Server) -> None:
    found = ["8.8.8.8", "2606:4700::1111", "93.184.216.34", "1.1.1.1"]

    answer = request_tool(["good.test"], lambda host, port: found)(CTX, "http://good.test/")

    assert answer["status"] == 200
    assert connections == found[:3]
    assert server.seen[0][2]["host"] == "good.test"


def test_a_slow_address_takes_only_its_share_of_the_time(connections: list[str]) -> None:
    request = request_tool(["good.test"], lambda *_: ["8.8.4.4", "93.184.216.34"], seconds=1)
    began = time.monotonic()

    assert request(CTX, "http://good.test/")["status"] == 200
    assert time.monotonic() - began < 0.9


def test_when_no_address_answers_the_last_reason_is_told(connections: list[str]) -> None:
    request = request_tool(["good.test"], lambda *_: ["8.8.8.8", "1.1.1.1"])

    with pytest.raises(ConnectionError, match=r"good\.test: refused here"):
        request(CTX, "http://good.test/")
    assert connections == ["8.8.8.8", "1.1.1.1"]


def test_looking_a_name_up_counts_too() -> None:
    def asleep(host: str, port: int) -> list[str]:
        time.sleep(2)
        return ["8.8.8.8"]

    began = time.monotonic()
    with pytest.raises(ConnectionError, match=r"no address within 0\.2 seconds"):
        request_tool(["good.test"], asleep, seconds=0.2)(CTX, "http://good.test/")

    assert time.monotonic() - began < 1


def test_a_name_that_is_not_known_may_be_known_later() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("Name or service not known")

    with pytest.raises(ConnectionError, match="cannot be looked up: Name or service"):
        request_tool(["good.test"], unknown)(CTX, "http://good.test/")


def test_a_secret_is_sent_as_bearer_and_hidden_when_it_comes_back(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine import Graph, ToolRegistry, run

    monkeypatch.setattr(redaction, "KNOWN", redaction.Redactor())
    server.answer = (200, {"x-you-sent": "Bearer sk-123456"}, {"echo": "sk-123456"})
    registry = ToolRegistry()
    registry.register("http.request", request_tool([f"127.0.0.1:{server.port}"]))
    node = {
        "type": "tool",
        "tool": "http.request",
        "inputs": {"url": f"'http://127.0.0.1:{server.port}/'", "bearer": "'api'"},
    }
    document = {"format": "treadle/1", "key": "k", "entry": ["a"], "nodes": {"a": node}}

    result = run(
        Graph.from_dict({**document, "edges": []}), registry=registry, secrets={"api": "sk-123456"}
    )

    assert server.seen[0][2]["authorization"] == "Bearer sk-123456"
    assert result.state["body"] == {"echo": "[secret api]"}
    assert "sk-123456" not in repr(result.events)


# TLS: the authority is trusted as an operator would do it, by SSL_CERT_FILE -----------------------


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


def test_an_exchange_over_tls(authority: Authority) -> None:
    with serving(authority.context_for("127.0.0.1")) as server:
        server.answer = (200, {}, {"over": "tls"})
        at = f"127.0.0.1:{server.port}"
        answer = request_tool([at])(CTX, f"https://{at}/x", "POST", body={"a": 1})

    assert answer["body"] == {"over": "tls"}
    assert server.seen[0][1] == "/x"


@pytest.mark.parametrize(
    ("host", "days", "reason"),
    [
        ("other.test", 1, "certificate verify failed: IP address mismatch"),
        ("127.0.0.1", -1, "certificate verify failed: certificate has expired"),
    ],
)
def test_a_wrong_certificate_ends_the_exchange(
    host: str, days: int, reason: str, authority: Authority
) -> None:
    with serving(authority.context_for(host, days)) as server:
        at = f"127.0.0.1:{server.port}"
        with pytest.raises(ConnectionError, match=reason):
            request_tool([at])(CTX, f"https://{at}/", headers={"x-key": "not to be sent"})
        assert server.seen == []


def test_an_unknown_authority_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path, "stranger")
    with serving(other.context_for("127.0.0.1")) as server:
        at = f"127.0.0.1:{server.port}"
        with pytest.raises(ConnectionError, match="certificate verify failed"):
            request_tool([at])(CTX, f"https://{at}/")
        assert server.seen == []


def test_the_certificate_must_be_of_the_name_and_not_of_the_address(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.create_connection
    with serving(authority.context_for("good.test")) as server:
        monkeypatch.setattr(
            "engine.library.exchange.socket.create_connection",
            lambda address, timeout: real(("127.0.0.1", server.port), timeout),
        )
        request = request_tool(["good.test"], lambda host, port: ["93.184.216.34"])
        assert request(CTX, "https://good.test/")["status"] == 200
