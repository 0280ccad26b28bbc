"""`monps alerts`, and the watch that notices a database that is away."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monps_platform.cli.watch import LOOKS, SECONDS, DatabaseWatch
from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine, session_factory
from monps_platform.db.embedded import EmbeddedServer
from monps_platform.db.schema import migrations
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.alerts.incident import Notice, delivered
from monps_platform.settings import Settings
from monps_platform.testing.databases import FAST
from monps_platform_tests.cli.conftest import Monps
from monps_platform_tests.domain.alerts.test_incident import NOON, failing
from monps_platform_tests.notify.servers import Hook, serving_hook

PATH = "Walrus9Onyx"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with serving_hook() as served:
        yield served


@pytest.fixture
def failed(database: DatabaseAddress) -> None:
    """A job that fails, of which somebody was told."""
    engine = build_engine(database)
    with UnitOfWork(session_factory(engine)) as unit:
        unit.alerts.keep([delivered(failing(), "webhook", Notice.ALERT, NOON)])
        unit.commit()
    engine.dispose()


def test_without_an_alert_the_command_says_so_and_that_nobody_would_be_told(monps: Monps) -> None:
    said = monps("alerts")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Nothing fails. No channel is configured: nobody is told.")
    assert monps("alerts", "--all").out.startswith("There was no alert yet.")


def test_what_fails_is_listed_and_what_is_over_among_all(monps: Monps, hook: Hook, failed: None) -> None:
    monps.set(MONPS_ALERT_WEBHOOK_URL=hook.url)
    said = monps("alerts")
    assert said.out.startswith("FAILING job a_job since 2026-11-28 12:00:00 UTC (")
    assert "seen 1 times; last told 2026-11-28 12:00:00 UTC it broke run 1 http://127.0.0.1:3000/runs/1" in said.out
    assert "No channel" not in said.out
    assert monps("alerts", "--resolve", "job a_job").code == 0
    assert monps("alerts").out == "Nothing fails."
    assert monps("alerts", "--all").out.startswith("over job a_job from 2026-11-28 12:00:00 UTC to 20")


def test_only_what_fails_can_be_taken_for_over(monps: Monps, failed: None) -> None:
    said = monps("alerts", "--resolve", "job another")
    assert (said.code, said.err) == (1, "monps: 'job another' is not failing. What fails: job a_job")


def test_a_test_message_tells_whether_the_channels_work(monps: Monps, hook: Hook) -> None:
    assert monps("alerts", "--test").code == 1
    monps.set(MONPS_ALERT_WEBHOOK_URL=hook.url)
    said = monps("alerts", "--test")
    assert (said.code, said.out, hook.documents[0]["what"]) == (
        *(0, "webhook: delivered"),
        "Nothing failed: this is a test.",
    )
    hook.status = 404
    said = monps("alerts", "--test")
    assert (said.code, said.err) == (1, "monps: webhook: 127.0.0.1: HTTP 404 Not Found")


def test_a_wrong_setting_of_alerts_is_told_without_its_value(monps: Monps) -> None:
    monps.set(MONPS_ALERT_WEBHOOK_URL=PATH)
    said = monps("alerts")
    assert said.err.endswith("MONPS_ALERT_WEBHOOK_URL: Value error, it must begin with https:// (or http://)")
    monps.set(MONPS_ALERT_WEBHOOK_URL="", MONPS_ALERT_EMAIL_TO="a@example.org")
    assert "MONPS_ALERT_EMAIL_TO needs MONPS_SMTP_HOST" in monps("alerts").err


# The watch


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: datetime = datetime(2026, 11, 28, 12, tzinfo=UTC)

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def stoppable(tmp_path: Path) -> Iterator[tuple[EmbeddedServer, DatabaseAddress]]:
    """A server of the test's own, migrated, which it may stop."""
    server = EmbeddedServer(tmp_path / "own", preferred_port=54490, databases=("monps",), config=dict(FAST))
    running = server.ensure_running()
    address = DatabaseAddress(running.host, running.port, running.user, running.password, "monps", sslmode="disable")
    engine = build_engine(address)
    migrations.upgrade(engine)
    engine.dispose()
    yield server, address
    data = server.status().data_dir
    server.stop()
    shutil.rmtree(data.parent, ignore_errors=True)


def test_a_server_that_is_stopped_and_started_gives_one_alert_and_one_recovery_whoever_watches(
    stoppable: tuple[EmbeddedServer, DatabaseAddress], hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_ALERT_WEBHOOK_URL", hook.url)
    server, address = stoppable
    clock = Clock()

    def watch() -> DatabaseWatch:
        return DatabaseWatch(Settings(), address, lambda: clock.now)

    first = watch()
    first.look()
    server.stop()
    for _ in range(LOOKS):
        assert hook.told == []
        clock.go(SECONDS)
        first.look()
    subject = f"PostgreSQL at {address.host}:{address.port}"
    assert hook.told == [("alert", subject)]
    assert hook.documents[0]["since"] == "2026-11-28T12:00:10+00:00"
    assert "It last answered at 2026-11-28 12:00:00 UTC." in hook.documents[0]["what"]
    assert address.password.get_secret_value() not in str(hook.documents)
    second = watch()  # started anew while the database is away
    for _ in range(LOOKS + 1):
        clock.go(SECONDS)
        second.look()
    assert len(hook.told) == 1
    server.ensure_running()
    third = watch()
    for _ in range(2):
        clock.go(SECONDS)
        third.look()
    assert hook.told == [("alert", subject), ("recovery", subject)]
    engine = build_engine(address)
    with UnitOfWork(session_factory(engine)) as unit:
        (kept,) = unit.alerts.latest()
    engine.dispose()
    assert (kept.subject, kept.opened_at) == (subject, datetime(2026, 11, 28, 12, 0, 10, tzinfo=UTC))
    assert kept.closed_at is not None


def test_a_single_look_without_an_answer_is_no_alert_and_the_last_one_is(
    database: DatabaseAddress, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONPS_ALERT_WEBHOOK_URL", hook.url)
    nowhere = DatabaseAddress("127.0.0.1", 1, database.user, database.password, database.database, sslmode="disable")
    ticks = [0.0]
    watch = DatabaseWatch(Settings(), nowhere, ticks=lambda: ticks[0])
    watch.look_if_due()
    ticks[0] = SECONDS - 1
    watch.look_if_due()  # not due: it would have been told
    assert hook.told == []
    watch.look(last=True)
    assert hook.told == [("alert", "PostgreSQL at 127.0.0.1:1")]


def test_a_disk_that_takes_nothing_keeps_no_alert_from_being_sent_once(
    stoppable: tuple[EmbeddedServer, DatabaseAddress],
    hook: Hook,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("MONPS_ALERT_WEBHOOK_URL", hook.url)
    server, address = stoppable
    watch = DatabaseWatch(Settings(), address)
    full = watch.file.with_suffix(".new")
    full.mkdir(parents=True)  # as on a full disk, the file cannot be written
    server.stop()
    for _ in range(LOOKS + 2):
        watch.look()
    subject = f"PostgreSQL at {address.host}:{address.port}"
    assert hook.told == [("alert", subject)]
    assert f"told, but not kept in {watch.file}" in caplog.text
    full.rmdir()
    watch.look()
    assert len(hook.told) == 1
    assert subject in watch.file.read_text(encoding="utf-8")
    server.ensure_running()
    watch.look()
    assert hook.told == [("alert", subject), ("recovery", subject)]


def test_a_file_that_cannot_be_read_does_not_end_the_watch(
    database: DatabaseAddress, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch = DatabaseWatch(Settings(), database)
    watch.file.mkdir(parents=True)
    watch.look()
    assert "cannot be read" in caplog.text


def test_a_file_that_is_not_the_watchs_own_is_left_aside(
    database: DatabaseAddress, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch = DatabaseWatch(Settings(), database)
    watch.file.parent.mkdir(parents=True)
    watch.file.write_text('{"subject": 1}', encoding="utf-8")
    watch.look()
    assert "is not what monps wrote" in caplog.text
