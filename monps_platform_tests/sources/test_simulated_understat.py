"""Understat's files of the simulated leagues: their form, and that they tell of football-data.co.uk's matches."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import time
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from itertools import chain, pairwise
from typing import Any

import numpy as np
import pytest

from monps_platform.domain.identities import Played, pair_teams
from monps_platform.domain.leagues import SIMULATED, League, league
from monps_platform.domain.seasons import Season, SeasonError
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation
from monps_platform.sources.simulated import (
    LATE_GOAL_CLUBS,
    LATE_GOAL_ODDS,
    UNDERSTAT_NAMES,
    NotSimulatedError,
    UnknownMatchError,
    match_ids,
    simulate_league_file,
    simulate_match_file,
    simulate_season,
    team_strengths,
    true_probabilities,
)
from monps_platform.sources.simulated.names import CLUBS
from monps_platform.sources.simulated.understat.chances import PENALTY
from monps_platform.sources.simulated.understat.endings import GOAL, OWN_GOAL
from monps_platform.sources.simulated.understat.season import understat_season
from monps_platform.sources.understat.files import league_key, match_id_of, match_key
from monps_platform.sources.understat.league_file import parse_league
from monps_platform.sources.understat.match_file import parse_match
from monps_platform_tests.conftest import SHARED_DATA

_SEASON = Season(2019)
_MIRROR = SHARED_DATA / "understat"
_EACH_LEAGUE = pytest.mark.parametrize("item", SIMULATED, ids=lambda item: item.code)
_SUMS = {
    "time": "time", "goals": "goals", "shots": "shots", "xG": "xG", "assists": "assists", "xA": "xA",
    "key_passes": "key_passes", "yellow_cards": "yellow_card", "red_cards": "red_card",
    "xGChain": "xGChain", "xGBuildup": "xGBuildup",
}  # fmt: skip
_ROSTER_KEYS = {
    "id", "goals", "own_goals", "shots", "xG", "time", "player_id", "team_id", "position", "player", "h_a",
    "yellow_card", "red_card", "roster_in", "roster_out", "key_passes", "assists", "xA", "xGChain", "xGBuildup",
    "positionOrder",
}  # fmt: skip
_HISTORY_KEYS = {
    "h_a", "xG", "xGA", "npxG", "npxGA", "ppda", "ppda_allowed", "deep", "deep_allowed", "scored", "missed", "xpts",
    "result", "date", "wins", "draws", "loses", "pts", "npxGD",
}  # fmt: skip

Record = dict[str, Any]


@cache
def _league(item: League, season: Season = _SEASON) -> Record:
    return dict(json.loads(simulate_league_file(item, season)))


@cache
def _match(item: League, match_id: int, season: Season = _SEASON) -> Record:
    return dict(json.loads(simulate_match_file(item, season, match_id)))


@cache
def _rows(item: League, season: Season = _SEASON) -> list[Record]:
    return list(csv.DictReader(io.StringIO(simulate_season(item, season).decode("ascii"), newline="")))


@cache
def _sides(item: League) -> list[tuple[Record, Record, str, Record]]:
    """Football-data's row, Understat's listing, the side, and Understat's match file: for both sides of every match."""
    return [
        (row, listing, side, _match(item, int(listing["id"])))
        for row, listing in zip(_rows(item), _league(item)["dates"], strict=True)
        for side in "ha"
    ]


def _shots(item: League) -> list[Record]:
    return [shot for _, _, side, file in _sides(item) for shot in file["shots"][side]]


def _entries(item: League) -> list[Record]:
    return [entry for _, _, side, file in _sides(item) for entry in file["rosters"][side].values()]


def _goals_for(file: Record, side: str) -> list[Record]:
    """The goals that count for a side: its own, and the other side's own goals."""
    other = "ha".replace(side, "")
    scored = [shot for shot in file["shots"][side] if shot["result"] == "Goal"]
    return scored + [shot for shot in file["shots"][other] if shot["result"] == "OwnGoal"]


@_EACH_LEAGUE
def test_the_matches_are_those_of_football_data(item: League) -> None:
    dates = _league(item)["dates"]
    assert [int(listing["id"]) for listing in dates] == list(match_ids(item, _SEASON))
    for row, listing in zip(_rows(item), dates, strict=True):
        names = UNDERSTAT_NAMES[item.code]
        assert (listing["h"]["title"], listing["a"]["title"]) == (names[row["HomeTeam"]], names[row["AwayTeam"]])
        assert listing["goals"] == {"h": row["FTHG"], "a": row["FTAG"]}
        day, month, year = row["Date"].split("/")
        assert listing["datetime"] == f"{year}-{month}-{day} {row['Time']}:00"
        assert listing["isResult"] is True


@_EACH_LEAGUE
def test_goals_from_shots_make_the_score_when_own_goals_count_for_the_other_side(item: League) -> None:
    own_goals = 0
    for row, _, side, file in _sides(item):
        assert len(_goals_for(file, side)) == int(row["FTHG" if side == "h" else "FTAG"])
        own_goals += sum(shot["result"] == "OwnGoal" for shot in file["shots"][side])
    assert own_goals > 0


@_EACH_LEAGUE
def test_goals_before_half_time_are_those_of_the_score_at_half_time(item: League) -> None:
    for row, _, side, file in _sides(item):
        minutes = [int(goal["minute"]) for goal in _goals_for(file, side)]
        at_half_time = int(row["HTHG" if side == "h" else "HTAG"])
        # Minutes 46 to 48 are stoppage time of the one half or the beginning of the other.
        assert sum(minute < 46 for minute in minutes) <= at_half_time <= sum(minute <= 48 for minute in minutes)


@_EACH_LEAGUE
def test_shots_and_shots_on_target_are_as_many_as_in_football_data(item: League) -> None:
    for row, _, side, file in _sides(item):
        results = Counter(shot["result"] for shot in file["shots"][side])
        letter = "H" if side == "h" else "A"
        assert results.total() - results["OwnGoal"] == int(row[f"{letter}S"])
        assert results["Goal"] + results["SavedShot"] == int(row[f"{letter}ST"])


@_EACH_LEAGUE
def test_cards_are_as_many_as_in_football_data(item: League) -> None:
    for row, _, side, file in _sides(item):
        entries, letter = file["rosters"][side].values(), "H" if side == "h" else "A"
        assert sum(int(entry["yellow_card"]) for entry in entries) == int(row[f"{letter}Y"])
        assert sum(int(entry["red_card"]) for entry in entries) == int(row[f"{letter}R"])


@_EACH_LEAGUE
def test_a_sides_xg_is_the_sum_over_its_shots_to_five_decimals(item: League) -> None:
    for _, listing, side, file in _sides(item):
        total = sum(float(shot["xG"]) for shot in file["shots"][side])
        assert float(listing["xG"][side]) == pytest.approx(total, abs=0.500001e-5)
        assert len(listing["xG"][side].partition(".")[2]) <= 5


@_EACH_LEAGUE
def test_shots_are_in_order_of_minute_and_repeat_what_the_match_says(item: League) -> None:
    for _, listing, side, file in _sides(item):
        shots = file["shots"][side]
        assert [(int(shot["minute"]), int(shot["id"])) for shot in shots] == sorted(
            (int(shot["minute"]), int(shot["id"])) for shot in shots
        )
        for shot in shots:
            assert (shot["match_id"], shot["h_a"], shot["date"]) == (listing["id"], side, listing["datetime"])
            assert (shot["h_team"], shot["a_team"]) == (listing["h"]["title"], listing["a"]["title"])
            assert (shot["h_goals"], shot["a_goals"]) == (listing["goals"]["h"], listing["goals"]["a"])
            assert shot["season"] == "2019"


@_EACH_LEAGUE
def test_values_of_shots_are_in_their_ranges(item: League) -> None:
    shots = _shots(item)
    assert {shot["result"] for shot in shots} == set(ShotResult)
    assert {shot["situation"] for shot in shots} == set(ShotSituation)
    assert {shot["shotType"] for shot in shots} == set(BodyPart)
    for shot in shots:
        assert 0 <= int(shot["minute"]) <= 95
        assert 0 < float(shot["X"]) < 1
        assert 0 < float(shot["Y"]) < 1
        own = shot["result"] == "OwnGoal"
        assert (shot["xG"] == "0") == own
        assert float(shot["xG"]) < 1
        assert (float(shot["X"]) < 0.5) == own
        if own or shot["situation"] in {"Penalty", "DirectFreekick"}:
            assert shot["player_assisted"] is None


@_EACH_LEAGUE
def test_penalties_are_taken_from_the_spot_and_mostly_scored(item: League) -> None:
    penalties = [shot for shot in _shots(item) if shot["situation"] == "Penalty"]
    assert {(shot["X"], shot["Y"], shot["xG"]) for shot in penalties} == {("0.885", "0.5", "0.76")}
    assert not any(shot["result"] in {"BlockedShot", "OwnGoal"} for shot in penalties)
    assert 0.2 < len(penalties) / len(_rows(item)) < 0.5


@_EACH_LEAGUE
def test_eleven_start_and_minutes_add_up_over_substitutions(item: League) -> None:
    for _, _, side, file in _sides(item):
        roster = file["rosters"][side]
        starters = [entry for entry in roster.values() if entry["position"] != "Sub"]
        assert len(starters) == 11
        assert starters[0]["position"] == "GK"
        assert sum(int(entry["time"]) for entry in roster.values()) == 11 * 90
        assert len({entry["player_id"] for entry in roster.values()}) == len(roster)
        for entry in roster.values():
            if entry["position"] == "Sub":
                replaced = roster[entry["roster_out"]]
                assert replaced["roster_in"] == entry["id"]
                assert int(replaced["time"]) + int(entry["time"]) == 90
            elif entry["roster_in"] == "0":
                assert entry["time"] == "90"


@_EACH_LEAGUE
def test_only_players_on_the_pitch_shoot_and_assist(item: League) -> None:
    for _, _, side, file in _sides(item):
        roster = file["rosters"][side].values()
        by_id = {entry["player_id"]: entry for entry in roster}
        by_name = {entry["player"]: entry for entry in roster}
        for shot in file["shots"][side]:
            shooter = by_id[shot["player_id"]]
            assert shooter["player"] == shot["player"] != shot["player_assisted"]
            assert shot["player_assisted"] in {None, *by_name}
            for entry in filter(None, [shooter, by_name.get(shot["player_assisted"])]):
                minute, played = int(shot["minute"]), int(entry["time"])
                if entry["position"] == "Sub":
                    assert minute >= 90 - played
                elif played < 90:
                    assert minute < played


@_EACH_LEAGUE
def test_line_ups_sum_up_the_shots_of_the_match(item: League) -> None:
    for _, _, side, file in _sides(item):
        shots = file["shots"][side]
        for entry in file["rosters"][side].values():
            own = [shot for shot in shots if shot["player_id"] == entry["player_id"]]
            taken = [shot for shot in own if shot["result"] != "OwnGoal"]
            passed = [shot for shot in shots if shot["player_assisted"] == entry["player"]]
            assert int(entry["shots"]) == len(taken)
            assert int(entry["own_goals"]) == len(own) - len(taken)
            assert int(entry["goals"]) == sum(shot["result"] == "Goal" for shot in taken)
            assert int(entry["key_passes"]) == len(passed)
            assert int(entry["assists"]) == sum(shot["result"] == "Goal" for shot in passed)
            xg, xa = (sum(float(shot["xG"]) for shot in part) for part in (taken, passed))
            assert (float(entry["xG"]), float(entry["xA"])) == pytest.approx((xg, xa), abs=1e-9)
            assert float(entry["xGChain"]) == pytest.approx(xg + xa + float(entry["xGBuildup"]), abs=1e-9)


@_EACH_LEAGUE
def test_nobody_has_part_in_more_than_the_shots_of_his_side(item: League) -> None:
    shares = []
    for _, listing, side, file in _sides(item):
        total = float(listing["xG"][side])
        chains = [float(entry["xGChain"]) for entry in file["rosters"][side].values()]
        assert max(chains) <= total + 1e-5
        shares.append(sum(chains) / max(total, 0.01))
    assert 2.5 < np.mean(shares) < 4


@_EACH_LEAGUE
def test_players_seasons_sum_up_their_line_ups(item: League) -> None:
    players = _league(item)["players"]
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in _entries(item):
        totals[entry["player_id"]]["games"] += 1
        for name, source in _SUMS.items():
            totals[entry["player_id"]][name] += float(entry[source])  # type: ignore[assignment]
    assert {player["id"] for player in players} == set(totals)
    assert len(totals) == len(players)
    for player in players:
        expected = totals[player["id"]]
        assert {name: float(player[name]) for name in ("games", *_SUMS)} == pytest.approx(dict(expected), abs=1e-6)


@_EACH_LEAGUE
def test_penalties_are_left_out_of_players_non_penalty_sums(item: League) -> None:
    goals: Counter[str] = Counter()
    xg: defaultdict[str, float] = defaultdict(float)
    for shot in _shots(item):
        if shot["situation"] == "Penalty":
            goals[shot["player_id"]] += shot["result"] == "Goal"
            xg[shot["player_id"]] += float(shot["xG"])
    assert sum(goals.values()) > 0
    for player in _league(item)["players"]:
        assert int(player["goals"]) - int(player["npg"]) == goals[player["id"]]
        assert float(player["xG"]) - float(player["npxG"]) == pytest.approx(xg[player["id"]], abs=1e-6)


@_EACH_LEAGUE
def test_goals_of_a_clubs_players_are_its_goals_less_own_goals_of_others(item: League) -> None:
    by_club, movers, scored = Counter[str](), Counter[str](), Counter[str]()
    for player in _league(item)["players"]:
        (movers if "," in player["team_title"] else by_club)[player["team_title"]] += int(player["goals"])
    for shot in _shots(item):
        if shot["result"] == "Goal":
            scored[shot["h_team"] if shot["h_a"] == "h" else shot["a_team"]] += 1
    assert by_club.total() + movers.total() == scored.total()
    for club, goals in scored.items():
        shared = sum(count for clubs, count in movers.items() if club in clubs.split(","))
        assert by_club[club] <= goals <= by_club[club] + shared


@_EACH_LEAGUE
def test_players_change_clubs_on_1_february_and_at_no_other_time(item: League) -> None:
    days: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, listing, side, file in _sides(item):
        for entry in file["rosters"][side].values():
            days[entry["player_id"], entry["team_id"]].append(listing["datetime"][:10])
    first = sorted((player, min(played), max(played)) for (player, _), played in days.items())
    moves = [(left, joined) for (one, _, left), (other, joined, _) in pairwise(first) if one == other]
    assert moves
    assert all(left < "2020-02-01" <= joined for left, joined in moves)


@_EACH_LEAGUE
def test_lent_players_are_their_first_clubs_in_the_seasons_around(item: League) -> None:
    lent: dict[str, list[str]] = defaultdict(list)
    for _, listing, side, file in _sides(item):
        for entry in file["rosters"][side].values():
            lent[entry["player_id"]].append(listing[side]["title"])
    around = [player for year in (2018, 2020) for player in _league(item, Season(year))["players"]]
    seen = [(player, lent[player["id"]]) for player in around if len(set(lent[player["id"]])) == 2]
    assert seen
    assert all(played_for[0] in player["team_title"].split(",") for player, played_for in seen)


@_EACH_LEAGUE
def test_a_few_players_move_once_and_none_plays_for_two_clubs_at_a_time(item: League) -> None:
    clubs: dict[str, list[str]] = defaultdict(list)
    for _, listing, side, file in _sides(item):
        for entry in file["rosters"][side].values():
            clubs[entry["player_id"]].append(listing[side]["title"])
            assert entry["team_id"] == listing[side]["id"]
    for player in _league(item)["players"]:
        played_for = clubs[player["id"]]
        changes = sum(before != after for before, after in pairwise(played_for))
        assert changes == len(set(played_for)) - 1 <= 1
        assert player["team_title"] == ",".join(sorted(set(played_for)))
    assert 2 <= sum(len(set(played_for)) == 2 for played_for in clubs.values()) <= 4
    sizes = Counter(club for played_for in clubs.values() for club in set(played_for))
    assert 20 <= min(sizes.values()) <= max(sizes.values()) <= 25


@_EACH_LEAGUE
def test_players_stay_for_years_under_one_name_that_nobody_shares(item: League) -> None:
    seasons = [_league(item, Season(year))["players"] for year in (2018, 2019, 2026)]
    names = [{player["id"]: player["player_name"] for player in season} for season in seasons]
    assert len(set(names[1].values())) == len(names[1])
    stayed = names[0].keys() & names[1].keys()
    assert 0.7 < len(stayed) / len(names[0]) < 0.9
    assert all(names[0][player] == names[1][player] for player in stayed)
    assert not names[1].keys() & names[2].keys()


@_EACH_LEAGUE
def test_positions_are_the_role_and_whether_a_player_ever_came_on(item: League) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for entry in _entries(item):
        seen[entry["player_id"]].add({"G": "GK", "F": "F", "S": "S"}.get(entry["position"][0], entry["position"][0]))
    for player in _league(item)["players"]:
        assert set(player["position"].split()) == seen[player["id"]]
        assert len(seen[player["id"]] - {"S"}) <= 1


@_EACH_LEAGUE
def test_the_history_of_the_teams_agrees_with_the_matches(item: League) -> None:
    teams = _league(item)["teams"]
    assert {key: team["title"] for key, team in teams.items()} == {
        listing["h"]["id"]: listing["h"]["title"] for listing in _league(item)["dates"]
    }
    histories = {(team["title"], entry["date"]): entry for team in teams.values() for entry in team["history"]}
    assert len(histories) == 2 * len(_rows(item))
    for _, listing, side, file in _sides(item):
        other = "ha".replace(side, "")
        entry = histories[listing[side]["title"], listing["datetime"]]
        opponent = histories[listing[other]["title"], listing["datetime"]]
        goals = {which: int(listing["goals"][which]) for which in "ha"}
        assert (entry["h_a"], entry["scored"], entry["missed"]) == (side, goals[side], goals[other])
        assert entry["xG"] == opponent["xGA"] == pytest.approx(float(listing["xG"][side]), abs=1e-5)
        penalties = sum(float(shot["xG"]) for shot in file["shots"][side] if shot["situation"] == "Penalty")
        assert entry["npxG"] == opponent["npxGA"] == pytest.approx(entry["xG"] - penalties, abs=1e-9)
        assert entry["npxGD"] == pytest.approx(entry["npxG"] - entry["npxGA"], abs=1e-9)
        assert (entry["ppda"], entry["deep"]) == (opponent["ppda_allowed"], opponent["deep_allowed"])
        points = 3 * (goals[side] > goals[other]) + (goals[side] == goals[other])
        outcome = [points == 3, points == 1, points == 0]
        assert [entry[name] for name in ("wins", "draws", "loses")] == outcome
        assert (entry["pts"], entry["result"]) == (points, "wdl"[outcome.index(True)])


@_EACH_LEAGUE
def test_expected_points_are_those_of_shots_taken_one_by_one(item: League) -> None:
    generator = np.random.default_rng(1)
    teams = {team["title"]: team["history"] for team in _league(item)["teams"].values()}
    file = _match(item, match_ids(item, _SEASON)[7])
    listing = _league(item)["dates"][7]
    goals = {
        side: (generator.random((20_000, len(shots))) < [float(shot["xG"]) for shot in shots]).sum(axis=1)
        for side, shots in file["shots"].items()
    }
    points = 3 * (goals["h"] > goals["a"]) + (goals["h"] == goals["a"])
    entry = next(entry for entry in teams[listing["h"]["title"]] if entry["date"] == listing["datetime"])
    assert entry["xpts"] == pytest.approx(points.mean(), abs=0.04)


@_EACH_LEAGUE
def test_pressing_is_plausible_and_a_matter_of_style(item: League) -> None:
    histories = [team["history"] for team in _league(item)["teams"].values()]
    ppda = np.array([[entry["ppda"]["att"] / entry["ppda"]["def"] for entry in history] for history in histories])
    assert 10 < ppda.mean() < 13
    spread_by_chance = ppda.std(axis=1).mean() / np.sqrt(ppda.shape[1])
    assert ppda.mean(axis=1).std() > 2 * spread_by_chance
    assert 4.5 < np.mean([entry["deep"] for history in histories for entry in history]) < 7.5


@cache
def _many_shots(item: League) -> dict[str, np.ndarray[Any, Any]]:
    """All shots of 12 seasons by column; ``late`` tells whether they count for the club that scores late."""
    parts = []
    for year in range(2010, 2022):
        whole = understat_season(item, Season(year))
        shots = whole.shots
        own = shots.result == OWN_GOAL
        club = whole.matches.club[np.where(own, shots.side ^ 1, shots.side)]
        late = club == CLUBS[item.code].index(LATE_GOAL_CLUBS[item.code])
        rate = whole.matches.rates[shots.side]
        parts.append([shots.xg / 1e6, shots.result == GOAL, own, shots.situation == PENALTY, rate, shots.minute, late])
    names = ("xg", "goal", "own", "penalty", "rate", "minute", "late")
    return dict(zip(names, np.concatenate(parts, axis=1), strict=True))


def _all_shots(*, own: bool = False) -> dict[str, np.ndarray[Any, Any]]:
    """The shots of both leagues, with or without own goals."""
    both = [_many_shots(item) for item in SIMULATED]
    every = {name: np.concatenate([part[name] for part in both]) for name in both[0]}
    return {name: column[(every["own"] == 0) | own] for name, column in every.items()}


def _within_sampling_error(xg: Any, goal: Any) -> bool:
    return bool(abs(goal.sum() - xg.sum()) < 3 * np.sqrt((xg * (1 - xg)).sum()))


def test_xg_is_calibrated_from_poor_chances_to_great_ones() -> None:
    shots = _all_shots()
    for low, high in zip([0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5], [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1], strict=True):
        chosen = (shots["xg"] >= low) & (shots["xg"] < high)
        assert chosen.sum() > 1000
        assert _within_sampling_error(shots["xg"][chosen], shots["goal"][chosen])


def test_xg_is_right_for_weak_and_strong_sides_alike() -> None:
    shots = _all_shots()
    limits = np.quantile(shots["rate"], [0, 0.2, 0.4, 0.6, 0.8, 1])
    for low, high in pairwise(limits):
        chosen = (shots["rate"] >= low) & (shots["rate"] <= high)
        assert _within_sampling_error(shots["xg"][chosen], shots["goal"][chosen])
        assert shots["xg"][chosen].sum() / shots["goal"][chosen].sum() == pytest.approx(1, abs=0.05)


def test_xg_is_right_for_penalties() -> None:
    shots = _all_shots()
    penalties = shots["penalty"] == 1
    assert _within_sampling_error(shots["xg"][penalties], shots["goal"][penalties])


@_EACH_LEAGUE
def test_the_xg_of_a_season_is_close_to_its_goals(item: League) -> None:
    shots = [shot for shot in _shots(item) if shot["result"] != "OwnGoal"]
    xg = np.array([float(shot["xG"]) for shot in shots])
    assert _within_sampling_error(xg, np.array([shot["result"] == "Goal" for shot in shots]))


@_EACH_LEAGUE
def test_a_sides_xg_follows_its_true_strength(item: League) -> None:
    truth = true_probabilities(item, _SEASON)
    expected = [truth[row["HomeTeam"], row["AwayTeam"]].home_goals for row in _rows(item)]
    xg = [float(listing["xG"]["h"]) for listing in _league(item)["dates"]]
    assert np.corrcoef(expected, xg)[0, 1] > 0.4


def test_own_goals_are_three_in_a_hundred() -> None:
    shots = _all_shots(own=True)
    goals = shots["own"].sum() + shots["goal"].sum()
    assert shots["own"].sum() / goals == pytest.approx(0.03, abs=3 * np.sqrt(0.03 * 0.97 / goals))


@_EACH_LEAGUE
def test_one_club_scores_late_and_the_others_do_not(item: League) -> None:
    shots = _many_shots(item)
    in_second_half = ((shots["goal"] == 1) | (shots["own"] == 1)) & (shots["minute"] > 48)
    after_75 = shots["minute"] > 75
    counts = [
        int((in_second_half & (after_75 == late) & (shots["late"] == known)).sum())
        for known in (True, False)
        for late in (True, False)
    ]
    ratio = (counts[0] / counts[1]) / (counts[2] / counts[3])
    assert LATE_GOAL_ODDS == 3
    assert abs(np.log(ratio / LATE_GOAL_ODDS)) < 3 * np.sqrt(sum(1 / count for count in counts)) < 1


@_EACH_LEAGUE
def test_other_shots_of_the_club_that_scores_late_fall_as_everyones(item: League) -> None:
    shots = _many_shots(item)
    others = (shots["goal"] == 0) & (shots["own"] == 0)
    share = [(shots["minute"][others & (shots["late"] == known)] > 75).mean() for known in (True, False)]
    assert share[0] == pytest.approx(share[1], abs=3 * np.sqrt(0.25 * 0.75 / (others & (shots["late"] == 1)).sum()))


@_EACH_LEAGUE
def test_goals_rise_mildly_over_the_match(item: League) -> None:
    shots = _many_shots(item)
    minutes = shots["minute"][(shots["goal"] == 1) & (shots["late"] == 0)]
    quarters = [((minutes >= low) & (minutes < low + 15)).sum() for low in (0, 30, 50, 75)]
    assert quarters == sorted(quarters)
    assert quarters[3] < 2 * quarters[0]


@_EACH_LEAGUE
def test_forwards_score_more_than_midfielders_and_they_more_than_defenders(item: League) -> None:
    goals, minutes = Counter[str](), Counter[str]()
    for player in _league(item)["players"]:
        role = player["position"].split()[0]
        goals[role] += int(player["goals"])
        minutes[role] += int(player["time"])
    rates = [goals[role] / minutes[role] for role in ("GK", "D", "M", "F")]
    assert rates == sorted(rates)
    assert rates[0] == 0 < rates[1]


def test_ids_are_far_from_real_ones_and_nothing_shares_them() -> None:
    ids: Counter[str] = Counter()
    for item in SIMULATED:
        ids.update(shot["id"] for shot in _shots(item))
        ids.update(entry["id"] for entry in _entries(item))
        ids.update(player["id"] for player in _league(item)["players"])
        ids.update(listing["id"] for listing in _league(item)["dates"])
        ids.update(list(_league(item)["teams"]))
        # Players and clubs keep their ids into the next season; the rest has new ones.
        ids.update(listing["id"] for listing in _league(item, Season(2020))["dates"])
        later = [_match(item, match_ids(item, Season(2020))[index], Season(2020)) for index in (0, -1)]
        ids.update(shot["id"] for file in later for shot in chain(*file["shots"].values()))
        ids.update(entry for file in later for entry in chain(*file["rosters"].values()))
    assert set(ids.values()) == {1}
    assert min(int(number) for number in ids) >= 9_000_000_000


def test_players_are_listed_with_most_goals_first_as_the_site_does() -> None:
    goals = [int(player["goals"]) for player in _league(SIMULATED[0])["players"]]
    assert goals == sorted(goals, reverse=True)
    assert 14 <= goals[0] <= 36


@_EACH_LEAGUE
def test_the_truth_names_every_club_once_and_spells_some_otherwise(item: League) -> None:
    names = UNDERSTAT_NAMES[item.code]
    assert set(names) == set(CLUBS[item.code]) == set(team_strengths(item, _SEASON))
    assert len(set(names.values())) == len(names)
    assert sum(ours != theirs for ours, theirs in names.items()) >= 4
    assert LATE_GOAL_CLUBS[item.code] in names


@_EACH_LEAGUE
def test_spellings_are_told_apart_by_shared_fixtures_alone(item: League) -> None:
    numbers = {name: number for number, name in enumerate(CLUBS[item.code])}
    ours = [
        Played(
            _day(row["Date"]), numbers[row["HomeTeam"]], numbers[row["AwayTeam"]], int(row["FTHG"]), int(row["FTAG"])
        )
        for row in _rows(item)
    ]
    theirs = [
        Played(
            date.fromisoformat(listing["datetime"][:10]),
            str(listing["h"]["title"]),
            str(listing["a"]["title"]),
            int(listing["goals"]["h"]),
            int(listing["goals"]["a"]),
        )
        for listing in _league(item)["dates"]
    ]
    paired = pair_teams(ours, theirs, {number: name for name, number in numbers.items()})
    truth = {theirs: numbers[ours] for ours, theirs in UNDERSTAT_NAMES[item.code].items()}
    assert {pairing.spelling: pairing.team for pairing in paired} == truth


def _day(text: str) -> date:
    return date.fromisoformat("-".join(reversed(text.split("/"))))


@_EACH_LEAGUE
def test_the_parsers_of_the_real_site_read_everything(item: League) -> None:
    parsed = parse_league(simulate_league_file(item, _SEASON), item, _SEASON, "league")
    assert not parsed.rejections
    assert len(parsed.listings) == len(_rows(item))
    assert len(parsed.players) == len(_league(item)["players"])
    assert all(listing.home_ppda and listing.home_deep is not None for listing in parsed.listings)
    for match_id in match_ids(item, _SEASON):
        match = parse_match(simulate_match_file(item, _SEASON, match_id), match_id, "match")
        assert not match.rejections
        assert len(match.appearances) == 28


def test_keys_are_formed_as_those_of_real_files() -> None:
    assert league_key(SIMULATED[0], _SEASON) == "getLeagueData/SIM1/2019"
    match_id = match_ids(SIMULATED[0], _SEASON)[0]
    assert match_id_of(match_key(match_id)) == match_id


@pytest.mark.skipif(not _MIRROR.exists(), reason="the mirror lies beside the checkout")
@_EACH_LEAGUE
def test_listings_players_and_shots_have_the_form_of_the_real_files(item: League) -> None:
    real, ours = json.loads((_MIRROR / "getLeagueData/EPL/2019").read_bytes()), _league(item)
    for kind in ("players", "dates"):
        assert _form(ours[kind]) == _form(real[kind]), kind
    real_match = json.loads((_MIRROR / "getMatchData/11643").read_bytes())
    assert _form(_shots(item)) == _form(list(chain(*real_match["shots"].values())))


def _form(records: list[Record]) -> dict[str, set[str]]:
    """Keys and the kinds of their values; sides of a match by their title alone, which is all that the mirror has."""
    form: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for key, value in record.items():
            if key in {"h", "a"}:
                form[f"{key}.title"].add(type(value["title"]).__name__)
            elif isinstance(value, dict):
                for inner, content in value.items():
                    form[f"{key}.{inner}"].add(type(content).__name__)
            else:
                form[key].add(type(value).__name__)
    return dict(form)


def test_what_the_mirror_lacks_has_the_form_of_the_live_site() -> None:
    content = _league(SIMULATED[0])
    assert list(content) == ["teams", "players", "dates"]
    for key, team in content["teams"].items():
        assert set(team) == {"id", "title", "history"}
        assert key == team["id"]
        for entry in team["history"]:
            assert set(entry) == _HISTORY_KEYS
            assert set(entry["ppda"]) == set(entry["ppda_allowed"]) == {"att", "def"}
            assert isinstance(entry["xG"], float)
            assert isinstance(entry["ppda"]["att"], int)
    assert {frozenset(listing[side]) for listing in content["dates"] for side in "ha"} == {
        frozenset({"id", "title", "short_title"})
    }
    file = _match(SIMULATED[0], match_ids(SIMULATED[0], _SEASON)[0])
    assert list(file) == ["rosters", "shots"]
    assert list(file["rosters"]) == list(file["shots"]) == ["h", "a"]
    for side in "ha":
        for key, entry in file["rosters"][side].items():
            assert set(entry) == _ROSTER_KEYS
            assert key == entry["id"]
            assert {type(value) for value in entry.values()} == {str}


def test_the_files_have_the_same_bytes_for_ever() -> None:
    league_file = simulate_league_file(SIMULATED[0], Season(2022))
    match_file = simulate_match_file(SIMULATED[1], Season(2021), match_ids(SIMULATED[1], Season(2021))[100])
    assert hashlib.sha256(league_file).hexdigest() == "d8f5e37b731624ddb0e0f6659de2e3b3f09be4af31e14b34f00c1df358cafed7"
    assert hashlib.sha256(match_file).hexdigest() == "a8abb53f183c70487a07ab49d8739b9d9247006e16ebf22a512e6e7d4bcc3f0d"


def test_neither_the_cache_nor_the_global_random_state_changes_the_bytes() -> None:
    item, season = SIMULATED[1], Season(2017)
    match_id = match_ids(item, season)[3]
    before = simulate_league_file(item, season), simulate_match_file(item, season, match_id)
    understat_season.cache_clear()
    np.random.seed(1)
    expected = np.random.random()
    np.random.seed(1)
    assert (simulate_league_file(item, season), simulate_match_file(item, season, match_id)) == before
    assert np.random.random() == expected


def test_seasons_differ() -> None:
    lists = [
        tuple(listing["xG"]["h"] for listing in _league(SIMULATED[0], Season(year))["dates"]) for year in (2018, 2019)
    ]
    assert lists[0] != lists[1]


def test_a_real_league_is_refused_as_by_football_datas_simulation() -> None:
    for ask in (simulate_league_file, match_ids):
        with pytest.raises(NotSimulatedError, match=r"E0 .* is not simulated; simulated leagues: SIM1, SIM2"):
            ask(league("E0"), _SEASON)
    with pytest.raises(NotSimulatedError):
        simulate_match_file(league("E0"), _SEASON, 1)


def test_a_season_before_the_leagues_first_is_refused() -> None:
    with pytest.raises(SeasonError, match="simulated from 1993-94 on"):
        simulate_league_file(SIMULATED[0], Season(1992))
    assert len(_league(SIMULATED[0], Season(1993))["dates"]) == 380


def test_a_match_of_another_season_is_refused_with_the_ids_there_are() -> None:
    first, *_, last = match_ids(SIMULATED[0], _SEASON)
    elsewhere = match_ids(SIMULATED[0], Season(2020))[0]
    with pytest.raises(UnknownMatchError, match=f"{elsewhere} is no match of SIM1 2019-20: .* {first} to {last}"):
        simulate_match_file(SIMULATED[0], _SEASON, elsewhere)


def test_a_whole_season_is_written_in_seconds() -> None:
    understat_season.cache_clear()
    began = time.process_time()
    simulate_league_file(SIMULATED[0], _SEASON)
    for match_id in match_ids(SIMULATED[0], _SEASON):
        simulate_match_file(SIMULATED[0], _SEASON, match_id)
    assert time.process_time() - began < 3
