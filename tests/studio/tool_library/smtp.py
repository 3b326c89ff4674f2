"""An SMTP server for tests: takes what it is sent, and can refuse."""

import socketserver
import threading
from typing import Any


class Mailbox(socketserver.ThreadingTCPServer):
    """`answers` replaces the answer to a command, by its first word."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.messages: list[tuple[str, list[str], bytes]] = []
        """(sender, receivers, the message with its headers)."""
        self.answers: dict[str, str] = {}
        self.logins: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def close(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Any = self.server
        sender, receivers = "", []
        self._say("220 test")
        while line := self.rfile.readline():
            text = line.decode().strip()
            word = text.split(" ", 1)[0].upper()
            if word in box.answers:
                self._say(box.answers[word])
                continue
            if word in ("EHLO", "HELO"):
                self._say("250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME")
            elif word == "AUTH":
                box.logins.append(text)
                self._say("235 ok")
            elif word == "MAIL":
                sender, receivers = text.partition(":")[2], []
                self._say("250 ok")
            elif word == "RCPT":
                receivers.append(text.partition(":")[2].strip("<>"))
                self._say("250 ok")
            elif word == "DATA":
                self._say("354 go on")
                content = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    content += line.removeprefix(b".")
                box.messages.append((sender, receivers, content))
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
