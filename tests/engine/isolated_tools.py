"""Tools at the top level of a module: another process finds them by name."""

import os
import sys
import time


def process_id():
    return {"pid": os.getpid()}


def touch(path):
    with open(path, "a"):
        pass


def grow(state):
    state["items"].append(len(state["items"]))
    state["seen"] = True


def given_back(state):
    del state["seen"]
    return state


def hand_on(state):
    return {**state, "n": 2}


class Unspeakable(Exception):
    """An error that fails when somebody asks what it says."""

    def __str__(self):
        raise RuntimeError("no words")


def unspeakable():
    raise Unspeakable


def spin(path):
    while True:
        with open(path, "a") as file:
            file.write(".")
        time.sleep(0.01)


def spin_with_signs_of_life(ctx, path):
    for _ in range(100):
        ctx.heartbeat()
        time.sleep(0.01)
    spin(path)


def chatter(ctx):
    for _ in range(2_000):
        ctx.log("x" * 8_000)


def die(ctx):
    os._exit(7)


def refuse(text):
    raise KeyError(f"no {text}")


def flaky(ctx):
    ctx.log(f"attempt {ctx.attempt}")
    ctx.progress(ctx.attempt, 2)
    if ctx.attempt == 1:
        raise ConnectionResetError("gone")
    return {"attempt": ctx.attempt, "key": ctx.idempotency_key}


async def awaited(number):
    return {"doubled": number * 2}


def tells_a_secret(ctx):
    value = ctx.secret("canary")
    ctx.log(f"using {value}")
    sys.stdout.write(f"printed {value}\n")
    with open("/proc/self/cmdline", "rb") as file:
        line = file.read()
    with open("/proc/self/environ", "rb") as file:
        around = file.read()
    leaks = value.encode() in line + around or value in repr(os.environ)
    return {"echo": value, "length": len(value), "leaks": leaks}


def raises_a_secret(ctx):
    raise ValueError("x" * 3_995 + ctx.secret("canary"))


async def asks_for_a_wrong_secret(ctx):
    ctx.secret("other")


def asking(ctx, amount):
    if ctx.answer is None:
        return ctx.ask({"type": "object"}, {"pid": os.getpid(), "amount": amount}, due="48h")
    return {"memo": ctx.memo, "answer": ctx.answer, "other": ctx.memo["pid"] != os.getpid()}
