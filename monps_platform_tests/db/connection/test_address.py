"""Where a database is: one object, every driver's address, and no password in anything that is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import asyncpg
import psycopg2
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import SSL_MODES, AddressError, DatabaseAddress
from monps_platform.db.database import Database
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.transactions import UNIT, opened, told

SECRET = "hunter2-not-for-logs"
ODD_SECRET = "p@ss/w:rd?%41 &é'\"\\#+=;[]{}<>"
ODD_NAME = "odd user @/:%20"
HERE = DatabaseAddress("db.example.org", 5433, "owner", SecretStr(SECRET), "odds", "require")


@pytest.fixture
def odd_account(shared_database: DatabaseAddress) -> Iterator[DatabaseAddress]:
    """An account whose name and password are full of characters that mean something in a URL."""
    admin = create_engine(shared_database.url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    literal = ODD_SECRET.replace("'", "''")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE \"{ODD_NAME}\" LOGIN PASSWORD '{literal}'".replace("%", "%%"))
    yield replace(shared_database, user=ODD_NAME, password=SecretStr(ODD_SECRET))
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP ROLE "{ODD_NAME}"'.replace("%", "%%"))


def test_one_object_gives_the_url_of_every_driver() -> None:
    assert HERE.url().drivername == "postgresql+psycopg2"
    assert HERE.async_url().drivername == "postgresql+asyncpg"
    for url in (HERE.url(), HERE.async_url(), make_url(HERE.libpq_url())):
        assert (url.host, url.port, url.username, url.password, url.database) == (
            "db.example.org",
            5433,
            "owner",
            SECRET,
            "odds",
        )


def test_the_time_to_wait_for_a_connection_and_the_encryption_are_the_same_for_both_drivers() -> None:
    sync, asynchronous = HERE.connect_args({"timezone": "UTC"}), HERE.async_connect_args({"timezone": "UTC"})
    assert (sync["connect_timeout"], sync["sslmode"], sync["options"]) == (10, "require", "-c timezone=UTC")
    assert asynchronous == {"timeout": 10, "ssl": "require", "server_settings": {"timezone": "UTC"}}


def test_a_name_and_a_password_may_hold_any_character_whichever_driver_is_used(
    layer: Layer, odd_account: DatabaseAddress
) -> None:
    with opened(type(layer), UNIT, odd_account) as way, way.open() as transaction:
        assert transaction.value("SELECT session_user") == ODD_NAME


def test_a_name_and_a_password_may_hold_any_character_in_the_url_for_other_tools(odd_account: DatabaseAddress) -> None:
    with closing(psycopg2.connect(odd_account.libpq_url())) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_database()")
        assert cursor.fetchone() == (ODD_NAME, odd_account.database)

    async def ask() -> object:
        connection = await asyncpg.connect(odd_account.libpq_url())
        try:
            return await connection.fetchval("SELECT session_user")
        finally:
            await connection.close()

    assert asyncio.run(ask()) == ODD_NAME


@pytest.mark.parametrize("sslmode", SSL_MODES)
def test_a_url_that_was_written_is_read_back(sslmode: str) -> None:
    address = replace(HERE, user=ODD_NAME, password=SecretStr(ODD_SECRET), sslmode=sslmode)
    read = DatabaseAddress.parse(address.libpq_url())
    # Less than the default needs no word, and is read as the default.
    assert read == replace(address, sslmode=sslmode if sslmode in address.libpq_url() else "prefer")


URLS = [
    "postgresql://owner:hunter2@db.example.org/odds",
    "postgres://owner:hunter2@db.example.org:5432/odds",
    "postgresql+psycopg2://owner:hunter2@db.example.org/odds",
    "postgresql+asyncpg://owner:hunter2@db.example.org/odds?sslmode=prefer",
]


def test_a_url_that_asks_for_more_than_is_passed_on_is_refused() -> None:
    with pytest.raises(AddressError, match="sslrootcert in the URL would be passed over") as caught:
        DatabaseAddress.parse("postgresql://owner:hunter2@db.example.org/odds?sslmode=verify-ca&sslrootcert=ca.pem")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", URLS)
def test_a_url_may_name_a_driver_and_leave_out_the_port(url: str) -> None:
    expected = DatabaseAddress("db.example.org", 5432, "owner", SecretStr("hunter2"), "odds", "prefer")
    assert DatabaseAddress.parse(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        SECRET,
        f"owner:{SECRET}@db.example.org/odds",
        f"mysql://owner:{SECRET}@db.example.org/odds",
        f"sqlite:///{SECRET}",
        f"postgresql://owner:{SECRET}@db.example.org",
        f"postgresql://owner:{SECRET}@db.example.org/",
        f"postgresql://owner:{SECRET}@/odds",
        f"postgresql://:{SECRET}@db.example.org/odds",
        f"postgresql://{SECRET}@db.example.org/odds",
        f"postgresql://owner:{SECRET}@db.example.org:port/odds",
        f"postgresql://owner:{SECRET}@db.example.org:99999999/odds",
        f"postgresql://owner:a@b:{SECRET}@db.example.org/odds",
        f"postgresql://owner:{SECRET}@db.example.org/odds?sslmode={SECRET}",
        f"postgresql://owner:{SECRET}@db.example.org/odds?sslmode=require&sslmode=disable",
    ],
)
def test_a_url_that_names_no_database_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(AddressError, match="@host:port/database") as caught:
        DatabaseAddress.parse(url)
    assert SECRET not in told(caught.value)
    assert "db.example.org" not in told(caught.value)


def test_nothing_that_is_shown_holds_the_password() -> None:
    for item in (HERE, HERE.url(), HERE.async_url(), HERE.other("x"), Database(HERE, replica=HERE.other("y"))):
        assert SECRET not in f"{item} {item!r}"
    assert str(HERE) == "owner@db.example.org:5433/odds"
