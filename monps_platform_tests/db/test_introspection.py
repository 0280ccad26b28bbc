"""The live database against the models: every kind of drift is seen, and told in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Column, Connection, Index, Integer, MetaData, Table, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from monps_platform.db.introspection import differences, model_shape, qualified_name
from monps_platform.db.models import Base

TABLES = {qualified_name(table): table for table in Base.metadata.sorted_tables}
SEASON_INDEX = "uq_matches_league_id_season_home_team_id_away_team_id_meeting"
QUOTE = "(match_id, bookmaker_id, market, line, price_kind, captured_at)"
RAW_INDEX = "ix_raw_files_source_league_season_key"
CREATE_QUOTE = f"DROP INDEX uq_odds_quote; CREATE UNIQUE INDEX uq_odds_quote ON odds {QUOTE}"

DRIFT: list[tuple[str, str, str, list[str]]] = [
    ("a dropped column", "matches", "ALTER TABLE matches DROP referee", ["column referee is missing"]),
    (
        "a dropped column and what hangs on it",
        "odds",
        "ALTER TABLE odds DROP captured_at",
        [
            "column captured_at is missing",
            "constraint ck_odds_snapshot_has_time is missing",
            "index uq_odds_quote is missing",
        ],
    ),
    (
        "an added column",
        "teams",
        "ALTER TABLE teams ADD nickname text",
        ["column nickname is not in the models"],
    ),
    (
        "a renamed column",
        "teams",
        "ALTER TABLE teams RENAME country TO land",
        [
            "column country is missing",
            "column land is not in the models",
            "index uq_teams_country_name is UNIQUE (land, name), should be UNIQUE (country, name)",
        ],
    ),
    (
        "a changed type",
        "matches",
        "ALTER TABLE matches ALTER home_corners TYPE int",
        ["column home_corners is integer NULL, should be smallint NULL"],
    ),
    (
        "a narrower type",
        "odds",
        "ALTER TABLE odds ALTER overround TYPE numeric(4, 2)",
        ["column overround is numeric(4,2) NOT NULL, should be numeric NOT NULL"],
    ),
    (
        "a time without a zone",
        "matches",
        "ALTER TABLE matches ALTER kickoff_at TYPE timestamp",
        ["column kickoff_at is timestamp without time zone NULL, should be timestamp with time zone NULL"],
    ),
    (
        "a column that may be null",
        "odds",
        "ALTER TABLE odds ALTER overround DROP NOT NULL",
        ["column overround is numeric NULL, should be numeric NOT NULL"],
    ),
    (
        "a column that may not be null",
        "matches",
        "ALTER TABLE matches ALTER referee SET NOT NULL",
        ["column referee is text NOT NULL, should be text NULL"],
    ),
    (
        "a dropped default",
        "ops.raw_files",
        "ALTER TABLE ops.raw_files ALTER updated_at DROP DEFAULT",
        [
            "column updated_at is timestamp with time zone NOT NULL, should be timestamp with time zone NOT NULL "
            "default now()"
        ],
    ),
    (
        "an added default",
        "matches",
        "ALTER TABLE matches ALTER home_goals SET DEFAULT '-1'",
        ["column home_goals is smallint NULL default '-1'::smallint, should be smallint NULL"],
    ),
    (
        "a dropped identity",
        "bookmakers",
        "ALTER TABLE bookmakers ALTER id DROP IDENTITY",
        ["column id is smallint NOT NULL, should be smallint NOT NULL identity"],
    ),
    (
        "a dropped index",
        "matches",
        "DROP INDEX ix_matches_match_date",
        ["index ix_matches_match_date is missing"],
    ),
    (
        "an index in another schema",
        "ops.raw_files",
        f"DROP INDEX ops.{RAW_INDEX}",
        [f"index {RAW_INDEX} is missing"],
    ),
    (
        "an added index",
        "odds",
        "CREATE INDEX odds_by_book ON odds (bookmaker_id)",
        ["index odds_by_book is not in the models"],
    ),
    (
        "an index over other columns",
        "matches",
        "DROP INDEX ix_matches_match_date; CREATE INDEX ix_matches_match_date ON matches (match_date, season)",
        ["index ix_matches_match_date is (match_date, season), should be (match_date)"],
    ),
    (
        "an index over an expression",
        "teams",
        "DROP INDEX uq_teams_country_name; CREATE UNIQUE INDEX uq_teams_country_name ON teams (country, lower(name))",
        ["index uq_teams_country_name is UNIQUE (country, lower(name)), should be UNIQUE (country, name)"],
    ),
    (
        "an index that is no longer unique",
        "teams",
        "DROP INDEX uq_teams_country_name; CREATE INDEX uq_teams_country_name ON teams (country, name)",
        ["index uq_teams_country_name is (country, name), should be UNIQUE (country, name)"],
    ),
    (
        "an index that tells NULLs apart",
        "odds",
        CREATE_QUOTE,
        [f"index uq_odds_quote is UNIQUE {QUOTE}, should be UNIQUE {QUOTE} NULLS NOT DISTINCT"],
    ),
    (
        "an index over some rows only",
        "odds",
        f"{CREATE_QUOTE} NULLS NOT DISTINCT WHERE price_kind = 'closing'",
        [
            f"index uq_odds_quote is UNIQUE {QUOTE} NULLS NOT DISTINCT PARTIAL, should be UNIQUE {QUOTE} "
            "NULLS NOT DISTINCT"
        ],
    ),
    (
        "an index that was never finished",
        "matches",
        f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{SEASON_INDEX}'::regclass",
        [
            f"index {SEASON_INDEX} is UNIQUE (league_id, season, home_team_id, away_team_id, meeting) INVALID, "
            "should be UNIQUE (league_id, season, home_team_id, away_team_id, meeting)"
        ],
    ),
    (
        "a dropped foreign key",
        "odds",
        "ALTER TABLE odds DROP CONSTRAINT fk_odds_match_id_matches",
        ["constraint fk_odds_match_id_matches is missing"],
    ),
    (
        "a foreign key that deletes",
        "odds",
        "ALTER TABLE odds DROP CONSTRAINT fk_odds_match_id_matches, ADD CONSTRAINT fk_odds_match_id_matches "
        "FOREIGN KEY (match_id) REFERENCES matches ON DELETE CASCADE",
        [
            "constraint fk_odds_match_id_matches is FOREIGN KEY (match_id) REFERENCES matches(id) ON DELETE CASCADE, "
            "should be FOREIGN KEY (match_id) REFERENCES matches(id)"
        ],
    ),
    (
        "a foreign key that no longer deletes",
        "ops.rejected_rows",
        "ALTER TABLE ops.rejected_rows DROP CONSTRAINT fk_rejected_rows_raw_file_id_raw_files, ADD CONSTRAINT "
        "fk_rejected_rows_raw_file_id_raw_files FOREIGN KEY (raw_file_id) REFERENCES ops.raw_files",
        [
            "constraint fk_rejected_rows_raw_file_id_raw_files is FOREIGN KEY (raw_file_id) REFERENCES "
            "ops.raw_files(id), should be FOREIGN KEY (raw_file_id) REFERENCES ops.raw_files(id) ON DELETE CASCADE"
        ],
    ),
    (
        "a dropped check",
        "odds",
        "ALTER TABLE odds DROP CONSTRAINT ck_odds_above_one",
        ["constraint ck_odds_above_one is missing"],
    ),
    (
        "a check that old rows were not held to",
        "odds",
        "ALTER TABLE odds DROP CONSTRAINT ck_odds_above_one, ADD CONSTRAINT ck_odds_above_one CHECK (home_price > 1) "
        "NOT VALID",
        ["constraint ck_odds_above_one is CHECK NOT VALID, should be CHECK"],
    ),
    (
        "an added check",
        "teams",
        "ALTER TABLE teams ADD CONSTRAINT short CHECK (length(name) < 40)",
        ["constraint short is not in the models"],
    ),
    (
        "a dropped unique constraint",
        "leagues",
        "ALTER TABLE leagues DROP CONSTRAINT uq_leagues_code",
        ["constraint uq_leagues_code is missing"],
    ),
    (
        "a unique constraint over other columns",
        "leagues",
        "ALTER TABLE leagues DROP CONSTRAINT uq_leagues_code, ADD CONSTRAINT uq_leagues_code UNIQUE (code, name)",
        ["constraint uq_leagues_code is UNIQUE (code, name), should be UNIQUE (code)"],
    ),
    (
        "a dropped primary key",
        "team_aliases",
        "ALTER TABLE team_aliases DROP CONSTRAINT pk_team_aliases",
        ["constraint pk_team_aliases is missing"],
    ),
    (
        "an added enum label",
        "odds",
        "ALTER TYPE odds_price_kind ADD VALUE 'opening' BEFORE 'closing'",
        [
            "column price_kind is odds_price_kind (pre_match, opening, closing, snapshot) NOT NULL, should be "
            "odds_price_kind (pre_match, closing, snapshot) NOT NULL"
        ],
    ),
    (
        "a renamed enum label",
        "ops.rejected_rows",
        "ALTER TYPE rejected_dataset RENAME VALUE 'odds' TO 'prices'",
        [
            "column dataset is rejected_dataset (matches, prices, match_details) NOT NULL, should be rejected_dataset "
            "(matches, odds, match_details) NOT NULL"
        ],
    ),
    ("a dropped table", "odds", "DROP TABLE odds", ["table public.odds does not exist"]),
    ("a renamed table", "odds", "ALTER TABLE odds RENAME TO prices", ["table public.odds does not exist"]),
    (
        "a table in another schema",
        "odds",
        "ALTER TABLE odds SET SCHEMA quantum",
        ["table public.odds does not exist"],
    ),
]


def name_of(table: str) -> str:
    return table if "." in table else f"public.{table}"


@pytest.mark.parametrize(
    ("table", "change", "expected"), [item[1:] for item in DRIFT], ids=[item[0].replace(" ", "_") for item in DRIFT]
)
def test_drift_is_told_for_its_table_and_for_no_other(
    undone: Connection, table: str, change: str, expected: Sequence[str]
) -> None:
    undone.execute(text(change))
    found = {name: differences(undone, model) for name, model in TABLES.items()}
    assert found.pop(name_of(table)) == expected
    assert [difference for other in found.values() for difference in other] == []


def test_a_fresh_database_has_no_drift(undone: Connection) -> None:
    assert {name: differences(undone, table) for name, table in TABLES.items()} == {name: [] for name in TABLES}


def test_tables_and_views_of_the_user_are_no_drift(undone: Connection) -> None:
    undone.execute(text("CREATE TABLE my_notes (match_id bigint REFERENCES matches); CREATE VIEW v AS TABLE odds"))
    assert [difference for table in TABLES.values() for difference in differences(undone, table)] == []


def test_several_differences_are_all_told(undone: Connection) -> None:
    undone.execute(text("ALTER TABLE teams ADD a int, DROP name, ALTER country DROP NOT NULL"))
    assert differences(undone, TABLES["public.teams"]) == [
        "column name is missing",
        "column a is not in the models",
        "column country is text NULL, should be text NOT NULL",
        "index uq_teams_country_name is missing",
    ]


def test_a_partial_index_of_a_model_is_known_as_one() -> None:
    table = Table("t", MetaData(), Column("a", Integer))
    Index("ix_t_a", table.c.a, postgresql_where=table.c.a > 0)
    assert model_shape(table).indexes == {"ix_t_a": "(a) PARTIAL"}


def test_a_constraint_of_an_unknown_kind_is_not_passed_over() -> None:
    table = Table("t", MetaData(), Column("a", Integer), ExcludeConstraint(("a", "="), name="ex"))
    with pytest.raises(TypeError, match="does not know"):
        model_shape(table)
