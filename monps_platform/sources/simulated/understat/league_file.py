"""A simulated season in Understat's own JSON: its matches, its players' sums, its teams' history."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.randomness import Ints
from monps_platform.sources.simulated.understat.chances import MICRO, PENALTY
from monps_platform.sources.simulated.understat.lineups import STARTERS
from monps_platform.sources.simulated.understat.season import UnderstatSeason, understat_season
from monps_platform.sources.simulated.understat.squads import Role
from monps_platform.sources.simulated.understat.texts import expected_text, to_json

_ROLE_LETTERS = {Role.GOALKEEPER: "GK", Role.DEFENDER: "D", Role.MIDFIELDER: "M", Role.FORWARD: "F"}
_RESULTS = {3: "w", 1: "d", 0: "l"}


def simulate_league_file(league: League, season: Season) -> bytes:
    """One season of a simulated league as Understat's league file, the same bytes on every machine.

    The matches are those of simulate_season with the same days, scores and numbers of shots; clubs are spelt as
    UNDERSTAT_NAMES says. Raises NotSimulatedError (a ValueError) for a league that is not simulated,
    SeasonError for a season before the league's first.
    """
    whole = understat_season(league, season)
    xg = np.bincount(whole.shots.side, whole.shots.xg, len(whole.matches.club)).astype(np.int64)
    return to_json({"teams": _teams(whole, xg), "players": _players(whole), "dates": _dates(whole, xg)})


def _dates(whole: UnderstatSeason, xg: Ints) -> list[dict[str, Any]]:
    matches, goals, clubs = whole.matches, whole.matches.goals.tolist(), whole.matches.club.tolist()
    return [
        {
            "id": str(match_id),
            "isResult": True,
            "h": _club(whole, clubs[home]),
            "a": _club(whole, clubs[home + 1]),
            "goals": {"h": str(goals[home]), "a": str(goals[home + 1])},
            "xG": {"h": expected_text(int(xg[home]), 5), "a": expected_text(int(xg[home + 1]), 5)},
            "datetime": kickoff,
        }
        for home, match_id, kickoff in zip(range(0, len(clubs), 2), whole.match_ids, matches.kickoffs, strict=True)
    ]


def _club(whole: UnderstatSeason, club: int) -> dict[str, str]:
    title = whole.club_names[club]
    return {"id": str(whole.club_ids[club]), "title": title, "short_title": title[:3].upper()}


def _players(whole: UnderstatSeason) -> list[dict[str, str]]:
    """Everyone who played, with the sums over his line-ups; most goals first."""
    ids, place = np.unique(whole.teams.ids, return_inverse=True)
    columns = _player_columns(whole, place.ravel())
    positions, titles = _positions(whole), _titles(whole)
    players = [
        {
            "id": str(player),
            "player_name": whole.squad.names[player],
            **{name: column[row] for name, column in columns.items()},
            "position": positions[player],
            "team_title": ",".join(sorted(titles[player])),
        }
        for row, player in enumerate(ids.tolist())
    ]
    return sorted(players, key=lambda player: -int(player["goals"]))


def _player_columns(whole: UnderstatSeason, place: Ints) -> dict[str, list[str]]:
    """Each player's sums as text, by Understat's key; ``place`` numbers the players of all line-ups in a row."""
    teams, tallies = whole.teams, whole.tallies
    counts = {
        "games": np.ones_like(teams.ids),
        "time": teams.minutes,
        "goals": tallies.goals,
        "assists": tallies.assists,
        "shots": tallies.shots,
        "key_passes": tallies.key_passes,
        "yellow_cards": teams.yellows,
        "red_cards": teams.reds,
        "npg": tallies.goals - tallies.penalty_goals,
    }
    expected = {
        "xG": tallies.xg,
        "xA": tallies.xa,
        "npxG": tallies.xg - tallies.penalty_xg,
        "xGChain": tallies.xg_chain,
        "xGBuildup": tallies.xg_buildup,
    }

    def totals(table: Ints) -> list[int]:
        return [int(total) for total in np.bincount(place, table.ravel()).tolist()]

    columns = {name: [str(total) for total in totals(table)] for name, table in counts.items()}
    return columns | {name: [expected_text(total) for total in totals(table)] for name, table in expected.items()}


def _positions(whole: UnderstatSeason) -> dict[int, str]:
    """Understat's letters for where a player started, and S if he ever came on, by his id."""
    teams = whole.teams
    roles = zip(teams.ids.ravel().tolist(), teams.roles.ravel().tolist(), strict=True)
    letters = {player: _ROLE_LETTERS[Role(role)] for player, role in roles}
    started, came_on = set(teams.ids[:, :STARTERS].flat), set(teams.ids[:, STARTERS:].flat)
    return {
        player: " ".join([letter] * (player in started) + ["S"] * (player in came_on))
        for player, letter in letters.items()
    }


def _titles(whole: UnderstatSeason) -> dict[int, set[str]]:
    """The clubs that a player played for, by his id."""
    titles: dict[int, set[str]] = defaultdict(set)
    for club, lineup in zip(whole.matches.club.tolist(), whole.teams.ids.tolist(), strict=True):
        for player in lineup:
            titles[player].add(whole.club_names[club])
    return titles


def _teams(whole: UnderstatSeason, xg: Ints) -> dict[str, dict[str, Any]]:
    """Every club with its matches in order of kick-off, by its id."""
    teams: dict[str, dict[str, Any]] = {
        str(club_id): {"id": str(club_id), "title": title, "history": []}
        for club_id, title in zip(whole.club_ids, whole.club_names, strict=True)
    }
    penalties = np.where(whole.shots.situation == PENALTY, whole.shots.xg, 0)
    open_xg = xg - np.bincount(whole.shots.side, penalties, len(xg)).astype(np.int64)
    expected_points = _expected_points(whole)
    for side, club in enumerate(whole.matches.club.tolist()):
        entry = _history(whole, side, xg, open_xg) | {"xpts": expected_points[side]}
        teams[str(whole.club_ids[club])]["history"].append(entry)
    return teams


def _history(whole: UnderstatSeason, side: int, xg: Ints, open_xg: Ints) -> dict[str, Any]:
    """One side's match; what it lacks of the site's entry is the expected points."""
    matches, other = whole.matches, side ^ 1
    scored, missed = int(matches.goals[side]), int(matches.goals[other])
    points = 3 if scored > missed else 1 if scored == missed else 0
    return {
        "h_a": "ha"[side % 2],
        "xG": int(xg[side]) / MICRO,
        "xGA": int(xg[other]) / MICRO,
        "npxG": int(open_xg[side]) / MICRO,
        "npxGA": int(open_xg[other]) / MICRO,
        "ppda": _ppda(whole, side),
        "ppda_allowed": _ppda(whole, other),
        "deep": int(whole.pressing.deep[side]),
        "deep_allowed": int(whole.pressing.deep[other]),
        "scored": scored,
        "missed": missed,
        "result": _RESULTS[points],
        "date": matches.kickoffs[side // 2],
        "wins": int(points == 3),
        "draws": int(points == 1),
        "loses": int(points == 0),
        "pts": points,
        "npxGD": int(open_xg[side] - open_xg[other]) / MICRO,
    }


def _ppda(whole: UnderstatSeason, side: int) -> dict[str, int]:
    pressing = whole.pressing
    return {"att": int(pressing.passes_allowed[side]), "def": int(pressing.defensive_actions[side])}


def _expected_points(whole: UnderstatSeason) -> list[float]:
    """Points that the two sides' shots were worth, taken one by one (Poisson binomial goals): by side."""
    goals: list[list[float]] = [[1.0] for _ in whole.matches.club]
    for side, xg in zip(whole.shots.side.tolist(), whole.shots.xg.tolist(), strict=True):
        chance, before = xg / MICRO, goals[side]
        goals[side] = [
            miss * (1 - chance) + hit * chance for miss, hit in zip([*before, 0.0], [0.0, *before], strict=True)
        ]
    return [_points(goals[side], goals[side ^ 1]) for side in range(len(goals))]


def _points(ours: list[float], theirs: list[float]) -> float:
    """Three times the probability of more goals than theirs, and once that of as many."""
    points, fewer = 0.0, 0.0
    for count, chance in enumerate(ours):
        level = theirs[count] if count < len(theirs) else 0.0
        points += chance * (3 * fewer + level)
        fewer += level
    return round(points, 4)
