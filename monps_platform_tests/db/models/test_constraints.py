"""The database itself refuses what cannot be: each constraint is seen refusing once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Engine,
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.exc import DataError, IntegrityError

from monps_platform.db.models import Base
from monps_platform.domain.rejections import Dataset
from monps_platform_tests.db.models.constraint_cases import (
    ALERTED,
    ALERTS,
    CHESS,
    DERIVED_ACCEPTED,
    DERIVED_REFUSED,
    OTHER_KEYS,
)
from monps_platform_tests.db.models.forecast_cases import FITS, FORECAST_ACCEPTED, FORECAST_REFUSED, FORECASTS
from monps_platform_tests.db.models.odds_api_cases import ODDS_API_ACCEPTED, ODDS_API_REFUSED
from monps_platform_tests.db.models.pick_cases import (
    BUILT_IN,
    CORRECTIONS,
    LATER,
    LIVE,
    MOVED,
    OVER,
    PICK_WORK_ACCEPTED,
    PICK_WORK_REFUSED,
    PICKS,
    PICKS_ACCEPTED,
    PICKS_REFUSED,
    PROGRESS,
    WALK_FORWARD,
)
from monps_platform_tests.db.models.rows import GOOD, VECTORS, WHEN, Accepted, Refused, insert
from monps_platform_tests.db.models.understat_cases import (
    JOINED_MATCH,
    LINE_UPS,
    LISTED,
    UNDERSTAT_ACCEPTED,
    UNDERSTAT_REFUSED,
)

TOTAL = {"market": "over_under", "home_price": None, "draw_price": None, "away_price": None, "line": "2.5"}
TOTAL |= {"over_price": "1.9", "under_price": "1.9"}
HANDICAP = {"market": "asian_handicap", "draw_price": None, "line": "-0.25"}
SNAPSHOT = {"price_kind": "snapshot", "captured_at": WHEN}
ROWS = {"rows_read": 3, "rows_loaded": 2, "rows_rejected": 1}
PLAYER_ROWS = {"players_read": 3, "players_loaded": 2, "players_rejected": 1}
OF_PICKS = {"source": "picks", "league": None, "season": None}
COUNTS = ("shots", "shots_on_target", "corners", "fouls", "yellow_cards", "red_cards")

ACCEPTED: Accepted = [
    *((table, {}) for table in GOOD),
    ("odds", TOTAL),
    ("odds", HANDICAP),
    ("odds", SNAPSHOT),
    ("odds", {"captured_at": WHEN}),
    ("odds", {"price_kind": "closing"}),
    ("odds", {"home_price": "1.0001"}),
    ("matches", dict.fromkeys(("home_goals", "away_goals", "half_time_home_goals", "half_time_away_goals"))),
    ("matches", {"half_time_home_goals": None, "half_time_away_goals": None}),
    ("matches", {"half_time_home_goals": 2, "half_time_away_goals": 1}),
    ("matches", {"meeting": 2}),
    ("matches", {f"{side}_{name}": 0 for side in ("home", "away") for name in COUNTS}),
    ("team_aliases", {"team_id": None, "method": None}),
    ("ops.raw_files", ROWS),
    ("ops.raw_files", PLAYER_ROWS),
    ("ops.raw_files", dict.fromkeys(PLAYER_ROWS, 0)),
    ("ops.raw_files", {**OF_PICKS, **ROWS}),
    ("ops.rejected_rows", {"dataset": "picks", "detail": "no bookmaker is called Bet 366"}),
    *PICKS_ACCEPTED,
    *PICK_WORK_ACCEPTED,
    *DERIVED_ACCEPTED,
    *UNDERSTAT_ACCEPTED,
    *FORECAST_ACCEPTED,
    *ODDS_API_ACCEPTED,
]
REFUSED: Refused = [
    ("ck_odds_above_one", "odds", {"home_price": "1"}),
    ("ck_odds_above_one", "odds", {"draw_price": "0.99"}),
    ("ck_odds_above_one", "odds", {"away_price": "0"}),
    ("ck_odds_above_one", "odds", {**TOTAL, "under_price": "1.00"}),
    ("ck_odds_above_one", "odds", {**TOTAL, "over_price": "-2"}),
    ("ck_odds_complete_for_market", "odds", {"draw_price": None}),
    ("ck_odds_complete_for_market", "odds", {"home_price": None, "draw_price": None, "away_price": None}),
    ("ck_odds_complete_for_market", "odds", {"line": "0"}),
    ("ck_odds_complete_for_market", "odds", {"over_price": "1.9", "under_price": "1.9"}),
    ("ck_odds_complete_for_market", "odds", {**TOTAL, "line": None}),
    ("ck_odds_complete_for_market", "odds", {**TOTAL, "under_price": None}),
    ("ck_odds_complete_for_market", "odds", {**TOTAL, "home_price": "2"}),
    ("ck_odds_complete_for_market", "odds", {**HANDICAP, "line": None}),
    ("ck_odds_complete_for_market", "odds", {**HANDICAP, "away_price": None}),
    ("ck_odds_complete_for_market", "odds", {**HANDICAP, "draw_price": "3"}),
    ("ck_odds_complete_for_market", "odds", {"market": "btts"}),
    ("ck_odds_snapshot_has_time", "odds", {"price_kind": "snapshot"}),
    ("ck_odds_finite", "odds", {"home_price": "NaN"}),
    ("ck_odds_finite", "odds", {"away_price": "Infinity"}),
    ("ck_odds_finite", "odds", {**TOTAL, "line": "NaN"}),
    ("ck_odds_finite", "odds", {**HANDICAP, "line": "-Infinity"}),
    ("ck_odds_finite", "odds", {"overround": "NaN"}),
    ("fk_odds_match_id_matches", "odds", {"match_id": 99}),
    ("fk_odds_bookmaker_id_bookmakers", "odds", {"bookmaker_id": 99}),
    ("ck_matches_two_teams", "matches", {"home_team_id": 1}),
    ("ck_matches_counts_not_negative", "matches", {"home_goals": 2, "half_time_home_goals": -1}),
    *(
        ("ck_matches_counts_not_negative", "matches", {f"{side}_{name}": -1})
        for side in ("home", "away")
        for name in COUNTS
    ),
    *(
        (
            "ck_matches_counts_not_negative",
            "matches",
            {f"{side}_goals": -1, "half_time_home_goals": None, "half_time_away_goals": None},
        )
        for side in ("home", "away")
    ),
    ("ck_matches_half_time_goals", "matches", {"half_time_home_goals": 3}),
    ("ck_matches_half_time_goals", "matches", {"half_time_away_goals": 2}),
    ("ck_matches_whole_score", "matches", {"away_goals": None}),
    ("ck_matches_whole_half_time_score", "matches", {"half_time_home_goals": None}),
    ("ck_matches_meeting", "matches", {"meeting": 0}),
    ("ck_matches_meeting", "matches", {"meeting": 5}),
    *(
        ("ck_matches_season_name", "matches", {"season": season})
        for season in ("2019", "2019-2020", "19-20", "1920", "2019/20", " 2019-20", "2019-20\n", "")
    ),
    (
        "uq_matches_league_id_season_home_team_id_away_team_id_meeting",
        "matches",
        {"home_team_id": 1, "away_team_id": 2},
    ),
    ("pk_matches", "matches", {"id": 1}),
    ("fk_matches_league_id_leagues", "matches", {"league_id": 99}),
    ("fk_matches_home_team_id_teams", "matches", {"home_team_id": 99}),
    ("fk_matches_away_team_id_teams", "matches", {"away_team_id": 99}),
    ("ck_leagues_tier", "leagues", {"tier": 0}),
    ("uq_leagues_code", "leagues", {"code": "E0"}),
    ("uq_teams_country_name", "teams", {"name": "Arsenal", "country": "England"}),
    ("uq_bookmakers_key", "bookmakers", {"key": "B365"}),
    ("uq_team_aliases_source_league_id_spelling", "team_aliases", {"spelling": "Arsenal"}),
    ("ck_team_aliases_resolved_with_method", "team_aliases", {"method": None}),
    ("ck_team_aliases_resolved_with_method", "team_aliases", {"team_id": None}),
    ("fk_team_aliases_league_id_leagues", "team_aliases", {"league_id": 99}),
    ("fk_team_aliases_team_id_teams", "team_aliases", {"team_id": 99}),
    *(
        ("ck_raw_files_sha256", "ops.raw_files", {"sha256": value})
        for value in ("", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 63 + "\n")
    ),
    ("ck_raw_files_bytes", "ops.raw_files", {"bytes": 0}),
    ("ck_raw_files_rows_reconcile", "ops.raw_files", {**ROWS, "rows_rejected": 2}),
    ("ck_raw_files_rows_reconcile", "ops.raw_files", {**ROWS, "rows_rejected": None}),
    ("ck_raw_files_rows_reconcile", "ops.raw_files", {**ROWS, "rows_read": None}),
    ("ck_raw_files_rows_reconcile", "ops.raw_files", {**ROWS, "rows_loaded": 4, "rows_rejected": -1}),
    ("ck_raw_files_quotes_reconcile", "ops.raw_files", {"quotes_read": 3}),
    ("ck_raw_files_quotes_reconcile", "ops.raw_files", {"quotes_read": 3, "quotes_loaded": 3, "quotes_rejected": 3}),
    *(("ck_raw_files_players_reconcile", "ops.raw_files", {**PLAYER_ROWS, name: None}) for name in PLAYER_ROWS),
    *(("ck_raw_files_players_reconcile", "ops.raw_files", {**PLAYER_ROWS, name: 4}) for name in PLAYER_ROWS),
    ("ck_raw_files_players_reconcile", "ops.raw_files", {**PLAYER_ROWS, "players_loaded": 4, "players_rejected": -1}),
    ("ck_raw_files_players_reconcile", "ops.raw_files", {**PLAYER_ROWS, "players_loaded": -1, "players_rejected": 4}),
    ("ck_rejected_rows_line_number", "ops.rejected_rows", {"line_number": 0}),
    ("fk_rejected_rows_raw_file_id_raw_files", "ops.rejected_rows", {"raw_file_id": 99}),
    *(
        ("ck_raw_files_partition_of_source", "ops.raw_files", changes)
        for changes in (
            *({"league": None}, {"season": None}, {"league": None, "season": None}),
            *({"source": "picks"}, {**OF_PICKS, "league": "E0"}, {**OF_PICKS, "season": "2019-20"}),
        )
    ),
    *PICKS_REFUSED,
    *PICK_WORK_REFUSED,
    *DERIVED_REFUSED,
    *UNDERSTAT_REFUSED,
    *FORECAST_REFUSED,
    *ODDS_API_REFUSED,
]


KEYS = {
    table: {str(index.name) for index in Base.metadata.tables[table].indexes if str(index.name).startswith("uq_")}
    - {"uq_chess_classifications_current", "uq_tracking_clv_picks_pick_of_built_in_agent", "uq_alerts_unclosed"}
    for table in OTHER_KEYS
}


@pytest.fixture(scope="module")
def furnished(shared_engine: Engine) -> Engine:
    """The module's database with one row in each table that others refer to, and those that keys are tried against."""
    england = {"country": "England"}
    with shared_engine.begin() as connection:
        insert(connection, "leagues", {"code": "E0", **england})
        insert(connection, "leagues", {"code": "E1", "tier": 2, **england})
        insert(connection, "teams", {"name": "Arsenal", **england})
        insert(connection, "teams", {"name": "Chelsea", **england})
        insert(connection, "teams", {"name": "Fulham", **england})
        insert(connection, "team_aliases", {"spelling": "Arsenal"})
        insert(connection, "bookmakers", {"key": "B365"})
        insert(connection, "bookmakers", {"key": "PS"})
        insert(connection, "matches", {"id": 1, "home_team_id": 1, "away_team_id": 2})
        insert(connection, "matches", {"id": JOINED_MATCH, "home_team_id": 3})
        insert(connection, "ops.raw_files", {})
        insert(connection, "shots", {"id": 1})
        insert(connection, LISTED, {"id": 1, "match_id": JOINED_MATCH})
        insert(connection, LISTED, {"id": 3, "match_id": None, "unmatched_reason": "no_such_match"})
        for version in ("first", "second"):
            insert(connection, FITS, {"model_version": version})
        insert(connection, CHESS, {"as_of": "2019-12-01", "is_current": True})
        insert(connection, PICKS, {**LIVE, "agent": BUILT_IN})
        insert(connection, ALERTS, {"subject": ALERTED})
    return shared_engine


@pytest.fixture
def connection(furnished: Engine) -> Iterator[Connection]:
    with furnished.connect() as opened:
        yield opened


@pytest.mark.parametrize(("table", "changes"), ACCEPTED)
def test_a_good_row_is_accepted(connection: Connection, table: str, changes: dict[str, Any]) -> None:
    insert(connection, table, changes)


@pytest.mark.parametrize(("constraint", "table", "changes"), REFUSED)
def test_a_row_that_cannot_be_is_refused(
    connection: Connection, constraint: str, table: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError) as caught:
        insert(connection, table, changes)
    assert f'"{constraint}"' in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [{}, TOTAL, HANDICAP, {**SNAPSHOT}, {"captured_at": WHEN}],
    ids=["no line, no time", "total", "handicap", "snapshot", "pre-match with a time"],
)
def test_the_same_quote_twice_is_refused_even_where_line_and_time_are_null(
    connection: Connection, changes: dict[str, Any]
) -> None:
    insert(connection, "odds", changes)
    with pytest.raises(IntegrityError, match="uq_odds_quote"):
        insert(connection, "odds", {**changes, "overround": "0.07"})


def test_quotes_that_differ_in_any_part_of_the_key_stand_side_by_side(connection: Connection) -> None:
    insert(connection, "bookmakers", {})
    insert(connection, "matches", {})
    book, match = (connection.scalar(text(f"SELECT max(id) FROM {table}")) for table in ("bookmakers", "matches"))
    for changes in (
        {},
        TOTAL,
        {**TOTAL, "line": "3.5"},
        HANDICAP,
        {"price_kind": "closing"},
        {"captured_at": WHEN},
        {"captured_at": "2019-08-11 14:00+00"},
        SNAPSHOT,
        {"bookmaker_id": book},
        {"match_id": match},
    ):
        insert(connection, "odds", changes)
    assert connection.scalar(text("SELECT count(*) FROM odds")) == 10


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("odds", "overround"), ("odds", "price_kind"), ("matches", "match_date")),
        *((PICKS, name) for name in ("price_taken", "stake", "data_version")),
        *((CORRECTIONS, name) for name in ("pick_id", "part", "corrected_by", "reason", "was", "is_now")),
        *((PROGRESS, name) for name in ("league_id", "season", "step", "inputs_sha256", "picks")),
        *(("quantum.team_quantum_dna", name) for name in VECTORS),
        ("quantum.quantum_friction_matrix", "recommended_markets"),
        *((LISTED, name) for name in ("league_id", "shown_at", "home_team")),
        *((LINE_UPS, name) for name in ("player", "minutes", "own_goals", "xg")),
        *((FITS, name) for name in ("inputs_sha256", "rho", "rho_se")),
        *((FORECASTS, name) for name in ("match_id", "model_version")),
    ],
)
def test_what_every_row_must_have_cannot_be_missing(connection: Connection, table: str, column: str) -> None:
    with pytest.raises(IntegrityError, match=f'null value in column "{column}"'):
        insert(connection, table, {column: None})


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        *(
            ("odds", {"market": "corners"}),
            ("odds", {"price_kind": "opening"}),
            ("ops.rejected_rows", {"dataset": "x"}),
        ),
        *(("shots", {"situation": "Corner"}), ("shots", {"body_part": "Hand"}), ("shots", {"result": "Saved"})),
        *((PICKS, {"side": "X"}), (PICKS, {"result": "won"}), (PICKS, {"no_closing_reason": "unknown"})),
        *((PICKS, {"closing_source": "average"}), ("ops.health_sweeps", {"severity": "error"})),
        (ALERTS, {"kind": "weather"}),
        *((PICKS, {"origin": "robot"}), (CORRECTIONS, {"part": "stake"}), (PROGRESS, {"step": "publish"})),
        (LISTED, {"match_id": None, "unmatched_reason": "unknown"}),
        *((FORECASTS, {"model": "poisson"}), (FORECASTS, {"gap": "unknown"})),
        ("quantum.chess_classifications", {"profile": "low_block"}),
        ("quantum.quantum_friction_matrix", {"predicted_scenario": "OPEN_GAME"}),
        ("quantum.quantum_strategies", {"strategy": "martingale"}),
    ],
)
def test_a_label_that_an_enum_does_not_know_is_refused(
    connection: Connection, table: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(DataError, match="invalid input value for enum"):
        insert(connection, table, changes)


def test_a_match_with_odds_cannot_be_deleted_alone(connection: Connection) -> None:
    insert(connection, "odds", {})
    with pytest.raises(IntegrityError, match="fk_odds_match_id_matches"):
        connection.execute(text("DELETE FROM matches"))


@pytest.mark.parametrize("origin", [LIVE, WALK_FORWARD], ids=["live", "walk_forward"])
def test_a_built_in_agent_backs_a_side_of_a_match_once_whatever_the_line_and_the_bookmaker(
    connection: Connection, origin: dict[str, Any]
) -> None:
    insert(connection, PICKS, {**OVER, **origin})
    with pytest.raises(IntegrityError, match="uq_tracking_clv_picks_pick_of_built_in_agent"):
        insert(connection, PICKS, {**OVER, **origin, "line": "3.5", "bookmaker_id": 2})


def test_a_pick_without_a_line_has_no_value_of_a_moved_one(connection: Connection) -> None:
    with pytest.raises(IntegrityError, match="ck_tracking_clv_picks_line_adjusted_with_method"):
        insert(connection, PICKS, MOVED)


def test_a_person_backs_a_side_of_a_match_as_often_as_he_likes(connection: Connection) -> None:
    for changes in ({}, {"line": "3.5"}, {"bookmaker_id": 2}, {"taken_at": LATER}):
        insert(connection, PICKS, {**OVER, "agent": BUILT_IN, **changes})
    insert(connection, PICKS, {**OVER, "agent": BUILT_IN, **LIVE, "line": "4.5"})
    query = text("SELECT origin::text FROM tracking_clv_picks WHERE market = 'over_under' ORDER BY id")
    assert connection.scalars(query).all() == ["own", "own", "own", "own", "live"]


def test_every_dataset_may_be_rejected(connection: Connection) -> None:
    for dataset in Dataset:
        insert(connection, "ops.rejected_rows", {"dataset": dataset.value})
    assert connection.scalar(text("SELECT count(*) FROM ops.rejected_rows")) == len(Dataset)


@pytest.mark.parametrize("table", OTHER_KEYS)
def test_the_same_row_twice_is_refused_by_the_natural_key(connection: Connection, table: str) -> None:
    insert(connection, table, {})
    with pytest.raises(IntegrityError) as caught:
        insert(connection, table, {})
    assert [name for name in KEYS[table] if f'"{name}"' in str(caught.value)]


@pytest.mark.parametrize("table", OTHER_KEYS)
def test_rows_that_differ_in_any_part_of_the_natural_key_stand_side_by_side(connection: Connection, table: str) -> None:
    insert(connection, "matches", {})
    before = connection.scalar(text(f"SELECT count(*) FROM {table}"))
    for changes in ({}, *OTHER_KEYS[table]):
        insert(connection, table, changes)
    assert connection.scalar(text(f"SELECT count(*) FROM {table}")) == before + 1 + len(OTHER_KEYS[table])


@pytest.mark.parametrize("table", OTHER_KEYS)
def test_every_part_of_the_natural_key_has_a_row_that_differs_in_it(table: str) -> None:
    (model,) = (mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is Base.metadata.tables[table])
    assert {name for changes in OTHER_KEYS[table] for name in changes} >= set(model.natural_key)


@pytest.mark.parametrize("model", [mapper.class_ for mapper in Base.registry.mappers], ids=lambda model: model.__name__)
def test_every_model_names_a_natural_key_that_the_database_keeps_unique(model: type[Base]) -> None:
    table = model.__table__
    assert isinstance(table, Table)
    assert set(model.natural_key) in [set(columns) for columns in _unique(table).values()]


def _unique(table: Table) -> dict[str, list[str]]:
    """The columns of every key of a table, and of every unique index over all of its rows, by name."""
    kept: list[PrimaryKeyConstraint | UniqueConstraint | Index] = [
        item for item in table.constraints if isinstance(item, PrimaryKeyConstraint | UniqueConstraint)
    ]
    kept += [index for index in table.indexes if index.unique and index.dialect_kwargs.get("postgresql_where") is None]
    return {str(item.name): [column.name for column in item.columns] for item in kept}


def test_every_unique_key_of_the_models_is_seen_refusing() -> None:
    tables = Base.metadata.sorted_tables
    declared = {name for table in tables for name in _unique(table)}
    declared |= {str(index.name) for table in tables for index in table.indexes if index.unique}
    generated = {str(table.primary_key.name) for table in tables if table.c.id.identity is not None}
    seen = {constraint for constraint, _, _ in REFUSED} | {"uq_odds_quote"}
    seen |= {name for table in OTHER_KEYS for name in KEYS[table]}
    assert declared - generated - seen == set()


def test_every_check_constraint_of_the_models_is_seen_refusing() -> None:
    declared = {
        str(constraint.name)
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert declared - {constraint for constraint, _, _ in REFUSED} == set()
