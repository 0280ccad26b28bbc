"""`monps odds`: what is asked, what is shown, and what is told to do when something lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.domain.matches import UK_TIME, Match
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.odds_api import Listed
from monps_platform.sources.simulated.odds_api_server import Mode, OddsApiServer, serving
from monps_platform_tests.cli.conftest import Monps
from monps_platform_tests.db.samples import E0, write_matches
from monps_platform_tests.environment import database_variables

KEY = "key-Heron4Basalt"
NO_KEY = "MONPS_ODDS_API_KEY is not set"


@pytest.fixture
def server(plain: Monps, database: DatabaseAddress, sessions: sessionmaker[Session]) -> Iterator[OddsApiServer]:
    """A server that quotes the one match that is held, which begins in five hours."""
    plain.set(**database_variables(database))
    kickoff = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    day = kickoff.astimezone(UK_TIME).date()
    write_matches(
        sessions, Match("Arsenal", "Chelsea", day, kickoff_at=kickoff), partition=Partition(E0, Season.of(day))
    )
    made = OddsApiServer(KEY, lambda: datetime.now(UTC), remaining=9000)
    made.matches["soccer_epl"] = [Listed("Arsenal FC", "The Blues", kickoff)]
    with serving(made) as running:
        plain.set(MONPS_ODDS_API_URL=running.url, MONPS_ODDS_API_MONTHLY_QUOTA=9000)
        yield running


def test_without_a_key_the_plan_is_shown_and_a_snapshot_says_what_to_set(plain: Monps, server: OddsApiServer) -> None:
    said = plain("odds", "plan", "--leagues", "E0,SP1")
    assert said.code == 0
    assert "E0 ask now" in said.out
    assert "SP1 not now no match within 72 hours" in said.out
    assert "9000 credits left, 20 of them kept; a call costs 6 (3 markets x 2 regions)" in said.out
    refused = plain("odds", "snapshot")
    assert (refused.code, NO_KEY in refused.err) == (1, True)
    assert server.asked == []


def test_a_snapshot_asks_loads_and_an_alias_lets_in_what_waited(
    plain: Monps, server: OddsApiServer, engine: Engine
) -> None:
    plain.set(MONPS_ODDS_API_KEY=KEY)
    said = plain("odds", "snapshot")
    assert said.code == 0, said.err
    assert "nobody knows which club is" in said.out
    alias = plain("odds", "alias", "The Blues", "Chelsea", "--league", "e0")
    assert alias.code == 0, alias.err
    assert "is Chelsea (E0). The next snapshot loads what waited for it." in alias.out
    again = plain("odds", "snapshot")
    assert again.code == 0, again.err
    assert "15 new rows of 15" in again.out
    assert KEY not in f"{said} {again}"
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM odds WHERE price_kind = 'snapshot'")) == 15


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("snapshot", "--leagues", "E9"), 2, "unknown league 'E9'"),
        (("plan", "--leagues", "EC"), 2, "The Odds API has no league EC; it has E0"),
        (("alias", " ", "Arsenal", "--league", "E0"), 2, "the spelling is blank"),
        (("alias", "Gunners", "Arsenal", "--league", "E9"), 2, "unknown league 'E9'"),
        (("alias", "Gunners", "Arsenl", "--league", "E0"), 1, "Did you mean Arsenal?"),
    ],
)
def test_what_cannot_be_done_is_told(
    plain: Monps, server: OddsApiServer, arguments: tuple[str, ...], code: int, told: str
) -> None:
    plain.set(MONPS_ODDS_API_KEY=KEY)
    said = plain("odds", *arguments)
    assert (said.code, told in said.err) == (code, True), said.err


def test_a_server_that_refuses_is_told_with_what_to_do(plain: Monps, server: OddsApiServer) -> None:
    plain.set(MONPS_ODDS_API_KEY=KEY)
    server.mode = Mode.REFUSES
    said = plain("odds", "snapshot")
    assert said.code == 1
    assert "set MONPS_ODDS_API_KEY to the key" in said.err
    assert KEY not in said.err
