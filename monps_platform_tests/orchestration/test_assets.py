"""The assets, run by Dagster: what lands in the tables, what is told of it, and what a second run does."""

from __future__ import annotations

import shutil

import dagster as dg
import pytest

from monps_platform.db.models import Base
from monps_platform.db.schema.introspection import qualified_name
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Block
from monps_platform.domain.seasons import Season, season_range
from monps_platform.orchestration.checks.schema import ASSET_OF_TABLE
from monps_platform.orchestration.outcomes import Status
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, STEPS
from monps_platform_tests.conftest import Answer
from monps_platform_tests.orchestration.football_files import (
    MATCHES,
    QUOTES,
    key_of,
    partition,
    season_file,
    season_lines,
)
from monps_platform_tests.orchestration.platform import (
    ASSETS as DEFINITIONS,
)
from monps_platform_tests.orchestration.platform import (
    Platform,
    failure_text,
    materializations,
    recording,
    snapshot,
)

E0 = partition("E0", "2019-20")
ASSETS = FOOTBALL_DATA.steps


def test_a_published_season_lands_in_the_tables(platform: Platform) -> None:
    platform.publish(E0)
    result = platform.materialize(E0)
    assert result.success, failure_text(result)
    stored = "SELECT source || ' ' || league || ' ' || season || ' ' || key || ' ' || url FROM ops.raw_files"
    assert platform.value(stored) == (
        f"football-data E0 2019-20 mmz4281/1920/E0.csv {platform.mirror.url}/mmz4281/1920/E0.csv"
    )
    assert platform.value("SELECT count(*) FROM matches WHERE season = '2019-20' AND home_goals = 2") == MATCHES
    assert platform.rows("SELECT market::text, price_kind::text, count(*) FROM odds GROUP BY 1, 2 ORDER BY 1, 2") == [
        ("1x2", "closing", MATCHES),
        ("1x2", "pre_match", MATCHES),
        ("asian_handicap", "pre_match", MATCHES),
        ("over_under", "pre_match", MATCHES),
    ]


def test_the_fetched_bytes_are_kept_as_they_came(platform: Platform) -> None:
    body = b"\xef\xbb\xbf" + season_file(E0) + b",,,,\r\n"
    platform.mirror.serve(key_of(E0), body)
    platform.materialize(E0, steps=["raw_football_data"])
    assert platform.store.get(platform.value("SELECT sha256 FROM ops.raw_files")) == body
    assert platform.value("SELECT bytes FROM ops.raw_files") == len(body)


def test_each_partition_tells_what_was_read_loaded_and_rejected(platform: Platform) -> None:
    lines = season_lines(E0)
    lines[0] = lines[0].replace("Arsenal", "")
    lines[1] = lines[1].replace(",1.90,2.00,", ",1.90,,")
    platform.mirror.serve(key_of(E0), season_file(E0, lines))
    result = platform.materialize(E0)
    matches = materializations(result, "matches")["E0|2019-20"]
    odds = materializations(result, "odds")["E0|2019-20"]
    assert (matches["rows_read"], matches["rows_loaded"], matches["rows_rejected"]) == (MATCHES, MATCHES - 1, 1)
    assert (odds["rows_read"], odds["rows_loaded"], odds["rows_rejected"]) == (QUOTES, QUOTES - 5, 5)
    assert platform.rows(
        "SELECT dataset::text, reason, count(*) FROM ops.rejected_rows GROUP BY 1, 2 ORDER BY 1, 2"
    ) == [
        ("matches", "missing_team", 1),
        ("odds", "incomplete_prices", 1),
        ("odds", "match_rejected", 4),
    ]


@pytest.mark.parametrize("asset", ASSETS)
def test_an_asset_shows_its_rows_its_columns_and_how_long_it_took(platform: Platform, asset: str) -> None:
    platform.publish(E0)
    result = platform.materialize(E0)
    metadata = materializations(result, asset)["E0|2019-20"]
    rows = {"raw_football_data": 1, "matches": MATCHES, "odds": QUOTES}[asset]
    assert metadata["dagster/row_count"] == metadata["dagster/partition_row_count"] == rows
    assert (metadata["rows_read"], metadata["rows_loaded"], metadata["rows_rejected"]) == (rows, rows, 0)
    assert metadata["status"] == "loaded"
    assert metadata["simulated"] is False
    assert metadata["seconds"] > 0
    assert 0 < len(metadata["preview"].records) <= 12


@pytest.mark.parametrize("asset", STEPS)
def test_an_asset_names_its_table_and_all_of_its_columns(platform: Platform, asset: str) -> None:
    (definition,) = (item for item in DEFINITIONS if item.key == dg.AssetKey(asset))
    metadata = definition.metadata_by_key[definition.key]
    live = f"""SELECT attname, NOT attnotnull FROM pg_attribute
        WHERE attnum > 0 AND attrelid = '{metadata["dagster/table_name"]}'::regclass"""
    columns = metadata["dagster/column_schema"].columns
    assert {column.name: column.constraints.nullable for column in columns} == dict(platform.rows(live))
    assert all(column.description for column in columns)


def test_one_run_takes_a_block_of_leagues_and_seasons_and_tells_of_each(platform: Platform) -> None:
    seasons = season_range(Season(2018), Season(2020))
    block = Block((league("E0"), league("SP1")), seasons)
    for at, where in enumerate(block.partitions):
        platform.mirror.serve(key_of(where), season_file(where, season_lines(where)[: MATCHES - at]))
    result = platform.materialize(block)
    assert result.success, failure_text(result)
    loaded = {name: each["rows_loaded"] for name, each in materializations(result, "matches").items()}
    assert loaded == {f"{where.league.code}|{where.season}": MATCHES - at for at, where in enumerate(block.partitions)}
    prices = {name: each["dagster/partition_row_count"] for name, each in materializations(result, "odds").items()}
    assert prices == {name: 4 * count for name, count in loaded.items()}
    total = {each["dagster/row_count"] for each in materializations(result, "matches").values()}
    assert total == {sum(loaded.values())}


def test_a_second_run_with_nothing_new_changes_no_row_of_any_table(platform: Platform) -> None:
    block = Block((league("E0"), league("SP1")), (Season(2019), Season(2020)))
    platform.publish(*block.partitions)
    platform.materialize(block)
    before = snapshot(platform.engine)
    progress = recording()
    result = platform.materialize(block, checks=True, progress=progress)
    assert result.success, failure_text(result)
    assert snapshot(platform.engine) == before
    mine = {name for name, asset in ASSET_OF_TABLE.items() if asset in ASSETS}
    filled = {qualified_name(Base.metadata.tables[name]) for name in mine} - {"ops.rejected_rows"}
    assert {name for name, rows in before.items() if rows} == filled
    for asset in ASSETS:
        assert set(progress.of(asset).values()) == {Status.UNCHANGED}
        told = materializations(result, asset).values()
        assert {each["status"] for each in told} == {"unchanged"}
        assert {each["rows_inserted"] + each["rows_updated"] + each["rows_deleted"] for each in told} == {0}
    assert {each["rows_loaded"] for each in materializations(result, "odds").values()} == {QUOTES}


def test_files_that_are_loaded_already_are_not_even_read_again(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0)
    shutil.rmtree(platform.raw)
    progress = recording()
    assert platform.materialize(E0, steps=["matches", "odds"], progress=progress).success
    assert progress.of("matches") == progress.of("odds") == {"E0 2019-20": Status.UNCHANGED}


def test_a_file_loaded_again_without_a_change_rewrites_no_match_and_no_price(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0)
    before = snapshot(platform.engine)
    platform.do("UPDATE ops.raw_files SET rows_loader = NULL, quotes_loader = NULL")
    progress = recording()
    assert platform.materialize(E0, progress=progress).success
    after = snapshot(platform.engine)
    assert {name: rows for name, rows in after.items() if name != "ops.raw_files"} == {
        name: rows for name, rows in before.items() if name != "ops.raw_files"
    }
    assert (progress.of("matches"), progress.of("odds")) == (
        {"E0 2019-20": Status.UNCHANGED},
        {"E0 2019-20": Status.UNCHANGED},
    )


def test_only_the_rows_that_changed_at_the_source_change_and_keep_their_ids(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0)
    ids = platform.rows("SELECT id, created_at FROM odds ORDER BY id")
    lines = season_lines(E0)
    lines[3] = lines[3].replace("2.10,3.40", "2.15,3.40")
    platform.mirror.serve(key_of(E0), season_file(E0, lines))
    result = platform.materialize(E0)
    matches = materializations(result, "matches")["E0|2019-20"]
    odds = materializations(result, "odds")["E0|2019-20"]
    assert (matches["rows_updated"], odds["rows_inserted"], odds["rows_updated"], odds["rows_deleted"]) == (0, 0, 1, 0)
    assert platform.rows("SELECT id, created_at FROM odds ORDER BY id") == ids
    assert platform.value("SELECT count(*) FROM odds WHERE updated_at > created_at AND home_price = 2.15") == 1
    assert platform.value("SELECT count(*) FROM ops.raw_files") == 2


def test_the_second_request_is_conditional_and_a_304_changes_nothing(platform: Platform) -> None:
    headers = {"ETag": '"v1"', "Last-Modified": "Sat, 01 Aug 2020 10:00:00 GMT"}
    platform.mirror.serve(key_of(E0), Answer(season_file(E0), headers=headers))
    platform.materialize(E0)
    progress = recording()
    platform.materialize(E0, progress=progress)
    (first, asked_first), (second, asked_second) = platform.mirror.requests
    assert first == second == key_of(E0)
    assert "if-none-match" not in asked_first
    assert asked_second["if-none-match"] == '"v1"'
    assert asked_second["if-modified-since"] == "Sat, 01 Aug 2020 10:00:00 GMT"
    assert progress.of("raw_football_data") == {"E0 2019-20": Status.UNCHANGED}


def test_a_simulated_league_is_made_without_a_request_and_marked_everywhere(platform: Platform) -> None:
    where = partition("SIM1", "2020-21")
    result = platform.materialize(where)
    assert result.success, failure_text(result)
    assert platform.mirror.requests == []
    assert platform.rows("SELECT source, url FROM ops.raw_files") == [("simulated", "simulated:mmz4281/2021/SIM1.csv")]
    assert platform.rows("SELECT code FROM leagues WHERE is_simulated ORDER BY code") == [("SIM1",), ("SIM2",)]
    assert platform.value("SELECT count(*) FROM matches m JOIN leagues l ON l.id = league_id WHERE is_simulated") == 380
    for asset in ASSETS:
        assert materializations(result, asset)["SIM1|2020-21"]["simulated"] is True


def test_real_and_simulated_leagues_share_no_club_and_no_match(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0)
    platform.materialize(partition("SIM1", "2019-20"))
    shared = """SELECT count(*) FROM team_aliases a JOIN team_aliases b USING (team_id)
        WHERE a.source = 'simulated' AND b.source <> 'simulated'"""
    assert platform.value(shared) == 0
    assert platform.rows("SELECT DISTINCT source FROM team_aliases ORDER BY 1") == [("football-data",), ("simulated",)]


def test_an_asset_without_anything_fetched_says_so_and_loads_nothing(platform: Platform) -> None:
    result = platform.materialize(E0, steps=["matches", "odds"])
    assert result.success, failure_text(result)
    for asset in ("matches", "odds"):
        metadata = materializations(result, asset)["E0|2019-20"]
        assert (metadata["status"], metadata["rows_read"]) == ("not published yet", 0)
        assert metadata["detail"] == "nothing has been fetched for it"
    assert platform.mirror.requests == []
