"""What all tests share: a real PostgreSQL, a migrated database of one's own, a mirror of the source on loopback."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.testing.databases import throwaway_database, throwaway_server

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Real files beside the checkout, where there are any."""

LONG_MODULES = frozenset(
    {
        "test_commands.py",
        "test_crashes.py",
        "test_adoption.py",
        "test_real_files.py",
        "test_real_picks.py",
        "test_real_understat.py",
        "test_real_quantum.py",
        "test_runner.py",
        "test_simulated_truths.py",
        "test_understat_loading.py",
        "test_up.py",
        "test_up_understat.py",
    }
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the modules that take longest: begun last, they would leave all workers but one without work."""
    items.sort(key=lambda item: item.path.name not in LONG_MODULES)


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Tests see neither the developer's environment nor a .env file."""
    import os

    for name in list(os.environ):
        if name.startswith(("MONPS_", "DAGSTER_", "PG")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("MONPS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("monps_platform.settings.Settings.model_config", _without_env_file())


def _without_env_file() -> dict[str, object]:
    from monps_platform.settings import Settings

    return {**Settings.model_config, "env_file": None}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseAddress]:
    """The address of a template database, migrated, on a server of the test session's own."""
    with throwaway_server(tmp_path_factory.mktemp("server")) as address:
        yield address


@pytest.fixture
def database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A migrated database of the test's own, without a row."""
    with throwaway_database(server) as made:
        yield made


@pytest.fixture
def empty_database(server: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """A database of the test's own without a table."""
    with throwaway_database(server, template="template0") as made:
        yield made


@pytest.fixture
def engine(database: DatabaseAddress) -> Iterator[Engine]:
    """An engine on the test's own database."""
    made = build_engine(database)
    yield made
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions on the test's own database."""
    return session_factory(engine)


@pytest.fixture
def unit(sessions: sessionmaker[Session]) -> Iterator[UnitOfWork]:
    """An open unit of work on the test's own database."""
    with UnitOfWork(sessions) as opened:
        yield opened


@dataclass(frozen=True)
class Answer:
    """What the mirror says to a request."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None


@dataclass
class Mirror:
    """A loopback server that answers as told, and remembers what it was asked."""

    url: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def serve(self, path: str, *answers: Answer | bytes) -> None:
        """Answer a path with these in turn; the last one stays."""
        self.answers[path] = [Answer(answer) if isinstance(answer, bytes) else answer for answer in answers]

    def answer(self, path: str) -> Answer:
        """The next answer for a path."""
        queue = self.answers.get(path)
        if not queue:
            return Answer(b"no such file", 404)
        return queue.pop(0) if len(queue) > 1 else queue[0]


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    """A mirror of a source, with nothing on it yet."""
    state = Mirror("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            state.requests.append((path, {name.lower(): value for name, value in self.headers.items()}))
            self._send(state.answer(path))

        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def _send(self, answer: Answer) -> None:
            etag = answer.headers.get("ETag")
            if etag is not None and self.headers.get("If-None-Match") == etag:
                answer = replace(answer, status=304, body=b"")
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body if answer.cut_after is None else answer.body[: answer.cut_after])

        def log_message(self, *_: object) -> None:
            """Silent."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield state
        httpd.shutdown()
        thread.join()
