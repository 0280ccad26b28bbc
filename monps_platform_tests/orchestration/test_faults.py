"""What a server, a network or a disk can do wrong: a clear error, and the old rows stay."""

from __future__ import annotations

from dataclasses import replace

import dagster as dg

from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Block, Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform_tests.conftest import Answer
from monps_platform_tests.orchestration.football_files import (
    CURRENT,
    MATCHES,
    fixture_line,
    fixtures_file,
    key_of,
    partition,
    season_file,
    season_lines,
)
from monps_platform_tests.orchestration.platform import (
    Platform,
    failure_text,
    materializations,
    recording,
    snapshot,
)

E0 = partition("E0", "2019-20")
NOW = partition("E0", CURRENT)
GOOD = season_file(E0)
SHORT = season_file(E0, season_lines(E0)[:8])


def fetch(platform: Platform, where: Partition = E0, *, retries: int = 0) -> Outcome:
    """Run the first asset alone and return what became of the partition."""
    progress = recording()
    platform.materialize(where, steps=["raw_football_data"], progress=progress, retries=retries)
    ((_, outcome),) = progress.outcomes
    return outcome


def test_a_season_not_played_yet_is_not_published_and_no_failure(platform: Platform) -> None:
    progress = recording()
    result = platform.materialize(NOW, progress=progress)
    assert result.success, failure_text(result)
    assert {step: progress.of(step) for step in progress.steps} == {
        step: {str(NOW): Status.NOT_PUBLISHED} for step in ("raw_football_data", "matches", "odds")
    }
    metadata = materializations(result, "raw_football_data")[f"E0|{CURRENT}"]
    assert metadata["status"] == "not published yet"
    assert metadata["detail"] == f"{key_of(NOW)}: the season has no file yet"
    assert platform.value("SELECT count(*) FROM ops.raw_files") == 0


def test_a_season_before_the_source_holds_the_league_is_no_failure(platform: Platform) -> None:
    progress = recording()
    platform.materialize(partition("EC", "1999-00"), steps=["raw_football_data"], progress=progress)
    ((_, outcome),) = progress.outcomes
    assert outcome.status is Status.NOT_PUBLISHED
    assert outcome.detail == "football-data holds EC from 2005-06"


def test_a_finished_season_without_a_file_fails_and_says_what_to_check(platform: Platform) -> None:
    outcome = fetch(platform)
    assert outcome.status is Status.FAILED
    assert f"{platform.mirror.url}/mmz4281/1920/E0.csv: HTTP 404" in outcome.detail
    assert "the season is over. Check MONPS_FOOTBALL_DATA_URL" in outcome.detail


def test_a_file_that_vanished_fails_and_says_when_it_was_there(platform: Platform) -> None:
    platform.publish(NOW)
    assert fetch(platform, NOW).status is Status.LOADED
    platform.mirror.answers.clear()
    outcome = fetch(platform, NOW)
    assert outcome.status is Status.FAILED
    assert "404" in outcome.detail
    assert "though it was fetched on" in outcome.detail


def test_a_server_error_is_tried_again_and_then_done(platform: Platform) -> None:
    platform.mirror.serve(key_of(E0), Answer(status=500), Answer(status=503), Answer(GOOD))
    assert fetch(platform, retries=2).status is Status.LOADED
    assert len(platform.mirror.requests) == 3


def test_a_server_error_that_stays_fails_naming_the_file_the_status_and_the_tries(platform: Platform) -> None:
    platform.mirror.serve(key_of(E0), Answer(status=500))
    outcome = fetch(platform, retries=2)
    assert outcome.status is Status.FAILED
    assert "mmz4281/1920/E0.csv: HTTP 500" in outcome.detail
    assert "gave up after 3 tries" in outcome.detail
    assert len(platform.mirror.requests) == 3


def test_a_refusal_is_not_tried_again(platform: Platform) -> None:
    platform.mirror.serve(key_of(E0), Answer(status=403))
    outcome = fetch(platform, retries=5)
    assert (outcome.status, len(platform.mirror.requests)) == (Status.FAILED, 1)
    assert "HTTP 403" in outcome.detail


BAD_BODIES = {
    "an HTML page": (Answer(b"<!DOCTYPE html><html><body>Service notice</body></html>"), "HTML page"),
    "nothing": (Answer(b""), "is empty"),
    "blank lines": (Answer(b"\r\n\r\n"), "is empty"),
    "binary": (Answer(b"PK\x03\x04\x00\x00\x00\x08" * 90), "is binary"),
    "another CSV": (Answer(b"id,name\r\n1,x\r\n" * 40), "no column Date, HomeTeam, AwayTeam"),
    "a body cut on the way": (Answer(GOOD, cut_after=len(GOOD) // 2), "broke off"),
    "a file cut in a line": (Answer(GOOD[:-30]), "is truncated"),
    "a file that shrank": (Answer(season_file(E0, season_lines(E0)[:9])), "shrank from"),
}


def test_bodies_that_are_not_the_file_are_refused_with_their_reason_and_the_old_rows_stay(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0)
    before = snapshot(platform.engine)
    kept = sorted(path.name for path in platform.raw.rglob("*"))
    for kind, (answer, reason) in BAD_BODIES.items():
        platform.mirror.serve(key_of(E0), answer)
        result = platform.materialize(E0)
        assert not result.success, kind
        text = failure_text(result)
        assert "1 of 1 partitions failed; their old rows stay" in text, kind
        assert "mmz4281/1920/E0.csv" in text, kind
        assert reason in text, kind
        assert snapshot(platform.engine) == before, kind
        assert sorted(path.name for path in platform.raw.rglob("*")) == kept, kind


def test_a_file_may_shrink_by_less_than_a_fifth(platform: Platform) -> None:
    platform.publish(E0)
    assert fetch(platform).status is Status.LOADED
    platform.mirror.serve(key_of(E0), season_file(E0, season_lines(E0)[:10]))
    assert fetch(platform).status is Status.LOADED
    platform.materialize(E0, steps=["matches", "odds"])
    assert platform.value("SELECT count(*) FROM matches") == 10
    assert platform.value("SELECT count(*) FROM odds") == 40


def test_a_failed_partition_is_not_recorded_as_materialised_while_the_others_of_its_run_are(
    platform: Platform, instance: dg.DagsterInstance
) -> None:
    block = Block((league("E0"),), (Season(2018), Season(2019), Season(2020)))
    platform.publish(*block.partitions)
    platform.mirror.serve(key_of(E0), b"<html>")
    result = replace(platform, instance=instance).materialize(block)
    assert "1 of 3 partitions failed" in failure_text(result)
    recorded = {
        asset: instance.get_materialized_partitions(dg.AssetKey(asset)) for asset in ("raw_football_data", "matches")
    }
    assert recorded == {"raw_football_data": {"E0|2018-19", "E0|2020-21"}, "matches": set()}
    (event, *_) = instance.fetch_materializations(dg.AssetKey("raw_football_data"), limit=2).records
    assert event.asset_materialization is not None
    assert event.asset_materialization.metadata["status"].value == "loaded"


def kept_file(platform: Platform, key: str) -> str:
    """The sha256 of the version in force of a file."""
    return str(platform.value(f"SELECT sha256 FROM ops.raw_files WHERE key = '{key}' ORDER BY id DESC LIMIT 1"))


def test_kept_bytes_that_were_deleted_fail_their_check_and_the_next_fetch_brings_them_back(platform: Platform) -> None:
    platform.mirror.serve(key_of(E0), Answer(GOOD, headers={"ETag": '"v1"'}))
    platform.materialize(E0)
    path = platform.store.path(kept_file(platform, key_of(E0)))
    path.unlink()
    evaluation = platform.check("raw_bytes_match_their_hash")
    assert not evaluation.passed
    assert evaluation.blocking
    assert evaluation.metadata["found"].value == 1
    before = snapshot(platform.engine)
    assert fetch(platform).status is Status.UNCHANGED
    assert path.read_bytes() == GOOD
    assert snapshot(platform.engine) == before
    assert platform.check("raw_bytes_match_their_hash").passed


def test_kept_bytes_that_were_changed_fail_their_check_and_are_never_loaded(platform: Platform) -> None:
    platform.publish(E0)
    platform.materialize(E0, steps=["raw_football_data"])
    path = platform.store.path(kept_file(platform, key_of(E0)))
    path.write_bytes(GOOD.replace(b"2.10", b"9.99"))
    evaluation = platform.check("raw_bytes_match_their_hash")
    assert not evaluation.passed
    examples = evaluation.metadata["examples"]
    assert isinstance(examples, dg.TableMetadataValue)
    assert "sha256 differs" in str(examples.records[0].data["reason"])
    result = platform.materialize(E0, steps=["matches", "odds"])
    assert "sha256 differs" in failure_text(result)
    assert platform.value("SELECT count(*) FROM matches") == 0
    path.unlink()
    assert platform.materialize(E0).success
    assert platform.value("SELECT count(*) FROM matches") == MATCHES


def test_matches_to_come_load_with_current_prices_and_keep_their_ids_when_played(platform: Platform) -> None:
    lines = season_lines(NOW)
    cells = lines[-1].split(",")
    day, home, away = cells[1], cells[3], cells[4]
    platform.mirror.serve(key_of(NOW), season_file(NOW, lines[:-1]))
    platform.mirror.serve(
        "fixtures.csv",
        fixtures_file(
            fixture_line("E0", home, away, day=day),
            fixture_line("SP1", "Barcelona", "Sevilla", day=day),
        ),
    )
    assert platform.materialize(NOW).success
    to_come = platform.rows("SELECT id, home_goals FROM matches WHERE home_goals IS NULL")
    assert len(to_come) == 1
    price = "SELECT home_price FROM odds JOIN matches m ON m.id = match_id WHERE market = '1x2' AND m.id = {}"
    assert [float(row[0]) for row in platform.rows(price.format(to_come[0][0]))] == [2.20]
    assert platform.value("SELECT count(*) FROM matches") == MATCHES

    platform.publish(NOW)
    platform.mirror.serve("fixtures.csv", fixtures_file(fixture_line("SP1", "Barcelona", "Sevilla", day=day)))
    assert platform.materialize(NOW, checks=True).success
    assert platform.value("SELECT count(*) FROM matches") == MATCHES
    assert platform.rows(f"SELECT home_goals FROM matches WHERE id = {to_come[0][0]}") == [(2,)]
    assert {float(row[0]) for row in platform.rows(price.format(to_come[0][0]))} == {2.10, 2.05}


def test_a_match_that_is_both_played_and_to_come_is_loaded_once_and_told(platform: Platform) -> None:
    cells = season_lines(NOW)[0].split(",")
    platform.publish(NOW)
    platform.mirror.serve("fixtures.csv", fixtures_file(fixture_line("E0", cells[3], cells[4], day=cells[1])))
    assert platform.materialize(NOW).success
    assert platform.value("SELECT count(*) FROM matches") == MATCHES
    assert platform.rows("SELECT reason FROM ops.rejected_rows WHERE dataset = 'matches'") == [
        ("already_in_season_file",)
    ]


def test_new_prices_of_matches_to_come_count_as_something_new(platform: Platform) -> None:
    lines = season_lines(NOW)
    cells = lines[-1].split(",")
    platform.mirror.serve(key_of(NOW), season_file(NOW, lines[:-1]))
    fixture = fixture_line("E0", cells[3], cells[4], day=cells[1])
    platform.mirror.serve("fixtures.csv", fixtures_file(fixture))
    platform.materialize(NOW)
    platform.mirror.serve("fixtures.csv", fixtures_file(fixture.replace("2.20", "2.35")))
    assert fetch(platform, NOW).status is Status.LOADED
    progress = recording()
    platform.materialize(NOW, steps=["matches", "odds"], progress=progress)
    assert [(step, outcome.changes.updated) for step, outcome in progress.outcomes] == [("matches", 0), ("odds", 1)]
    assert platform.value("SELECT count(*) FROM odds WHERE home_price = 2.35") == 1
    assert fetch(platform, NOW).status is Status.UNCHANGED


def test_matches_to_come_load_before_the_season_has_a_file(platform: Platform) -> None:
    day = NOW.season.last_day.strftime("%d/%m/%Y")
    platform.mirror.serve("fixtures.csv", fixtures_file(fixture_line("E0", "Arsenal", "Derby", day=day)))
    assert fetch(platform, NOW).status is Status.LOADED
    assert platform.materialize(NOW).success
    assert platform.value("SELECT count(*) FROM matches WHERE home_goals IS NULL") == 1


def test_a_mirror_without_fixtures_is_fine(platform: Platform) -> None:
    platform.publish(NOW)
    assert platform.materialize(NOW).success
    assert "fixtures.csv" in [path for path, _ in platform.mirror.requests]
    assert platform.value("SELECT count(*) FROM matches") == MATCHES


def test_fixtures_are_asked_for_once_a_run_and_never_for_a_finished_season(platform: Platform) -> None:
    block = Block((league("E0"), league("SP1"), league("D1")), (Season(CURRENT.start_year - 1), CURRENT))
    platform.publish(*block.partitions)
    platform.materialize(block)
    assert [path for path, _ in platform.mirror.requests].count("fixtures.csv") == 1
    platform.mirror.requests.clear()
    platform.publish(E0)
    platform.materialize(E0)
    assert [path for path, _ in platform.mirror.requests] == [key_of(E0)]


def test_broken_fixtures_are_told_by_name_and_cost_the_results_nothing(platform: Platform) -> None:
    platform.mirror.serve(key_of(NOW), season_file(NOW, season_lines(NOW)[:-1]))
    platform.materialize(NOW)
    platform.publish(NOW)
    platform.mirror.serve("fixtures.csv", b"<html>maintenance</html>")
    result = platform.materialize(NOW)
    assert result.success, failure_text(result)
    warning = str(materializations(result, "raw_football_data")[f"E0|{CURRENT}"]["warning"])
    assert f"fixtures.csv (E0 {CURRENT}): the server sent an HTML page" in warning
    assert platform.value("SELECT count(*) FROM matches") == MATCHES
    assert platform.rows("SELECT DISTINCT key FROM ops.raw_files") == [(key_of(NOW),)]
