"""What people are shown of the tables: a few rows with names, and how many there are."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session, sessionmaker

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.models import Base
from monps_platform.db.previews import figures, preview, row_count
from monps_platform.db.schema.introspection import qualified_name
from monps_platform.db.tables import row_counts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import LEAGUES
from monps_platform.domain.odds import Market
from monps_platform.domain.scoring_rules import ranked_probability_score
from monps_platform_tests.db.models.forecast_cases import BASE_RATE, FORECASTS, GAP, MARKET, ONE_X_TWO
from monps_platform_tests.db.models.rows import insert
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
ASSETS = (
    *("raw_football_data", "raw_understat", "matches", "odds", "team_identities", "shots", "player_seasons"),
    "match_forecasts",
)
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


@pytest.fixture
def told(filled: Engine, sessions: sessionmaker[Session]) -> Engine:
    """The same with Understat's files, clubs, shots and players of two matches, and with forecasts of four matches."""
    with UnitOfWork(sessions) as unit:
        for number, source in enumerate(("understat", "simulated-understat"), start=1):
            unit.raw_files.add(raw_file(source=source, key=f"getMatchData/{number}"))
        unit.commit()
    with filled.begin() as connection:
        old, new, coming = connection.scalars(text("SELECT id FROM matches ORDER BY match_date")).all()
        arsenal, chelsea = (_team(connection, name) for name in ("Arsenal", "Chelsea"))
        for row in (
            {"id": 1, "match_id": old, "team_id": arsenal},
            {"id": 2, "match_id": new, "team_id": arsenal, "minute": 90, "result": "OwnGoal", "last_action": None},
            {"id": 3, "match_id": new, "team_id": chelsea, "minute": 12, "player": "Quick"},
        ):
            insert(connection, "shots", row)
        _insert_players(connection, arsenal)
        _insert_aliases(connection, arsenal, chelsea)
        long_ago = {"match_date": "2019-08-03"}
        insert(
            connection,
            "matches",
            {"id": 99, "home_team_id": chelsea, "away_team_id": arsenal, "meeting": 2, **long_ago},
        )
        insert(connection, "quantum.goal_model_fits", {"id": 1})
        for match in (99, old, new, coming):
            for changes in (BASE_RATE, GAP, MARKET, {**MARKET, "model": "market_pre_match"}):
                insert(connection, FORECASTS, {**changes, "match_id": match})
    return filled


def _team(connection: Connection, name: str) -> int:
    return int(connection.execute(text("SELECT id FROM teams WHERE name = :name"), {"name": name}).scalar_one())


def _insert_players(connection: Connection, team: int) -> None:
    """Twelve players of a season and one of the season before, more goals for each; one whose goals are not told."""
    for number in range(1, 13):
        goals = {"goals": number, "non_penalty_goals": 0}
        insert(connection, "player_seasons", {"player_id": number, "team_id": team, **goals})
    earlier = {"season": "2018-19", "goals": 40, "player": "Earlier"}
    insert(connection, "player_seasons", {"player_id": 20, "team_id": team, **earlier})
    not_told = {"goals": None, "non_penalty_goals": None, "is_shared": True}
    insert(connection, "player_seasons", {"player_id": 30, "team_id": team, **not_told})


def _insert_aliases(connection: Connection, arsenal: int, chelsea: int) -> None:
    agreed = '{"agreed": 38, "compared": 38, "runner_up": 3}'
    doubtful = '{"agreed": 2, "compared": 2, "runner_up": 1, "not_proved": "too few"}'
    for spelling, team, evidence in (
        ("Arsenal", arsenal, f'{{"2018-19": {agreed}, "2019-20": {agreed}}}'),
        ("The Blues", chelsea, f'{{"2019-20": {agreed}}}'),
        ("Nobody", None, f'{{"2018-19": {doubtful}}}'),
    ):
        row = {
            "source": "understat",
            "spelling": spelling,
            "team_id": team,
            "method": "shared_fixtures" if team else None,
        }
        insert(connection, "team_aliases", {**row, "evidence": f'{{"seasons": {evidence}}}'})


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


def test_the_files_of_a_source_are_shown_without_those_of_the_other(told: Engine) -> None:
    with told.connect() as connection:
        shown = {asset: preview(connection, asset) for asset in ("raw_football_data", "raw_understat")}
    assert [row["source"] for row in shown["raw_understat"]] == ["simulated-understat", "understat"]
    assert [row["key"] for row in shown["raw_understat"]] == ["getMatchData/2", "getMatchData/1"]
    assert {row["source"] for row in shown["raw_football_data"]} == {"football-data"}


def test_the_preview_of_identities_shows_what_is_not_proved_then_what_names_alone_would_not_tell(told: Engine) -> None:
    with told.connect() as connection:
        shown = preview(connection, "team_identities")
    assert [(row["spelling"], row["team"], row["season"], row["agreed"]) for row in shown] == [
        ("Nobody", None, "2018-19", "2"),
        ("The Blues", "Chelsea", "2019-20", "38"),
        ("Arsenal", "Arsenal", "2019-20", "38"),
        ("Arsenal", "Arsenal", "2018-19", "38"),
    ]


def test_the_preview_of_shots_shows_the_newest_match_that_has_any_minute_by_minute(told: Engine) -> None:
    with told.connect() as connection:
        shown = [dict(row) for row in preview(connection, "shots")]
    match = {"home": "Chelsea", "away": "Arsenal", "match_date": date(2020, 2, 1)}
    shot = {**match, "situation": "OpenPlay", "body_part": "Head", "xg": 0.1}
    assert shown == [
        {**shot, "minute": 12, "team": "Chelsea", "player": "Quick", "result": "Goal", "last_action": "Cross"},
        {**shot, "minute": 90, "team": "Arsenal", "player": "Player", "result": "OwnGoal", "last_action": None},
    ]


def test_the_preview_of_players_shows_who_scored_most_in_the_newest_season(told: Engine) -> None:
    with told.connect() as connection:
        shown = preview(connection, "player_seasons")
    assert [row["goals"] for row in shown] == list(range(12, 2, -1))
    assert {(row["team"], row["season"]) for row in shown} == {("Arsenal", "2019-20")}


def test_the_preview_of_forecasts_shows_all_models_of_the_three_newest_matches(told: Engine) -> None:
    with told.connect() as connection:
        shown = preview(connection, "match_forecasts")
    matches = [("Hull", "Leeds"), ("Chelsea", "Arsenal"), ("Arsenal", "Chelsea")]
    models = ["dixon_coles", "market_pre_match", "market_closing", "base_rate"]
    assert [(row["home"], row["away"], row["model"]) for row in shown] == [
        (*match, model) for match in matches for model in models
    ]
    assert (shown[0]["gap"], shown[0]["home_prob"], shown[0]["as_of"]) == ("too_little_history", None, date(2019, 8, 6))
    assert (shown[1]["gap"], shown[1]["home_prob"], shown[1]["as_of"]) == (None, 0.5, None)


def test_assets_are_counted_by_their_main_table(told: Engine) -> None:
    with told.connect() as connection:
        counts = {asset: row_count(connection, asset) for asset in ASSETS}
    assert counts == {
        "raw_football_data": 12,
        "raw_understat": 2,
        "matches": 4,
        "odds": 3,
        "team_identities": 3,
        "shots": 3,
        "player_seasons": 14,
        "match_forecasts": 16,
    }


@pytest.mark.parametrize("asset", ASSETS)
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


def test_figures_are_those_of_the_newest_season_recomputed(told: Engine) -> None:
    with told.begin() as connection:
        old, new, _ = connection.scalars(text("SELECT id FROM matches WHERE id <> 99 ORDER BY match_date")).all()
        probabilities = {old: (0.5, 0.3, 0.2), new: (0.2, 0.3, 0.5)}
        for match, values in probabilities.items():
            connection.execute(text("DELETE FROM quantum.match_forecasts WHERE match_id = :match"), {"match": match})
            insert(connection, FORECASTS, {"match_id": match, **dict(zip(ONE_X_TWO, values, strict=True))})
        scores = connection.execute(text("SELECT id, home_goals, away_goals FROM matches WHERE id <> 99")).all()
        played = {match: (home, away) for match, home, away in scores if home is not None}
        found = {asset: figures(connection, asset) for asset in ("odds", "matches", "match_forecasts", "shots")}
    outcomes = [0 if home > away else 1 if home == away else 2 for home, away in (played[old], played[new])]
    rps = ranked_probability_score([probabilities[old], probabilities[new]], outcomes)
    assert found["match_forecasts"] == {"rps": pytest.approx(rps.mean(), abs=1e-12)}
    before = 1 / 1.40 + 1 / 4.75 + 1 / 8.50 - 1
    closing = 1 / 1.38 + 1 / 5.00 + 1 / 9.50 - 1
    assert found["odds"] == {
        "mean_overround": pytest.approx(before, abs=5e-5),
        "mean_overround_closing": pytest.approx(closing, abs=5e-5),
    }
    assert found["matches"]["goals_per_match"] >= 0
    assert found["shots"] == {}


def test_figures_that_are_not_known_are_left_out(engine: Engine) -> None:
    with engine.connect() as connection:
        assert [figures(connection, asset) for asset in ("odds", "matches", "match_forecasts")] == [{}, {}, {}]
