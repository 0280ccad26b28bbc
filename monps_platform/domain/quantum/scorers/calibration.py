"""Whether profiles were right: their chances of a goal in later matches against what happened, beside the naive rate.

The chance is that of a goal in the match whether or not he plays, as the profile says it: expected minutes already hold
that he may not. All players with a profile of the team count, those who did not play as not having scored; nobody is
picked by what came after, save where ``following_season`` says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monps_platform.domain.intervals import Rate, rate
from monps_platform.domain.quantum.scorers.profile import ScorerProfile, anytime_probability, scorer_profiles
from monps_platform.domain.quantum.season import LeagueSeason, SeasonMatch, TeamMatch
from monps_platform.domain.scoring_rules import Bin, Floats, brier, calibration, log_loss
from monps_platform.domain.shots import ShotResult

LEAST_CHANCE = 0.01
"""What both chances are raised to in the log loss, and nowhere else: the naive rate of who has not scored yet is 0, and
a 0 that comes true costs infinity. A lower one would only make the naive rate look worse.
"""
_TENTHS = 10
_BINS = 20
"""Few chances of a single player are above a half."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """A player's chance of a goal in a match, that by his naive rate, and whether he scored."""

    match_id: int
    player_id: int
    team_id: int
    chance: float
    naive: float
    scored: bool


@dataclass(frozen=True, slots=True)
class ScorerForecasts:
    """Forecasts of later matches; ``unforeseen`` of the ``goals`` in them were scored by players without one."""

    rows: tuple[Forecast, ...] = ()
    goals: int = 0
    unforeseen: int = 0


def combined(parts: Iterable[ScorerForecasts]) -> ScorerForecasts:
    """Forecasts of different matches, such as of several leagues, together."""
    known = list(parts)
    rows = tuple(row for part in known for row in part.rows)
    return ScorerForecasts(rows, sum(part.goals for part in known), sum(part.unforeseen for part in known))


@dataclass(frozen=True)
class Score:
    """Mean scores of the profiles and of the naive rate, and of the one less the other: below 0 the profiles are the
    better ones. Intervals by matches.
    """

    profile: Rate
    naive: Rate
    difference: Rate


@dataclass(frozen=True, slots=True)
class Decile:
    """A tenth of the forecasts by chance: how many, and how many of these players were expected to score and did."""

    n: int
    expected: float
    scored: int


@dataclass(frozen=True)
class ScorerCalibration:
    """How good n forecasts in n_matches matches were: log loss, Brier score (over both outcomes: 0 to 2), expected and
    real number of scorers and the ratio of what came to what was said (interval by matches), the same by tenths of the
    forecasts from the lowest chances to the highest, and how often players of like chances scored.
    """

    n: int
    n_matches: int
    expected: float
    scored: int
    came_true: Rate
    deciles: tuple[Decile, ...]
    log_loss: Score
    brier: Score
    bins: tuple[Bin, ...]
    naive_bins: tuple[Bin, ...]
    goals: int
    unforeseen: int


def within_season(season: LeagueSeason, days: Iterable[date]) -> ScorerForecasts:
    """Each match of a season with shots by the newest profiles of the given days, which knew nothing of that day.

    Matches before the first day are not forecast. Where minutes are only known of whole seasons there is no forecast.
    """
    starts = sorted({day for day in days if day <= season.as_of})
    spans = pairwise([*starts, season.as_of])
    return combined(
        _forecasts(
            scorer_profiles(season.before(start)), [match for match in season.matches if start <= match.day < end]
        )
        for start, end in spans
    )


def following_season(last: LeagueSeason, following: LeagueSeason) -> ScorerForecasts:
    """The matches of a season by the profiles at the end of the one before, for players who appeared for the same club
    in both; nothing where the totals of the following one are not known.

    It is for leagues without line-ups. Who stayed is known by the later totals, so that the sample leans a little to
    those who played at all: who never appeared again is left out, who left in winter counts to the end of the season.
    Newcomers and promoted clubs have no forecast.
    """
    if following.players is None:
        return ScorerForecasts()
    stayed = {(row.player_id, row.team_id) for row in following.players}
    profiles = [item for item in scorer_profiles(last) if (item.player_id, item.team_id) in stayed]
    return _forecasts(profiles, following.matches)


def judge(forecasts: ScorerForecasts, seed: int) -> ScorerCalibration | None:
    """How good the forecasts were; None without any. ``seed`` makes the intervals repeatable."""
    if not forecasts.rows:
        return None
    matches = np.array([row.match_id for row in forecasts.rows], dtype=np.int64)
    scored = np.array([row.scored for row in forecasts.rows], dtype=np.bool_)
    chances = np.array([row.chance for row in forecasts.rows])
    naive = np.array([row.naive for row in forecasts.rows])
    goals = scored.astype(np.int64)
    raised = [log_loss(_both(np.maximum(item, LEAST_CHANCE)), goals) for item in (chances, naive)]
    squared = [brier(_both(item), goals) for item in (chances, naive)]
    return ScorerCalibration(
        n=len(matches),
        n_matches=len(np.unique(matches)),
        expected=float(chances.sum()),
        scored=int(scored.sum()),
        came_true=rate(goals, chances, matches, seed),
        deciles=_deciles(chances, scored),
        log_loss=_score(raised, matches, seed),
        brier=_score(squared, matches, seed),
        bins=calibration(chances, scored, matches, seed, _BINS),
        naive_bins=calibration(naive, scored, matches, seed, _BINS),
        goals=forecasts.goals,
        unforeseen=forecasts.unforeseen,
    )


def naive_chance(goals: int, minutes: int | None, expected_minutes: float | None) -> float:
    """The chance of a goal by goals per minute so far and the same expected minutes; 0 where these are not known."""
    if not minutes or expected_minutes is None:
        return 0.0
    return anytime_probability(goals / minutes * expected_minutes)


def _forecasts(profiles: Sequence[ScorerProfile], matches: Sequence[SeasonMatch]) -> ScorerForecasts:
    """Forecasts of both sides' players in the matches with shots, as far as their teams have profiles."""
    squads: dict[int, list[ScorerProfile]] = {}
    for profile in profiles:
        squads.setdefault(profile.team_id, []).append(profile)
    sides = (TeamMatch(match, is_home=is_home) for match in matches for is_home in (True, False))
    found = [_of_side(side, squads[side.own.team_id]) for side in sides if side.own.team_id in squads]
    return combined(found)


def _of_side(side: TeamMatch, squad: Sequence[ScorerProfile]) -> ScorerForecasts:
    """Forecasts of a squad in one of its matches; none where the shots are not held, which say who scored."""
    if side.own_shots is None:
        return ScorerForecasts()
    scorers = Counter(shot.player_id for shot in side.own_shots if shot.result is ShotResult.GOAL)
    rows = tuple(
        Forecast(
            side.match.match_id,
            profile.player_id,
            profile.team_id,
            profile.anytime_prob,
            naive_chance(profile.goals, profile.minutes, profile.expected_minutes),
            scored=profile.player_id in scorers,
        )
        for profile in squad
        if profile.anytime_prob is not None
    )
    foreseen = sum(scorers[row.player_id] for row in rows)
    return ScorerForecasts(rows, scorers.total(), scorers.total() - foreseen)


def _deciles(chances: Floats, scored: NDArray[np.bool_]) -> tuple[Decile, ...]:
    """Tenths of the forecasts (n,) in order of their chances; fewer where there are fewer forecasts."""
    tenths = np.array_split(np.argsort(chances, kind="stable"), _TENTHS)
    return tuple(Decile(len(at), float(chances[at].sum()), int(scored[at].sum())) for at in tenths if len(at))


def _both(chances: Floats) -> Floats:
    """Probabilities (n, 2) of no goal and of a goal."""
    return np.stack([1 - chances, chances], axis=1)


def _score(scores: Sequence[Floats], matches: NDArray[np.int64], seed: int) -> Score:
    """Means of the profiles' and of the naive rate's scores, (n,) each, and of their differences, by matches."""
    own, naive = scores
    ones = np.ones(len(own))
    return Score(*(rate(item, ones, matches, seed) for item in (own, naive, own - naive)))
