"""Call the API as a program does: with a token, JSON in and JSON out."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from studio.accounts import tokens


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The stable code of an error."""
        code: str = self.body["error"]["code"]
        return code


class Api:
    """A user's program. `body` is encoded unless it is bytes."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=True)
        self.headers = {}
        if user is not None:
            _, self.token = tokens.create(user=user, name="test")
            self.headers["Authorization"] = f"Bearer {self.token}"

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Answer:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self.call("DELETE", path, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        content = body if isinstance(body, bytes) else _encoded(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.client.generic(
            method,
            path,
            content,
            content_type=given.pop("Content-Type", "application/json" if content else ""),
            headers={**self.headers, **given},
        )
        return _answer(response)


def _encoded(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def _answer(response: HttpResponse) -> Answer:
    content = response.content
    is_json = "json" in response.get("Content-Type", "")
    decoded = json.loads(content) if is_json and content else content
    return Answer(response.status_code, decoded, dict(response.items()))
