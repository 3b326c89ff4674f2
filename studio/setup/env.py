"""The settings a person makes: environment variables, read once, refused clearly when wrong.

Every variable is declared here with its default and a sentence; `docs/operations.md` repeats them
and a test keeps the two equal.
"""

import base64
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.graph.queues import is_queue_name
from engine.library.addresses import read_allowed
from studio.setup.rates import a_rate
from studio.setup.retention import a_retention


class SettingError(Exception):
    """A variable holds something that cannot be used. The message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    default: str
    about: str
    parse: Callable[[str], Any]
    is_secret: bool = False
    """Whether a refusal must not repeat what the variable holds."""

    def read(self, environ: Mapping[str, str]) -> Any:
        text = environ.get(self.name, "").strip() or self.default
        try:
            return self.parse(text)
        except ValueError as error:
            shown = "…" if self.is_secret else repr(text)
            raise SettingError(f"{self.name}={shown}: {error}") from None


def a_text(text: str) -> str:
    return text


def a_list(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def a_bool(text: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if text.lower() not in known:
        raise ValueError("write 1 or 0")
    return known[text.lower()]


def a_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise ValueError("write a port between 1 and 65535")
    return int(text)


def a_port_or_none(text: str) -> int:
    return 0 if text == "0" else a_port(text)


def a_log_format(text: str) -> str:
    if text.lower() not in {"plain", "json"}:
        raise ValueError("write plain or json")
    return text.lower()


def a_log_level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("write DEBUG, INFO, WARNING or ERROR")
    return text.upper()


def a_count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise ValueError("write a whole number from 1 to 100000")
    return int(text)


def a_count_or_none(text: str) -> int:
    return 0 if text == "0" else a_count(text)


def queues(text: str) -> tuple[str, ...]:
    """Names of queues; none for `*`, which stands for all of them."""
    found = tuple(dict.fromkeys(a_list(text)))
    if found == ("*",):
        return ()
    if not found or not all(map(is_queue_name, found)):
        raise ValueError("write names such as gpu,default (a-z, 0-9, _ and -), or * for all")
    return found


def a_folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def a_synchronous(text: str) -> str:
    if text.upper() not in {"FULL", "NORMAL"}:
        raise ValueError("write FULL (survives a power cut) or NORMAL (survives a crash)")
    return text.upper()


def a_redis_url(text: str) -> str:
    if text and urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("write redis://host:port/0, or leave it empty for one process")
    return text


def a_broker_url(text: str) -> str:
    if text and urlsplit(text).scheme not in {"redis", "rediss", "amqp", "amqps"}:
        raise ValueError("write redis://host:port/1 or amqp://user:password@host/vhost")
    return text


def a_database(text: str) -> dict[str, str]:
    """The parts of a database address; an empty one means SQLite in the data folder."""
    if not text:
        return {"engine": "sqlite", "name": ""}
    url = urlsplit(text)
    if url.scheme == "sqlite":
        return {"engine": "sqlite", "name": unquote(url.path)}
    if url.scheme in {"postgres", "postgresql"}:
        if not url.path.strip("/"):
            raise ValueError("the address names no database: postgresql://user:password@host/name")
        return {
            "engine": "postgresql",
            "name": unquote(url.path.lstrip("/")),
            "user": unquote(url.username or ""),
            "password": unquote(url.password or ""),
            "host": unquote(url.hostname or ""),
            "port": str(url.port or ""),
        }
    raise ValueError("write postgresql://user:password@host/name or sqlite:///path/to/file")


def origins(text: str) -> list[str]:
    found = a_list(text)
    for origin in found:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path:
            raise ValueError("write scheme and host, such as https://treadle.example.org")
    return found


def hosts(text: str) -> list[str]:
    found = a_list(text)
    read_allowed(found)
    return found


def seal_keys(text: str) -> dict[str, str]:
    """Keys by id, in order, of `id:key,id:key`."""
    found: dict[str, str] = {}
    for item in a_list(text):
        key_id, _, key = item.partition(":")
        if not re.fullmatch(r"[0-9A-Za-z-]{1,40}", key_id) or not _is_seal_key(key):
            raise ValueError("write id:key,id:key with keys of `manage.py treadle secrets new-key`")
        if key_id in found:
            raise ValueError(f"the id {key_id} stands there twice")
        found[key_id] = key
    return found


def _is_seal_key(key: str) -> bool:
    try:
        return len(key) == 44 and len(base64.urlsafe_b64decode(key)) == 32
    except ValueError:
        return False


def importable(text: str) -> list[str]:
    found = a_list(text)
    for name in found:
        try:
            known = find_spec(name) is not None
        except (ImportError, ValueError):
            known = False
        if not known:
            raise ValueError(f"there is no module {name!r}: is its folder on PYTHONPATH?")
    return found


_MODEL = re.compile(r"(?P<name>\w+\.\w+)\s*:\s*(?P<fields>[\w*,\s]+)", re.ASCII)
_COLUMN = re.compile(r"(?P<name>[A-Za-z]\w*)(?P<star>\*?)", re.ASCII)
CLOSED_APPS = frozenset({"admin", "auth", "contenttypes", "sessions", "studio"})
"""Apps that decide who may do what: never open to workflows."""


def open_models(text: str) -> dict[str, dict[str, bool]]:
    """By app.Model its open columns, each with whether it may be written."""
    found: dict[str, dict[str, bool]] = {}
    for item in filter(None, (part.strip() for part in text.split(";"))):
        match = _MODEL.fullmatch(item)
        names = [part.strip() for part in match["fields"].split(",")] if match else []
        columns = [column for name in names if (column := _COLUMN.fullmatch(name))]
        if match is None or len(columns) != len(names):
            raise ValueError(f"{item!r:.80}: write app.Model: field, field*")
        if match["name"].partition(".")[0] in CLOSED_APPS:
            raise ValueError(f"{match['name']} decides who may do what and is never open")
        found[match["name"]] = {column["name"]: bool(column["star"]) for column in columns}
    return found


_MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mail_server(text: str) -> dict[str, Any]:
    """The options of Django's SMTP backend; nothing for an empty text."""
    if not text:
        return {}
    url = urlsplit(text)
    if url.scheme not in _MAIL_PORTS or not url.hostname or url.path.strip("/") or url.query:
        raise ValueError("write smtp+tls://user:password@mail.example.org:587")
    return {
        "host": url.hostname,
        "port": url.port or _MAIL_PORTS[url.scheme],
        "username": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "use_tls": url.scheme == "smtp+tls",
        "use_ssl": url.scheme == "smtps",
    }


def a_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("write one line")
    return text


SETTINGS = (
    Setting("TREADLE_HOST", "127.0.0.1", "Address to listen on.", a_text),
    Setting("TREADLE_PORT", "8000", "Port to listen on.", a_port),
    Setting(
        "TREADLE_WEB_PROCESSES",
        "1",
        "Processes that `up` serves pages and API with, each with an engine of its own.",
        a_count,
    ),
    Setting(
        "TREADLE_DATA_DIR",
        "./data",
        "Folder of the SQLite database and the secret key, made with tight permissions.",
        a_folder,
    ),
    Setting(
        "DATABASE_URL",
        "",
        "postgresql://user:password@host/name, or empty for SQLite in the data folder.",
        a_database,
        is_secret=True,
    ),
    Setting(
        "TREADLE_CHANNEL_URL",
        "",
        "Redis that carries wake-ups between processes; empty for one process.",
        a_redis_url,
        is_secret=True,
    ),
    Setting(
        "TREADLE_BROKER_URL",
        "",
        "Redis or RabbitMQ that carries hints to Celery workers; empty for none.",
        a_broker_url,
        is_secret=True,
    ),
    Setting(
        "TREADLE_TOOLS", "", "Comma-separated modules whose tools are registered at start.", a_list
    ),
    Setting(
        "TREADLE_APPS",
        "",
        "Comma-separated Django apps of your own, installed and migrated.",
        importable,
    ),
    Setting(
        "TREADLE_MODELS",
        "",
        "Tables open to the orm tools: shop.Order: id, status*; …, a star: may be written.",
        open_models,
    ),
    Setting(
        "TREADLE_HTTP_HOSTS",
        "",
        "Hosts (host or host:port) that the tool http.request may call; empty switches it off.",
        hosts,
    ),
    Setting(
        "TREADLE_EMAIL_URL",
        "",
        "Mail server of the tool mail.send: smtp://, smtp+tls:// or smtps://user:password@host:port.",
        mail_server,
        is_secret=True,
    ),
    Setting(
        "TREADLE_EMAIL_FROM", "", "Sender of e-mails, such as Treadle <t@example.org>.", a_line
    ),
    Setting(
        "TREADLE_ALLOWED_HOSTS",
        "localhost,127.0.0.1,[::1]",
        "Host names this studio answers to.",
        a_list,
    ),
    Setting(
        "TREADLE_PUBLIC_ORIGINS",
        "",
        "Origins browsers may come from, when not http://<allowed host>:<port>.",
        origins,
    ),
    Setting(
        "TREADLE_SECRET_KEY",
        "",
        "Signs sessions; empty: made once and kept in the data folder.",
        a_text,
    ),
    Setting(
        "TREADLE_SEAL_KEYS",
        "",
        "Keys that seal secrets, id:key,id:key; the last seals. Empty: kept in the data folder.",
        seal_keys,
        is_secret=True,
    ),
    Setting("TREADLE_DEBUG", "0", "1 shows tracebacks to anybody: for development only.", a_bool),
    Setting(
        "TREADLE_SQLITE_SYNCHRONOUS",
        "FULL",
        "FULL survives a power cut; NORMAL survives a crash and is faster.",
        a_synchronous,
    ),
    Setting(
        "TREADLE_DRIVERS",
        "32",
        "Runs that this process drives at the same time; 0 leaves them to workers.",
        a_count_or_none,
    ),
    Setting(
        "TREADLE_QUEUES",
        "default",
        "Comma-separated queues from which this process takes runs; * takes from all.",
        queues,
    ),
    Setting("TREADLE_TOOL_THREADS", "8", "Threads that call sync tools.", a_count),
    Setting(
        "TREADLE_ASYNC_SLOTS",
        "1000",
        "Calls of async tools under way in this process at the same time; others wait for a slot.",
        a_count,
    ),
    Setting(
        "TREADLE_MAX_LEAKED",
        "8",
        "Tool threads that may be stuck after a timeout before this process starts again.",
        a_count,
    ),
    Setting("TREADLE_LEASE_SECONDS", "30", "How long a claim on a run lasts unrenewed.", a_count),
    Setting(
        "TREADLE_KEEP",
        "all",
        "Which runs are kept where a workflow says nothing: all, or such as 90 days, 100 runs.",
        a_retention,
    ),
    Setting(
        "TREADLE_RATE_WRITES",
        "600/min",
        "Workflows and tokens one user may make, change or publish by API; off for no limit.",
        a_rate,
    ),
    Setting(
        "TREADLE_RATE_STARTS",
        "1000/s",
        "Runs one user may start by API; off for no limit.",
        a_rate,
    ),
    Setting(
        "TREADLE_RATE_UPLOADS",
        "60/min",
        "Reviews, imports and shuffles one user may ask for by API; off for no limit.",
        a_rate,
    ),
    Setting(
        "TREADLE_RATE_HOOKS",
        "600/min",
        "Deliveries one webhook takes; off for no limit.",
        a_rate,
    ),
    Setting(
        "TREADLE_WORKER_PORT",
        "0",
        "Port on which a worker answers /healthz, /readyz and /metrics to anybody; 0 for none.",
        a_port_or_none,
    ),
    Setting(
        "TREADLE_LOG_FORMAT",
        "plain",
        "plain for people, or json: an object a line with run_id and request_id.",
        a_log_format,
    ),
    Setting("TREADLE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR.", a_log_level),
)


def read_all(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every setting by name. Raises SettingError that names the variable and what to write."""
    source = os.environ if environ is None else environ
    return {setting.name: setting.read(source) for setting in SETTINGS}
