"""What people are shown of the tables: a few rows with names, and how many there are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.models import Base
from monps_platform.db.previews import preview, row_count
from monps_platform.db.schema.introspection import qualified_name
from monps_platform.db.tables import row_counts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import LEAGUES
from monps_platform.domain.odds import Market
from monps_platform_tests.db.samples import (
    SEASON,
    Quote,
    block,
    played,
    raw_file,
    statements,
    to_come,
    write_matches,
    write_odds,
)

MATCHES = [
    played("Arsenal", "Chelsea"),
    played("Chelsea", "Arsenal", (0, 0), date(2020, 2, 1)),
    to_come("Hull", "Leeds"),
]
QUOTES = (
    block(Market.ONE_X_TWO, Quote(0, ("1.40", "4.75", "8.50")), Quote(1, ("1.38", "5.00", "9.50"), closing=True)),
    block(Market.OVER_UNDER, Quote(1, ("1.90", "1.95"), line="2.5")),
)


@pytest.fixture
def filled(engine: Engine, sessions: sessionmaker[Session]) -> Engine:
    """Three matches, the newest without odds, and twelve fetched files."""
    write_matches(sessions, *MATCHES)
    write_odds(sessions, MATCHES, ["B365"], *QUOTES)
    with UnitOfWork(sessions) as unit:
        for number in range(12):
            unit.raw_files.add(raw_file(sha256=f"{number:064d}", bytes=number + 1))
        unit.commit()
    return engine


def test_the_preview_of_odds_shows_the_newest_match_that_has_any(filled: Engine) -> None:
    with filled.connect() as connection:
        shown = [dict(row) for row in preview(connection, "odds")]
    match = {"home": "Chelsea", "away": "Arsenal", "match_date": date(2020, 2, 1), "bookmaker": "B365"}
    assert shown == [
        {
            **match,
            "market": "1x2",
            "line": None,
            "price_kind": "closing",
            "home_or_over": Decimal("1.38"),
            "draw": Decimal("5.00"),
            "away_or_under": Decimal("9.50"),
            "overround": Decimal("0.0299"),
        },
        {
            **match,
            "market": "over_under",
            "line": Decimal("2.50"),
            "price_kind": "pre_match",
            "home_or_over": Decimal("1.90"),
            "draw": None,
            "away_or_under": Decimal("1.95"),
            "overround": Decimal("0.0391"),
        },
    ]


def test_the_preview_of_matches_shows_names_newest_first(filled: Engine) -> None:
    with filled.connect() as connection:
        shown = preview(connection, "matches")
    assert [(row["home"], row["away"], row["home_goals"]) for row in shown] == [
        ("Hull", "Leeds", None),
        ("Chelsea", "Arsenal", 0),
        ("Arsenal", "Chelsea", 2),
    ]
    assert {(row["league"], row["season"]) for row in shown} == {("E0", SEASON.name)}


def test_the_preview_of_files_shows_the_ten_newest_versions(filled: Engine) -> None:
    with filled.connect() as connection:
        shown = preview(connection, "raw_football_data")
    assert [row["bytes"] for row in shown] == list(range(12, 2, -1))
    assert all(len(row["sha256"]) == 12 and "url" not in row for row in shown)


def test_assets_are_counted_by_their_main_table(filled: Engine) -> None:
    with filled.connect() as connection:
        counts = {asset: row_count(connection, asset) for asset in ("raw_football_data", "matches", "odds")}
    assert counts == {"raw_football_data": 12, "matches": 3, "odds": 3}


@pytest.mark.parametrize("asset", ["raw_football_data", "matches", "odds"])
def test_an_empty_table_has_an_empty_preview_in_one_statement(engine: Engine, asset: str) -> None:
    with engine.connect() as connection, statements(engine) as sent:
        assert list(preview(connection, asset)) == []
        assert len(sent) == 1
        assert row_count(connection, asset) == 0
        assert len(sent) == 2


def test_every_table_is_counted_under_its_schema(filled: Engine) -> None:
    with filled.connect() as connection:
        counts = row_counts(connection)
    assert {table: rows for table, rows in counts.items() if rows} == {
        "public.leagues": len(LEAGUES),
        "public.teams": 4,
        "public.team_aliases": 4,
        "public.bookmakers": 1,
        "public.matches": 3,
        "public.odds": 3,
        "ops.raw_files": 12,
    }
    assert set(counts) == {qualified_name(table) for table in Base.metadata.sorted_tables}


def test_a_database_without_tables_has_nothing_to_count(empty_database: DatabaseAddress) -> None:
    engine = build_engine(empty_database)
    with engine.connect() as connection:
        assert row_counts(connection) == {}
    engine.dispose()
