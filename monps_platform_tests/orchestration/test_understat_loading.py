"""From Understat's files to identities, shots, line-ups and players, and what a second run, a correction or a mistake
of a source does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import dagster as dg
import pytest

from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.pipelines import FOOTBALL_DATA, UNDERSTAT
from monps_platform_tests.orchestration.football_files import CLUBS, MATCHES, partition, season_file, season_lines
from monps_platform_tests.orchestration.football_files import key_of as results_of
from monps_platform_tests.orchestration.platform import (
    Platform,
    failure_text,
    materializations,
    recording,
    snapshot,
)
from monps_platform_tests.orchestration.understat_files import (
    MOVER,
    PAIRS,
    PLAYER_ROWS,
    PLAYERS,
    SHOTS_PER_MATCH,
    TITLES,
    forward,
    id_of,
    key_of,
    key_of_match,
    league_file,
    line_ups_of,
    listing,
    match_file,
    players,
    serve,
    shots_of,
)

E0 = partition("E0", "2019-20")
LATER = partition("E0", "2020-21")
SIM = partition("SIM1", "2019-20")
SHOTS = sum(len(taken) for number in range(MATCHES) for taken in shots_of(E0, number).values())
LINE_UPS = sum(len(side) for number in range(MATCHES) for side in line_ups_of(E0, number).values())
ALL = (*FOOTBALL_DATA.steps, *UNDERSTAT.steps)
TABLES = ("team_aliases", "understat_matches", "shots", "player_matches", "player_seasons")


def load(platform: Platform, where: Partition = E0, steps: Sequence[str] = ALL) -> dict[str, Outcome]:
    """Run steps over a partition; returns the outcomes by step."""
    progress = recording()
    result = platform.materialize(where, steps=steps, progress=progress)
    failed = [outcome for _, outcome in progress.outcomes if outcome.status is Status.FAILED]
    assert result.success or failed, failure_text(result)
    return dict(progress.outcomes)


def changes(outcomes: Mapping[str, Outcome]) -> dict[str, tuple[int, int, int]]:
    """Rows inserted, updated and deleted by step, where there were any."""
    found = {step: outcome.changes for step, outcome in outcomes.items()}
    return {step: (made.inserted, made.updated, made.deleted) for step, made in found.items() if made.total}


def held(platform: Platform) -> dict[str, Sequence[str]]:
    """The rows of the tables that Understat fills."""
    return {name: rows for name, rows in snapshot(platform.engine).items() if name.removeprefix("public.") in TABLES}


def counts(platform: Platform) -> tuple[Any, ...]:
    """Rows of the tables that Understat fills."""
    parts = ", ".join(f"(SELECT count(*) FROM {name})" for name in TABLES[1:])
    return platform.rows(f"SELECT {parts}")[0]


def refetch(platform: Platform, key: str, content: bytes) -> None:
    """Bring another version of a file: its kept bytes are gone, and the source has other ones."""
    kept = platform.rows(f"SELECT sha256 FROM ops.raw_files WHERE key = '{key}' ORDER BY id DESC LIMIT 1")
    for (sha256,) in kept:
        platform.store.path(sha256).unlink()
    platform.mirror.serve(key, content)


@pytest.fixture
def published(platform: Platform) -> Platform:
    """A season on both mirrors."""
    platform.publish(E0)
    serve(platform.mirror, E0)
    return platform


def test_a_season_lands_in_all_tables_and_each_asset_tells_what_was_read_loaded_and_rejected(
    published: Platform,
) -> None:
    result = published.materialize(E0, steps=ALL, checks=True)
    assert result.success, failure_text(result)
    assert counts(published) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)
    told = {step: materializations(result, step)["E0|2019-20"] for step in UNDERSTAT.steps}
    assert {
        step: (each["rows_read"], each["rows_loaded"], each["rows_rejected"], each["dagster/row_count"])
        for step, each in told.items()
    } == {
        "raw_understat": (1 + MATCHES, 1 + MATCHES, 0, 1 + MATCHES),
        "team_identities": (MATCHES, MATCHES, 0, len(CLUBS)),
        "shots": (SHOTS, SHOTS, 0, SHOTS),
        "player_seasons": (PLAYERS, PLAYERS, 0, PLAYER_ROWS),
    }
    for each in told.values():
        assert (each["status"], each["simulated"]) == ("loaded", False)
        assert 0 < len(each["preview"].records) <= 12
    assert told["shots"]["rows_inserted"] == SHOTS + LINE_UPS
    unpassed = [check.check_name for check in result.get_asset_check_evaluations() if not check.passed]
    assert unpassed == []


def test_spellings_are_resolved_by_fixtures_with_the_evidence_and_never_by_the_name(published: Platform) -> None:
    load(published)
    aliases = published.rows("""SELECT a.spelling, t.name, a.method, a.evidence::text FROM team_aliases a
        JOIN teams t ON t.id = a.team_id WHERE a.source = 'understat' ORDER BY t.name""")
    assert [row[:3] for row in aliases] == [(TITLES[club], club, "shared_fixtures") for club in CLUBS]
    assert {row[3] for row in aliases} == {'{"seasons": {"2019-20": {"agreed": 6, "compared": 6, "runner_up": 0}}}'}
    joined = published.rows("""SELECT u.id, h.name, a.name, u.unmatched_reason FROM understat_matches u
        JOIN matches m ON m.id = u.match_id JOIN teams h ON h.id = m.home_team_id
        JOIN teams a ON a.id = m.away_team_id ORDER BY u.id""")
    assert joined == [(id_of(E0, number), *pair, None) for number, pair in enumerate(PAIRS)]


def test_an_own_goal_stands_on_the_side_of_its_scorer(published: Platform) -> None:
    load(published)
    scored = published.rows("""SELECT DISTINCT s.result::text, s.team_id = m.home_team_id FROM shots s
        JOIN matches m ON m.id = s.match_id WHERE s.result IN ('Goal', 'OwnGoal') ORDER BY 1, 2""")
    assert scored == [("Goal", False), ("Goal", True), ("OwnGoal", False)]


PER_CLUB = """SELECT t.name, p.appearances, p.minutes, p.goals, p.shots, round(p.xg::numeric, 3)::float8
    FROM player_seasons p JOIN teams t ON t.id = p.team_id WHERE p.player_id = {} AND p.is_shared = {} ORDER BY 1"""


def test_a_player_who_moved_is_told_apart_by_shots_and_line_ups(published: Platform) -> None:
    load(published)
    assert published.rows(PER_CLUB.format(MOVER, True)) == [
        ("Arsenal", 4, 360, 0, 4, 0.4),
        ("Brentford", 4, 360, 0, 4, 0.4),
    ]
    assert published.rows(PER_CLUB.format(forward("Chelsea"), False)) == [("Chelsea", 6, 540, 6, 12, 4.08)]


def test_without_line_ups_the_shots_of_a_player_who_moved_are_told_apart_and_the_rest_is_not_known(
    published: Platform,
) -> None:
    serve(published.mirror, E0, with_line_ups=False)
    load(published)
    assert published.rows(PER_CLUB.format(MOVER, True)) == [
        ("Arsenal", None, None, 0, 4, 0.4),
        ("Brentford", None, None, 0, 4, 0.4),
    ]
    assert counts(published) == (MATCHES, SHOTS, 0, PLAYER_ROWS)


def test_without_match_files_nothing_of_a_player_who_moved_is_told_apart(published: Platform) -> None:
    for number in range(MATCHES):
        del published.mirror.answers[key_of_match(E0, number)]
    outcomes = load(published)
    assert outcomes["shots"].status is Status.NOT_PUBLISHED
    assert outcomes["shots"].detail == "no match files are held: MONPS_UNDERSTAT_SHOTS=1"
    assert published.rows(PER_CLUB.format(MOVER, True)) == [(club, *[None] * 5) for club in ("Arsenal", "Brentford")]
    assert published.rows(PER_CLUB.format(forward("Chelsea"), False)) == [("Chelsea", 6, 540, 6, 12, 4.08)]


def test_a_player_of_two_clubs_whose_shots_are_not_all_held_is_not_told_apart(published: Platform) -> None:
    del published.mirror.answers[key_of_match(E0, 2)]
    load(published)
    assert published.rows(PER_CLUB.format(MOVER, True)) == [(club, *[None] * 5) for club in ("Arsenal", "Brentford")]
    published.mirror.serve(key_of_match(E0, 2), match_file(E0, 2))
    load(published)
    assert [row[4] for row in published.rows(PER_CLUB.format(MOVER, True))] == [4, 4]


def test_a_second_run_touches_no_row(published: Platform) -> None:
    load(published)
    before = snapshot(published.engine)
    outcomes = load(published)
    assert {outcome.status for outcome in outcomes.values()} == {Status.UNCHANGED}
    assert outcomes["shots"].counts.loaded == SHOTS
    assert snapshot(published.engine) == before


def test_match_files_that_are_loaded_are_not_read_again(published: Platform) -> None:
    load(published)
    for path in published.raw.rglob("*"):
        if path.is_file() and b'"shots":' in path.read_bytes() and b'"players":' not in path.read_bytes():
            path.unlink()
    outcome = load(published, steps=["shots"])["shots"]
    assert (outcome.status, outcome.counts.loaded) == (Status.UNCHANGED, SHOTS)


def test_a_corrected_match_file_changes_the_rows_that_differ_and_no_other(published: Platform) -> None:
    load(published)
    ids = published.rows("SELECT id, created_at FROM shots ORDER BY id")
    refetch(published, key_of_match(E0, 4), match_file(E0, 4, xG="0.45", X="0.9"))
    outcomes = load(published)
    assert changes(outcomes) == {"shots": (0, 1, 0)}
    assert published.rows("SELECT id, x, xg FROM shots WHERE updated_at > created_at") == [
        (100 * id_of(E0, 4) + 1, 0.9, 0.45)
    ]
    assert published.rows("SELECT id, created_at FROM shots ORDER BY id") == ids


def test_a_match_that_the_source_corrected_in_both_files_is_corrected_in_the_tables(published: Platform) -> None:
    load(published)
    dates = [listing(E0, n, **({"xG__h": "0.6"} if n == 4 else {})) for n in range(MATCHES)]
    published.mirror.serve(key_of(E0), league_file(E0, dates=dates))
    published.mirror.serve(key_of_match(E0, 4), match_file(E0, 4, xG="0.45"))
    outcomes = load(published)
    assert changes(outcomes) == {"team_identities": (0, 1, 0), "shots": (0, 1, 0)}
    assert published.rows("SELECT id, xg FROM shots WHERE updated_at > created_at") == [(100 * id_of(E0, 4) + 1, 0.45)]


def test_a_match_file_that_contradicts_the_score_is_rejected_as_a_whole_until_the_two_agree(
    published: Platform,
) -> None:
    published.mirror.serve(key_of_match(E0, 11), match_file(E0, 11, result="SavedShot"))
    outcomes = load(published)
    counted = outcomes["shots"].counts
    assert (counted.read, counted.loaded, counted.rejected) == (SHOTS, SHOTS - SHOTS_PER_MATCH, SHOTS_PER_MATCH)
    kept = "SELECT dataset::text, reason, raw_text, count(*) FROM ops.rejected_rows GROUP BY 1, 2, 3 ORDER BY 1"
    text = "1-1 by its shots, 2-1 by the league file"
    assert published.rows(kept) == [
        ("appearances", "result_contradicts_score", text, 4),
        ("shots", "result_contradicts_score", text, SHOTS_PER_MATCH),
    ]
    assert counts(published)[1:3] == (SHOTS - SHOTS_PER_MATCH, LINE_UPS - 4)
    assert published.broken_rules() == ["finished_matches_have_shots"]
    serve(published.mirror, E0)
    published.mirror.serve(key_of(E0), league_file(E0, version=2))
    load(published)
    assert counts(published) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)
    in_force = f"SELECT max(id) FROM ops.raw_files WHERE key = '{key_of_match(E0, 11)}'"
    assert published.value(f"SELECT count(*) FROM ops.rejected_rows WHERE raw_file_id = ({in_force})") == 0


def test_shots_that_were_rejected_for_the_score_are_loaded_when_the_league_file_corrects_it(
    published: Platform,
) -> None:
    dates = [listing(E0, n, **({"goals__h": "4"} if n == 11 else {})) for n in range(MATCHES)]
    published.mirror.serve(key_of(E0), league_file(E0, dates=dates))
    assert load(published)["shots"].counts.rejected == SHOTS_PER_MATCH
    published.mirror.serve(key_of(E0), league_file(E0))
    assert load(published)["shots"].counts.rejected == 0
    assert counts(published) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)


def test_a_corrected_league_file_changes_the_rows_that_differ_and_no_other(published: Platform) -> None:
    load(published)
    dates = [listing(E0, n, **({"xG__h": "0.56"} if n == 3 else {})) for n in range(MATCHES)]
    seasons = players(E0, range(MATCHES))
    seasons[0]["key_passes"] = "13"
    published.mirror.serve(key_of(E0), league_file(E0, dates=dates, players=seasons))
    outcomes = load(published)
    assert changes(outcomes) == {"team_identities": (0, 1, 0), "player_seasons": (0, 1, 0)}
    changed = "SELECT id, home_xg FROM understat_matches WHERE updated_at > created_at"
    assert published.rows(changed) == [(id_of(E0, 3), 0.56)]
    assert published.rows("SELECT key_passes FROM player_seasons WHERE updated_at > created_at") == [(13,)]


def test_a_season_under_way_grows_with_its_matches(platform: Platform) -> None:
    platform.mirror.serve(results_of(E0), season_file(E0, season_lines(E0)[:9]))
    serve(platform.mirror, E0)
    platform.mirror.serve(key_of(E0), league_file(E0, played=9))
    outcomes = load(platform)
    assert outcomes["team_identities"].warning == ""
    unmatched = "SELECT unmatched_reason::text, count(*) FROM understat_matches WHERE match_id IS NULL GROUP BY 1"
    assert platform.rows(unmatched) == [("not_played", 3)]
    platform.publish(E0)
    platform.mirror.serve(key_of(E0), league_file(E0))
    outcomes = load(platform)
    assert platform.broken_rules() == []
    assert outcomes["team_identities"].warning == ""
    assert counts(platform) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)


def test_matches_that_are_none_of_ours_are_warned_about_by_name_with_the_reason(published: Platform) -> None:
    elsewhere = {"datetime": "2020-04-30 16:00:00", "goals__h": "4"}
    dates = [
        *(listing(E0, n, **(elsewhere if n == 1 else {})) for n in range(MATCHES)),
        listing(E0, 0, id="1", h__title="Wanderers", datetime="2019-08-12 16:00:00"),
    ]
    published.mirror.serve(key_of(E0), league_file(E0, dates=dates))
    outcomes = load(published)
    day = season_lines(E0)[0].split(",")[1]
    assert day == "10/08/2019"
    assert outcomes["team_identities"].status is Status.LOADED
    assert outcomes["team_identities"].warning == (
        "2 listed matches are none of ours: Arsenal - Derby County of 2020-04-30 (date_and_score_differ); "
        "Wanderers - The Bees of 2019-08-12 (unresolved_team)"
    )
    reasons = "SELECT id, unmatched_reason::text FROM understat_matches WHERE match_id IS NULL ORDER BY id DESC"
    assert published.rows(reasons) == [(id_of(E0, 1), "date_and_score_differ"), (1, "unresolved_team")]
    assert published.rows("SELECT count(*) FROM shots s JOIN understat_matches u USING (match_id)") == [
        (SHOTS - SHOTS_PER_MATCH - 1,)
    ]
    assert published.rows("SELECT spelling FROM team_aliases WHERE team_id IS NULL") == [("Wanderers",)]


def test_before_any_match_is_loaded_spellings_are_queued_and_resolved_later(platform: Platform) -> None:
    serve(platform.mirror, E0)
    outcomes = load(platform, steps=UNDERSTAT.steps)
    assert {step: outcome.status for step, outcome in outcomes.items()} == {
        "raw_understat": Status.LOADED,
        "team_identities": Status.LOADED,
        "shots": Status.UNCHANGED,
        "player_seasons": Status.UNCHANGED,
    }
    assert outcomes["team_identities"].warning.startswith("12 listed matches are none of ours:")
    assert "and 7 more" in outcomes["team_identities"].warning
    assert (outcomes["player_seasons"].counts.loaded, outcomes["player_seasons"].counts.rejected) == (0, PLAYERS)
    queued = "SELECT count(*) FROM team_aliases WHERE source = 'understat' AND team_id IS NULL"
    assert platform.value(queued) == len(CLUBS)
    assert counts(platform) == (MATCHES, 0, 0, 0)
    assert platform.rows("SELECT dataset::text, reason, count(*) FROM ops.rejected_rows GROUP BY 1, 2") == [
        ("players", "unresolved_team", PLAYERS)
    ]
    platform.publish(E0)
    outcomes = load(platform)
    assert platform.broken_rules() == []
    assert outcomes["team_identities"].warning == ""
    assert platform.value(queued) == 0
    assert counts(platform) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)
    assert platform.value("SELECT count(*) FROM ops.rejected_rows") == 0


def test_what_comes_after_the_identities_says_what_it_lacks_when_nothing_is_loaded(platform: Platform) -> None:
    serve(platform.mirror, E0)
    load(platform, steps=["raw_understat"])
    for step in ("shots", "player_seasons"):
        outcome = load(platform, steps=[step])[step]
        assert outcome.status is Status.FAILED
        assert "the table leagues has no league 'E0': it is empty" in outcome.detail


def swapped(where: Partition) -> bytes:
    """A league file in which two spellings have changed places."""
    titles = {**TITLES, "Arsenal": TITLES["Derby"], "Derby": TITLES["Arsenal"]}
    dates = [listing(where, n, h__title=titles[home], a__title=titles[away]) for n, (home, away) in enumerate(PAIRS)]
    return league_file(where, dates=dates)


def test_a_spelling_that_turns_out_to_be_another_club_fails_loudly_and_the_old_rows_stay(published: Platform) -> None:
    published.publish(LATER)
    serve(published.mirror, LATER)
    load(published)
    before = held(published)
    published.mirror.serve(key_of(LATER), swapped(LATER))
    outcome = load(published, LATER)["team_identities"]
    assert outcome.status is Status.FAILED
    assert "understat spells team 1 'Arsenal' so far" in outcome.detail
    assert "in 2020-21 its fixtures are those of team 4 (6 of 6 agree)" in outcome.detail
    assert held(published) == before


def test_a_match_that_was_joined_to_another_of_ours_takes_its_shots_along(published: Platform) -> None:
    """Two listings change places: each has the other's day, clubs and score."""
    load(published)
    mine = (
        "SELECT u.id, count(*), min(s.id) FROM understat_matches u JOIN shots s USING (match_id) GROUP BY 1 ORDER BY 1"
    )
    before = published.rows(mine)
    assert [row[0] for row in before] == [id_of(E0, number) for number in range(MATCHES)]
    places = {0: 5, 5: 0}
    dates = [listing(E0, places.get(n, n), id=str(id_of(E0, n))) for n in range(MATCHES)]
    published.mirror.serve(key_of(E0), league_file(E0, dates=dates))
    outcomes = load(published)
    assert outcomes["team_identities"].warning == ""
    assert published.rows(mine) == before
    assert published.broken_rules() == []
    joined = "SELECT u.id FROM understat_matches u JOIN matches m ON m.id = u.match_id ORDER BY m.match_date"
    assert published.rows(joined) == [(id_of(E0, places.get(number, number)),) for number in range(MATCHES)]


def test_a_match_that_football_data_dropped_loses_its_shots_and_has_them_again_when_it_is_back(
    published: Platform,
) -> None:
    load(published)
    lines = season_lines(E0)
    published.mirror.serve(results_of(E0), season_file(E0, lines[:-1]))
    outcomes = load(published)
    assert outcomes["team_identities"].warning.startswith("1 listed matches are none of ours: Chelsea - Derby County")
    assert "(no_such_match)" in outcomes["team_identities"].warning
    assert counts(published)[:2] == (MATCHES, SHOTS - SHOTS_PER_MATCH)
    assert outcomes["shots"].counts.loaded == SHOTS - SHOTS_PER_MATCH
    published.publish(E0)
    load(published)
    assert published.broken_rules() == []
    assert counts(published) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)


def test_a_match_that_understat_lists_no_longer_loses_its_shots_and_has_them_again_when_it_is_back(
    published: Platform,
) -> None:
    load(published)
    published.mirror.serve(key_of(E0), league_file(E0, dates=[listing(E0, n) for n in range(MATCHES - 1)]))
    outcomes = load(published)
    assert outcomes["team_identities"].changes.deleted == 1
    assert counts(published)[:2] == (MATCHES - 1, SHOTS - SHOTS_PER_MATCH)
    assert outcomes["shots"].counts.loaded == SHOTS - SHOTS_PER_MATCH
    published.mirror.serve(key_of(E0), league_file(E0))
    load(published)
    assert published.broken_rules() == []
    assert counts(published) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)


@contextmanager
def refusing(platform: Platform, table: str) -> Iterator[None]:
    """The server refuses every write to a table."""
    platform.do("""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'refused [/] by the test'; END $$""")
    platform.do(f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")
    try:
        yield
    finally:
        platform.do("DROP FUNCTION refuse CASCADE")


@pytest.mark.parametrize(
    ("table", "step"),
    [
        ("understat_matches", "team_identities"),
        ("player_matches", "shots"),
        ("player_seasons", "player_seasons"),
        ("ops.rejected_rows", "player_seasons"),
    ],
)
def test_a_load_that_fails_leaves_its_tables_as_they_were_and_is_done_by_the_next_run(
    published: Platform, table: str, step: str
) -> None:
    seasons = players(E0, range(MATCHES))
    stranger = {**seasons[0], "id": "999", "team_title": "Wanderers"}
    published.mirror.serve(key_of(E0), league_file(E0, players=[*seasons, stranger]))
    load(published, steps=[*FOOTBALL_DATA.steps, *UNDERSTAT.steps[: UNDERSTAT.steps.index(step)]])
    before = snapshot(published.engine)
    with refusing(published, table):
        outcome = load(published, steps=[step])[step]
    assert outcome.status is Status.FAILED
    assert "refused [/] by the test" in outcome.detail
    assert "[SQL" not in outcome.detail
    assert snapshot(published.engine) == before
    load(published)
    assert counts(published) == (MATCHES, SHOTS, LINE_UPS, PLAYER_ROWS)
    assert published.rows("SELECT raw_text FROM ops.rejected_rows") == [("Player 10 (999): Wanderers",)]


def test_a_reload_reads_everything_again_and_changes_no_row_of_a_table(published: Platform) -> None:
    load(published)
    before = held(published)
    published.do("UPDATE ops.raw_files SET rows_loader = NULL, players_loader = NULL, quotes_loader = NULL")
    outcomes = load(published)
    assert changes(outcomes) == {}
    assert held(published) == before


def test_records_that_cannot_be_loaded_are_kept_with_their_reason(published: Platform) -> None:
    seasons = players(E0, range(MATCHES))
    seasons[0]["goals"] = "many"
    dates = [listing(E0, n, **({"isResult": "yes"} if n == 11 else {})) for n in range(MATCHES)]
    published.mirror.serve(key_of(E0), league_file(E0, dates=dates, players=seasons))
    published.mirror.serve(key_of_match(E0, 1), match_file(E0, 1, at=1, minute="400"))
    outcomes = load(published)
    assert (outcomes["team_identities"].counts.loaded, outcomes["team_identities"].counts.rejected) == (MATCHES - 1, 1)
    assert (outcomes["player_seasons"].counts.loaded, outcomes["player_seasons"].counts.rejected) == (PLAYERS - 1, 1)
    assert outcomes["shots"].counts.rejected == 1
    assert published.rows("SELECT dataset::text, reason, line_number FROM ops.rejected_rows ORDER BY 1") == [
        ("listings", "unknown_label", 12),
        ("players", "not_a_count", 1),
        ("shots", "out_of_range", 2),
    ]


def test_kept_bytes_that_were_changed_fail_their_check_and_are_never_loaded(published: Platform) -> None:
    load(published, steps=["raw_understat"])
    kept = published.value(f"SELECT sha256 FROM ops.raw_files WHERE key = '{key_of_match(E0, 0)}'")
    published.store.path(kept).write_bytes(match_file(E0, 1))
    evaluation = published.check("understat_bytes_match_their_hash")
    assert (evaluation.passed, evaluation.blocking, evaluation.metadata["found"].value) == (False, True, 1)
    assert published.check("raw_bytes_match_their_hash").passed
    load(published, steps=[*FOOTBALL_DATA.steps, "team_identities"])
    outcome = load(published, steps=["shots"])["shots"]
    assert outcome.status is Status.FAILED
    assert "sha256 differs" in outcome.detail
    assert counts(published)[1] == 0


def test_a_whole_simulated_season_is_loaded_checked_and_not_touched_again(platform: Platform) -> None:
    result = platform.materialize(SIM, steps=ALL)
    assert result.success, failure_text(result)
    assert platform.broken_rules() == []
    assert platform.mirror.requests == []
    told = {step: materializations(result, step)["SIM1|2019-20"] for step in UNDERSTAT.steps}
    assert {each["simulated"] for each in told.values()} == {True}
    assert {each["rows_rejected"] for each in told.values()} == {0}
    assert counts(platform)[0] == 380
    assert told["shots"]["rows_loaded"] == counts(platform)[1]
    assert platform.value("SELECT count(*) FROM understat_matches WHERE match_id IS NULL") == 0
    goals = """SELECT (SELECT sum(home_goals + away_goals) FROM matches),
        (SELECT count(*) FROM shots WHERE result IN ('Goal', 'OwnGoal'))"""
    ((scored, shot),) = platform.rows(goals)
    assert scored == shot
    moved = platform.rows("SELECT count(*), count(minutes), count(goals) FROM player_seasons WHERE is_shared")
    assert moved[0][0] > 0
    assert set(moved[0]) == {moved[0][0]}
    assert platform.rows("SELECT DISTINCT source FROM team_aliases ORDER BY 1") == [
        ("simulated",),
        ("simulated-understat",),
    ]
    before = snapshot(platform.engine)
    outcomes = load(platform, SIM)
    assert {outcome.status for outcome in outcomes.values()} == {Status.UNCHANGED}
    assert snapshot(platform.engine) == before


def test_an_asset_without_anything_fetched_says_so_and_loads_nothing(platform: Platform) -> None:
    result = platform.materialize(partition("E1", "2019-20"), steps=UNDERSTAT.load)
    assert result.success, failure_text(result)
    for step in UNDERSTAT.load:
        metadata = materializations(result, step)["E1|2019-20"]
        assert (metadata["status"], metadata["rows_read"]) == ("not published yet", 0)
    assert platform.mirror.requests == []
    assert isinstance(result, dg.ExecuteInProcessResult)
