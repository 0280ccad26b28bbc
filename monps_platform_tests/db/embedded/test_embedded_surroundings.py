"""The embedded server in a world that is not its own: taken ports, odd paths, full disks, prying eyes."""

from __future__ import annotations

import logging
import resource
import shutil
from pathlib import Path

import psutil
import psycopg2
import pytest

from monps_platform.db.embedded import EmbeddedServer, EmbeddedServerError, startup
from monps_platform.db.embedded.client import make_missing_databases
from monps_platform.db.embedded.ports import choose_port
from monps_platform.db.embedded.postmaster import running_postmaster
from monps_platform_tests.db.embedded.embedded_helpers import (
    QUICK,
    Child,
    copy_template,
    facts,
    free_port,
    keep_a_row,
    kept_row,
    listening,
    make_server,
    query,
)


def test_a_port_somebody_has_is_left_to_them_and_the_other_one_is_remembered(base: Path) -> None:
    port = free_port()
    server = make_server(copy_template(base / "home"), preferred_port=port)
    with listening(port):
        keep_a_row(server)
        other = server.ensure_running().port
    assert other != port
    server.stop()
    assert kept_row(server) == 42
    assert server.ensure_running().port == other


def test_a_remembered_port_that_somebody_took_meanwhile_is_given_up(server: EmbeddedServer) -> None:
    keep_a_row(server)
    port = server.ensure_running().port
    server.stop()
    with listening(port):
        assert server.ensure_running().port != port
        assert kept_row(server) == 42


def test_a_port_lost_between_choice_and_start_is_replaced_as_often_as_needed(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, port = free_port(), free_port()
    choices = iter([taken] * (startup.MAX_FAILURES + 1) + [port])
    monkeypatch.setattr(startup, "choose_port", lambda *_: next(choices))
    with listening(taken):
        assert server.ensure_running().port == port


def test_a_changed_preference_overrules_the_remembered_port(server: EmbeddedServer, base: Path) -> None:
    server.ensure_running()
    server.stop()
    wanted = free_port()
    assert make_server(base / "home", preferred_port=wanted).ensure_running().port == wanted


def test_a_port_file_that_makes_no_sense_is_ignored(base: Path) -> None:
    port_file, preferred = base / "port", free_port()
    for content in ("", "x\n", f"70000\n{preferred}\n", "1 2 3"):
        port_file.write_text(content)
        assert choose_port(preferred, port_file) == preferred, content


def test_two_homes_that_prefer_one_port_each_keep_their_own_data(base: Path) -> None:
    port = free_port()
    servers = [make_server(copy_template(base / name), preferred_port=port) for name in ("a", "b")]
    for value, server in enumerate(servers):
        keep_a_row(server, value)
    assert [kept_row(server) for server in servers] == [0, 1]
    assert servers[0].address() != servers[1].address()


def test_a_foreign_server_is_refused_even_if_it_knows_the_password(base: Path) -> None:
    ours, foreign = (make_server(copy_template(base / name)) for name in ("ours", "foreign"))
    ours.ensure_running()
    own = running_postmaster(ours.status().data_dir)
    assert own is not None
    with pytest.raises(EmbeddedServerError, match=f"Another PostgreSQL answers .*not pid {own.record.pid}"):
        make_missing_databases(["stray"], foreign.ensure_running(), own)
    assert query(foreign.ensure_running(), "SELECT count(*) FROM pg_database WHERE datname = 'stray'") == 0


def test_homes_with_spaces_quotes_unicode_and_long_names_work(base: Path) -> None:
    home = base / "two words" / 'it\'s "quoted"' / "cote d'azur été 足球" / ("long" * 40) / ("longer" * 30)
    server = make_server(home)
    keep_a_row(server)
    assert server.status().data_dir == home / "postgres" / "data"
    server.stop()
    assert kept_row(server) == 42


def test_settings_reach_clusters_made_before_them(server: EmbeddedServer, base: Path) -> None:
    assert query(server.ensure_running(), "SHOW max_connections") == "60"
    server.stop()
    changed = make_server(base / "home", config=QUICK | {"max_connections": "61", "work_mem": "5MB"})
    assert query(changed.ensure_running(), "SHOW max_connections") == "61"
    assert query(changed.ensure_running(), "SHOW work_mem") == "5MB"
    changed.stop()
    assert query(server.ensure_running(), "SHOW work_mem") == "4MB"


def test_settings_default_to_safe_and_fit_for_bulk_loads(base: Path) -> None:
    address = EmbeddedServer(copy_template(base / "home"), preferred_port=free_port()).ensure_running()
    names = ("fsync", "shared_buffers", "max_wal_size", "checkpoint_timeout", "TimeZone", "log_min_messages")
    settings = [query(address, f"SHOW {name}") for name in names]
    assert settings == ["on", "256MB", "2GB", "15min", "UTC", "warning"]


@pytest.mark.parametrize("setting", ["port", "listen_addresses", "Unix_Socket_Directories", "hba_file"])
def test_settings_that_protect_the_server_cannot_be_overruled(base: Path, setting: str) -> None:
    with pytest.raises(EmbeddedServerError, match=setting):
        EmbeddedServer(base, config={setting: "x"})


def test_a_server_that_does_not_start_shows_the_end_of_its_log(base: Path) -> None:
    server = make_server(copy_template(base / "home"), config={"shared_buffers": "nonsense"})
    with pytest.raises(EmbeddedServerError, match="does not start") as caught:
        server.ensure_running()
    assert 'invalid value for parameter "shared_buffers": "nonsense"' in str(caught.value)
    assert str(server.status().log_file) in str(caught.value)
    assert make_server(base / "home").ensure_running()


def limited(server: EmbeddedServer, size: int) -> object:
    """Start the server with files that cannot grow over ``size`` bytes, as on a disk that fills up."""

    def start() -> object:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return server.ensure_running()

    return Child.fork(start).result()


def test_a_disk_that_fills_up_during_initdb_leaves_no_half_cluster(base: Path) -> None:
    server = make_server(base / "home")
    with pytest.raises(EmbeddedServerError, match=r"(?s)initdb could not make a cluster in .*home.*Free disk space"):
        limited(server, 100_000)
    assert not server.status().data_dir.exists()
    assert not list((base / "home" / "postgres").glob("data*"))
    assert query(server.ensure_running(), "SELECT 1") == 1


def test_a_disk_that_is_full_when_the_server_starts_is_an_error_until_it_is_not(server: EmbeddedServer) -> None:
    with pytest.raises(EmbeddedServerError, match="does not start"):
        limited(server, 10)
    assert query(server.ensure_running(), "SELECT 1") == 1


def test_the_password_is_in_its_file_and_nowhere_else(base: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = make_server(base / "home")
    address = server.ensure_running()
    password = address.password.get_secret_value()
    status = server.status()
    assert len(password) >= 32
    assert (status.data_dir.parent / "password").read_text() == password
    assert password not in repr(address) + repr(status) + repr(server) + str(address)
    assert password not in caplog.text
    assert "listens on" in caplog.text
    assert password not in status.log_file.read_text()
    shown = facts(server, lambda process: [*process.cmdline(), *process.environ().values()])
    assert not [text for texts in shown for text in texts if password in text]


def test_variables_of_the_caller_neither_bend_the_server_nor_reach_it(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PGHOST": "203.0.113.1",
        "PGHOSTADDR": "203.0.113.1",
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGSSLMODE": "require",
        "PGOPTIONS": "-c nonsense=1",
        "PGCHANNELBINDING": "require",
        "MONPS_ODDS_API_KEY": "very secret",
    }.items():
        monkeypatch.setenv(name, value)
    server.ensure_running()
    for variables in facts(server, psutil.Process.environ):
        assert {name for name in variables if name.startswith(("PG", "MONPS"))} <= {"PGDATA"}
        assert variables.get("PGDATA") != "/nowhere"


def test_a_lost_password_is_an_error_that_names_its_file(server: EmbeddedServer) -> None:
    server.ensure_running()
    password_file = server.status().data_dir.parent / "password"
    password_file.unlink()
    with pytest.raises(EmbeddedServerError, match=r"has lost its password: .*password is missing"):
        server.ensure_running()
    with pytest.raises(EmbeddedServerError, match="has lost its password"):
        server.address()
    assert server.status().running


def test_a_wrong_password_is_an_error_that_names_the_user(server: EmbeddedServer) -> None:
    server.ensure_running()
    (server.status().data_dir.parent / "password").write_text("wrong")
    with pytest.raises(EmbeddedServerError, match=r"refuses 'monps'.*password authentication failed") as caught:
        server.ensure_running()
    assert isinstance(caught.value.__cause__, psycopg2.OperationalError)


def test_data_of_another_major_version_is_refused_with_the_way_to_move_it(server: EmbeddedServer) -> None:
    version_file = server.status().data_dir / "PG_VERSION"
    current = version_file.read_text()
    version_file.write_text("9\n")
    with pytest.raises(EmbeddedServerError, match=r"made by PostgreSQL 9, .* version \d+\..*pg_dump.*pg_restore"):
        server.ensure_running()
    version_file.write_text(current)
    assert query(server.ensure_running(), "SELECT 1") == 1


def test_a_data_folder_that_is_no_cluster_is_refused_and_kept(server: EmbeddedServer) -> None:
    data = server.status().data_dir
    (data / "PG_VERSION").unlink()
    with pytest.raises(EmbeddedServerError, match="is not a PostgreSQL cluster"):
        server.ensure_running()
    assert (data / "base").exists()


def test_a_home_removed_under_a_running_server_gets_a_new_one(base: Path) -> None:
    server = make_server(copy_template(base / "home"), start_timeout=10)
    before = server.ensure_running()
    facts(server, psutil.Process.suspend)  # else it may notice at once and end by itself
    shutil.rmtree(base / "home")
    assert server.address() is None
    after = server.ensure_running()
    assert after.password != before.password
    assert query(after, "SELECT 1") == 1


def test_a_long_log_is_put_aside_at_the_next_start(server: EmbeddedServer) -> None:
    log = server.status().log_file
    log.write_bytes(b"x" * 11_000_000)
    server.ensure_running()
    assert log.stat().st_size < 1_000_000
    assert log.with_name("log.1").stat().st_size == 11_000_000
