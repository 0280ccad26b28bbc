"""The live database against the models: every kind of drift is seen, and told in a sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import SchemaItem

from monps_platform.db.models import Base
from monps_platform.db.models.picks import CLOSING, IMMUTABLE_TRIGGER, SETTLEMENT, Trigger
from monps_platform.db.schema.introspection import CannotCompareError, compare_schema, differences, qualified_name

TABLES = {qualified_name(table): table for table in Base.metadata.sorted_tables}
SEASON_INDEX = "uq_matches_league_id_season_home_team_id_away_team_id_meeting"
QUOTE = "(match_id, bookmaker_id, market, line, price_kind, captured_at)"
RAW_INDEX = "ix_raw_files_source_league_season_key"
BUILT_IN = "uq_tracking_clv_picks_pick_of_built_in_agent"
PICKED = "(agent, match_id, market, side)"
CREATE_QUOTE = f"DROP INDEX uq_odds_quote; CREATE UNIQUE INDEX uq_odds_quote ON odds {QUOTE}"

ABOVE_ONE = "CHECK (LEAST(home_price, draw_price, away_price, over_price, under_price) > 1::numeric)"
COUNTED = (
    *("home_goals", "away_goals", "half_time_home_goals", "half_time_away_goals", "home_shots", "away_shots"),
    *("home_shots_on_target", "away_shots_on_target", "home_corners", "away_corners", "home_fouls", "away_fouls"),
    *("home_yellow_cards", "away_yellow_cards", "home_red_cards", "away_red_cards"),
)


def counts(cast: str) -> str:
    """The rule over all counts, as the server tells it when all but the corners at home are cast."""
    terms = (name if name == "home_corners" else f"{name}{cast}" for name in COUNTED)
    return f"CHECK (LEAST({', '.join(terms)}) >= 0)"


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
        [
            "column home_corners is integer NULL, should be smallint NULL",
            f"constraint ck_matches_counts_not_negative is {counts('::integer')}, should be {counts('')}",
        ],
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
        "an identity that cannot be given",
        "bookmakers",
        "ALTER TABLE bookmakers ALTER id SET GENERATED ALWAYS",
        ["column id is smallint NOT NULL identity always, should be smallint NOT NULL identity"],
    ),
    (
        "another collation",
        "teams",
        'ALTER TABLE teams ALTER name TYPE text COLLATE "C"',
        ["column name is text collate C NOT NULL, should be text NOT NULL"],
    ),
    (
        "a descending index",
        "matches",
        "DROP INDEX ix_matches_match_date; CREATE INDEX ix_matches_match_date ON matches (match_date DESC)",
        ["index ix_matches_match_date is (match_date DESC), should be (match_date)"],
    ),
    (
        "an index of another kind",
        "matches",
        "DROP INDEX ix_matches_match_date; CREATE INDEX ix_matches_match_date ON matches USING hash (match_date)",
        ["index ix_matches_match_date is hash (match_date), should be (match_date)"],
    ),
    (
        "a trigger",
        "teams",
        "CREATE TRIGGER quiet BEFORE UPDATE ON teams "
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ["trigger quiet is not in the models"],
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
            f"index uq_odds_quote is UNIQUE {QUOTE} NULLS NOT DISTINCT WHERE price_kind = "
            f"'closing'::odds_price_kind, should be UNIQUE {QUOTE} NULLS NOT DISTINCT"
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
        "ALTER TABLE odds DROP CONSTRAINT ck_odds_above_one, ADD CONSTRAINT ck_odds_above_one "
        "CHECK (least(home_price, draw_price, away_price, over_price, under_price) > 1) NOT VALID",
        [f"constraint ck_odds_above_one is {ABOVE_ONE} NOT VALID, should be {ABOVE_ONE}"],
    ),
    (
        "a check that says something else",
        "odds",
        "ALTER TABLE odds DROP CONSTRAINT ck_odds_above_one, ADD CONSTRAINT ck_odds_above_one "
        "CHECK (least(home_price, draw_price, away_price, over_price, under_price) > 0)",
        [f"constraint ck_odds_above_one is {ABOVE_ONE.replace('> 1', '> 0')}, should be {ABOVE_ONE}"],
    ),
    (
        "a check over an enum that says something else",
        "odds",
        "ALTER TABLE odds DROP CONSTRAINT ck_odds_snapshot_has_time, ADD CONSTRAINT ck_odds_snapshot_has_time "
        "CHECK (price_kind <> 'closing' OR captured_at IS NOT NULL)",
        [
            "constraint ck_odds_snapshot_has_time is CHECK (price_kind <> 'closing'::odds_price_kind OR captured_at IS "
            "NOT NULL), should be CHECK (price_kind <> 'snapshot'::odds_price_kind OR captured_at IS NOT NULL)"
        ],
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
            "column dataset is rejected_dataset (matches, prices, match_details, listings, shots, players, "
            "appearances, picks) NOT NULL, should be rejected_dataset (matches, odds, match_details, listings, shots, "
            "players, appearances, picks) NOT NULL"
        ],
    ),
    (
        "an added enum label of a column that may be null",
        "tracking_clv_picks",
        "ALTER TYPE closing_source ADD VALUE 'guessed' BEFORE 'stated'",
        [
            "column closing_source is closing_source (same_bookmaker, sharp, market_average, guessed, stated) NULL, "
            "should be closing_source (same_bookmaker, sharp, market_average, stated) NULL"
        ],
    ),
    (
        "a renamed enum label that a default and an index name",
        "tracking_clv_picks",
        "ALTER TYPE pick_origin RENAME VALUE 'own' TO 'mine'",
        [
            "column origin is pick_origin (mine, walk_forward, live) NOT NULL default 'mine'::pick_origin, should be "
            "pick_origin (own, walk_forward, live) NOT NULL default 'own'::pick_origin",
            f"index {BUILT_IN} is UNIQUE {PICKED} WHERE origin <> 'mine'::pick_origin, should be UNIQUE {PICKED} "
            "WHERE origin <> 'own'::pick_origin",
        ],
    ),
    (
        "a partial index over all rows",
        "tracking_clv_picks",
        f"DROP INDEX {BUILT_IN}; CREATE UNIQUE INDEX {BUILT_IN} ON tracking_clv_picks {PICKED}",
        [f"index {BUILT_IN} is UNIQUE {PICKED}, should be UNIQUE {PICKED} WHERE origin <> 'own'::pick_origin"],
    ),
    (
        "corrections that outlive their pick",
        "ops.pick_corrections",
        "ALTER TABLE ops.pick_corrections DROP CONSTRAINT fk_pick_corrections_pick_id_tracking_clv_picks",
        ["constraint fk_pick_corrections_pick_id_tracking_clv_picks is missing"],
    ),
    (
        "a partition that every file must have",
        "ops.raw_files",
        "ALTER TABLE ops.raw_files ALTER league SET NOT NULL, DROP CONSTRAINT ck_raw_files_partition_of_source",
        [
            "column league is text NOT NULL, should be text NULL",
            "constraint ck_raw_files_partition_of_source is missing",
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


FUNCTION = "CREATE FUNCTION quantum.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"


def model_of_notes(*items: SchemaItem, **options: Any) -> Table:
    """A table that is in no migration."""
    return Table("notes", MetaData(), Column("a", Integer), Column("b", Integer), *items, schema="quantum", **options)


def test_a_partial_index_of_a_model_is_compared_by_its_predicate(undone: Connection) -> None:
    table = model_of_notes()
    Index("ix_notes_a", table.c.a, postgresql_where=table.c.b > 0)
    undone.execute(text("CREATE TABLE quantum.notes (a int, b int); CREATE INDEX ix_notes_a ON quantum.notes (a)"))
    assert differences(undone, table) == ["index ix_notes_a is (a), should be (a) WHERE b > 0"]
    undone.execute(text("DROP INDEX quantum.ix_notes_a"))
    undone.execute(text("CREATE INDEX ix_notes_a ON quantum.notes (a) WHERE NOT b <= 0"))
    assert differences(undone, table) == ["index ix_notes_a is (a) WHERE NOT b <= 0, should be (a) WHERE b > 0"]
    undone.execute(text("DROP INDEX quantum.ix_notes_a"))
    undone.execute(text("CREATE INDEX ix_notes_a ON quantum.notes (a) WHERE ((b > (0)))"))
    assert differences(undone, table) == []


def test_every_kind_of_constraint_is_compared(undone: Connection) -> None:
    table = model_of_notes(
        ExcludeConstraint((text("int4range(a, b)"), "&&"), name="ex_notes"),
        UniqueConstraint("a", "b", name="uq_notes", postgresql_nulls_not_distinct=True),
        Column("c", Integer, Computed("a * 2")),
    )
    undone.execute(text("CREATE TABLE quantum.notes (a int, b int, c int GENERATED ALWAYS AS (a * 3) STORED)"))
    undone.execute(text("ALTER TABLE quantum.notes ADD CONSTRAINT uq_notes UNIQUE (a, b)"))
    assert differences(undone, table) == [
        "column c is integer NULL generated as a * 3, should be integer NULL generated as a * 2",
        "constraint ex_notes is missing",
        "constraint uq_notes is UNIQUE (a, b), should be UNIQUE NULLS NOT DISTINCT (a, b)",
    ]


def test_a_foreign_key_is_compared_with_all_its_rules(undone: Connection) -> None:
    metadata = MetaData()
    Table("teams", metadata, Column("id", Integer, primary_key=True))
    rule = ForeignKey(
        "teams.id",
        name="fk",
        match="FULL",
        onupdate="CASCADE",
        ondelete="SET NULL",
        deferrable=True,
        initially="DEFERRED",
    )
    table = Table("notes", metadata, Column("team", rule), schema="quantum")
    undone.execute(text("CREATE TABLE quantum.notes (team int CONSTRAINT fk REFERENCES teams)"))
    rest = "MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED"
    key = "FOREIGN KEY (team) REFERENCES teams(id)"
    assert differences(undone, table) == [f"constraint fk is {key}, should be {key} {rest}"]
    undone.execute(text(f"ALTER TABLE quantum.notes DROP CONSTRAINT fk, ADD CONSTRAINT fk {key} {rest}"))
    assert differences(undone, table) == []


NOTES_FIXED = Trigger("BEFORE UPDATE", "quantum.refuse", " BEGIN RETURN NEW; END ", arguments=("it's 100%",))


def test_a_trigger_of_a_model_must_be_there_run_its_function_and_be_enabled(undone: Connection) -> None:
    table = model_of_notes(info={"triggers": {"notes_fixed": NOTES_FIXED}})
    right = "BEFORE UPDATE FOR EACH ROW runs quantum.refuse('it''s 100%')"
    undone.execute(text("CREATE TABLE quantum.notes (a int, b int)"))
    assert differences(undone, table) == ["trigger notes_fixed is missing", "function quantum.refuse() is missing"]
    create = "CREATE OR REPLACE TRIGGER notes_fixed BEFORE UPDATE ON quantum.notes FOR EACH ROW EXECUTE FUNCTION"
    undone.execute(text(f"{FUNCTION} {create} suppress_redundant_updates_trigger('it''s 100%')"))
    wrong = right.replace("quantum.refuse", "suppress_redundant_updates_trigger")
    assert differences(undone, table) == [f"trigger notes_fixed is {wrong}, should be {right}"]
    undone.execute(text(f"{create} quantum.refuse('it''s 100%')"))
    assert differences(undone, table) == []
    undone.execute(text("ALTER TABLE quantum.notes DISABLE TRIGGER notes_fixed"))
    assert differences(undone, table) == [f"trigger notes_fixed is {right} DISABLED, should be {right}"]


PICK_TRIGGERS: dict[str, Trigger] = TABLES["public.tracking_clv_picks"].info["triggers"]
PICK_TRIGGER = PICK_TRIGGERS[IMMUTABLE_TRIGGER]
CLOSING_TRIGGER, SETTLEMENT_TRIGGER = "tracking_clv_picks_closing_kept", "tracking_clv_picks_settlement_kept"


def pick_trigger(
    fires: str = "BEFORE UPDATE",
    level: str = "ROW",
    when: str | None = None,
    handed: Sequence[str] | None = None,
    name: str = IMMUTABLE_TRIGGER,
) -> str:
    """Makes a trigger of picks otherwise than the model says."""
    model = PICK_TRIGGERS[name]
    condition = f"WHEN ({when or model.condition})" if level == "ROW" and when != "" else ""
    arguments = ", ".join(f"'{argument}'" for argument in (model.arguments if handed is None else handed))
    return (
        f"DROP TRIGGER {name} ON tracking_clv_picks; CREATE TRIGGER {name} {fires} "
        f"ON tracking_clv_picks FOR EACH {level} {condition} EXECUTE FUNCTION {model.function}({arguments})"
    )


@pytest.mark.parametrize(
    ("change", "live"),
    [
        (pick_trigger("AFTER DELETE", when="OLD.id > 0"), "AFTER DELETE FOR EACH ROW WHEN (old.id > 0) runs"),
        (pick_trigger("AFTER UPDATE"), "AFTER UPDATE FOR EACH ROW WHEN (old.agent IS DISTINCT FROM"),
        (pick_trigger("BEFORE UPDATE OF stake"), "BEFORE UPDATE OF stake FOR EACH ROW WHEN"),
        (pick_trigger(level="STATEMENT"), "BEFORE UPDATE FOR EACH STATEMENT runs"),
        (pick_trigger(when="OLD.stake <> NEW.stake"), "BEFORE UPDATE FOR EACH ROW WHEN (old.stake <> new.stake) runs"),
        (pick_trigger(when=""), "BEFORE UPDATE FOR EACH ROW runs"),
        (
            pick_trigger(handed=PICK_TRIGGER.arguments[:2]),
            "BEFORE UPDATE FOR EACH ROW WHEN (old.agent IS DISTINCT FROM",
        ),
        (f"ALTER TABLE tracking_clv_picks DISABLE TRIGGER {IMMUTABLE_TRIGGER}", "BEFORE UPDATE FOR EACH ROW WHEN"),
        (f"ALTER TRIGGER {IMMUTABLE_TRIGGER} ON tracking_clv_picks RENAME TO other", None),
    ],
    ids=["delete", "after", "some_columns", "statement", "narrower", "always", "arguments", "disabled", "renamed"],
)
def test_a_trigger_that_keeps_picks_otherwise_than_the_model_says_is_told(
    undone: Connection, change: str, live: str | None
) -> None:
    assert differences(undone, TABLES["public.tracking_clv_picks"]) == []
    undone.execute(text(change))
    found = differences(undone, TABLES["public.tracking_clv_picks"])
    said = [f"trigger {IMMUTABLE_TRIGGER} is {live or 'missing'}", *([] if live else ["trigger other is not in"])]
    assert len(found) == len(said)
    assert [each for each, start in zip(found, said, strict=True) if not each.startswith(start)] == []


FIRST_CLOSING = "AFTER UPDATE FOR EACH ROW WHEN (old.closing_price IS DISTINCT FROM new.closing_price"


@pytest.mark.parametrize(
    ("trigger", "change", "live"),
    [
        (CLOSING_TRIGGER, pick_trigger("BEFORE UPDATE", name=CLOSING_TRIGGER), "BEFORE UPDATE FOR EACH ROW WHEN"),
        (
            CLOSING_TRIGGER,
            pick_trigger("AFTER UPDATE OF closing_price", name=CLOSING_TRIGGER),
            "AFTER UPDATE OF closing_price FOR EACH ROW WHEN",
        ),
        (
            CLOSING_TRIGGER,
            pick_trigger(
                "AFTER UPDATE", when="OLD.closing_price IS DISTINCT FROM NEW.closing_price", name=CLOSING_TRIGGER
            ),
            f"{FIRST_CLOSING}) runs",
        ),
        (
            CLOSING_TRIGGER,
            pick_trigger("AFTER UPDATE", handed=("closing", *CLOSING[:-1]), name=CLOSING_TRIGGER),
            f"{FIRST_CLOSING} OR",
        ),
        (
            SETTLEMENT_TRIGGER,
            pick_trigger("AFTER UPDATE", handed=("closing", *SETTLEMENT), name=SETTLEMENT_TRIGGER),
            "AFTER UPDATE FOR EACH ROW WHEN (old.result IS DISTINCT FROM new.result OR",
        ),
        (
            SETTLEMENT_TRIGGER,
            f"ALTER TABLE tracking_clv_picks DISABLE TRIGGER {SETTLEMENT_TRIGGER}",
            "AFTER UPDATE FOR EACH ROW WHEN",
        ),
        (SETTLEMENT_TRIGGER, f"DROP TRIGGER {SETTLEMENT_TRIGGER} ON tracking_clv_picks", "missing"),
    ],
    ids=["before", "some_columns", "narrower", "arguments", "other_part", "disabled", "dropped"],
)
def test_a_trigger_that_keeps_corrections_otherwise_than_the_model_says_is_told(
    undone: Connection, trigger: str, change: str, live: str
) -> None:
    undone.execute(text(change))
    (difference,) = differences(undone, TABLES["public.tracking_clv_picks"])
    assert difference.startswith(f"trigger {trigger} is {live}")


REPLACE = "CREATE OR REPLACE FUNCTION refuse_change_of_pick() RETURNS trigger LANGUAGE plpgsql"


@pytest.mark.parametrize(
    "change",
    [
        f"{REPLACE} SET search_path = pg_catalog AS $$ BEGIN RETURN NEW; END $$",
        f"{REPLACE} SET search_path = pg_catalog AS $${PICK_TRIGGER.body.replace('IS DISTINCT FROM', '=')}$$",
        f"{REPLACE} AS $${PICK_TRIGGER.body}$$",
        "ALTER FUNCTION refuse_change_of_pick() SET search_path = public",
        "ALTER FUNCTION refuse_change_of_pick() SET check_function_bodies = off",
        "ALTER FUNCTION refuse_change_of_pick() SECURITY DEFINER",
    ],
    ids=["hollow", "body", "no_search_path", "search_path", "more_settings", "definer"],
)
def test_a_function_that_keeps_picks_otherwise_than_the_model_says_is_told(undone: Connection, change: str) -> None:
    undone.exec_driver_sql(change.replace("%", "%%"))
    (difference,) = differences(undone, TABLES["public.tracking_clv_picks"])
    assert difference.startswith("function refuse_change_of_pick() is plpgsql ")
    assert ", should be plpgsql SET search_path=pg_catalog body with sha256 " in difference


KEEP = "CREATE OR REPLACE FUNCTION keep_correction_of_pick() RETURNS trigger LANGUAGE plpgsql"
KEPT_TRIGGER = PICK_TRIGGERS[CLOSING_TRIGGER]


@pytest.mark.parametrize(
    "change",
    [
        f"{KEEP} SET search_path = pg_catalog AS $$ BEGIN RETURN NULL; END $$",
        f"{KEEP} SET search_path = pg_catalog AS $${KEPT_TRIGGER.body.replace('why IS NULL', 'false')}$$",
        f"{KEEP} AS $${KEPT_TRIGGER.body}$$",
        "ALTER FUNCTION keep_correction_of_pick() SECURITY DEFINER",
    ],
    ids=["hollow", "body", "no_search_path", "definer"],
)
def test_a_function_that_keeps_corrections_otherwise_than_the_model_says_is_told(
    undone: Connection, change: str
) -> None:
    undone.exec_driver_sql(change.replace("%", "%%"))
    (difference,) = differences(undone, TABLES["public.tracking_clv_picks"])
    assert difference.startswith("function keep_correction_of_pick() is plpgsql ")
    assert ", should be plpgsql SET search_path=pg_catalog body with sha256 " in difference


def test_a_function_replaced_by_the_models_own_text_is_no_difference(undone: Connection) -> None:
    for replace, trigger in ((REPLACE, PICK_TRIGGER), (KEEP, KEPT_TRIGGER)):
        same = f"{replace} SET search_path = pg_catalog AS $${trigger.body}$$"
        undone.exec_driver_sql(same.replace("%", "%%"))
    assert compare_schema(undone).found == 0


def test_comments_are_compared_where_asked(undone: Connection) -> None:
    undone.execute(text("COMMENT ON TABLE teams IS 'Sides'; COMMENT ON COLUMN teams.name IS NULL"))
    undone.execute(text("ALTER TABLE teams ADD nickname text; COMMENT ON COLUMN teams.nickname IS 'short'"))
    teams = TABLES["public.teams"]
    assert differences(undone, teams) == ["column nickname is not in the models"]
    assert differences(undone, teams, comments=True) == [
        "column nickname is not in the models",
        "comment on column name is missing",
        "comment on the table is 'Sides', should be 'One row per club'",
    ]


def test_the_whole_schema_is_compared_and_told_for_machines(undone: Connection) -> None:
    undone.execute(text("CREATE TABLE ops.my_notes (a int); ALTER TABLE teams ALTER name DROP NOT NULL"))
    undone.execute(text("CREATE TABLE elsewhere (a int); DROP TABLE team_aliases"))
    comparison = compare_schema(undone)
    assert comparison.found == 2
    assert comparison.others == ["ops.my_notes", "public.elsewhere"]
    told = json.loads(json.dumps(comparison.to_dict()))
    assert (told["equal"], told["differences"]) == (False, 2)
    assert told["tables_without_model"] == ["ops.my_notes", "public.elsewhere"]
    tables = {each["table"]: each for each in told["tables"]}
    assert list(tables) == sorted(TABLES)
    assert tables["public.leagues"] == {"table": "public.leagues", "equal": True, "differences": []}
    assert tables["public.teams"]["differences"] == [
        {"kind": "column", "name": "name", "live": "text NULL", "model": "text NOT NULL"}
    ]
    assert tables["public.team_aliases"]["differences"] == [
        {"kind": "table", "name": "public.team_aliases", "live": None, "model": "a table"}
    ]


def test_only_the_tables_asked_for_are_compared(undone: Connection) -> None:
    undone.execute(text("ALTER TABLE teams ADD nickname text"))
    assert list(compare_schema(undone, [TABLES["public.odds"]]).tables) == ["public.odds"]
    assert compare_schema(undone, [TABLES["public.odds"]]).found == 0


def test_a_comparison_leaves_nothing_behind_and_the_transaction_usable(undone: Connection) -> None:
    made = text("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
    before = undone.scalar(text("SHOW search_path"))
    assert compare_schema(undone).found == 0
    assert (undone.scalar(made), undone.scalar(text("SHOW search_path"))) == (0, before)
    assert undone.scalar(text("SELECT 'closing'::odds_price_kind::text")) == "closing"


def become_a_user_who_may_look(connection: Connection) -> None:
    """A role of this transaction alone, without a right to any table."""
    connection.execute(text("CREATE ROLE introspection_test; GRANT USAGE ON SCHEMA ops, quantum TO introspection_test"))
    connection.execute(text("SET LOCAL ROLE introspection_test"))


def test_a_user_who_may_change_nothing_but_make_temporary_tables_can_compare(undone: Connection) -> None:
    undone.execute(text("ALTER TABLE teams ALTER name DROP NOT NULL"))
    become_a_user_who_may_look(undone)
    with pytest.raises(ProgrammingError, match="permission denied for table odds"), undone.begin_nested():
        undone.execute(text("UPDATE odds SET line = 0"))
    assert compare_schema(undone).found == 1


def test_a_user_without_temporary_tables_is_told_what_the_comparison_needs(undone: Connection) -> None:
    name = undone.scalar(text("SELECT current_database()"))
    undone.execute(text(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC"))
    become_a_user_who_may_look(undone)
    with pytest.raises(CannotCompareError, match=r"cannot compare public\.odds .* needs TEMPORARY on the database"):
        differences(undone, TABLES["public.odds"])


def test_a_transaction_that_may_not_write_is_told(undone: Connection) -> None:
    undone.execute(text("SET TRANSACTION READ ONLY"))
    with pytest.raises(CannotCompareError, match="in a transaction that may write"):
        differences(undone, TABLES["public.odds"])


def test_a_model_that_the_server_refuses_is_not_passed_over(undone: Connection) -> None:
    undone.execute(text("CREATE TABLE quantum.notes (a int, b int)"))
    with pytest.raises(ProgrammingError, match="no_such_column"):
        differences(undone, model_of_notes(CheckConstraint("no_such_column > 0", name="ck")))
    assert undone.scalar(text("SELECT 1")) == 1
