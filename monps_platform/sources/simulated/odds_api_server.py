"""A server on loopback that stands in for The Odds API: its answers, its account of credits, and its faults."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from monps_platform.sources.odds_api.files import LAST, QUOTA_KEY, REMAINING, USED
from monps_platform.sources.simulated.odds_api import Listed, simulate_answer


class Mode(StrEnum):
    """How the server answers."""

    WELL = "well"
    REFUSES = "refuses"
    TOO_OFTEN = "too often"
    BROKEN = "broken"
    SILENT_ON_CREDITS = "silent on credits"
    NO_JSON = "no JSON"


@dataclass
class OddsApiServer:
    """The state of the server: the one key that it takes, its credits, and the matches by sport.

    ``bodies`` are answers that are sent in place of simulated ones, by sport. ``asked`` are the paths asked for,
    ``charged`` the credits that each cost.
    """

    key: str
    now: Callable[[], datetime]
    remaining: int = 500
    used: int = 0
    mode: Mode = Mode.WELL
    matches: dict[str, Sequence[Listed]] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    charged: list[int] = field(default_factory=list)
    url: str = ""

    def answer(self, address: str) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers for an address with its query."""
        parts = urlsplit(address)
        path, query = parts.path.strip("/"), {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.asked.append(path)
        if self.mode is Mode.REFUSES or query.get("apiKey") != self.key:
            return self._error(401, "INVALID_KEY")
        if self.mode is Mode.TOO_OFTEN:
            return self._error(429, "EXCEEDED_FREQ_LIMIT")
        if self.mode is Mode.BROKEN:
            return self._error(503, "INTERNAL")
        if path == QUOTA_KEY:
            return 200, json.dumps([{"key": sport, "active": True} for sport in self.matches]).encode(), self._said(0)
        return self._odds(path, query)

    def _odds(self, path: str, query: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        sport = path.removeprefix("v4/sports/").removesuffix("/odds")
        if sport not in self.matches and sport not in self.bodies:
            return self._error(404, "UNKNOWN_SPORT")
        markets = query["markets"].split(",")
        body = self.bodies.get(sport)
        if body is None:
            first, last = (datetime.fromisoformat(query[name]) for name in ("commenceTimeFrom", "commenceTimeTo"))
            listed = [match for match in self.matches[sport] if first <= match.commences_at <= last]
            body = simulate_answer(sport, listed, self.now(), markets)
        # An answer without events is free.
        cost = 0 if body == b"[]" else len(markets) * len(query["regions"].split(","))
        if cost > self.remaining:
            return self._error(401, "OUT_OF_USAGE_CREDITS")
        self.remaining, self.used = self.remaining - cost, self.used + cost
        self.charged.append(cost)
        return 200, b"<html>" if self.mode is Mode.NO_JSON else body, self._said(cost)

    def _said(self, cost: int) -> dict[str, str]:
        if self.mode is Mode.SILENT_ON_CREDITS:
            return {}
        return {REMAINING: str(self.remaining), USED: str(self.used), LAST: str(cost)}

    def _error(self, status: int, code: str) -> tuple[int, bytes, dict[str, str]]:
        body = {"message": "as The Odds API words it", "error_code": code}
        return status, json.dumps(body).encode(), self._said(0)


@contextmanager
def serving(server: OddsApiServer) -> Iterator[OddsApiServer]:
    """The server on a port of its own on 127.0.0.1, until the end of the block."""

    class Handler(http.server.BaseHTTPRequestHandler):
        """Hands requests over."""

        def do_GET(self) -> None:
            """Answer."""
            status, body, headers = server.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        server.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()
            thread.join()
