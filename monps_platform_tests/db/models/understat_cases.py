"""What the database refuses and accepts of listed matches and line-ups."""

from __future__ import annotations

from typing import Any

from monps_platform.domain.match_joins import UnmatchedReason
from monps_platform_tests.db.models.rows import Accepted, Refused

LISTED, LINE_UPS = "understat_matches", "player_matches"
JOINED_MATCH = 100
"""A match that a listed one is joined to already."""
RESULT = ("home_goals", "away_goals", "home_xg", "away_xg")
PRESSING = ("home_ppda", "away_ppda", "home_deep", "away_deep")
TALLIES = ("goals", "own_goals", "assists", "shots", "key_passes", "yellow_cards", "red_cards")
SUMS = ("xg", "xa", "xg_chain", "xg_buildup")
NO_NUMBER = ("NaN", "Infinity")

UNDERSTAT_ACCEPTED: Accepted = [
    (LISTED, dict.fromkeys(RESULT)),
    (LISTED, dict.fromkeys(PRESSING)),
    (LISTED, dict.fromkeys((*RESULT, *PRESSING), 0)),
    *((LISTED, {name: None}) for name in PRESSING),
    # The furnished database has an unmatched listing already: many may be unmatched.
    *((LISTED, {"match_id": None, "unmatched_reason": reason.value}) for reason in UnmatchedReason),
    *((LINE_UPS, {"minutes": minutes}) for minutes in (0, 150)),
    (LINE_UPS, dict.fromkeys((*TALLIES, *SUMS), 0)),
]
UNDERSTAT_REFUSED: Refused = [
    ("pk_understat_matches", LISTED, {"id": 1}),
    ("uq_understat_matches_match_id", LISTED, {"match_id": JOINED_MATCH}),
    *(("ck_understat_matches_season_name", LISTED, {"season": season}) for season in ("2019", "2019/20")),
    ("ck_understat_matches_two_teams", LISTED, {"away_team": "Arsenal"}),
    ("ck_understat_matches_match_or_reason", LISTED, {"match_id": None}),
    ("ck_understat_matches_match_or_reason", LISTED, {"unmatched_reason": "no_such_match"}),
    *(("ck_understat_matches_whole_result", LISTED, {name: None}) for name in RESULT),
    *(("ck_understat_matches_whole_result", LISTED, {**dict.fromkeys(RESULT), name: 1}) for name in RESULT),
    *(("ck_understat_matches_not_negative", LISTED, {name: -1}) for name in (*RESULT, *PRESSING)),
    *(
        ("ck_understat_matches_finite", LISTED, {name: value})
        for name in ("home_xg", "away_xg", "home_ppda", "away_ppda")
        for value in NO_NUMBER
    ),
    ("fk_understat_matches_league_id_leagues", LISTED, {"league_id": 99}),
    ("fk_understat_matches_match_id_matches", LISTED, {"match_id": 99}),
    *(("ck_player_matches_minutes", LINE_UPS, {"minutes": minutes}) for minutes in (-1, 151)),
    *(("ck_player_matches_counts_not_negative", LINE_UPS, {name: -1}) for name in TALLIES),
    *(("ck_player_matches_expected_not_negative", LINE_UPS, {name: -0.1}) for name in SUMS),
    *(("ck_player_matches_finite", LINE_UPS, {name: value}) for name in SUMS for value in NO_NUMBER),
    ("fk_player_matches_match_id_matches", LINE_UPS, {"match_id": 99}),
    ("fk_player_matches_team_id_teams", LINE_UPS, {"team_id": 99}),
]

UNDERSTAT_KEYS: dict[str, list[dict[str, Any]]] = {LINE_UPS: [{"match_id": 2}, {"player_id": 1}]}
"""Changes of the good row, each of which makes it another one by its natural key."""
