"""`ai.chat`: ask a language model at a service that speaks OpenAI's chat completions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from engine.driving.context import ToolContext
from engine.library.exchange import Answer, Client, Resolve, checked_headers, resolve
from engine.linting.secret_names import SecretName

MAX_SECONDS = 600
MAX_MESSAGES = 1_000
ROLES = ("system", "developer", "user", "assistant")
AGAIN = frozenset({408, 409, 425, 429})
"""Statuses that may be another one in a while, as those from 500 on."""


def chat_tool(hosts: Iterable[str], resolve: Resolve = resolve) -> Callable[..., Any]:
    """The tool, for an allow-list of `host` and `host:port`. Raises ValueError on a wrong entry."""
    client = Client(hosts, resolve)

    def chat(
        ctx: ToolContext,
        model: str,
        prompt: str = "",
        system: str = "",
        messages: list[dict[str, Any]] | None = None,
        as_json: bool = False,
        key: SecretName = "",
        base_url: str = "https://api.openai.com/v1",
        temperature: float | None = None,
        max_tokens: int | None = None,
        seconds: float = 60,
    ) -> dict[str, Any]:
        """Ask a language model. Returns {"text", "data", "model", "finish_reason", "usage"}.

        For services that speak OpenAI's chat completions, at hosts in TREADLE_HTTP_HOSTS. `key`
        names a secret; local services need none. Give `prompt`, or `messages` of
        {"role", "content"}; `system` goes before them. With `as_json` the model is told to answer
        JSON, which comes as `data`. Limits and failures of the service are tried again.
        """
        asked = _asked(model, _messages(system, messages, prompt), as_json, temperature, max_tokens)
        if not 1 <= seconds <= MAX_SECONDS:
            raise ValueError(f"seconds is from 1 to {MAX_SECONDS}")
        headers = {"content-type": "application/json", "accept": "application/json"}
        if key:
            headers["authorization"] = f"Bearer {ctx.secret(key)}"
        answer = client.exchange(
            "POST",
            f"{base_url.rstrip('/')}/chat/completions",
            checked_headers(headers),
            json.dumps(asked).encode(),
            seconds,
        )
        return _said(_completion(answer), as_json)

    return chat


def _messages(
    system: str, messages: list[dict[str, Any]] | None, prompt: str
) -> list[dict[str, Any]]:
    if bool(messages) == bool(prompt):
        raise ValueError("give either a prompt or messages")
    told = [{"role": "system", "content": system}] if system else []
    told += messages or [{"role": "user", "content": prompt}]
    if len(told) > MAX_MESSAGES:
        raise ValueError(f"at most {MAX_MESSAGES:,} messages")
    for number, message in enumerate(told, 1):
        if message.get("role") not in ROLES or not isinstance(message.get("content"), (str, list)):
            raise ValueError(
                f'message {number}: write {{"role", "content"}} with a role of {", ".join(ROLES)}'
            )
    return told


def _asked(
    model: str,
    messages: list[dict[str, Any]],
    as_json: bool,
    temperature: float | None,
    max_tokens: int | None,
) -> dict[str, Any]:
    asked: dict[str, Any] = {"model": model, "messages": messages, "stream": False}
    if as_json:
        asked["response_format"] = {"type": "json_object"}
    if temperature is not None:
        asked["temperature"] = temperature
    if max_tokens is not None:
        asked["max_tokens"] = max_tokens
    return asked


def _completion(answer: Answer) -> dict[str, Any]:
    """The body of a good answer. Raises ConnectionError where another try may help."""
    if answer.status in AGAIN or answer.status >= 500:
        after = answer.headers.get("retry-after", "")[:40]
        wait = f"; it asks to wait {after}{' s' if after.isdigit() else ''}" if after else ""
        raise ConnectionError(f"the service answered {answer.status}{wait}: {_reason(answer)}")
    if answer.status in (401, 403):
        raise ValueError(
            f"the service refused the key ({answer.status}): {_reason(answer)}; look at the secret"
        )
    if answer.status != 200:
        raise ValueError(f"the service answered {answer.status}: {_reason(answer)}")
    if not isinstance(answer.body, dict):
        raise ValueError(f"the service answered no JSON object: {answer.text[:200]!r}")
    return answer.body


def _reason(answer: Answer) -> str:
    """What the service says of an error, wherever it puts it."""
    body = answer.body
    error = body.get("error", body) if isinstance(body, dict) else body
    said = error.get("message", error) if isinstance(error, dict) else error
    return str(said)[:500] or "no reason given"


def _said(body: dict[str, Any], as_json: bool) -> dict[str, Any]:
    try:
        choice = body["choices"][0]
        message = choice["message"]
        text = message.get("content")
    except (LookupError, TypeError, AttributeError):
        raise ValueError(f"the service answered without choices: {str(body)[:200]}") from None
    if text is None:
        text = message.get("refusal") or ""
    if not isinstance(text, str):
        raise ValueError(f"the service answered no text: {str(text)[:200]}")
    return {
        "text": text,
        "data": _data(text, choice.get("finish_reason")) if as_json else None,
        "model": body.get("model"),
        "finish_reason": choice.get("finish_reason"),
        "usage": body.get("usage"),
    }


def _data(text: str, finish_reason: Any) -> Any:
    inner = text.strip()
    if inner.startswith("```") and inner.endswith("```"):
        inner = inner[3:-3].removeprefix("json").strip()
    try:
        return json.loads(inner)
    except (ValueError, RecursionError) as error:
        cut = " (the answer was cut: raise max_tokens)" if finish_reason == "length" else ""
        raise ValueError(f"the model did not answer JSON{cut}: {error}: {text[:200]!r}") from None
