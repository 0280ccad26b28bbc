"""All rules together: what each must have, and what none may do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from monps_platform.db.quality import (
    LOOK_BACK_DAYS,
    RULES,
    football_data,
    forecasts,
    odds_api,
    picks,
    quantum,
    understat,
)
from monps_platform.db.quality.rule import in_season
from monps_platform_tests.db.quality.cases import BY_NAME, find

NOW = datetime(2024, 10, 21, 12, tzinfo=UTC)
ASSETS = {
    *("raw_football_data", "matches", "odds"),
    *("raw_understat", "team_identities", "shots", "player_seasons", "match_forecasts"),
    *("tracking_clv_picks", "chess_classifications", "team_quantum_dna", "quantum_strategies"),
    *("quantum_friction_matrix", "goalscorer_profiles"),
    *("raw_odds_api", "odds_snapshots"),
}


def test_the_rules_are_those_of_the_sources_and_of_what_is_derived_each_with_a_name_of_its_own() -> None:
    parts = (football_data, understat, forecasts, picks, quantum, odds_api)
    assert tuple(rule for part in parts for rule in part.RULES) == RULES
    assert len(BY_NAME) == len(RULES)


def test_every_rule_belongs_to_an_asset_and_says_what_holds() -> None:
    assert {rule.asset for rule in RULES} == ASSETS
    assert all(rule.description.endswith(".") for rule in RULES)


@pytest.mark.parametrize("rule", sorted(BY_NAME))
def test_an_empty_database_breaks_no_rule(undone: Connection, rule: str) -> None:
    assert find(undone, rule, NOW) == []


@pytest.mark.parametrize("rule", [name for name in sorted(BY_NAME) if name.endswith("_fresh")])
def test_how_fresh_is_fresh_is_said_in_days(rule: str) -> None:
    assert f"{LOOK_BACK_DAYS} days" in BY_NAME[rule].description or rule == "player_seasons_are_fresh"
    assert BY_NAME[rule].description.startswith("While the leagues play, ")


def test_how_late_a_result_may_be_is_said_in_days() -> None:
    assert f"{LOOK_BACK_DAYS} days" in BY_NAME["past_matches_have_results"].description


@pytest.mark.parametrize(
    ("day", "expected"),
    [((8, 27), False), ((8, 28), True), ((12, 31), True), ((1, 1), True), ((5, 15), True), ((5, 16), False)],
)
def test_the_leagues_play_from_the_end_of_august_to_the_middle_of_may(day: tuple[int, int], expected: bool) -> None:
    assert in_season(datetime(2024, *day, tzinfo=UTC)) is expected
