"""Taking over a database that has the tables but no stamp: with proof at any revision, otherwise not at all."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.pool import NullPool

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.schema import adoption, migrations
from monps_platform.db.schema.adoption import AdoptionError, Picture, _nearest, adopt
from monps_platform.db.schema.introspection import Kind
from monps_platform_tests.db.schema.revisions import revision

REVISIONS = migrations.revisions()
TEAM = "INSERT INTO teams (name, country) VALUES ('Arsenal', 'England')"


def execute(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def forget_the_stamp(engine: Engine) -> None:
    execute(engine, "DROP TABLE alembic_version")


def scratch_databases(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        query = text("SELECT datname FROM pg_database WHERE datname LIKE 'monps\\_adopt\\_%'")
        return list(connection.scalars(query))


def refusal(engine: Engine, address: DatabaseAddress) -> str:
    """What is said when the database is not adopted; it is as it was, and the scratch database is gone."""
    with pytest.raises(AdoptionError) as refused:
        adopt(engine, address)
    assert scratch_databases(engine) == []
    return str(refused.value)


def test_a_database_at_the_newest_revision_is_adopted_with_its_rows(engine: Engine, database: DatabaseAddress) -> None:
    execute(engine, TEAM, "CREATE TABLE ops.notes_of_the_user (a int)", "CREATE TYPE mood AS ENUM ('good')")
    forget_the_stamp(engine)
    assert adopt(engine, database) == REVISIONS[-1]
    assert revision(engine) == REVISIONS[-1]
    assert scratch_databases(engine) == []
    with engine.connect() as connection:
        row = connection.execute(text("SELECT id, name, country FROM teams")).one()
    assert tuple(row) == (1, "Arsenal", "England")
    assert migrations.upgrade(engine) == (REVISIONS[-1], REVISIONS[-1])


@pytest.mark.parametrize("older", REVISIONS[:-1])
def test_a_database_at_an_older_revision_is_adopted_there_and_can_be_migrated(
    engine: Engine, database: DatabaseAddress, older: str
) -> None:
    migrations.downgrade(engine, older)
    execute(engine, TEAM, "DELETE FROM alembic_version")
    assert adopt(engine, database) == older
    assert revision(engine) == older
    assert migrations.upgrade(engine) == (older, REVISIONS[-1])


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            "ALTER TABLE odds ALTER overround DROP NOT NULL",
            "- public.odds: column overround is numeric NULL, should be numeric NOT NULL",
        ),
        ("ALTER TABLE teams ADD nickname text", f"- public.teams: column nickname is not in revision {REVISIONS[-1]}"),
        (
            "ALTER INDEX uq_odds_quote RENAME TO uq_odds",
            f"- public.odds: index uq_odds_quote is missing\n- public.odds: index uq_odds is not in revision "
            f"{REVISIONS[-1]}",
        ),
        (
            "ALTER TABLE bookmakers ADD CONSTRAINT short CHECK (length(key) < 9)",
            f"- public.bookmakers: constraint short is not in revision {REVISIONS[-1]}",
        ),
        ("DROP TABLE team_aliases", "- table public.team_aliases does not exist"),
        (
            "ALTER TYPE odds_price_kind RENAME VALUE 'snapshot' TO 'moment'",
            "- type odds_price_kind is pre_match, closing, moment, should be pre_match, closing, snapshot",
        ),
        (
            "ALTER TYPE closing_source RENAME VALUE 'stated' TO 'told'",
            "- type closing_source is same_bookmaker, sharp, market_average, told, should be same_bookmaker, sharp, "
            "market_average, stated",
        ),
        (
            "COMMENT ON TABLE teams IS 'Sides'",
            "- public.teams: comment on the table is 'Sides', should be 'One row per club'",
        ),
    ],
    ids=["a_column", "an_added_column", "an_index", "a_check", "a_table", "an_enum", "a_new_label", "a_comment"],
)
def test_a_database_that_differs_in_one_thing_is_refused_and_not_stamped(
    engine: Engine, database: DatabaseAddress, change: str, difference: str
) -> None:
    execute(engine, TEAM, change)
    forget_the_stamp(engine)
    said = refusal(engine, database)
    assert f"database {database.database} equals no migration, and nothing was changed" in said
    assert f"It is nearest to revision {REVISIONS[-1]}" in said
    assert difference in said
    assert revision(engine) is None
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('public.alembic_version')")) is None
        assert connection.scalar(text("SELECT count(*) FROM teams")) == 1


@pytest.mark.parametrize(
    ("change", "difference"),
    [
        (
            "ALTER TABLE tracking_clv_picks DISABLE TRIGGER tracking_clv_picks_immutable",
            "trigger tracking_clv_picks_immutable on tracking_clv_picks is CREATE TRIGGER",
        ),
        (
            "CREATE OR REPLACE FUNCTION refuse_change_of_pick() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NEW; END $$",
            "function refuse_change_of_pick() is a body with md5",
        ),
        (
            "ALTER TABLE tracking_clv_picks DISABLE TRIGGER tracking_clv_picks_closing_kept",
            "trigger tracking_clv_picks_closing_kept on tracking_clv_picks is CREATE TRIGGER",
        ),
        (
            "CREATE OR REPLACE FUNCTION keep_correction_of_pick() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN RETURN NULL; END $$",
            "function keep_correction_of_pick() is a body with md5",
        ),
        (
            "DROP TRIGGER tracking_clv_picks_settlement_kept ON tracking_clv_picks",
            "trigger tracking_clv_picks_settlement_kept on tracking_clv_picks is missing",
        ),
    ],
    ids=["disabled", "hollow", "corrections_disabled", "corrections_hollow", "corrections_dropped"],
)
def test_a_trigger_that_no_longer_guards_is_seen(
    engine: Engine, database: DatabaseAddress, change: str, difference: str
) -> None:
    execute(engine, change)
    forget_the_stamp(engine)
    said = refusal(engine, database)
    assert difference in said
    assert "(1 difference)" in said


def test_a_table_of_a_later_revision_must_not_be_there_yet(engine: Engine, database: DatabaseAddress) -> None:
    migrations.downgrade(engine, REVISIONS[0])
    forget_the_stamp(engine)
    execute(engine, "CREATE TABLE shots (id int)")
    assert f"- table public.shots is not in revision {REVISIONS[0]}" in refusal(engine, database)


def test_many_differences_are_counted_and_the_first_told(engine: Engine, database: DatabaseAddress) -> None:
    forget_the_stamp(engine)
    execute(engine, "ALTER TABLE teams " + ", ".join(f"ADD c{number} int" for number in range(45)))
    said = refusal(engine, database)
    assert "(45 differences)" in said
    assert "... and 5 more\nPut these right, then run again: monps migrate --adopt" in said


def test_a_database_without_a_table_of_the_platform_is_to_be_migrated(empty_database: DatabaseAddress) -> None:
    engine = build_engine(empty_database)
    execute(engine, "CREATE TABLE notes (a int)")
    assert "has no table of the platform: there is nothing to adopt. monps migrate" in refusal(engine, empty_database)
    assert revision(engine) is None
    engine.dispose()


def test_a_stamped_database_is_not_stamped_again(engine: Engine, database: DatabaseAddress) -> None:
    assert f"is already at migration {REVISIONS[-1]}" in refusal(engine, database)
    execute(engine, "UPDATE alembic_version SET version_num = 'from_elsewhere'")
    assert "is already at migration from_elsewhere" in refusal(engine, database)
    assert revision(engine) == "from_elsewhere"


def test_a_user_who_may_not_create_databases_is_told_what_is_missing(engine: Engine, database: DatabaseAddress) -> None:
    forget_the_stamp(engine)
    limited = create_engine(database.url(), poolclass=NullPool)
    login = f"limited_{database.database}"
    execute(engine, f"CREATE ROLE {login}")

    event.listen(limited, "connect", lambda connection, _: _become(connection, login))
    said = refusal(limited, database)
    assert "may not create a database on" in said
    assert "CREATEDB" in said
    assert revision(engine) is None
    execute(engine, f"DROP ROLE {login}")


def _become(connection: object, login: str) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a DB-API connection
    cursor.execute(f"SET SESSION AUTHORIZATION {login}")
    connection.commit()  # type: ignore[attr-defined]


def test_the_scratch_database_is_dropped_when_a_revision_fails_in_it(
    engine: Engine, database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_the_stamp(engine)
    seen: list[str] = []

    def fail(*_: object) -> None:
        seen.extend(scratch_databases(engine))
        raise RuntimeError("broken revision")

    monkeypatch.setattr(adoption, "_upgrade", fail)
    with pytest.raises(RuntimeError, match="broken revision"):
        adopt(engine, database)
    assert len(seen) == 1
    assert scratch_databases(engine) == []
    assert revision(engine) is None


def test_of_revisions_that_make_the_same_tables_the_oldest_is_taken() -> None:
    one = Picture({"public.a": {Kind.COLUMN: {"x": "integer"}}}, {})
    two = Picture({"public.a": {Kind.COLUMN: {"x": "bigint"}}}, {})
    history = {"first": one, "second": two, "data_only": two, "last": one}
    assert (_nearest(one, history).revision, _nearest(one, history).differences) == ("first", ())
    assert (_nearest(two, history).revision, _nearest(two, history).differences) == ("second", ())
