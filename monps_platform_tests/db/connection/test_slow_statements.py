"""Slow statements are logged with what they were and how long they took, never with the values bound to them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy.orm import Session

from monps_platform.db.bulk.merge import copy_rows
from monps_platform.db.connection.pool import PoolOptions
from monps_platform.db.errors import BulkWriteError, StatementTimeoutError
from monps_platform_tests.db.layers import Layer
from monps_platform_tests.db.transactions import UNIT, Transaction, Way, doing, opened

LOGGER = "monps_platform.db.slow_statements"
SECRET = "hunter2-not-for-logs"


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def way(layer: Layer) -> Iterator[Way]:
    """A unit of work for which more than a twentieth of a second is slow."""
    with opened(type(layer), UNIT, layer.database.address, PoolOptions(slow_statement=0.05)) as made:
        yield made


def slow(log: pytest.LogCaptureFixture) -> list[str]:
    """The messages about slow statements, all of them warnings."""
    records = [item for item in log.records if item.name == LOGGER]
    assert {item.levelno for item in records} <= {logging.WARNING}
    return [item.getMessage() for item in records]


def add_secret_bookmaker(transaction: Transaction) -> None:
    transaction.do(
        "INSERT INTO bookmakers (key, name, is_aggregate, is_sharp, is_exchange) "
        "SELECT :secret, :secret, false, false, false FROM pg_sleep(0.1)",
        secret=SECRET,
    )
    transaction.run(lambda session: session.rollback())


def test_a_statement_above_the_threshold_is_logged_with_its_time_and_without_its_values(
    way: Way, log: pytest.LogCaptureFixture
) -> None:
    way.use(
        lambda transaction: transaction.value("SELECT\n    CAST(:secret AS text) FROM pg_sleep(0.1)", secret=SECRET)
    )
    (message,) = slow(log)
    found = re.fullmatch(r"slow statement took (\d+\.\d) s: SELECT CAST\(\S+ AS \w+\) FROM pg_sleep\(0.1\)", message)
    assert found is not None, message
    assert 0.1 <= float(found[1]) < 5
    assert SECRET not in log.text


def test_a_statement_below_the_threshold_is_not_logged(layer: Layer, log: pytest.LogCaptureFixture) -> None:
    with opened(type(layer), UNIT, layer.database.address, PoolOptions(slow_statement=30)) as way:
        way.use(lambda transaction: transaction.value("SELECT CAST(:secret AS text) FROM pg_sleep(0.1)", secret=SECRET))
    assert slow(log) == []
    assert SECRET not in log.text


def test_only_the_slow_one_of_several_statements_is_logged(way: Way, log: pytest.LogCaptureFixture) -> None:
    way.use(doing("SELECT 1"), doing("SELECT pg_sleep(0.1)"), doing("SELECT 2"))
    assert [message.partition(": ")[2] for message in slow(log)] == ["SELECT pg_sleep(0.1)"]


def test_a_statement_that_fails_after_a_long_time_is_logged_too(way: Way, log: pytest.LogCaptureFixture) -> None:
    def wait(transaction: Transaction) -> None:
        transaction.value("SELECT CAST(:secret AS text) FROM pg_sleep(30)", secret=SECRET)

    with pytest.raises(StatementTimeoutError):
        way.use(doing("SET LOCAL statement_timeout = '100ms'"), wait)
    (message,) = slow(log)
    assert re.fullmatch(
        r"slow statement failed after \d+\.\d s: SELECT CAST\(\S+ AS \w+\) FROM pg_sleep\(30\)", message
    )
    assert SECRET not in log.text


def test_a_statement_that_fails_at_once_is_not_logged(way: Way, log: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Exception, match="no_such_column"):
        way.use(doing("SELECT no_such_column"))
    assert slow(log) == []


def test_writing_slowly_shows_no_values_either(way: Way, log: pytest.LogCaptureFixture) -> None:
    way.use(add_secret_bookmaker)
    (message,) = slow(log)
    assert "INSERT INTO bookmakers" in message
    assert SECRET not in log.text


def test_a_long_statement_is_cut(way: Way, log: pytest.LogCaptureFixture) -> None:
    way.use(doing(f"SELECT pg_sleep(0.1), '{'x' * 2000}'"))
    (message,) = slow(log)
    assert len(message) < 600
    assert message.endswith("x ...")


def test_statements_are_echoed_only_when_asked_for_and_without_values(
    layer: Layer, log: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    def greet(transaction: Transaction) -> None:
        transaction.value("SELECT CAST(:secret AS text)", secret=SECRET)

    with opened(type(layer), UNIT, layer.database.address, PoolOptions()) as quiet:
        quiet.use(greet)
    assert "SELECT CAST" not in log.text
    chatty_logger = logging.getLogger("sqlalchemy.engine.Engine")
    before = list(chatty_logger.handlers)
    try:
        with opened(type(layer), UNIT, layer.database.address, PoolOptions(echo=True)) as chatty:
            chatty.use(
                greet,
                lambda transaction: transaction.write(SECRET),
                lambda transaction: transaction.run(lambda session: session.rollback()),
            )
    finally:
        # SQLAlchemy adds one that writes to what standard output is just now.
        chatty_logger.handlers[:] = before
    assert "SELECT CAST" in log.text
    assert "INSERT INTO bookmakers" in log.text
    assert SECRET not in log.text
    assert SECRET not in "".join(capsys.readouterr())


NAPPING = (
    "CREATE FUNCTION pg_temp.take_a_nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); "
    "IF :refuses THEN RAISE EXCEPTION 'no'; END IF; RETURN NULL; END $$",
    "CREATE TEMPORARY TABLE napping (name text)",
    "CREATE TRIGGER nap AFTER INSERT ON napping FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.take_a_nap()",
)


@pytest.mark.parametrize(("refuses", "what"), [("false", "took"), ("true", "failed after")])
def test_a_slow_copy_is_logged_as_well(way: Way, log: pytest.LogCaptureFixture, refuses: str, what: str) -> None:
    def copy(session: Session) -> None:
        for statement in NAPPING:
            session.connection().exec_driver_sql(statement.replace(":refuses", refuses))
        with suppress(BulkWriteError):
            copy_rows(session.connection(), "napping", ["name"], [(SECRET,)])

    way.use(lambda transaction: transaction.run(copy))
    (message,) = slow(log)
    assert re.fullmatch(rf"slow statement {what} 0\.\d s: COPY napping \(name\) FROM STDIN \(FORMAT text\)", message)
    assert SECRET not in log.text
