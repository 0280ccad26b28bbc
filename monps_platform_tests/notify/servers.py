"""Loopback servers that take alerts: a webhook and a mail server, which remember what they were given."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_string
from email.message import Message as Mail
from typing import Any


@dataclass
class Hook:
    """A webhook: the documents it was given, and the status that it answers with."""

    url: str = ""
    status: int = 200
    documents: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0

    @property
    def told(self) -> list[tuple[str, str]]:
        """Status and subject of what was posted, in order."""
        return [(document["status"], document["subject"]) for document in self.documents]


@contextmanager
def serving_hook() -> Iterator[Hook]:
    """A webhook on loopback; its path is its secret."""
    hook = Hook()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.status < 300:
                hook.documents.append(json.loads(body))
            else:
                hook.refused += 1
            self.send_response(hook.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _running(server):
        hook.url = f"http://127.0.0.1:{server.server_address[1]}/services/Walrus9Onyx"
        yield hook


@dataclass
class MailBox:
    """A mail server: its port, what it took, and what it refuses."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: str = ""
    commands: list[str] = field(default_factory=list)

    def answer(self, line: str) -> str:
        """What is said to a command, which is remembered."""
        verb = line.split(" ", maxsplit=1)[0].upper()
        self.commands.append(verb)
        if verb == self.refuses:
            return "535 not with Zebra7Quartz" if verb == "AUTH" else "550 not here"
        if verb == "RCPT":
            self.recipients.append(line.partition("<")[2].rstrip(">"))
        return _ANSWERS.get(verb, "250 fine")


_ANSWERS = {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 in", "DATA": "354 go on", "QUIT": "221 bye"}


class _MailServer(socketserver.ThreadingTCPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Silent: clients that wanted encryption hang up."""


@contextmanager
def serving_mail() -> Iterator[MailBox]:
    """A mail server on loopback, in the clear, which takes any login, and refuses the command that it is told to."""
    box = MailBox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline().decode(errors="replace").strip():
                said = box.answer(line)
                self._say(said)
                if said.startswith("354"):
                    box.mails.append(message_from_string(self._mail()))
                    self._say("250 taken")
                if said.startswith("221"):
                    return

        def _mail(self) -> str:
            lines = iter(lambda: self.rfile.readline().decode(errors="replace").rstrip("\r\n"), ".")
            return "\n".join(lines)

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with _MailServer(("127.0.0.1", 0), Handler) as server, _running(server):
        box.port = server.server_address[1]
        yield box


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
