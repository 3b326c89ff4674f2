"""Refusals at start: combinations of settings that would leave the studio open or broken."""

import ipaddress
import os
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from studio.tools.allowed import resolve


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address to listen on."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@register(Tags.security)
def debug_stays_home(**_: Any) -> list[CheckMessage]:
    if settings.DEBUG and not is_loopback(settings.HOST):
        return [
            Error(
                f"TREADLE_DEBUG=1 while listening on {settings.HOST}: tracebacks would be public.",
                hint="Unset TREADLE_DEBUG, or listen on 127.0.0.1.",
                id="studio.E001",
            )
        ]
    return []


@register(Tags.security)
def hosts_are_named(**_: Any) -> list[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Error(
                "TREADLE_ALLOWED_HOSTS=* would let any web page drive this studio.",
                hint="Name the hosts, for instance treadle.example.org,localhost.",
                id="studio.E002",
            )
        ]
    return []


@register(Tags.security)
def models_are_there(**_: Any) -> list[CheckMessage]:
    """Every table and column of TREADLE_MODELS exists."""
    found: list[CheckMessage] = []
    for name, entry in settings.MODELS.items():
        try:
            resolve(name, entry)
        except ValueError as error:
            found.append(Error(str(error), hint="Look at TREADLE_MODELS.", id="studio.E004"))
    return found


@register(Tags.security)
def celery_is_there(**_: Any) -> list[CheckMessage]:
    if settings.BROKER_URL and find_spec("celery") is None:
        return [
            Error(
                "TREADLE_BROKER_URL is set, and Celery is not installed.",
                hint="Install it with `pip install -r requirements-scale.txt`, or unset it.",
                id="studio.E005",
            )
        ]
    return []


@register(Tags.security)
def tracing_is_there(**_: Any) -> list[CheckMessage]:
    wanted = [name for name in TRACING if os.environ.get(name)]
    if wanted and find_spec("opentelemetry") is None:
        return [
            Error(
                f"{wanted[0]} is set, and OpenTelemetry is not installed.",
                hint="Install it with `pip install -r requirements-scale.txt`, or unset it.",
                id="studio.E006",
            )
        ]
    return []


TRACING = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


@register(Tags.security)
def secret_key_is_long(**_: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) < 40:
        return [
            Error(
                "TREADLE_SECRET_KEY is shorter than 40 characters.",
                hint="Unset it: a long one is made and kept in the data folder.",
                id="studio.E003",
            )
        ]
    return []
