"""Snapshots of prices: added, never changed, and left alone by every other load."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.bulk.merge import Changes
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.odds import Market, PriceKind
from monps_platform.domain.snapshots import SnapshotQuote
from monps_platform_tests.db.samples import E0, SEASON, SOURCE, Quote, block, to_come, write_matches, write_odds

MATCH = to_come("Arsenal", "Chelsea", date(2020, 5, 10))
AT = datetime(2020, 5, 9, 12, 30, 5, tzinfo=UTC)


def quote(home: str = "1.8", at: datetime = AT, book: str = "PS") -> SnapshotQuote:
    return SnapshotQuote(0, book, Market.ONE_X_TWO, None, at, (Decimal(home), Decimal("3.75"), Decimal("4.5")))


TOTAL = SnapshotQuote(0, "WH", Market.OVER_UNDER, Decimal("2.5"), AT, (Decimal("1.9"), Decimal(2)))
HANDICAP = SnapshotQuote(0, "WH", Market.ASIAN_HANDICAP, Decimal("-0.25"), AT, (Decimal("1.9"), Decimal(2)))


def append(sessions: sessionmaker[Session], *quotes: SnapshotQuote) -> Changes:
    with UnitOfWork(sessions) as unit:
        (match_id,) = unit.matches.ids(SOURCE, E0, SEASON, [MATCH])
        changes = unit.odds.append_snapshots([(match_id, item) for item in quotes])
        unit.commit()
    return changes


def rows(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        return list(
            session.scalars(text("SELECT xmin || ' ' || o FROM odds o WHERE price_kind = 'snapshot' ORDER BY id"))
        )


@pytest.fixture
def listed(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    write_matches(sessions, MATCH)
    return sessions


def test_quotes_are_kept_with_all_sides_line_instant_and_overround(listed: sessionmaker[Session]) -> None:
    assert append(listed, quote(), TOTAL, HANDICAP) == Changes(inserted=3)
    with UnitOfWork(listed) as unit:
        (match_id,) = unit.matches.ids(SOURCE, E0, SEASON, [MATCH])
        held = unit.odds.get_by_match(match_id, price_kind=PriceKind.SNAPSHOT)
        shown = [(each.market, each.line, each.captured_at, each.overround) for each in held]
        assert held[0].home_price == Decimal("1.8")
        assert held[1].under_price == Decimal(2)
    assert shown == [
        (Market.ONE_X_TWO, None, AT, Decimal("0.0444")),
        (Market.OVER_UNDER, Decimal("2.5"), AT, Decimal("0.0263")),
        (Market.ASIAN_HANDICAP, Decimal("-0.25"), AT, Decimal("0.0263")),
    ]


def test_the_same_quotes_twice_change_nothing(listed: sessionmaker[Session]) -> None:
    append(listed, quote(), TOTAL)
    before = rows(listed)
    assert append(listed, quote(), TOTAL) == Changes()
    assert rows(listed) == before


def test_another_price_of_the_same_instant_does_not_overwrite_the_first(listed: sessionmaker[Session]) -> None:
    append(listed, quote("1.8"))
    before = rows(listed)
    assert append(listed, quote("1.7")) == Changes()
    assert rows(listed) == before


def test_a_price_of_another_instant_is_another_row_and_a_part_of_the_movement(listed: sessionmaker[Session]) -> None:
    append(listed, quote("1.8"))
    append(listed, quote("1.7", AT + timedelta(hours=1)))
    with UnitOfWork(listed) as unit:
        (match_id,) = unit.matches.ids(SOURCE, E0, SEASON, [MATCH])
        moved = unit.odds.get_line_movement(match_id, Market.ONE_X_TWO, bookmaker="PS")
        assert [each.home_price for each in moved] == [Decimal("1.8"), Decimal("1.7")]


def test_reloads_of_the_partition_leave_snapshots_alone(listed: sessionmaker[Session]) -> None:
    append(listed, quote(), TOTAL)
    before = rows(listed)
    prices = block(Market.ONE_X_TWO, Quote(0, ("1.9", "3.5", "4")))
    assert write_odds(listed, [MATCH], ["PS"], prices) == Changes(inserted=1)
    assert write_odds(listed, [MATCH], ["PS"], block(Market.ONE_X_TWO)) == Changes(deleted=1)
    write_matches(listed, MATCH)
    assert rows(listed) == before


def test_the_database_refuses_to_change_a_snapshot(listed: sessionmaker[Session]) -> None:
    append(listed, quote())
    with listed() as session, pytest.raises(IntegrityError, match="stays as it was taken"):
        session.execute(text("UPDATE odds SET home_price = 1.5 WHERE price_kind = 'snapshot'"))


def test_kickoffs_to_come_are_told_by_league_at_noon_where_only_the_day_is_known(
    listed: sessionmaker[Session],
) -> None:
    with UnitOfWork(listed) as unit:
        noon = datetime(2020, 5, 10, 12, tzinfo=UTC)
        assert unit.matches.kickoffs(AT, AT + timedelta(days=3)) == {"E0": [noon]}
        assert unit.matches.kickoffs(noon, noon + timedelta(days=3)) == {}
        unit.session.execute(text("UPDATE matches SET kickoff_at = '2020-05-10 19:00+00'"))
        assert unit.matches.kickoffs(AT, AT + timedelta(days=3)) == {"E0": [noon + timedelta(hours=7)]}
        assert unit.matches.kickoffs(AT, noon) == {}


def test_a_learned_spelling_is_kept_with_its_evidence_and_one_that_is_resolved_stays(
    listed: sessionmaker[Session],
) -> None:
    with UnitOfWork(listed) as unit:
        clubs = {team.name: team.id for team in unit.teams.get_all()}
        unit.aliases.queue("odds-api", E0, {"Arsenal FC"})
        assert unit.aliases.teams("odds-api", E0) == {}
        unit.aliases.learn("odds-api", E0, {"Arsenal FC": (clubs["Arsenal"], {"likeness": 0.95})})
        assert unit.aliases.learn("odds-api", E0, {"Arsenal FC": (clubs["Chelsea"], {})}) == Changes()
        assert unit.aliases.teams("odds-api", E0) == {"Arsenal FC": clubs["Arsenal"]}
        (alias,) = unit.aliases.get_by_field("source", "odds-api")
        assert (alias.method, alias.evidence) == ("names_and_fixture", {"likeness": 0.95})
