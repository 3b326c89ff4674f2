"""Tools that let a secret out in every way a careless author may think of."""

import base64
import html
import json
import logging
import sys
import time
import urllib.parse
import warnings
from typing import Any

from engine import ToolContext, default_registry

log = logging.getLogger("leaky")


def spellings(value: str) -> dict[str, str]:
    raw = value.encode()
    return {
        "plain": value,
        "url": f"https://x.test/?key={urllib.parse.quote_plus(value)}&p=/{urllib.parse.quote(raw)}",
        "json": json.dumps({"key": value}),
        "json twice": json.dumps(json.dumps({"key": value}, ensure_ascii=False)),
        "html": html.escape(value),
        "python": repr({"key": value}),
        "hex": raw.hex(),
        "header": f"Authorization: Basic {base64.b64encode(b'user:' + raw).decode()}",
        "base64": base64.urlsafe_b64encode(b"0" + raw + b"1").decode(),
        "login": f"postgresql://me:{urllib.parse.quote(value, safe='')}@db/name",
    }


def tell(ctx: ToolContext, value: str) -> None:
    for name, text in spellings(value).items():
        ctx.log(f"{name}: {text}")
        ctx.progress(1, 2, text)
        log.warning("%s: %s", name, text)
        sys.stdout.write(f"{name}: {text}\n")
    sys.stderr.write("to stderr goes nothing\n")


@default_registry.tool("leaky.echo", effect="once")
def echo(ctx: ToolContext) -> dict[str, Any]:
    value = ctx.secret("canary")
    tell(ctx, value)
    deep = [{"in": [text]} for text in spellings(value).values()]
    return {"echo": spellings(value), "deep": deep, "large": value * 3_000, value: "key"}


@default_registry.tool("leaky.echo_async", effect="idempotent")
async def echo_async(ctx: ToolContext, state: dict[str, Any]) -> dict[str, Any]:
    value = ctx.secret("canary")
    tell(ctx, value)
    state["kept"] = {"deep": [value]}
    return state


@default_registry.tool("leaky.apart", effect="idempotent")
def apart(ctx: ToolContext) -> dict[str, Any]:
    value = ctx.secret("canary")
    tell(ctx, value)
    return {"apart": spellings(value), "length": len(value)}


@default_registry.tool("leaky.raise", effect="idempotent")
def fail(ctx: ToolContext) -> None:
    value = ctx.secret("canary")
    log.error("about to fail with %s", value)
    try:
        raise KeyError(value)
    except KeyError as error:
        raise ConnectionError(" ".join(spellings(value).values()) + "x" * 3_000 + value) from error


@default_registry.tool("leaky.slow", effect="idempotent")
def slow(ctx: ToolContext) -> str:
    """Late: the attempt has timed out when this comes back."""
    value = ctx.secret("canary")
    time.sleep(0.4)
    ctx.log(value)
    return value


@default_registry.tool("leaky.item", effect="idempotent")
def item(ctx: ToolContext, x: int) -> dict[str, Any]:
    value = ctx.secret("canary")
    if x == 2:
        raise ValueError(f"item {x}: {value}")
    return {"x": x, "value": value}


@default_registry.tool("leaky.process_log", effect="idempotent")
def process_log(ctx: ToolContext) -> None:
    """What goes to the log of the process and not to that of the run."""
    from threading import Thread

    value = ctx.secret("canary")
    thread = Thread(target=log.error, args=("outside: %s %s", value, json.dumps(value)))
    thread.start()
    thread.join()
    warnings.warn(f"nothing of {len(value)}", stacklevel=1)
