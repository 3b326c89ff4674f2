"""Stock React Flow: built from the packages of `static/src`, served from a thread."""

import functools
import http.server
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.large_graph import large_document

ROOT = Path(__file__).resolve().parents[3]
PAGE = Path(__file__).resolve().parents[1] / "peers" / "stock_flow"
VITE = ROOT / "static" / "src" / "node_modules" / "vite" / "bin" / "vite.js"


@contextmanager
def stock_page(folder: Path, counts: tuple[int, ...]) -> Iterator[str]:
    """Its address; `#1000` after it names the graph."""
    build = ["node", str(VITE), "build", "--logLevel", "error", "-c", str(PAGE / "vite.config.mjs")]
    environment = {**os.environ, "TREADLE_BENCH_DIST": str(folder)}
    subprocess.run(build, cwd=ROOT, env=environment, check=True)
    for count in counts:
        (folder / f"graph-{count}.json").write_text(json.dumps(large_document(count)))
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is inherited
        """Say nothing."""
