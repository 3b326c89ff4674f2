"""What our own sources must never call."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Text that becomes code, and bytes that become objects.
BANNED_CALLS = {"eval", "exec", "compile", "__import__"}
BANNED_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "jsonpickle"}
ALLOWED = (
    # A tool's own process answers the one that made it.
    "engine/driving/isolated.py pickle",
    # Our expressions' compile, which makes closures.
    "engine/expressions/checking.py compile",
    # Reviewed code becomes bytecode to compare, in a process with limits; nothing runs it.
    "engine/library/review/child/metrics.py compile",
    "engine/library/review/child/verify.py compile",
)


def test_sec_expression_injection() -> None:
    """No source turns text into code, nor bytes into objects, but for what is named above."""
    assert sorted(banned()) == sorted(ALLOWED)


def banned() -> Iterator[str]:
    sources = [*ROOT.glob("engine/**/*.py"), *ROOT.glob("studio/**/*.py")]
    assert len(sources) > 200
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if found := found_in(node):
                yield f"{source.relative_to(ROOT)} {found}"


def found_in(node: ast.AST) -> str | None:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id if node.func.id in BANNED_CALLS else None
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    return next((name for name in names if name.split(".")[0] in BANNED_MODULES), None)


def test_what_is_banned_is_found() -> None:
    tree = ast.parse("import pickle\nfrom marshal import loads\neval('1')\nre.compile('x')\n")

    assert [found for node in ast.walk(tree) if (found := found_in(node))] == [
        "pickle",
        "marshal",
        "eval",
    ]


# Modules that reach other machines, and the files that may: one client, and the mail server.
CLIENTS = {
    *("http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "ssl", "ftplib"),
    *("smtplib", "imaplib", "poplib", "telnetlib", "socketserver", "xmlrpc.client", "paramiko"),
}
MAY_CALL = {
    "engine/library/exchange.py http.client",
    "engine/library/exchange.py ssl",
    "studio/tools/mail.py smtplib",
}


def test_sec_ssrf_there_is_one_client() -> None:
    """Tools reach other machines through the client that checks where it goes, and no other."""
    found = set()
    for source in (*ROOT.glob("engine/**/*.py"), *ROOT.glob("studio/**/*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found |= {f"{source.relative_to(ROOT)} {name}" for name in names if name in CLIENTS}
            # A connection made by hand is one too.
            if isinstance(node, ast.Attribute) and node.attr == "create_connection":
                found.add(f"{source.relative_to(ROOT)} {ast.unparse(node)}")

    assert found == MAY_CALL | {"engine/library/exchange.py socket.create_connection"}
