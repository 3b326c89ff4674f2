"""`ctx.secret`: tools get the value; the journal, the state and the result never do."""

import asyncio
import base64
import html
import json
import logging
import sys
import urllib.parse
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Graph, RunResult, ToolRegistry, arun, capture, fold, run
from engine.values import redaction
from engine.values.redaction import Redactor, forms, named
from tests.engine import isolated_tools

CANARY = "cAn4ry/+ü \"quoted\"\\&<b>'key'"


@pytest.fixture(autouse=True)
def knowing_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "KNOWN", Redactor())


def graph_of(*tools: str, **fields) -> Graph:
    nodes = {name: {"type": "tool", "tool": name, **fields} for name in tools}
    edges = [{"id": f"e{n}", "from": a, "to": b} for n, (a, b) in enumerate(pairwise(tools))]
    document = {"format": "treadle/1", "key": "k", "entry": [tools[0]], "nodes": nodes}
    return Graph.from_dict({**document, "edges": edges})


def ran(function: Callable, effect: str = "pure", secret: str = CANARY, **fields) -> RunResult:
    registry = ToolRegistry()
    registry.register("t", function, effect=effect)
    return run(graph_of("t", **fields), registry=registry, secrets={"canary": secret})


def told(result: RunResult) -> str:
    """Everything that anybody can see of a run, as text."""
    return json.dumps([result.events, result.state, repr(result.error)], ensure_ascii=False)


def spellings(secret: str) -> list[str]:
    """How a secret may turn up in a text, made without the code under test."""
    raw = secret.encode()
    coded = [base64.b64encode(b"user:" + raw + b"!"), base64.urlsafe_b64encode(b"ab" + raw)]
    return [
        secret,
        urllib.parse.quote(secret),
        urllib.parse.quote_plus(secret),
        urllib.parse.quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        html.escape(secret),
        repr(secret)[1:-1],
        raw.hex(),
        base64.b64encode(raw).decode(),
        *(text.decode() for text in coded),
    ]


def traces(secret: str) -> list[str]:
    """What must not be found: the spellings, and the heart of those in base64."""
    found = spellings(secret)
    return [*found[:-3], *(text[8:-8] for text in found[-3:])]


def assert_hidden(result: RunResult, secret: str = CANARY) -> None:
    text = told(result)
    plain = [text, json.dumps(result.events), json.loads(json.dumps(text))]
    for trace in traces(secret):
        assert not any(trace in seen for seen in plain), trace


def test_a_tool_gets_the_value() -> None:
    result = ran(lambda ctx: {"length": len(ctx.secret("canary"))})

    assert result.state == {"length": len(CANARY)}


def echo(ctx):
    value = ctx.secret("canary")
    return {
        "plain": value,
        "nested": [{"deep": [f"Bearer {value}"]}, (value, value)],
        value: "as a key",
        "all": " ".join(spellings(value)),
    }


def test_sec_secrets_in_results_do_not_become_state() -> None:
    result = ran(echo)

    assert_hidden(result)
    assert result.state["plain"] == "[secret canary]"
    assert result.state["nested"][0] == {"deep": ["Bearer [secret canary]"]}
    assert result.state["[secret canary]"] == "as a key"


def in_place(ctx, state):
    state["kept"] = {"inner": ctx.secret("canary")}
    state.setdefault("list", []).append(ctx.secret("canary"))


def by_exception(ctx):
    raise ConnectionError(f"401 at https://x/?key={urllib.parse.quote(ctx.secret('canary'))}")


def by_long_exception(ctx):
    raise ValueError("x" * 3_995 + ctx.secret("canary"))


def by_cause(ctx):
    try:
        raise KeyError(ctx.secret("canary"))
    except KeyError as error:
        raise RuntimeError("outer") from error


def by_log(ctx):
    value = ctx.secret("canary")
    ctx.log(f"header Authorization: Basic {base64.b64encode(b'u:' + value.encode()).decode()}")
    ctx.log("y" * 8_180 + value)
    ctx.progress(1, 2, f"with {value}")


@pytest.mark.parametrize("tool", [in_place, by_exception, by_long_exception, by_cause, by_log])
@pytest.mark.parametrize("effect", ["pure", "once"])
def test_no_way_out_shows_it(tool: Callable, effect: str) -> None:
    result = ran(tool, effect, retry={"max_attempts": 2, "initial": "1ms"})

    assert_hidden(result)
    # Not even the beginning of one that was cut off at the end of a long text.
    assert CANARY[:7] not in told(result)


def test_the_inputs_of_an_expression_never_see_it() -> None:
    outputs = {"first": "result.plain.startsWith('[sec')", "size": "size(result.plain)"}
    result = ran(lambda ctx: {"plain": ctx.secret("canary")}, outputs=outputs)

    assert result.state == {"first": True, "size": len("[secret canary]")}


async def test_async_tools_and_what_they_print(capsys: pytest.CaptureFixture[str]) -> None:
    async def speak(ctx):
        value = ctx.secret("canary")
        await asyncio.sleep(0)
        logging.getLogger("speaker").warning("logged %s", value)
        sys.stdout.write(f"printed {value}\n")
        return value

    registry = ToolRegistry()
    registry.register("t", speak, effect="once")
    capture.install()
    result = await arun(graph_of("t"), registry=registry, secrets=lambda name: CANARY)

    lines = [event["data"]["message"] for event in result.events if event["k"] == "log"]
    assert lines == ["logged [secret canary]", "printed [secret canary]"]
    assert_hidden(result)


def test_items_of_a_map_are_hidden_too() -> None:
    registry = ToolRegistry()
    registry.register("t", lambda ctx, x: {"x": x, "is": ctx.secret("canary")}, effect="pure")
    node = {"type": "map", "over": "[1, 2]", "as": "x", "body": {"tool": "t", "inputs": {"x": "x"}}}
    document = {"format": "treadle/1", "key": "k", "entry": ["m"], "edges": []}
    graph = Graph.from_dict({**document, "nodes": {"m": {**node, "collect": {"all": "results"}}}})

    result = run(graph, registry=registry, secrets={"canary": CANARY})

    assert result.state["all"] == [{"x": n, "is": "[secret canary]"} for n in (1, 2)]
    assert_hidden(result)


def test_the_journal_folds_to_the_very_state() -> None:
    from engine import Event

    registry = ToolRegistry()
    for name in ("echo", "in_place"):
        registry.register(name, globals()[name], effect="pure")
    graph = graph_of("echo", "in_place")
    result = run(graph, registry=registry, secrets={"canary": CANARY})

    folded = fold(graph, [Event.from_dict(event) for event in result.events])
    assert folded.state == result.state
    assert_hidden(result)


def test_another_process_gets_it_without_showing_it() -> None:
    result = ran(isolated_tools.tells_a_secret, "once", isolation="process")

    assert result.state["length"] == len(CANARY)
    assert result.state["leaks"] is False
    assert result.state["echo"] == "[secret canary]"
    assert_hidden(result)


def test_what_another_process_raises_is_hidden() -> None:
    result = ran(isolated_tools.raises_a_secret, isolation="process")

    assert result.status == "failed"
    assert CANARY[:4] not in told(result)


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_a_secret_that_is_not_there_is_a_clear_error(isolation: str) -> None:
    fields = {"isolation": isolation} if isolation == "process" else {}
    result = ran(isolated_tools.asks_for_a_wrong_secret, **fields)

    assert result.error is not None
    assert (result.error.code, result.error.details["secret"]) == ("E_SECRET", "other")
    assert "given no secret 'other'; it has 'canary'" in result.error.message
    assert result.activations == {"t": 1}


def test_a_run_without_secrets_says_so() -> None:
    registry = ToolRegistry()
    registry.register("t", lambda ctx: ctx.secret("any"), effect="pure")
    result = run(graph_of("t"), registry=registry)

    assert result.error is not None
    assert "no secret 'any' here" in result.error.message


@given(st.text(min_size=6, max_size=60), st.binary(max_size=5), st.binary(max_size=5))
def test_every_secret_is_found_in_every_form(secret: str, before: bytes, after: bytes) -> None:
    if len(secret.strip()) < 6:
        return
    redactor = Redactor()
    redactor.learn("s", secret)
    raw = secret.encode()
    texts = [
        secret,
        urllib.parse.quote(raw),
        urllib.parse.quote_plus(raw),
        json.dumps({"k": secret}),
        json.dumps({"k": secret}, ensure_ascii=False),
        repr(secret),
        base64.b64encode(before + raw + after).decode(),
        base64.urlsafe_b64encode(before + raw + after).decode(),
    ]
    for text in texts:
        assert "[secret s]" in redactor.text(f"<{text}>")


def test_lines_of_a_key_are_hidden_one_by_one() -> None:
    key = (
        "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----"
    )
    redactor = Redactor()
    redactor.learn("pem", key)

    assert redactor.text("line AQEFAASCBKcwggSjAgEAAoIB") == "line [secret pem]"
    assert redactor.text("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


def test_a_number_is_hidden_as_a_number() -> None:
    result = ran(lambda ctx: {"pin": int(ctx.secret("canary"))}, secret="84731902")

    assert result.state == {"pin": "[secret canary]"}


def test_a_replaced_value_stays_hidden() -> None:
    redactor = Redactor()
    redactor.learn("s", "first value")
    redactor.learn("s", "second value")

    assert redactor.text("first value, second value") == "[secret s], [secret s]"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("password=hunter2 user=bob", "password=[hidden] user=bob"),
        ("DB_PASSWORD: hunter2", "DB_PASSWORD: [hidden]"),
        ('{"api_key": "abc", "n": 1}', '{"api_key": "[hidden]", "n": 1}'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer [hidden]"),
        ("authorization: Basic dXNlcg==", "authorization: Basic [hidden]"),
        ("access_token=abc&x=1", "access_token=[hidden]&x=1"),
        ("postgresql://me:hunter2@db/x", "postgresql://me:[hidden]@db/x"),
        ("used 12 tokens: prompt_tokens=512", "used 12 tokens: prompt_tokens=512"),
        ("the token of bob", "the token of bob"),
        ("token: [secret openai]", "token: [secret openai]"),
    ],
)
def test_values_behind_telling_names_are_hidden_in_lines(line: str, shown: str) -> None:
    assert named(line) == shown


def test_hiding_long_lines_takes_linear_time() -> None:
    for text in ("token" * 200_000, "token-" * 200_000, "://a:" * 200_000, "secret = " * 100_000):
        named(text)


def test_no_form_is_short_enough_to_hit_ordinary_text() -> None:
    assert min(map(len, forms("abcdef"))) >= 6
