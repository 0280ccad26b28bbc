"""The rules of quantum tables: each is seen passing on good data and failing on bad, on a real database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from monps_platform.db.quality import LOOK_BACK_DAYS, quantum
from monps_platform.db.quality.quantum.shared import MOST_FINDINGS
from monps_platform.domain.quantum.strategies.definitions import PLAN
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.db.quality.cases import BY_NAME, Case, Cases, Harmless, assert_finds, find, spoil
from monps_platform_tests.db.quality.quantum_league import CLUBS, CLUBS_OF_SMALL, NOW, load_good_data

RULES = {rule.name for rule in quantum.RULES}
PROFILES, DNA = "quantum.chess_classifications", "quantum.team_quantum_dna"
STRATEGIES, FRICTION, SCORERS = (
    *("quantum.quantum_strategies", "quantum.quantum_friction_matrix", "quantum.goalscorer_profiles"),
)
HERE, THERE = {"league": "SIM2", "season": "2019-20"}, {"league": "SIM1", "season": "2019-20"}
PLAYED = 2 * (CLUBS - 1)
PAIRS = (CLUBS + CLUBS_OF_SMALL) * (CLUBS + CLUBS_OF_SMALL - 1)
OF_LEAGUE = "league_id = (SELECT id FROM leagues WHERE code = '{}') AND season = '2019-20'"
LAST_DAY = f"(SELECT max(m.match_date) FROM matches m WHERE m.{OF_LEAGUE.format('SIM2')})"
CURRENT, SMALL = (f"{OF_LEAGUE.format(code)} AND as_of = {LAST_DAY} + 1" for code in ("SIM2", "SIM1"))
"""The rows of the current season, and of the small league's, as of its newest day."""
NEW_TEAM = "INSERT INTO teams (name, country) VALUES ('Nowhere', 'Simulation') RETURNING id"
EARLIER = f"{OF_LEAGUE.format('SIM2')} AND as_of <= {LAST_DAY}"


def one(table: str, which: str = "true", of: str = CURRENT) -> str:
    """The first of the newest rows of a table."""
    return f"id = (SELECT min(id) FROM {table} WHERE {of} AND {which})"


def some(table: str, count: int, which: str = "true", of: str = CURRENT) -> str:
    """So many of the newest rows of a table."""
    return f"id IN (SELECT id FROM {table} WHERE {of} AND {which} ORDER BY id LIMIT {count})"


def change(table: str, assignments: str, which: str | None = None, of: str = CURRENT) -> str:
    """A statement that changes newest rows of a table: the first one, or those that are described."""
    return f"UPDATE {table} SET {assignments} WHERE {which or one(table, of=of)}"


def put(column: str, path: str, value: str) -> str:
    """The assignment of an SQL value to a place in a document."""
    return f"{column} = jsonb_set({column}, '{{{path}}}', to_jsonb({value}))"


def number(column: str, path: str) -> str:
    """The number in a place of a document."""
    return f"({column} #>> '{{{path}}}')::float8"


def delete(table: str, which: str | None = None) -> str:
    """A statement that deletes newest rows of a table: the first one, or those that are described."""
    return f"DELETE FROM {table} WHERE {which or one(table)}"


def covers(table: str) -> list[Case]:
    """Ways to lose rows of teams, or matches that they rest on."""
    return [
        Case(delete(table), {**HERE, "n_matches": None, "played": PLAYED}),
        Case(delete(table, one(table, of=SMALL)), {**THERE, "n_matches": None}),
        Case(change(table, "n_matches = n_matches - 1"), {**HERE, "n_matches": PLAYED - 1, "played": PLAYED}),
        Case(
            f"UPDATE matches SET match_date = {LAST_DAY} + 1, kickoff_at = NULL WHERE id = (SELECT min(id) "
            f"FROM matches m WHERE m.{OF_LEAGUE.format('SIM2')})",
            {**HERE, "n_matches": PLAYED, "played": PLAYED - 1},
            rows=2,
        ),
        Case(delete(table, f"{CURRENT} AND NOT {one(table)}"), {**HERE, "n_matches": None}, rows=CLUBS - 1),
        # A team that has not played in the league.
        Case(
            f"WITH other AS ({NEW_TEAM}) {change(table, 'team_id = (SELECT id FROM other)')}",
            {**HERE, "team": "Nowhere", "n_matches": PLAYED, "played": 0},
            rows=2,
        ),
    ]


def schema(table: str, *wrong: tuple[str, str, str]) -> list[Case]:
    """Ways to break the schema of documents: a column, what becomes of it, and the field that is found."""
    return [Case(change(table, f"{column} = {becomes}"), {**HERE, "field": field}) for column, becomes, field in wrong]


def shrunk(table: str, rows: int, before: int) -> list[Case]:
    """A newest day that lacks more than a fifth of the rows of the day before it."""
    left = -(-before * 4 // 5) - 1
    return [Case(delete(table, some(table, rows - left)), {**HERE, "rows": left, "rows_before": before})]


def enough(table: str, rows: int, before: int) -> str:
    """A newest day that has just four fifths."""
    return delete(table, some(table, rows + before // 5 - before))


def behind(table: str, days: int) -> str:
    """A newest day that is so far behind the last match."""
    return f"{delete(table, EARLIER)}; {change(table, f'as_of = {LAST_DAY} - {days}', CURRENT)}"


def outdated(table: str) -> list[Case]:
    """No rows, rows of long ago alone, and matches that came after them."""
    return [
        Case(delete(table, OF_LEAGUE.format("SIM2")), {**HERE, "as_of": None}),
        Case(delete(table, CURRENT), HERE),
        Case(behind(table, LOOK_BACK_DAYS + 1), HERE),
    ]


CLASSIFIED = f"{CURRENT} AND profile IS NOT NULL"
ALIKE = "profile = 'BALANCED', runner_up = NULL, margin = NULL"
OTHERS = "profile = 'MID_BLOCK', runner_up = NULL, margin = NULL"
NO_PROFILE = "profile = NULL, score = NULL, runner_up = NULL, margin = NULL, no_profile_reason = 'made by the test'"
WITH_RUNNER_UP = one(PROFILES, "runner_up IS NOT NULL AND margin BETWEEN 1 AND score - 1")
HALVED = "(SELECT jsonb_object_agg(key, value::float8 / 3) FROM jsonb_each_text(features -> 'scores'))"
PROFILE_CASES: Cases = {
    "teams_have_one_classification": covers(PROFILES),
    "the_newest_profile_is_current": [
        Case(change(PROFILES, "is_current = false"), {"current": 0, "newest_current": None}),
        Case(
            f"{change(PROFILES, 'is_current = false')}; UPDATE {PROFILES} SET is_current = true WHERE {EARLIER} "
            f"AND team_id = (SELECT team_id FROM {PROFILES} WHERE {one(PROFILES)})",
            {"current": 1},
        ),
    ],
    "profiles_score_the_highest": [
        Case(change(PROFILES, "profile = runner_up, runner_up = profile", WITH_RUNNER_UP), HERE),
        Case(change(PROFILES, "score = score - 0.5", WITH_RUNNER_UP), HERE),
        Case(change(PROFILES, "margin = margin - 0.5", WITH_RUNNER_UP), HERE),
        Case(change(PROFILES, "score = least(100, score + 0.5), margin = margin + 0.5", WITH_RUNNER_UP), HERE),
        Case(
            change(
                PROFILES,
                f"score = score / 3, margin = margin / 3, features = jsonb_set(features, '{{scores}}', {HALVED})",
                WITH_RUNNER_UP,
            ),
            HERE,
        ),
        Case(
            change(
                PROFILES,
                "features = features #- ARRAY['scores', (SELECT p.runner_up::text FROM quantum.chess_classifications p "
                f"WHERE p.{WITH_RUNNER_UP})]",
                WITH_RUNNER_UP,
            ),
            HERE,
        ),
        Case(change(PROFILES, put("features", "scores,PARK_THE_BUS", "100"), WITH_RUNNER_UP), HERE, rows=0),
        Case(change(PROFILES, put("features", "scores", "'{}'::jsonb"), WITH_RUNNER_UP), {**HERE, "highest": None}),
    ],
    "profiles_tell_teams_apart": [
        Case(change(PROFILES, ALIKE, CLASSIFIED), {**HERE, "profile": "BALANCED"}),
        Case(
            f"{change(PROFILES, NO_PROFILE, CURRENT)}; "
            + change(PROFILES, f"{ALIKE}, score = 60, no_profile_reason = NULL", some(PROFILES, 8)),
            {**HERE, "profile": "BALANCED", "teams": 8},
        ),
    ],
    "features_are_no_copies": [
        Case(
            change(PROFILES, put("features", "values,tempo", "20.5"), CURRENT),
            {**HERE, "feature": "tempo", "other": "tempo", "teams": CLUBS},
        ),
        *(
            Case(
                change(
                    PROFILES,
                    put("features", "values,tempo", f"{factor} * {number('features', 'values,shots')}"),
                    CURRENT,
                ),
                {**HERE, "feature": "shots", "other": "tempo"},
            )
            for factor in (1, 2, -0.3)
        ),
    ],
    "features_keep_their_schema": schema(
        PROFILES,
        ("features", "features - 'n_teams'", "features.n_teams"),
        ("features", "features || '{\"more\": 1}'", "features.more"),
        ("features", "jsonb_set(features, '{percentiles,tempo}', '101')", "features"),
        ("features", "features #- '{percentiles,tempo}'", "features"),
        ("features", "jsonb_set(features, '{scores,CATENACCIO}', '50')", "features.scores.CATENACCIO.[key]"),
    ),
    "profiles_are_not_fewer_than_before": shrunk(PROFILES, CLUBS, CLUBS),
    "profiles_are_up_to_date": outdated(PROFILES),
}
PERIOD = "goals_for,shares,0-15"
DNA_CASES: Cases = {
    "teams_have_one_dna_row": covers(DNA),
    "vectors_keep_their_schemas": [
        *schema(
            DNA,
            ("luck", "luck || '{\"more\": 1}'", "luck.more"),
            ("luck", "luck - 'n_matches'", "luck.n_matches"),
            ("temporal", "jsonb_set(temporal, '{sources}', '[\"hearsay\"]')", "temporal.sources.0"),
            ("psyche", "jsonb_set(psyche, '{comebacks}', '-1')", "psyche.comebacks"),
            (
                "physical",
                "jsonb_set(physical, '{gaps}', '{\"fouls\": \"none of the reasons\"}')",
                "physical.gaps.fouls",
            ),
            ("market", "'{}'", "market.n_matches"),
        ),
        Case(change(DNA, "luck = jsonb_set(luck, '{xg}', 'null')"), {**HERE, "field": "luck"}),
        Case(change(DNA, "luck = '{}'", one(DNA, of=SMALL)), THERE),
    ],
    "figures_differ_among_teams": [
        Case(
            change(DNA, put("luck", "xg_against", "40"), CURRENT),
            {**HERE, "figure": "luck.xg_against", "is": f"40 for all {CLUBS} teams"},
        ),
        *(
            Case(
                change(DNA, put("luck", "xg_against", f"{factor} * {number('luck', 'points')}"), CURRENT),
                {**HERE, "figure": "luck.points", "is": "a multiple of luck.xg_against"},
            )
            for factor in (1, 2, -0.7)
        ),
        # Half of an interval's figures are its ends, which tell nothing by themselves: the estimate counts.
        Case(
            change(DNA, put("luck", "save_percentage,value", "70"), CURRENT),
            {**HERE, "figure": "luck.save_percentage"},
        ),
        Case(
            change(DNA, put("risk", "draw_rate", "0.25"), SMALL),
            {**THERE, "figure": "risk.draw_rate", "is": f"0.25 for all {CLUBS_OF_SMALL} teams"},
        ),
        # One team without the figure does not hide that all others share it.
        Case(
            change(DNA, put("luck", "xg_against", "40"), CURRENT) + "; " + change(DNA, "luck = luck - 'xg_against'"),
            {**HERE, "figure": "luck.xg_against", "is": f"40 for all {CLUBS - 1} teams"},
        ),
    ],
    "vectors_rest_on_the_row": [
        *(
            case
            for vector in ("market", "luck")
            for case in (
                Case(change(DNA, put(vector, "as_of", "as_of - 1")), {**HERE, "vector": vector}),
                Case(change(DNA, put(vector, "n_matches", "n_matches + 1")), {**HERE, "vector": vector}),
                Case(change(DNA, f"{vector} = {vector} - 'as_of'"), {**HERE, "vector_as_of": None}),
                Case(change(DNA, f"{vector} = {vector} - 'n_matches'"), {**HERE, "vector_matches": None}),
            )
        ),
        Case(change(DNA, f"as_of = {LAST_DAY} + 2", CURRENT), HERE, rows=CLUBS * 9),
    ],
    "shares_by_period_sum_to_one": [
        Case(
            change(DNA, put("temporal", f"{name},shares,0-15", f"{number('temporal', f'{name},shares,0-15')} + 1e-6")),
            {**HERE, "name": name, "periods": 6},
        )
        for name in ("goals_for", "goals_against", "xg_for", "xg_against")
    ]
    + [
        # What a misspelt period does: its share is lost.
        Case(change(DNA, "temporal = temporal #- '{xg_for,shares,76+}'"), {**HERE, "name": "xg_for", "periods": 5}),
        Case(
            change(DNA, "temporal = jsonb_set(temporal, '{xg_for,shares,76-90}', '0')"),
            {**HERE, "name": "xg_for", "periods": 7},
        ),
    ],
    "every_vector_has_figures": [
        Case(
            change(DNA, f"{vector} = jsonb_set({vector}, '{{gaps,{figure}}}', '\"too few observations\"')", CURRENT),
            {"season": "2019-20", "figure": f"{vector}.{figure}", "reason": "too few observations"},
        )
        for vector, figure in (("luck", "points_z"), ("market", "draw"), ("psyche", "comebacks"))
    ]
    + [
        Case(
            change(DNA, "context = jsonb_set(context, '{home,gaps,points}', '\"too few observations\"')", CURRENT),
            {"season": "2019-20", "figure": "context.home.points"},
        )
    ],
    "dna_is_not_less_than_before": shrunk(DNA, CLUBS, CLUBS),
    "dna_is_up_to_date": outdated(DNA),
}
ROWS = CLUBS * len(PLAN)
"""Of strategies in a season."""
BET = one(STRATEGIES, "out_of_sample_bets > 0")
EVIDENCE = (
    "out_of_sample_roi = 0.2, roi_low = {low}, roi_high = 0.5, p_value = {q}, q_value = {q}, is_active = {active}, "
    "stake_multiplier = 0"
)
ACTIVE = {"low": 0.01, "q": 0.001, "active": "true"}
STRATEGY_CASES: Cases = {
    "teams_have_all_strategies": [
        Case(delete(STRATEGIES), {**HERE, "strategies": len(PLAN) - 1}),
        Case(
            f"{delete(STRATEGIES, CURRENT)} AND team_id = (SELECT team_id FROM {STRATEGIES} WHERE {one(STRATEGIES)})",
            {**HERE, "strategies": 0},
        ),
        Case(delete(STRATEGIES, one(STRATEGIES, of=SMALL)), {**THERE, "strategies": len(PLAN) - 1}),
    ],
    "q_values_recompute": [
        # The p of a strategy that was judged as if it had been the only one.
        Case(
            change(STRATEGIES, "p_value = 0.001, q_value = 0.001", one(STRATEGIES, "p_value IS NOT NULL")),
            {"season": "2019-20", "p": 0.001, "q": 0.001},
            rows=0,
        ),
        Case(
            change(STRATEGIES, "q_value = 1, p_value = 1e-9", one(STRATEGIES, "p_value IS NOT NULL")),
            {"q": 1.0},
            rows=0,
        ),
    ],
    "active_strategies_rest_on_evidence": [
        Case(change(STRATEGIES, EVIDENCE.format(**ACTIVE | wrong), BET), {**HERE, "is_active": active})
        for wrong, active in (
            ({"q": 0.9}, True),
            ({"active": "false"}, False),
        )
    ],
    "bets_are_on_matches_of_the_team": [
        Case(
            change(STRATEGIES, f"out_of_sample_bets = {PLAYED + 1}", BET),
            {**HERE, "out_of_sample_bets": PLAYED + 1, "matches": PLAYED},
        )
    ],
    "context_filters_keep_their_schema": schema(
        STRATEGIES,
        ("context_filters", "context_filters || '{\"more\": 1}'", "context_filters.more"),
        ("context_filters", 'context_filters || \'{"venue": "moon"}\'', "context_filters.venue"),
    ),
    "strategies_are_not_fewer_than_before": shrunk(STRATEGIES, ROWS, ROWS),
    "strategies_are_up_to_date": outdated(STRATEGIES),
}
SAME, APART = one(FRICTION, "same_league"), one(FRICTION, "NOT same_league")
OF_HERE = CLUBS * (CLUBS + CLUBS_OF_SMALL - 1)
"""Pairs whose home team plays in the current season's league."""
FREE = f"ALTER TABLE {FRICTION} DROP CONSTRAINT ck_quantum_friction_matrix_weighted_sum"
SCORE = "0.2 * {style} + 0.2 * {tempo} + 0.2 * physical_friction + 0.25 * mental_friction + 0.15 * tier_friction"
COMPONENTS = {"style": "style_friction", "tempo": "tempo_friction"}
COPIED = {"tempo": "style_friction"}
ALL = f"season = '2019-20' AND as_of = {LAST_DAY} + 1"
FRICTION_CASES: Cases = {
    "pairs_of_all_teams_are_there": [
        Case(delete(FRICTION), {"season": "2019-20", "teams": CLUBS + CLUBS_OF_SMALL, "pairs": PAIRS - 1}),
        Case(
            delete(DNA, f"{OF_LEAGUE.format('SIM2')} AND team_id = (SELECT team_id FROM {DNA} WHERE {one(DNA)})"),
            {"season": "2019-20", "teams": CLUBS + CLUBS_OF_SMALL - 1, "pairs": PAIRS},
        ),
        Case(
            delete(FRICTION, OF_LEAGUE.format("SIM1")),
            {"season": "2019-20", "pairs": PAIRS - CLUBS_OF_SMALL * (CLUBS + CLUBS_OF_SMALL - 1)},
        ),
    ],
    "friction_is_symmetric": [
        Case(change(FRICTION, changed), {"season": "2019-20"}, rows=2)
        for changed in (
            "chaos_potential = chaos_potential / 2",
            "chaos_potential = NULL",
            "same_league = NOT same_league",
            "style_friction = style_friction / 2, friction_score = friction_score - 0.1 * style_friction",
            "tier_friction = tier_friction + 1e-6",
        )
    ]
    + [
        Case(
            change(FRICTION, "same_league = true", f"{ALL} AND NOT same_league"),
            {"season": "2019-20"},
            rows=2 * CLUBS * CLUBS_OF_SMALL,
        ),
    ],
    "friction_recomputes_from_components": [
        Case(change(FRICTION, "friction_score = friction_score + 1e-6"), {"season": "2019-20"}),
        Case(f"{FREE}; {change(FRICTION, 'friction_score = NULL')}", {"friction_score": None}),
        Case(f"{FREE}; {change(FRICTION, 'mental_friction = NULL')}", {"mental_friction": None}),
        # The weights of the mental and the tactical component in each other's place.
        Case(
            f"{FREE}; "
            + change(
                FRICTION, f"friction_score = {SCORE.format(**COMPONENTS)} + 0.05 * (style_friction - mental_friction)"
            ),
            {"season": "2019-20"},
        ),
    ],
    "components_differ": [
        *(
            Case(
                change(
                    FRICTION, f"{name}_friction = 50, friction_score = {SCORE.format(**COMPONENTS | {name: '50'})}", ALL
                ),
                {"season": "2019-20", "name": name, "other": name},
            )
            for name in COMPONENTS
        ),
        Case(
            change(
                FRICTION,
                f"tempo_friction = style_friction, friction_score = {SCORE.format(**COMPONENTS | COPIED)}",
                ALL,
            ),
            {"season": "2019-20", "name": "style", "other": "tempo"},
        ),
        Case(change(FRICTION, "chaos_potential = tier_friction", ALL), {"name": "chaos", "other": "tier"}),
    ],
    "forecasts_are_of_one_league": [
        Case(change(FRICTION, "predicted_total_goals = 2.5", APART), {"same_league": False}),
        Case(
            change(FRICTION, "predicted_total_goals = 2, predicted_btts_prob = .5, predicted_over25_prob = .5", APART),
            {"same_league": False, "predicted_total_goals": 2},
        ),
        *(
            Case(change(FRICTION, f"predicted_{name} = NULL", SAME), {"season": "2019-20", "same_league": True})
            for name in ("btts_prob", "over25_prob", "total_goals")
        ),
    ],
    "forecasts_differ_by_venue": [
        Case(
            change(FRICTION, f"predicted_{name} = {value}", f"{ALL} AND predicted_total_goals IS NOT NULL"),
            {**HERE, "pairs": CLUBS * (CLUBS - 1) // 2},
            rows=0,
        )
        for name, value in (("total_goals", "2 + mod(home_team_id + away_team_id, 9) / 10.0"), ("over25_prob", "0.5"))
    ],
    "friction_rests_on_the_dna": [
        Case(
            change(FRICTION, "n_home_matches = n_home_matches - 1"), {"of_home": PLAYED, "n_home_matches": PLAYED - 1}
        ),
        Case(change(FRICTION, "n_away_matches = n_away_matches - 1", SAME), {"of_away": PLAYED}),
        Case(change(DNA, "n_matches = n_matches - 1"), {"of_home": PLAYED - 1}, rows=2 * (CLUBS + CLUBS_OF_SMALL - 1)),
        Case(
            delete(DNA, f"{OF_LEAGUE.format('SIM2')} AND team_id = (SELECT team_id FROM {DNA} WHERE {one(DNA)})"),
            {"of_home": None},
            rows=2 * (CLUBS + CLUBS_OF_SMALL - 1),
        ),
    ],
    "pairs_are_not_fewer_than_before": shrunk(FRICTION, OF_HERE, OF_HERE),
    "friction_is_up_to_date": outdated(FRICTION),
}
SCORER = one(SCORERS, "goals > 1 AND home_goals > 0 AND rate_low > 0")
OF_TEAM = f"{CURRENT} AND team_id = (SELECT team_id FROM {SCORERS} WHERE {SCORER})"
GOAL = """id = (SELECT min(s.id) FROM shots s JOIN matches m ON m.id = s.match_id
    WHERE s.result = 'Goal' AND m.season = '2019-20' AND s.team_id = m.{}_team_id)"""
SCORER_CASES: Cases = {
    "scorers_have_the_goals_of_matches": [
        Case(change(SCORERS, "goals = goals + 1, home_goals = home_goals + 1", SCORER), HERE),
        Case(change(SCORERS, "home_goals = home_goals - 1, away_goals = away_goals + 1", SCORER), HERE),
        Case(delete(SCORERS, SCORER), HERE),
        # An own goal counts for nobody.
        *(
            Case(f"UPDATE shots SET result = 'OwnGoal' WHERE {GOAL.format(side)}", HERE, rows=0)
            for side in ("home", "away")
        ),
        Case("UPDATE matches SET home_goals = home_goals + 1 WHERE id = (SELECT min(match_id) FROM shots)", HERE),
        Case("UPDATE matches SET away_goals = away_goals + 1 WHERE id = (SELECT min(match_id) FROM shots)", HERE),
    ],
    "anytime_probabilities_recompute": [
        Case(change(SCORERS, changed, SCORER), HERE)
        for changed in (
            "anytime_prob = anytime_prob - 1e-6",
            "anytime_prob = NULL",
            "expected_minutes = expected_minutes - 1",
            "expected_minutes = NULL",
            "rate_per_90 = rate_low",
            "anytime_prob = rate_per_90 * expected_minutes / 90",
        )
    ],
    "first_and_last_scorers_sum_to_one": [
        Case(change(SCORERS, changed, SCORER), HERE)
        for changed in (
            "first_scorer_share = first_scorer_share + 1e-6",
            "last_scorer_share = last_scorer_share + 1e-6",
            "first_scorer_share = NULL",
            "last_scorer_share = NULL",
            put("goal_periods", "own_goal_share", "0.5"),
        )
    ]
    + [
        Case(change(SCORERS, put("goal_periods", "own_goal_share", "0"), OF_TEAM), {**HERE, "own_goals": 0}),
        Case(change(SCORERS, "first_scorer_share = NULL", OF_TEAM), {**HERE, "first_shares": None}),
        Case(change(SCORERS, "last_scorer_share = NULL", OF_TEAM), {**HERE, "last_shares": None}),
        Case(delete(SCORERS, SCORER), HERE),
    ],
    "goals_by_period_sum_to_goals": [
        Case(change(SCORERS, put("goal_periods", "goals,0-15", "90"), SCORER), HERE),
        Case(change(SCORERS, "goals = goals + 1, away_goals = away_goals + 1", SCORER), HERE),
        Case(change(SCORERS, put("goal_periods", "goals", "'{}'::jsonb"), SCORER), {**HERE, "of_periods": None}),
    ],
    "scorers_differ": [
        Case(change(SCORERS, "rate_low = 0, rate_per_90 = 0.1, rate_high = 1", CURRENT), {**HERE, "rates": 1}),
        Case(change(SCORERS, "first_scorer_share = 0.05", CURRENT), {**HERE, "first_shares": 1}),
        Case(change(SCORERS, "last_scorer_share = first_scorer_share", CURRENT), HERE),
    ],
    "all_teams_with_shots_have_scorers": [Case(delete(SCORERS, OF_TEAM), HERE)],
    "goal_periods_keep_their_schema": schema(
        SCORERS,
        ("goal_periods", "goal_periods || '{\"more\": 1}'", "goal_periods.more"),
        ("goal_periods", "goal_periods #- '{goals,76+}'", "goal_periods"),
        ("goal_periods", "jsonb_set(goal_periods, '{goals,76-90}', '0')", "goal_periods.goals.76-90.[key]"),
        ("goal_periods", "jsonb_set(goal_periods, '{own_goal_share}', '1.1')", "goal_periods.own_goal_share"),
    ),
    "scorers_are_not_fewer_than_before": [Case(delete(SCORERS, f"{CURRENT} AND mod(player_id, 3) = 0"), HERE)],
    "scorers_are_up_to_date": outdated(SCORERS),
}
CASES: Cases = {**PROFILE_CASES, **DNA_CASES, **STRATEGY_CASES, **FRICTION_CASES, **SCORER_CASES}
WARNINGS = {
    "every_vector_has_figures",
    *("profiles_are_not_fewer_than_before", "dna_is_not_less_than_before", "strategies_are_not_fewer_than_before"),
    *("pairs_are_not_fewer_than_before", "scorers_are_not_fewer_than_before"),
    *("profiles_are_up_to_date", "dna_is_up_to_date", "strategies_are_up_to_date"),
    *("friction_is_up_to_date", "scorers_are_up_to_date"),
}
ANOTHER_MATCH = """INSERT INTO matches (id, league_id, season, home_team_id, away_team_id, meeting, match_date,
    home_goals, away_goals) SELECT {id}, league_id, season, home_team_id, away_team_id, mod({id}, 10), {day}, {goals},
    {goals} FROM matches WHERE id = (SELECT min(match_id) FROM shots)"""
LATER = ANOTHER_MATCH.format(id=1000002, day=f"{LAST_DAY} + 1", goals="1")
TO_COME = ANOTHER_MATCH.format(id=1000002, day=f"{LAST_DAY} - 1", goals="NULL")
HARMLESS: Harmless = {
    **{
        f"{which} and {rule}": (rule, statement)
        for rule in ("teams_have_one_classification", "teams_have_one_dna_row")
        for which, statement in (("a match of the newest day", LATER), ("a match that was not played", TO_COME))
    },
    **{
        f"a season that is not derived yet and {rule}": (rule, delete(table, OF_LEAGUE.format("SIM2")))
        for rule, table in (
            *(("teams_have_one_classification", PROFILES), ("teams_have_one_dna_row", DNA)),
            *(("teams_have_all_strategies", STRATEGIES), ("all_teams_with_shots_have_scorers", SCORERS)),
        )
    },
    **{
        f"four fifths and {rule}": (rule, enough(table, rows, rows))
        for rule, table, rows in (
            ("profiles_are_not_fewer_than_before", PROFILES, CLUBS),
            ("dna_is_not_less_than_before", DNA, CLUBS),
            ("strategies_are_not_fewer_than_before", STRATEGIES, ROWS),
            ("pairs_are_not_fewer_than_before", FRICTION, OF_HERE),
        )
    },
    **{
        f"rows of the last weeks and {rule}": (rule, behind(table, LOOK_BACK_DAYS))
        for rule, table in (
            *(("profiles_are_up_to_date", PROFILES), ("dna_is_up_to_date", DNA)),
            *(("strategies_are_up_to_date", STRATEGIES), ("friction_is_up_to_date", FRICTION)),
            ("scorers_are_up_to_date", SCORERS),
        )
    },
    **{
        f"an older day and {rule}": (rule, f"UPDATE {table} SET {wrong} WHERE {EARLIER}")
        for rule, table, wrong in (
            (
                "profiles_tell_teams_apart",
                PROFILES,
                "profile = 'BALANCED', runner_up = NULL, margin = NULL, score = 50, no_profile_reason = NULL",
            ),
            ("features_are_no_copies", PROFILES, put("features", "values,tempo", "20.5")),
            ("features_keep_their_schema", PROFILES, "features = '{}'"),
            ("vectors_keep_their_schemas", DNA, "luck = '{}'"),
            ("vectors_rest_on_the_row", DNA, "n_matches = 1"),
            ("active_strategies_rest_on_evidence", STRATEGIES, "p_value = 0.9, q_value = 0.9"),
            ("friction_is_symmetric", FRICTION, "chaos_potential = 50 + mod(id, 50)"),
            ("anytime_probabilities_recompute", SCORERS, "anytime_prob = 0.5"),
        )
    },
    "no history of profiles": ("the_newest_profile_is_current", delete(PROFILES, EARLIER)),
    "no runner-up": (
        "profiles_score_the_highest",
        change(PROFILES, "runner_up = NULL, margin = NULL", CLASSIFIED),
    ),
    "teams without a profile, whatever they score": (
        "profiles_score_the_highest",
        change(PROFILES, put("features", "scores", "'{}'::jsonb"), f"{CURRENT} AND profile IS NULL"),
    ),
    "three quarters of a league that are alike": (
        "profiles_tell_teams_apart",
        f"{change(PROFILES, NO_PROFILE, CURRENT)}; "
        + change(PROFILES, f"{OTHERS}, score = 60, no_profile_reason = NULL", some(PROFILES, 12))
        + f"; {change(PROFILES, ALIKE, some(PROFILES, 9))}",
    ),
    "too few classified teams to tell": (
        "profiles_tell_teams_apart",
        f"{change(PROFILES, NO_PROFILE, CURRENT)}; "
        + change(PROFILES, f"{ALIKE}, score = 60, no_profile_reason = NULL", some(PROFILES, 7)),
    ),
    "a feature that is not known": (
        "features_are_no_copies",
        change(PROFILES, "features = features #- '{values,tempo}'", CURRENT),
    ),
    "a figure that one team lacks": (
        "every_vector_has_figures",
        change(DNA, "luck = jsonb_set(luck, '{gaps,points_z}', '\"too few observations\"')", some(DNA, CLUBS - 1)),
    ),
    "markets without an edge": (
        "every_vector_has_figures",
        change(DNA, "market = jsonb_set(market, '{gaps,best}', '\"no market''s interval lies above 0\"')", CURRENT),
    ),
    "closing prices that the source does not have": (
        "every_vector_has_figures",
        change(DNA, "market = jsonb_set(market, '{draw,gaps,x}', '\"no closing prices are held\"')", CURRENT),
    ),
    "a league without shots": (
        "every_vector_has_figures",
        change(DNA, "luck = jsonb_set(luck, '{gaps,points_z}', '\"no shots are held\"')", SMALL),
    ),
    "figures of too few teams": (
        "figures_differ_among_teams",
        f"{delete(DNA, one(DNA, of=SMALL))}; {change(DNA, put('risk', 'draw_rate', '0.25'), SMALL)}",
    ),
    "sample sizes that are alike": (
        "figures_differ_among_teams",
        change(
            DNA,
            f"{put('temporal', 'n_matches_with_shots', '34')}, {put('roster', 'minutes_coverage', '1')}",
            CURRENT,
        ),
    ),
    "a sum that is right but for the last digits": (
        "shares_by_period_sum_to_one",
        change(DNA, put("temporal", PERIOD, f"{number('temporal', PERIOD)} + 1e-12")),
    ),
    "shares of nothing": ("shares_by_period_sum_to_one", change(DNA, "temporal = temporal - 'goals_for'")),
    "scores that are not known": (
        "components_differ",
        change(FRICTION, "chaos_potential = NULL", ALL),
    ),
    "a few pairs that are alike": (
        "components_differ",
        change(FRICTION, "chaos_potential = NULL", ALL)
        + "; "
        + change(FRICTION, "chaos_potential = 50", some(FRICTION, 55)),
    ),
    "a match that nobody foretells": (
        "forecasts_are_of_one_league",
        change(
            FRICTION, "predicted_btts_prob = NULL, predicted_over25_prob = NULL, predicted_total_goals = NULL", SAME
        ),
    ),
    "DNA of a later day": (
        "friction_rests_on_the_dna",
        f"UPDATE {DNA} SET as_of = {LAST_DAY} + 2, n_matches = 1 WHERE {EARLIER}",
    ),
    "a player of whom no minutes are known": (
        "anytime_probabilities_recompute",
        change(SCORERS, "rate_per_90 = NULL, rate_low = NULL, rate_high = NULL, anytime_prob = NULL", SCORER),
    ),
    "a match without shots": (
        "scorers_have_the_goals_of_matches",
        f"{LATER}; {ANOTHER_MATCH.format(id=1000003, day=f'{LAST_DAY} - 1', goals='3')}",
    ),
    "few players": (
        "scorers_differ",
        f"{delete(SCORERS, f'{CURRENT} AND NOT {some(SCORERS, 49)}')}; "
        + change(SCORERS, "first_scorer_share = 0.02, last_scorer_share = 0.02", CURRENT),
    ),
}


@pytest.fixture(scope="module")
def loaded(shared_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The module's database with the quantum tables of simulated leagues."""
    load_good_data(shared_engine, RawStore(tmp_path_factory.mktemp("raw")))
    return shared_engine


@pytest.fixture
def connection(loaded: Engine) -> Iterator[Connection]:
    """A connection to the good data; whatever a test spoils is rolled back."""
    with loaded.connect() as opened:
        yield opened


def test_good_data_hold_rows_of_both_days_with_and_without_shots(connection: Connection) -> None:
    for table, held in ((PROFILES, CLUBS), (DNA, CLUBS), (STRATEGIES, ROWS), (FRICTION, OF_HERE)):
        count = f"SELECT count(*), count(DISTINCT as_of) FROM {table} WHERE {OF_LEAGUE.format('SIM2')}"
        assert connection.exec_driver_sql(count).one() == (2 * held, 2)
    reasons = f"SELECT count(profile), count(DISTINCT no_profile_reason) FROM {PROFILES} WHERE {CURRENT}"
    classified, _ = connection.exec_driver_sql(reasons).one()
    assert classified > CLUBS / 2
    without = f"SELECT count(*) FROM {PROFILES} WHERE {SMALL} AND profile IS NULL"
    assert connection.exec_driver_sql(without).scalar() == CLUBS_OF_SMALL


@pytest.mark.parametrize("rule", sorted(BY_NAME))
def test_good_data_break_no_rule(connection: Connection, rule: str) -> None:
    assert find(connection, rule, NOW) == []


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_finds_the_rows_that_break_it(loaded: Engine, rule: str) -> None:
    assert_finds(loaded, rule, CASES[rule], NOW)


@pytest.mark.parametrize("case", sorted(HARMLESS))
def test_what_is_unusual_but_right_breaks_no_rule(connection: Connection, case: str) -> None:
    rule, changed = HARMLESS[case]
    spoil(connection, changed)
    assert find(connection, rule, NOW) == []


def test_every_case_belongs_to_a_rule() -> None:
    assert set(CASES) == RULES
    assert {rule for rule, _ in HARMLESS.values()} <= RULES


def test_what_makes_figures_wrong_blocks_and_what_a_reader_should_know_warns() -> None:
    assert {name for name in RULES if not BY_NAME[name].blocks} == WARNINGS


def test_broken_documents_are_listed_up_to_a_number(connection: Connection) -> None:
    spoil(connection, f"UPDATE {STRATEGIES} SET context_filters = '{{\"more\": 1}}'")
    held = connection.exec_driver_sql(f"SELECT count(*) FROM {STRATEGIES} WHERE {CURRENT}").scalar()
    found = find(connection, "context_filters_keep_their_schema", NOW)
    assert held is not None
    assert held < len(found) <= MOST_FINDINGS
