"""The rules of identities, shots and players: each is seen passing on good data and failing on bad."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import Connection, Engine

from monps_platform.db.connection.engine import session_factory
from monps_platform.db.quality import LOOK_BACK_DAYS, understat
from monps_platform.orchestration.outcomes import Status
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.db.quality.cases import (
    BY_NAME,
    NOT_DERIVED,
    Case,
    Cases,
    Harmless,
    assert_finds,
    find,
    pick,
    spoil,
)
from monps_platform_tests.db.quality.understat_league import CURRENT, FINISHED, NOW, WITHOUT_SHOTS, load_leagues
from monps_platform_tests.orchestration.understat_files import MOVER, PLAYERS, forward, id_of, key_of, key_of_match

JUST_FRESH = NOW - timedelta(days=LOOK_BACK_DAYS)
LAST_FRESH_DAY, FIRST_STALE_DAY = JUST_FRESH.date(), JUST_FRESH.date() - timedelta(days=1)
SUMMER = datetime(2025, 7, 20, 12, tzinfo=UTC)
RULES = {rule.name for rule in understat.RULES}


@pytest.fixture(scope="module")
def loaded(shared_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The module's database with the small leagues."""
    sessions = session_factory(shared_engine)
    outcomes = load_leagues(sessions, RawStore(tmp_path_factory.mktemp("raw")))
    assert Status.FAILED not in {outcome.status for outcome in pick(sessions, NOW, CURRENT, FINISHED, WITHOUT_SHOTS)}
    told = [outcome for outcome in outcomes if outcome.status is not Status.LOADED]
    assert [outcome.detail for outcome in told] == ["no match files are held: MONPS_UNDERSTAT_SHOTS=1"]
    return shared_engine


@pytest.fixture
def connection(loaded: Engine) -> Iterator[Connection]:
    """A connection to the good data; whatever a test spoils is rolled back."""
    with loaded.connect() as opened:
        yield opened


HERE = {"league": "E0", "season": "2024-25"}
BEFORE = {"league": "E0", "season": "2023-24"}
LEAGUE_KEY, LAST_LEAGUE_KEY, MATCH_KEY = key_of(CURRENT), key_of(FINISHED), key_of_match(CURRENT, 0)
NEWEST = f"id = (SELECT max(id) FROM ops.raw_files WHERE key = '{LEAGUE_KEY}')"
NEWEST_OF_MATCH = f"id = (SELECT max(id) FROM ops.raw_files WHERE key = '{MATCH_KEY}')"
E0 = "(SELECT id FROM leagues WHERE code = 'E0')"
OF_SEASON = f"league_id = {E0} AND season = '2024-25'"
# Arsenal at home to Brentford, the first match of the season; the last one that is played is Derby against Arsenal.
FIRST, LAST = id_of(CURRENT, 0), id_of(CURRENT, 9)
FIRST_OF_OURS, LAST_OF_OURS = (f"(SELECT match_id FROM understat_matches WHERE id = {item})" for item in (FIRST, LAST))
ARSENAL, CHELSEA = (
    f"(SELECT id FROM teams WHERE name = '{name}' AND country = 'England')" for name in ("Arsenal", "Chelsea")
)
UNJOINED = "match_id = NULL, unmatched_reason = 'no_such_match'"
UNPLAYED = "home_goals = NULL, away_goals = NULL"
OURS_UNPLAYED = f"{UNPLAYED}, half_time_home_goals = NULL, half_time_away_goals = NULL"
NO_RESULT = f"{UNPLAYED}, home_xg = NULL, away_xg = NULL"
NOT_LOADED = ", ".join(
    f"rows_{name} = NULL, players_{name} = NULL" for name in ("read", "loaded", "rejected", "loader")
)
MATCH_FILES = "league = 'E0' AND season = '2024-25' AND starts_with(key, 'getMatchData/')"
SHOTS_OF_SEASON = f"DELETE FROM shots WHERE match_id IN (SELECT id FROM matches WHERE {OF_SEASON})"
SIMULATED = "UPDATE leagues SET is_simulated = true"
SHOT_OF = "id = (SELECT min(id) FROM shots WHERE match_id = {match} AND result = '{result}')"
ANOTHER_SHOT = f"""INSERT INTO shots (id, match_id, team_id, minute, player_id, player, situation, body_part, result, x,
    y, xg) SELECT 1, match_id, team_id, 1, player_id, player, situation, body_part, 'MissedShots', x, y, 0 FROM shots
    WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result="Goal")}"""
ONE_ENTRY = (
    f"id = (SELECT id FROM player_matches WHERE match_id = {FIRST_OF_OURS} AND player_id = {forward('Arsenal')})"
)
ONE_PLAYER = f"{OF_SEASON} AND player_id = {forward('Chelsea')}"


def reconcile(counts: str, where: str) -> str:
    """What makes the counts of a file disagree, which the database itself would refuse."""
    return (
        f"ALTER TABLE ops.raw_files DROP CONSTRAINT ck_raw_files_{counts}_reconcile; "
        f"UPDATE ops.raw_files SET {counts}_rejected = 3 WHERE {where}"
    )


CASES: Cases = {
    "understat_files_did_not_shrink": [
        Case(f"UPDATE ops.raw_files SET bytes = 1 WHERE {NEWEST}", {**HERE, "key": LEAGUE_KEY, "bytes": 1})
    ],
    "understat_files_are_fresh": [
        Case(
            f"UPDATE ops.raw_files SET fetched_at = '{JUST_FRESH - timedelta(seconds=1)}' WHERE {NEWEST}",
            {**HERE, "key": LEAGUE_KEY},
        )
    ],
    "understat_names_are_resolved": [
        Case(
            "UPDATE team_aliases SET team_id = NULL, method = NULL "
            f"WHERE source = 'understat' AND league_id = {E0} AND spelling = 'The Bees'",
            {"source": "understat", "league": "E0", "spelling": "The Bees"},
        ),
        Case(
            "UPDATE team_aliases SET source = 'simulated-understat', team_id = NULL, method = NULL "
            f"WHERE source = 'understat' AND league_id = {E0} AND spelling = 'The Bees'",
            {"source": "simulated-understat", "spelling": "The Bees"},
        ),
    ],
    "teams_have_one_identity": [
        Case(
            f"UPDATE understat_matches SET home_team = 'Gunners' WHERE id = {FIRST}",
            {**HERE, "spellings": "Arsenal, Gunners"},
        ),
        Case(
            f"UPDATE understat_matches SET away_team = 'Bees' WHERE id = {FIRST}",
            {**HERE, "spellings": "Bees, The Bees"},
        ),
        # What Understat calls Chelsea is Derby; here the spelling means Arsenal, too, which so has two of them.
        Case(
            f"UPDATE understat_matches SET home_team = 'Chelsea' WHERE id = {FIRST}",
            {**HERE, "spellings": "Chelsea"},
            rows=2,
        ),
    ],
    "every_team_has_an_identity": [
        Case(
            f"UPDATE understat_matches SET {UNJOINED} WHERE {OF_SEASON} AND 'The Bees' IN (home_team, away_team)",
            {**HERE, "team": "Brentford", "matches": 5},
        )
    ],
    "listed_matches_are_joined": [
        Case(
            f"UPDATE understat_matches SET {UNJOINED} WHERE id = {FIRST}",
            {**HERE, "understat_id": FIRST, "home_team": "Arsenal", "reason": "no_such_match"},
        )
    ],
    "played_matches_are_listed": [
        Case(f"DELETE FROM understat_matches WHERE id = {FIRST}", {**HERE, "home": "Arsenal", "away": "Brentford"}),
        Case(f"UPDATE understat_matches SET {UNJOINED} WHERE id = {FIRST}", {**HERE, "home": "Arsenal"}),
        Case(
            f"UPDATE matches SET match_date = '{LAST_FRESH_DAY}', kickoff_at = NULL WHERE id = {LAST_OF_OURS}; "
            f"DELETE FROM understat_matches WHERE id = {LAST}",
            {**HERE, "home": "Derby", "away": "Arsenal", "match_date": LAST_FRESH_DAY},
        ),
    ],
    "scores_of_both_sources_agree": [
        Case(
            f"UPDATE matches SET away_goals = 3 WHERE id = {FIRST_OF_OURS}",
            {**HERE, "understat_id": FIRST, "away_goals": 1, "our_away_goals": 3},
        ),
        Case(
            f"UPDATE understat_matches SET home_goals = 3 WHERE id = {FIRST}",
            {"understat_id": FIRST, "home_goals": 3, "our_home_goals": 2},
        ),
    ],
    "listing_rows_reconcile": [
        Case(f"DELETE FROM understat_matches WHERE id = {FIRST}", {**HERE, "rows_loaded": 12, "held": 11}),
        Case(f"DELETE FROM understat_matches WHERE {OF_SEASON}", {**HERE, "rows_loaded": 12, "held": 0}),
        Case(
            f"UPDATE understat_matches SET season = '2024-25' WHERE id = {id_of(FINISHED, 0)}",
            {**HERE, "rows_loaded": 12, "held": 13},
            rows=2,
        ),
        Case(reconcile("rows", NEWEST), {**HERE, "rows_read": 12, "rows_loaded": 12, "rows_rejected": 3}),
        Case(
            f"DELETE FROM ops.raw_files WHERE key = '{LAST_LEAGUE_KEY}'",
            {**BEFORE, "rows_loaded": None, "held": 12},
        ),
    ],
    "listings_did_not_shrink": [
        Case(
            f"UPDATE ops.raw_files SET rows_loaded = 9, rows_rejected = 3 WHERE {NEWEST}",
            {**HERE, "key": LEAGUE_KEY, "rows_before": 12, "rows_loaded": 9},
        )
    ],
    "listed_results_are_fresh": [
        Case(
            f"UPDATE understat_matches SET shown_at = '{FIRST_STALE_DAY} 23:59' "
            f"WHERE {OF_SEASON} AND home_goals IS NOT NULL AND shown_at > '{FIRST_STALE_DAY}'",
            {**HERE, "last_result": datetime.combine(FIRST_STALE_DAY, time(23, 59))},
        ),
        Case(f"UPDATE understat_matches SET {NO_RESULT} WHERE {OF_SEASON}", {**HERE, "last_result": None}),
    ],
    "shot_rows_reconcile": [
        Case(
            f"DELETE FROM shots WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='Goal')}",
            {**HERE, "key": MATCH_KEY, "rows_loaded": 7, "held": 6},
        ),
        Case(f"DELETE FROM shots WHERE match_id = {FIRST_OF_OURS}", {"key": MATCH_KEY, "rows_loaded": 7, "held": 0}),
        Case(ANOTHER_SHOT, {"key": MATCH_KEY, "rows_loaded": 7, "held": 8}),
        Case(reconcile("rows", NEWEST_OF_MATCH), {"key": MATCH_KEY, "rows_read": 7, "rows_rejected": 3}),
        Case(
            f"DELETE FROM player_matches WHERE {ONE_ENTRY}",
            {**HERE, "key": MATCH_KEY, "players_loaded": 5, "players_held": 4},
        ),
        Case(
            f"UPDATE player_matches SET match_id = {LAST_OF_OURS}, player_id = 1 WHERE {ONE_ENTRY}",
            {"key": key_of_match(CURRENT, 9), "players_loaded": 4, "players_held": 5},
            rows=2,
        ),
        Case(
            "UPDATE ops.raw_files SET players_read = NULL, players_loaded = NULL, players_rejected = NULL, "
            f"players_loader = NULL WHERE {NEWEST_OF_MATCH}",
            {"key": MATCH_KEY, "players_loaded": None, "players_held": 5},
        ),
        Case(reconcile("players", NEWEST_OF_MATCH), {"key": MATCH_KEY, "players_read": 5, "players_rejected": 3}),
        Case(
            f"DELETE FROM understat_matches WHERE id = {FIRST}",
            {"league": None, "key": None, "held": 7, "players_held": 5},
        ),
        Case(
            f"UPDATE understat_matches SET {UNJOINED} WHERE id = {FIRST}",
            {"key": MATCH_KEY, "rows_loaded": 7, "held": 0},
            rows=2,
        ),
    ],
    "goals_from_shots_equal_scores": [
        Case(
            f"UPDATE shots SET result = 'SavedShot' WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='Goal')}",
            {**HERE, "understat_id": FIRST, "home_shot_goals": 1, "home_goals": 2},
        ),
        Case(
            f"UPDATE shots SET result = 'BlockedShot' WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='OwnGoal')}",
            {"home_shot_goals": 1, "away_shot_goals": 1},
        ),
        Case(
            f"UPDATE shots SET result = 'Goal' WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='OwnGoal')}",
            {"home_shot_goals": 1, "away_shot_goals": 2},
        ),
        Case(
            f"UPDATE shots SET team_id = {ARSENAL} WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='OwnGoal')}",
            {"home_shot_goals": 1, "away_shot_goals": 2},
        ),
        Case(
            f"UPDATE understat_matches SET away_goals = 0 WHERE id = {FIRST}",
            {"away_shot_goals": 1, "away_goals": 0, "our_away_goals": 1},
        ),
    ],
    "xg_of_matches_is_that_of_their_shots": [
        Case(
            f"UPDATE understat_matches SET {side}_xg = {side}_xg {change} WHERE id = {FIRST}",
            {**HERE, "understat_id": FIRST},
        )
        for side in ("home", "away")
        for change in ("+ 0.0011", "- 0.0011")
    ],
    "shots_are_taken_by_the_sides_of_the_match": [
        Case(
            f"UPDATE shots SET team_id = {CHELSEA} WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='Goal')}",
            {"what": "shot"},
        ),
        Case(f"UPDATE player_matches SET team_id = {CHELSEA} WHERE {ONE_ENTRY}", {"what": "line-up"}),
    ],
    "goals_in_line_ups_are_those_of_shots": [
        Case(
            f"UPDATE player_matches SET goals = 2 WHERE {ONE_ENTRY}",
            {"player_id": forward("Arsenal"), "goals": 2, "goals_of_shots": 1},
        ),
        Case(
            f"UPDATE player_matches SET own_goals = 1 WHERE {ONE_ENTRY}",
            {"player_id": forward("Arsenal"), "own_goals": 1, "own_goals_of_shots": 0},
        ),
        Case(
            f"DELETE FROM player_matches WHERE {ONE_ENTRY}",
            {"player_id": forward("Arsenal"), "goals": None, "goals_of_shots": 1},
        ),
        Case(
            f"DELETE FROM shots WHERE match_id = {FIRST_OF_OURS} AND player_id = {forward('Arsenal')}",
            {"player_id": forward("Arsenal"), "goals": 1, "goals_of_shots": None},
        ),
        Case(
            f"UPDATE shots SET result = 'MissedShots' WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='OwnGoal')}",
            {"player_id": forward("Brentford") + 1, "own_goals": 1, "own_goals_of_shots": 0},
        ),
    ],
    "finished_matches_have_shots": [
        Case(f"DELETE FROM shots WHERE match_id = {FIRST_OF_OURS}", {**HERE, "understat_id": FIRST}),
        Case(SHOTS_OF_SEASON, {**HERE, "understat_id": FIRST}, rows=10),
    ],
    "most_shots_are_loaded": [
        Case(
            f"UPDATE ops.raw_files SET rows_read = 10, rows_loaded = {loaded}, rows_rejected = 10 - {loaded} "
            f"WHERE {MATCH_FILES}",
            {**HERE, "rows_read": 100, "rows_loaded": 10 * loaded},
        )
        for loaded in (7, 0)
    ],
    "shots_did_not_shrink": [
        Case(
            f"UPDATE ops.raw_files SET rows_loaded = 6, rows_rejected = 1 WHERE {NEWEST_OF_MATCH}",
            {**HERE, "key": MATCH_KEY, "rows_before": 7, "rows_loaded": 6},
        )
    ],
    "shots_are_fresh": [
        Case(
            f"DELETE FROM shots WHERE match_id IN (SELECT id FROM matches WHERE match_date >= '{LAST_FRESH_DAY}')",
            {**HERE, "last_with_shots": datetime(2024, 9, 14, tzinfo=UTC).date()},
        ),
        Case(SHOTS_OF_SEASON, {**HERE, "last_with_shots": None}),
    ],
    "player_rows_reconcile": [
        Case(f"DELETE FROM player_seasons WHERE {ONE_PLAYER}", {**HERE, "players_loaded": PLAYERS, "held": 8}),
        Case(f"DELETE FROM player_seasons WHERE {OF_SEASON}", {**HERE, "players_loaded": PLAYERS, "held": 0}),
        Case(
            f"UPDATE player_seasons SET player_id = 1 WHERE {OF_SEASON} AND player_id = {MOVER} AND appearances = 3",
            {**HERE, "players_loaded": PLAYERS, "held": 10},
        ),
        Case(reconcile("players", NEWEST), {**HERE, "players_read": PLAYERS, "players_rejected": 3}),
        Case(
            f"DELETE FROM ops.raw_files WHERE key = '{LAST_LEAGUE_KEY}'",
            {**BEFORE, "players_loaded": None, "held": PLAYERS},
        ),
    ],
    "goals_of_players_are_those_of_shots": [
        Case(
            f"UPDATE player_seasons SET goals = goals + 1 WHERE {ONE_PLAYER}",
            {**HERE, "team": "Chelsea", "goals_of_players": 6, "goals_of_shots": 5},
        ),
        Case(
            f"UPDATE shots SET result = 'SavedShot' WHERE {SHOT_OF.format(match=FIRST_OF_OURS, result='Goal')}",
            {**HERE, "team": "Arsenal", "goals_of_players": 6, "goals_of_shots": 5},
        ),
        Case(
            f"DELETE FROM player_seasons WHERE {ONE_PLAYER}",
            {**HERE, "team": "Chelsea", "goals_of_players": 0, "goals_of_shots": 5},
        ),
    ],
    "minutes_are_plausible": [
        Case(
            f"UPDATE player_seasons SET minutes = 105 * appearances + 1 WHERE {ONE_PLAYER}",
            {**HERE, "team": "Chelsea", "appearances": 5, "minutes": 526},
        ),
        Case(
            f"UPDATE player_seasons SET appearances = 7 WHERE {ONE_PLAYER}",
            {**HERE, "player": f"Player {forward('Chelsea')}", "appearances": 7},
        ),
    ],
    "players_did_not_shrink": [
        Case(
            "UPDATE ops.raw_files SET players_read = 10, players_rejected = 0, players_loaded = 10 "
            f"WHERE key = '{LEAGUE_KEY}'; "
            f"UPDATE ops.raw_files SET players_loaded = 7, players_rejected = 3 WHERE {NEWEST}",
            {**HERE, "key": LEAGUE_KEY, "players_before": 10, "players_loaded": 7},
        )
    ],
    "player_seasons_are_fresh": [
        Case(f"UPDATE ops.raw_files SET players_loader = NULL WHERE {NEWEST}", {**HERE, "key": LEAGUE_KEY})
    ],
}
WARNINGS = {
    "understat_files_did_not_shrink",
    "understat_files_are_fresh",
    "understat_names_are_resolved",
    "every_team_has_an_identity",
    "listed_matches_are_joined",
    "played_matches_are_listed",
    "scores_of_both_sources_agree",
    "listed_results_are_fresh",
    "xg_of_matches_is_that_of_their_shots",
    "goals_in_line_ups_are_those_of_shots",
    "finished_matches_have_shots",
    "shots_did_not_shrink",
    "shots_are_fresh",
    "minutes_are_plausible",
    "player_seasons_are_fresh",
}
HARMLESS: Harmless = {
    "a league file four fifths of the version before": (
        "understat_files_did_not_shrink",
        f"UPDATE ops.raw_files SET bytes = CASE WHEN {NEWEST} THEN 800 ELSE 1000 END",
    ),
    "a match file that shrank": (
        "understat_files_did_not_shrink",
        f"UPDATE ops.raw_files SET bytes = 1 WHERE {NEWEST_OF_MATCH}",
    ),
    "a league file that is just fresh": (
        "understat_files_are_fresh",
        f"UPDATE ops.raw_files SET fetched_at = '{JUST_FRESH}' WHERE {NEWEST}",
    ),
    "old files of matches, of a season that is over and of an older version": (
        "understat_files_are_fresh",
        "UPDATE ops.raw_files SET fetched_at = '2001-01-01' "
        f"WHERE NOT {NEWEST} AND NOT (league = 'SP1' AND source = 'understat')",
    ),
    "an old file of a simulated league": (
        "understat_files_are_fresh",
        "UPDATE ops.raw_files SET source = 'simulated-understat', fetched_at = '2001-01-01' "
        f"WHERE key = '{LEAGUE_KEY}'",
    ),
    "a spelling of another source that is not resolved": (
        "understat_names_are_resolved",
        "UPDATE team_aliases SET team_id = NULL, method = NULL WHERE source = 'football-data' AND spelling = 'Derby'",
    ),
    "a club whose spelling changes with the season": (
        "teams_have_one_identity",
        "UPDATE understat_matches SET home_team = replace(home_team, 'The Bees', 'Bees'), "
        f"away_team = replace(away_team, 'The Bees', 'Bees') WHERE {OF_SEASON}",
    ),
    "a wrong spelling of a match that is none of ours": (
        "teams_have_one_identity",
        f"UPDATE understat_matches SET home_team = 'Gunners', {UNJOINED} WHERE id = {FIRST}",
    ),
    "a club that has played twice": (
        "every_team_has_an_identity",
        f"UPDATE matches SET {OURS_UNPLAYED} WHERE id IN (SELECT match_id FROM understat_matches "
        f"WHERE id IN ({id_of(CURRENT, 3)}, {id_of(CURRENT, 4)}, {id_of(CURRENT, 5)})); "
        f"UPDATE understat_matches SET {UNJOINED} WHERE {OF_SEASON} AND 'The Bees' IN (home_team, away_team)",
    ),
    "a season that Understat does not list": (
        "every_team_has_an_identity",
        f"DELETE FROM understat_matches WHERE {OF_SEASON}",
    ),
    "a result that Understat does not have yet": (
        "scores_of_both_sources_agree",
        f"UPDATE understat_matches SET {NO_RESULT} WHERE id = {FIRST}",
    ),
    "a result that we do not have yet": (
        "scores_of_both_sources_agree",
        f"UPDATE matches SET {OURS_UNPLAYED} WHERE id = {FIRST_OF_OURS}",
    ),
    "a league file that is not loaded yet": (
        "listing_rows_reconcile",
        f"UPDATE ops.raw_files SET {NOT_LOADED} WHERE {NEWEST}",
    ),
    "more than four fifths of the listings": (
        "listings_did_not_shrink",
        f"UPDATE ops.raw_files SET rows_loaded = 10, rows_rejected = 2 WHERE {NEWEST}",
    ),
    "a result that is just fresh": (
        "listed_results_are_fresh",
        f"UPDATE understat_matches SET shown_at = '{LAST_FRESH_DAY} 00:00' "
        f"WHERE season = '2024-25' AND home_goals IS NOT NULL AND shown_at > '{LAST_FRESH_DAY}'",
    ),
    "simulated leagues of long ago": (
        "listed_results_are_fresh",
        f"UPDATE understat_matches SET {NO_RESULT}; {SIMULATED}",
    ),
    "a match file that is not loaded yet": (
        "shot_rows_reconcile",
        f"UPDATE ops.raw_files SET {NOT_LOADED} WHERE {NEWEST_OF_MATCH}",
    ),
    "a match file whose match has no shots yet, to be read again": (
        "shot_rows_reconcile",
        f"UPDATE ops.raw_files SET rows_loader = NULL, players_loader = NULL WHERE {NEWEST_OF_MATCH}; "
        f"DELETE FROM shots WHERE match_id = {FIRST_OF_OURS}",
    ),
    "a match without shots": (
        "goals_from_shots_equal_scores",
        f"DELETE FROM shots WHERE match_id = {FIRST_OF_OURS}",
    ),
    "a result that was awarded": (
        "goals_from_shots_equal_scores",
        f"UPDATE matches SET home_goals = 3, away_goals = 0 WHERE id = {FIRST_OF_OURS}",
    ),
    "sums of rounded expected goals": (
        "xg_of_matches_is_that_of_their_shots",
        f"UPDATE understat_matches SET home_xg = home_xg + 0.0009, away_xg = away_xg - 0.0009 WHERE id = {FIRST}",
    ),
    "a match without line-ups": (
        "goals_in_line_ups_are_those_of_shots",
        f"DELETE FROM player_matches WHERE match_id = {FIRST_OF_OURS}",
    ),
    "a man without a goal who is not in the line-up": (
        "goals_in_line_ups_are_those_of_shots",
        f"DELETE FROM player_matches WHERE match_id = {FIRST_OF_OURS} AND player_id = {MOVER}",
    ),
    "a season whose match files are not fetched": (
        "finished_matches_have_shots",
        f"{SHOTS_OF_SEASON}; DELETE FROM ops.raw_files WHERE {MATCH_FILES}",
    ),
    "a match without shots that is none of ours": (
        "finished_matches_have_shots",
        f"DELETE FROM shots WHERE match_id = {FIRST_OF_OURS}; "
        f"UPDATE understat_matches SET {UNJOINED} WHERE id = {FIRST}",
    ),
    "fewer listings": (
        "shots_did_not_shrink",
        f"UPDATE ops.raw_files SET rows_loaded = 11, rows_rejected = 1 WHERE {NEWEST}",
    ),
    "shots that are just fresh": (
        "shots_are_fresh",
        f"UPDATE matches SET match_date = '{LAST_FRESH_DAY}', kickoff_at = NULL "
        f"WHERE {OF_SEASON} AND match_date > '{LAST_FRESH_DAY}'",
    ),
    "shots of simulated leagues": (
        "shots_are_fresh",
        f"UPDATE matches SET match_date = '2024-08-10', kickoff_at = NULL; {SIMULATED}",
    ),
    "a league whose shots are not fetched": (
        "shots_are_fresh",
        f"{SHOTS_OF_SEASON}; DELETE FROM ops.raw_files WHERE {MATCH_FILES}",
    ),
    "four fifths of the shots": (
        "most_shots_are_loaded",
        f"UPDATE ops.raw_files SET rows_read = 10, rows_loaded = 8, rows_rejected = 2 WHERE {MATCH_FILES}",
    ),
    "one match all of whose shots are rejected": (
        "most_shots_are_loaded",
        f"UPDATE ops.raw_files SET rows_loaded = 0, rows_rejected = rows_read WHERE {NEWEST_OF_MATCH}",
    ),
    "a league file most of which is rejected": (
        "most_shots_are_loaded",
        f"UPDATE ops.raw_files SET rows_read = 999, rows_loaded = 1, rows_rejected = 998 WHERE {NEWEST}",
    ),
    "a match of last week that Understat does not list yet": (
        "played_matches_are_listed",
        f"DELETE FROM understat_matches WHERE id = {LAST}",
    ),
    "a match without a result that Understat does not list": (
        "played_matches_are_listed",
        f"UPDATE matches SET {OURS_UNPLAYED} WHERE id = {FIRST_OF_OURS}; "
        f"DELETE FROM understat_matches WHERE id = {FIRST}",
    ),
    "a season of which Understat lists nothing": (
        "played_matches_are_listed",
        f"DELETE FROM understat_matches WHERE {OF_SEASON}",
    ),
    "a match to come that is not one of ours yet": (
        "listed_matches_are_joined",
        f"UPDATE understat_matches SET match_id = NULL, unmatched_reason = 'not_played' WHERE id = {LAST}",
    ),
    "players that are not loaded yet": (
        "player_rows_reconcile",
        f"UPDATE ops.raw_files SET {NOT_LOADED} WHERE {NEWEST}",
    ),
    "a man who moved and cannot be told apart": (
        "goals_of_players_are_those_of_shots",
        f"UPDATE player_seasons SET goals = NULL, non_penalty_goals = NULL WHERE player_id = {MOVER}; "
        f"UPDATE player_seasons SET goals = goals + 1 WHERE {OF_SEASON} AND player_id = {forward('Arsenal')}",
    ),
    "clubs with a match of which no shots are held": (
        "goals_of_players_are_those_of_shots",
        f"DELETE FROM shots WHERE match_id = {LAST_OF_OURS}",
    ),
    "clubs with a match that Understat alone has the result of, and no shots": (
        "goals_of_players_are_those_of_shots",
        f"UPDATE matches SET {OURS_UNPLAYED} WHERE id = {LAST_OF_OURS}; "
        f"DELETE FROM shots WHERE match_id = {LAST_OF_OURS}",
    ),
    "clubs with a match at Understat that is none of ours": (
        "goals_of_players_are_those_of_shots",
        f"UPDATE matches SET {OURS_UNPLAYED} WHERE id = {LAST_OF_OURS}; "
        f"DELETE FROM shots WHERE match_id = {LAST_OF_OURS}; "
        f"UPDATE understat_matches SET {UNJOINED} WHERE id = {LAST}",
    ),
    "clubs with a match that Understat does not list": (
        "goals_of_players_are_those_of_shots",
        f"DELETE FROM shots WHERE match_id = {LAST_OF_OURS}; DELETE FROM understat_matches WHERE id = {LAST}",
    ),
    "as many minutes as may be, and as many matches": (
        "minutes_are_plausible",
        f"UPDATE player_seasons SET appearances = 5, minutes = 525 WHERE {ONE_PLAYER}",
    ),
    "minutes that are not told": (
        "minutes_are_plausible",
        "UPDATE player_seasons SET minutes = NULL, appearances = NULL",
    ),
    "four fifths of the players": (
        "players_did_not_shrink",
        "UPDATE ops.raw_files SET players_read = 10, players_loaded = 10, players_rejected = 0 "
        f"WHERE key = '{LEAGUE_KEY}'; "
        f"UPDATE ops.raw_files SET players_loaded = 8, players_rejected = 2 WHERE {NEWEST}",
    ),
    "older files, and simulated ones, that are not loaded": (
        "player_seasons_are_fresh",
        f"UPDATE ops.raw_files SET players_loader = NULL WHERE season = '2023-24' OR key = '{LEAGUE_KEY}'; "
        f"UPDATE ops.raw_files SET source = 'simulated-understat' WHERE {NEWEST}; "
        f"DELETE FROM ops.raw_files WHERE key = '{LEAGUE_KEY}' AND source = 'understat'",
    ),
    "Understat's files beside those of the matches": (
        "match_rows_reconcile",
        "UPDATE ops.raw_files SET rows_read = 99, rows_loaded = 99 WHERE source = 'understat' AND rows_rejected = 0",
    ),
    "Understat's files that shrank": (
        "matches_did_not_shrink",
        f"UPDATE ops.raw_files SET bytes = 10000, rows_loaded = 1, rows_rejected = 11 WHERE {NEWEST}",
    ),
}


@pytest.mark.parametrize("rule", sorted(BY_NAME.keys() - NOT_DERIVED))
def test_good_data_break_no_rule(connection: Connection, rule: str) -> None:
    assert find(connection, rule, NOW) == []


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_finds_the_rows_that_break_it(loaded: Engine, rule: str) -> None:
    assert_finds(loaded, rule, CASES[rule], NOW)


@pytest.mark.parametrize("case", sorted(HARMLESS))
def test_what_is_unusual_but_right_breaks_no_rule(connection: Connection, case: str) -> None:
    rule, change = HARMLESS[case]
    spoil(connection, change)
    assert find(connection, rule, NOW) == []


def test_every_case_belongs_to_a_rule() -> None:
    assert set(CASES) == RULES


def test_rules_whose_breach_makes_numbers_wrong_block_and_the_others_warn() -> None:
    assert {rule.name for rule in understat.RULES if not rule.blocks} == WARNINGS


def test_every_rule_belongs_to_an_asset() -> None:
    assert {rule.asset for rule in understat.RULES} == {"raw_understat", "team_identities", "shots", "player_seasons"}


@pytest.mark.parametrize("rule", sorted(name for name in RULES if name.endswith("_fresh")))
def test_nothing_has_to_be_fresh_while_no_league_plays(connection: Connection, rule: str) -> None:
    for case in CASES[rule]:
        spoil(connection, case.spoil)
    assert find(connection, rule, NOW) != []
    assert find(connection, rule, NOW.replace(month=8, day=27)) == []
    assert find(connection, rule, SUMMER) == []
