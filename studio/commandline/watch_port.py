"""A worker's port for those who watch it: is it alive, is it ready, its figures."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import DatabaseError, connection, connections

from studio.execution import figures
from studio.execution.service import service


class _Handler(BaseHTTPRequestHandler):
    server_version = "Treadle"
    sys_version = ""

    def do_GET(self) -> None:
        try:
            status, kind, text = _answer(self.path.partition("?")[0])
        except DatabaseError:
            status, kind, text = 503, "application/json", json.dumps({"status": "database"})
        finally:
            connections.close_all()
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Who asks every few seconds is not worth a line."""


def _answer(path: str) -> tuple[int, str, str]:
    if path == "/healthz":
        return 200, "application/json", json.dumps({"status": "ok"})
    if path == "/readyz":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        health = service().health()
        is_ready = health["running"] and health["claiming"]
        status = "ok" if is_ready else "engine"
        return 200 if is_ready else 503, "application/json", json.dumps({"status": status})
    if path == "/metrics":
        return 200, figures.CONTENT_TYPE, figures.exposition()
    return 404, "application/json", json.dumps({"status": "no such address"})


def open_port(host: str, port: int) -> ThreadingHTTPServer:
    """Answer there until the process ends. Raises OSError when nobody can listen there."""
    server = ThreadingHTTPServer((host, port), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="treadle-watch", daemon=True).start()
    return server
