"""`http.request` reaches the hosts that the operator named, and nothing else."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.driving.context import ToolContext
from engine.library.web import MAX_BYTES, request_tool

CTX = ToolContext("run", "node", 1, 1, None, lambda event: None)
SECRET = "the secret of this machine"


class Handler(BaseHTTPRequestHandler):
    seen: list[tuple[str, str, dict[str, str], str]] = []

    def do_GET(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        self.seen.append((self.command, self.path, dict(self.headers), body))
        name = self.path.partition("?")[0]
        if name == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
            self.end_headers()
        elif name == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x")
                self.wfile.flush()
                if self.server.closing.wait(0.05):
                    return
        else:
            content = (
                b"x" * (MAX_BYTES + 1) if name == "/large" else json.dumps({"is": SECRET}).encode()
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    do_POST = do_HEAD = do_GET  # noqa: N815 - names of the standard library

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None
    server.closing = threading.Event()
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.closing.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def at(server):
    Handler.seen.clear()
    return f"127.0.0.1:{server.server_port}"


def no_lookup(host, port):
    raise AssertionError(f"{host} was looked up")


FORMS = [
    "http://{at}/", "http://localhost:{port}/", "http://127.1:{port}/", "http://127.0.1:{port}/",
    "http://2130706433:{port}/", "http://017700000001:{port}/", "http://0x7f000001:{port}/",
    "http://0x7f.0.0.1:{port}/", "http://0177.0.0.1:{port}/", "http://127.0.0.1.:{port}/",
    "http://127.000.000.001:{port}/", "http://0:{port}/", "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/", "http://[::]:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/", "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
    "http://[::127.0.0.1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/", "http://[2002:7f00:1::]:{port}/",
    "http://[fe80::1%25lo]:{port}/", "http://[fc00::1]:{port}/", "http://[::1%25eth0]:{port}/",
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xA9FEA9FE/",
    "http://metadata.google.internal/", "http://good.test@{at}/", "http://good.test:80@{at}/",
    "http://{at}@good.test/", "http://user:secret@good.test/", "http://good.test#@{at}/",
    "http://good.test\\@{at}/", "http://good.test%00.{at}/", "http://good.test%2f@{at}/",
    "http://good.test.evil.test/", "http://evil.test/?good.test", "http://evilgood.test/",
    "http://good.test./", "http://good.test:{port}/", "http://good.test:0/", "http://good.test:99999/",
    "http://good.test:080/", "http://good.test:+80/", "http://good.test: 80/", "http://ｇood.test/",
    "http://good。test/", "http://①②⑦.0.0.1:{port}/", "http://xn--.test/", "http:good.test/",
    "http:///good.test/", "http:/good.test", "//good.test/", "https//good.test", "file:///etc/passwd",
    "gopher://good.test:70/_x", "ftp://good.test/", "dict://good.test/", "data:text/plain,x", "",
    " http://good.test/", "http://good.test/\r\nHost: x", "http://good.test/ x", "http://good.test\t/",
    "http://good.test/\x00", "jar:http://good.test!/", "unix:///var/run/docker.sock", "http://",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_sec_ssrf_forms_are_refused_before_a_lookup(form, at):
    request = request_tool(["good.test"], no_lookup)
    url = form.replace("{at}", at).replace("{port}", at.partition(":")[2])

    with pytest.raises(ValueError, match=r"plain address|TREADLE_HTTP_HOSTS"):
        request(CTX, url)
    assert Handler.seen == []


def test_there_are_sixty_forms():
    assert len(set(FORMS)) >= 60


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "fe80::1",
        "fe80::1%lo",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001:db8::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001::1",
    ],
)
def test_sec_ssrf_a_name_that_leads_inside_is_refused(address):
    for found in ([address], ["93.184.216.34", address]):
        with pytest.raises(ValueError, match="not a public address"):
            request_tool(["good.test"], lambda host, port, found=found: found)(
                CTX, "http://good.test/"
            )


def test_sec_ssrf_the_name_is_looked_up_once(at, monkeypatch):
    """A name that leads elsewhere at the second look does not matter: there is none."""
    asked, connected = [], []

    def rebinding(host, port):
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError("no network here")

    monkeypatch.setattr("engine.library.exchange.socket.create_connection", connect)
    with pytest.raises(ConnectionError, match="no network here"):
        request_tool(["good.test"], rebinding)(CTX, "https://good.test/")

    assert (asked, connected) == (["good.test"], [("93.184.216.34", 443)])


def test_it_is_off_until_hosts_are_named(at):
    with pytest.raises(ValueError, match="switched off"):
        request_tool([], no_lookup)(CTX, f"http://{at}/")


@pytest.mark.parametrize(
    "entry", ["*", "*.test", "http://a.test", "a.test/", "a.test:0", "a.test:99999", "a b"]
)
def test_an_entry_that_is_no_host_is_refused(entry):
    with pytest.raises(ValueError, match="write host or host:port"):
        request_tool([entry])


def test_an_address_in_the_list_is_taken_at_its_word(at):
    answer = request_tool([at])(CTX, f"http://{at}/x?y=1", headers={"X-A": "b"})

    assert (answer["status"], answer["body"]) == (200, {"is": SECRET})
    method, path, headers, _ = Handler.seen[0]
    assert (method, path, headers["Host"], headers["x-a"]) == ("GET", "/x?y=1", at, "b")


def test_a_redirect_is_an_answer(at):
    answer = request_tool([at])(CTX, f"http://{at}/redirect")

    assert answer["status"] == 302
    assert len(Handler.seen) == 1


def test_proxies_of_the_environment_are_not_used(at, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    assert request_tool([at])(CTX, f"http://{at}/")["status"] == 200


def test_a_post_carries_the_same_key_every_time(at):
    request = request_tool([at])
    for _ in range(2):
        request(CTX, f"http://{at}/", "POST", body={"a": 1})

    for method, _, headers, body in Handler.seen:
        assert (method, headers["idempotency-key"], json.loads(body)) == ("POST", "run:1", {"a": 1})
        assert headers["content-type"] == "application/json"


def test_an_answer_that_is_too_large_is_refused(at):
    with pytest.raises(ValueError, match="5,242,880 bytes"):
        request_tool([at])(CTX, f"http://{at}/large")


def test_an_answer_that_drips_is_cut(at):
    with pytest.raises(ConnectionError, match=r"0\.3 seconds"):
        request_tool([at], seconds=0.3)(CTX, f"http://{at}/slow")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "x"},
        {"transfer-encoding": "chunked"},
        {"a": "b\r\nHost: x"},
        {"a b": "c"},
        {"a": 1},
    ],
)
def test_headers_that_change_the_request_are_refused(at, headers):
    with pytest.raises(ValueError):
        request_tool([at])(CTX, f"http://{at}/", headers=headers)
    assert Handler.seen == []
