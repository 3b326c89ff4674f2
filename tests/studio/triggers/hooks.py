"""A sender of webhooks, who signs by himself: nothing of the product's own signing is used."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from studio.models import Webhook
from tests.studio.api.calls import Answer, _answer


def encoded(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def hexed(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


@dataclass
class Sender:
    webhook: Webhook
    secret: str
    client: Client = field(default_factory=Client)

    def send(
        self,
        body: Any = None,
        *,
        delivery: str | None = None,
        secret: str | None = None,
        at: float | None = None,
        signed: Any = None,
        query: str = "",
        content_type: str = "application/json",
        **headers: str,
    ) -> Answer:
        """Post a body; `signed` is what is signed instead of it."""
        content = encoded({} if body is None else body)
        moment = str(int(time.time() if at is None else at))
        message = content if signed is None else encoded(signed)
        mac = hexed(secret or self.secret, moment.encode() + b"." + message)
        sent = {"Treadle-Signature": f"t={moment},v1={mac}"}
        if delivery is not None:
            sent["Treadle-Delivery"] = delivery
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.raw(content, sent, query, content_type)

    def raw(
        self,
        content: bytes,
        headers: dict[str, str],
        query: str = "",
        content_type: str = "application/json",
    ) -> Answer:
        path = f"/hooks/{self.webhook.public_id}{query}"
        return _answer(
            self.client.generic("POST", path, content, content_type=content_type, headers=headers)
        )
