"""Settings: one place, one prefix, no secret shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from monps_platform.settings import PROJECT_ROOT, Settings, export

SECRET = "hunter2-not-for-logs"


def read(file: Path, content: str) -> Settings:
    """Settings with a .env file of this content."""
    file.write_text(content, encoding="utf-8")
    return Settings(_env_file=file)


def test_without_any_setting_the_embedded_server_and_the_real_site_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONPS_HOME")
    settings = Settings()
    assert settings.uses_embedded_server
    assert settings.db_password is None
    assert settings.home == PROJECT_ROOT / ".monps"
    assert str(settings.football_data_url) == "https://www.football-data.co.uk/"
    assert (str(settings.understat_url), settings.understat_shots) == ("https://understat.com/", False)
    assert (settings.db_pool_size, settings.db_max_overflow, settings.db_pool_timeout) == (5, 10, 30.0)
    assert (settings.db_pool_recycle, settings.db_pool_pre_ping, settings.db_statement_timeout) == (1800, True, 300)
    assert (settings.db_slow_statement, settings.db_echo, settings.db_replica_url) == (1.0, False, None)
    assert (settings.db_port, settings.db_user, settings.db_name, settings.db_sslmode) == (
        5432,
        "monps",
        "monps",
        "prefer",
    )


def test_variables_with_the_prefix_are_read_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_HOST", "elsewhere")
    monkeypatch.setenv("PGHOST", "elsewhere")
    assert Settings().db_host is None
    monkeypatch.setenv("MONPS_DB_HOST", "db.example.org")
    monkeypatch.setenv("monps_db_port", "5433")
    settings = Settings()
    assert (settings.db_host, settings.db_port) == ("db.example.org", 5433)
    assert not settings.uses_embedded_server


def test_the_database_is_set_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "POOL_SIZE": "7",
        "MAX_OVERFLOW": "0",
        "POOL_TIMEOUT": "2.5",
        "POOL_RECYCLE": "60",
        "POOL_PRE_PING": "no",
        "STATEMENT_TIMEOUT": "0",
        "SLOW_STATEMENT": "0.5",
        "ECHO": "1",
        "SSLMODE": "verify-full",
        "REPLICA_URL": f"postgresql://reader:{SECRET}@copy.example.org/odds",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"MONPS_DB_{name}", value)
    settings = Settings()
    assert (settings.db_pool_size, settings.db_max_overflow, settings.db_pool_timeout) == (7, 0, 2.5)
    assert (settings.db_pool_recycle, settings.db_pool_pre_ping, settings.db_statement_timeout) == (60, False, 0)
    assert (settings.db_slow_statement, settings.db_echo, settings.db_sslmode) == (0.5, True, "verify-full")
    assert settings.db_replica_url == SecretStr(given["REPLICA_URL"])


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MONPS_DB_HOST", "MONPS_DB_PASSWORD", "MONPS_DB_PORT", "MONPS_DB_REPLICA_URL", "MONPS_HOME"):
        monkeypatch.setenv(name, "")
    settings = Settings()
    assert (settings.db_host, settings.db_password, settings.db_port) == (None, None, 5432)
    assert settings.db_replica_url is None


def test_a_dotenv_file_is_read_its_unknown_variables_are_ignored(tmp_path: Path) -> None:
    settings = read(
        tmp_path / ".env",
        "# my server\nMONPS_DB_HOST=db.example.org\nMONPS_DB_PASSWORD='a b#c'\nexport MONPS_DB_PORT=5433\n"
        "MONPS_NO_SUCH_SETTING=1\nAWS_SECRET=x\n",
    )
    assert (settings.db_host, settings.db_port) == ("db.example.org", 5433)
    assert settings.db_password == SecretStr("a b#c")


def test_the_environment_outranks_the_dotenv_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_DB_HOST", "from-the-environment")
    settings = read(tmp_path / ".env", "MONPS_DB_HOST=from-the-file\nMONPS_DB_USER=from-the-file\n")
    assert (settings.db_host, settings.db_user) == ("from-the-environment", "from-the-file")


def test_unknown_variables_with_the_prefix_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_NO_SUCH_SETTING", "1")
    assert not hasattr(Settings(), "no_such_setting")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PORT", SECRET),
        ("DB_PORT", "0"),
        ("DB_PORT", "65536"),
        ("DB_POOL_SIZE", "0"),
        ("DB_MAX_OVERFLOW", "-1"),
        ("DB_STATEMENT_TIMEOUT", "-1"),
        ("DB_POOL_TIMEOUT", "0"),
        ("DB_POOL_RECYCLE", "0"),
        ("DB_POOL_PRE_PING", SECRET),
        ("DB_SLOW_STATEMENT", "-1"),
        ("DB_ECHO", SECRET),
        ("DB_SSLMODE", SECRET),
        ("EMBEDDED_PORT", "x"),
        ("UI_PORT", "70000"),
        ("FETCH_TIMEOUT", "0"),
        ("FETCH_RETRIES", "-1"),
        ("FETCH_INTERVAL", "-0.1"),
        ("FOOTBALL_DATA_URL", f"user:{SECRET}@mirror.example.org"),
        ("FOOTBALL_DATA_URL", f"ftp://user:{SECRET}@mirror.example.org"),
        ("UNDERSTAT_URL", f"user:{SECRET}@mirror.example.org"),
        ("UNDERSTAT_SHOTS", SECRET),
        ("ODDS_API_URL", f"user:{SECRET}@mirror.example.org"),
        ("ODDS_API_REGIONS", f"eu&apiKey={SECRET}"),
        ("ODDS_API_MARKETS", "h2h,"),
        ("ODDS_API_RESERVE", "-1"),
        ("ODDS_API_RESET_DAY", "31"),
    ],
)
def test_an_invalid_value_is_told_by_its_setting_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("MONPS_DB_PASSWORD", SECRET)
    monkeypatch.setenv(f"MONPS_{name}", value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    message = f"{caught.value} {caught.value!r}"
    assert name.lower() in message
    assert SECRET not in message


def test_nothing_that_is_shown_holds_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONPS_DB_PASSWORD", SECRET)
    monkeypatch.setenv("MONPS_FOOTBALL_DATA_URL", f"https://user:{SECRET}@mirror.example.org")
    monkeypatch.setenv("MONPS_UNDERSTAT_URL", f"https://user:{SECRET}@mirror.example.org")
    monkeypatch.setenv("MONPS_DB_REPLICA_URL", f"postgresql://reader:{SECRET}@copy.example.org/odds")
    monkeypatch.setenv("MONPS_ODDS_API_KEY", SECRET)
    monkeypatch.setenv("MONPS_ODDS_API_URL", f"https://user:{SECRET}@mirror.example.org")
    settings = Settings()
    dumped = settings.model_dump()
    shown = f"{settings} {settings!r} {settings.db_password} {dumped['db_password']} {dumped['db_replica_url']}"
    shown += f"{settings.odds_api_key} {dumped['odds_api_key']}"
    assert SECRET not in shown
    assert "copy.example.org" not in shown
    assert settings.db_password is not None
    assert settings.db_password.get_secret_value() == SECRET


def test_settings_cannot_be_changed_once_they_are_read() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().db_port = 1  # type: ignore[misc]  # what the type checker sees too


def test_everything_on_disk_lies_below_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MONPS_HOME", str(tmp_path / "a home"))
    settings = Settings()
    assert settings.raw_dir == tmp_path / "a home" / "raw"
    assert settings.dagster_home == tmp_path / "a home" / "dagster"


@pytest.mark.parametrize(("given", "expected"), [("here", "{cwd}/here"), ("~/odds", "{user}/odds")])
def test_the_home_is_the_same_folder_from_wherever_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("MONPS_HOME", given)
    assert str(Settings().home) == expected.format(cwd=tmp_path, user=tmp_path / "user")


def test_the_folder_of_programs_goes_by_two_names_ours_first(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().embedded_bindir is None
    monkeypatch.setenv("PG_BINDIR", "/opt/postgres/bin")
    assert Settings().embedded_bindir == Path("/opt/postgres/bin")
    monkeypatch.setenv("MONPS_EMBEDDED_BINDIR", "/opt/ours/bin")
    assert Settings().embedded_bindir == Path("/opt/ours/bin")


def test_processes_that_are_started_are_told_everything_by_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MONPS_DB_NAME", "odds")
    monkeypatch.setenv("MONPS_FOOTBALL_DATA_URL", "http://127.0.0.1:8000")
    monkeypatch.setenv("MONPS_UNDERSTAT_URL", "http://127.0.0.1:8001")
    monkeypatch.setenv("MONPS_ODDS_API_URL", "http://127.0.0.1:8002")
    monkeypatch.setenv("MONPS_ODDS_API_MARKETS", "h2h")
    assert "MONPS_ODDS_API_KEY" not in Settings().process_environment("h", 1, "u", SecretStr(SECRET), "disable")
    monkeypatch.setenv("MONPS_ODDS_API_KEY", SECRET)
    told = Settings().process_environment("127.0.0.1", 54321, "owner", SecretStr(SECRET), "disable")
    assert all(isinstance(value, str) for value in told.values())
    before = dict(os.environ)
    try:
        export(told)
        child = Settings()
    finally:
        os.environ.clear()
        os.environ.update(before)
    assert (child.db_host, child.db_port, child.db_user, child.db_name) == ("127.0.0.1", 54321, "owner", "odds")
    assert child.db_password == SecretStr(SECRET)
    assert (child.db_sslmode, child.dagster_db_name) == ("disable", "monps_dagster")
    assert child.home == tmp_path / "home"
    assert str(child.football_data_url) == "http://127.0.0.1:8000/"
    assert str(child.understat_url) == "http://127.0.0.1:8001/"
    assert (str(child.odds_api_url), child.odds_api_markets) == ("http://127.0.0.1:8002/", "h2h")
    assert (child.odds_api_key, child.odds_api_reserve) == (SecretStr(SECRET), 20)
    assert told["PGSSLMODE"] == "disable"
    assert told["DAGSTER_HOME"] == str(tmp_path / "home" / "dagster")


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, item in Settings.model_fields.items() if not item.description] == []
