"""When a team scores and concedes: goals and xG by period of the match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, auto
from math import isclose, sqrt
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from monps_platform.domain.quantum.documents import Document, Gap, Source, Vector, figure
from monps_platform.domain.quantum.game_state import Course, courses
from monps_platform.domain.quantum.periods import PERIODS, Period, period_index
from monps_platform.domain.quantum.season import LeagueSeason, TeamMatch
from monps_platform.domain.shots import ShotResult
from monps_platform.domain.understat import GOALS

LEAST_MATCHES = 5
"""With shots: of fewer, one match decides which periods are strong."""
LEAST_GOALS = 10
"""A share of a sixth of ten goals has a standard error of twelve points; of fewer it says nothing."""
_TOLERANCE = 1e-9

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class ByPeriod(Document):
    """Shares of the six periods."""

    shares: dict[Period, Share] = figure(
        "part of each period (named by its first and last minute, of which the first of a match is 0); they sum to 1",
        unit="share",
        source=Source.SHOTS,
        least=0,
        low=None,
        high=None,
    )

    @property
    def late(self) -> float:
        """Share after minute 75, stoppage time included."""
        return self.shares[Period.FROM_76]

    @property
    def after_45(self) -> float:
        """Share after minute 45."""
        after = PERIODS[PERIODS.index(Period.TO_60) :]
        return min(1.0, sum(self.shares[period] for period in after))

    @model_validator(mode="after")
    def _periods_are_whole(self) -> Self:
        if set(self.shares) != set(PERIODS):
            raise ValueError(f"there are the periods {sorted(self.shares)}, not all six")
        if not isclose(sum(self.shares.values()), 1, abs_tol=_TOLERANCE):
            raise ValueError(f"the shares sum to {sum(self.shares.values())}, not to 1")
        return self


class GoalsByPeriod(ByPeriod):
    """Goals, own goals of the other side among them."""

    n_goals: int = figure("goals", unit="goals", source=Source.SHOTS, least=LEAST_GOALS, low=1, high=None)
    goals: dict[Period, Count] = figure(
        "goals by period; they sum to n_goals", unit="goals", source=Source.SHOTS, least=0, low=None, high=None
    )

    @model_validator(mode="after")
    def _goals_add_up(self) -> Self:
        if set(self.goals) != set(PERIODS) or sum(self.goals.values()) != self.n_goals:
            raise ValueError(f"{self.goals} are not the {self.n_goals} goals of six periods")
        if any(abs(self.shares[period] * self.n_goals - self.goals[period]) > _TOLERANCE for period in PERIODS):
            raise ValueError("the shares are not those of the goals")
        return self


class XgByPeriod(ByPeriod):
    """Expected goals, penalties among them; own goals have none."""

    n_shots: int = figure("shots", unit="shots", source=Source.SHOTS, least=1, low=1, high=None)
    xg: float = figure("sum of the shots' xG", unit="goals", source=Source.SHOTS, least=1, low=0, high=None)


def _of_periods(formula: str, least: int) -> Any:
    return figure(formula, unit="share", source=Source.SHOTS, least=least, low=None, high=None)


def _second_half_share(formula: str, source: Source, least: int) -> Any:
    return figure(formula, unit="share", source=source, least=least, low=0, high=1)


def _z(goals: str) -> Any:
    formula = (
        f"(late - n p) / sqrt(n p (1 - p) (N - n) / (N - 1)): the team's {goals} after minute 75 among its n, against "
        "the league's share p of N goals"
    )
    return figure(formula, unit="standard deviations", source=Source.SHOTS, least=LEAST_GOALS, low=None, high=None)


def _count(formula: str, source: Source) -> Any:
    return figure(formula, unit="matches", source=source, least=0, low=0, high=None)


class TemporalVector(Vector):
    """When a team scores and concedes. Periods are those of ``domain.quantum.periods``."""

    n_matches_with_shots: int = _count("matches whose shots are held and add up to the score", Source.SHOTS)
    n_matches_with_half_time: int = _count("matches with a half-time score", Source.RESULTS)
    goals_for: GoalsByPeriod | None = _of_periods("goals by period / goals", LEAST_GOALS)
    goals_against: GoalsByPeriod | None = _of_periods("opponents' goals by period / their goals", LEAST_GOALS)
    xg_for: XgByPeriod | None = _of_periods("xG by period / xG", LEAST_MATCHES)
    xg_against: XgByPeriod | None = _of_periods("opponents' xG by period / their xG", LEAST_MATCHES)
    second_half_goals_for_share: float | None = _second_half_share(
        "(goals - goals at half-time) / goals", Source.RESULTS, LEAST_GOALS
    )
    second_half_goals_against_share: float | None = _second_half_share(
        "the same of the opponents' goals", Source.RESULTS, LEAST_GOALS
    )
    second_half_xg_for_share: float | None = _second_half_share(
        "sum of the last three shares of xg_for", Source.SHOTS, LEAST_MATCHES
    )
    second_half_xg_against_share: float | None = _second_half_share(
        "sum of the last three shares of xg_against", Source.SHOTS, LEAST_MATCHES
    )
    late_goals_for_z: float | None = _z("goals")
    late_goals_against_z: float | None = _z("goals conceded")


class _Row(IntEnum):
    """What is summed of a side by period."""

    GOALS = 0
    XG = auto()
    SHOTS = auto()


Table = NDArray[np.float64]
"""Of shape (..., len(_Row), periods)."""


def temporal_vector(season: LeagueSeason, team_id: int) -> TemporalVector:
    """When a team scored and conceded. Raises ValueError for a team that has not played."""
    matches = season.played_by(team_id)
    known = _known(season, matches)
    own, other = known.sum(axis=0)
    league = season.once(_league_goals)
    figures: dict[str, object] = {"n_matches_with_shots": len(known), **_second_halves(matches)}
    for side, table in (("for", own), ("against", other)):
        figures |= _of_side(side, table, league) if len(known) >= LEAST_MATCHES else _without_shots(side, len(known))
    sources = [Source.RESULTS, *([Source.SHOTS] if len(known) else [])]
    return TemporalVector.of(len(matches), season.as_of, sources, figures)


def _known(season: LeagueSeason, matches: Iterable[TeamMatch]) -> Table:
    """The team's and its opponents' rows of the matches with shots: shape (matches, 2, len(_Row), periods)."""
    tables = season.once(_tables)
    held = ((tables.get(match.match.match_id), match.is_home) for match in matches)
    rows = [table if is_home else table[::-1] for table, is_home in held if table is not None]
    return np.array(rows).reshape(-1, 2, len(_Row), len(PERIODS))


def _tables(season: LeagueSeason) -> Mapping[int, Table]:
    """By match id, home and away side's rows: shape (2, len(_Row), periods)."""
    return {match_id: _table(known) for match_id, known in season.once(courses).items()}


def _table(known: Course) -> Table:
    table = np.zeros((2, len(_Row), len(PERIODS)))
    for moment in known.moments:
        shot = moment.shot
        period = period_index(shot.minute)
        if shot.result in GOALS:
            table[0 if shot.counts_for_home else 1, _Row.GOALS, period] += 1
        if shot.result is not ShotResult.OWN_GOAL:
            table[0 if shot.is_home else 1, _Row.XG, period] += shot.xg
            table[0 if shot.is_home else 1, _Row.SHOTS, period] += 1
    return table


def _league_goals(season: LeagueSeason) -> Table:
    """The league's goals by period, shape (periods,)."""
    goals = [table[:, _Row.GOALS].sum(axis=0) for table in season.once(_tables).values()]
    return np.sum(goals, axis=0) if goals else np.zeros(len(PERIODS))


def _without_shots(side: str, n_matches: int) -> dict[str, object]:
    gap = Gap.TOO_FEW if n_matches else Gap.NO_SHOTS
    names = (f"goals_{side}", f"xg_{side}", f"second_half_xg_{side}_share", f"late_goals_{side}_z")
    return dict.fromkeys(names, gap)


def _of_side(side: str, table: Table, league: Table) -> dict[str, object]:
    """The figures of a side whose rows by period are ``table``."""
    goals = table[_Row.GOALS]
    xg = _xg_by_period(table)
    enough = goals.sum() >= LEAST_GOALS
    return {
        f"goals_{side}": _goals_by_period(goals) if enough else Gap.TOO_FEW,
        f"xg_{side}": xg,
        f"second_half_xg_{side}_share": xg if isinstance(xg, Gap) else xg.after_45,
        f"late_goals_{side}_z": late_goals_z(goals, league) if enough else Gap.TOO_FEW,
    }


def _goals_by_period(goals: Table) -> GoalsByPeriod:
    counts = dict(zip(PERIODS, map(int, goals), strict=True))
    n_goals = sum(counts.values())
    shares = {period: count / n_goals for period, count in counts.items()}
    return GoalsByPeriod(n_goals=n_goals, goals=counts, shares=shares)


def _xg_by_period(table: Table) -> XgByPeriod | Gap:
    total = float(table[_Row.XG].sum())
    if not total:
        return Gap.NO_VARIATION
    shares = dict(zip(PERIODS, (table[_Row.XG] / total).tolist(), strict=True))
    return XgByPeriod(n_shots=int(table[_Row.SHOTS].sum()), xg=total, shares=shares)


def late_goals_z(goals: Table, league: Table) -> float | Gap:
    """How far a team's late goals are from what the league's share gives it, in standard deviations.

    If all goals of the league are alike, those of one team are a sample of them without replacement, and its late ones
    hypergeometric (Fisher 1935, "The Logic of Inductive Inference"). Both arguments are goals by period, (periods,).
    """
    n, everyone = float(goals.sum()), float(league.sum())
    share = float(league[-1]) / everyone
    variance = n * share * (1 - share) * (everyone - n) / (everyone - 1) if everyone > 1 else 0.0
    return (float(goals[-1]) - n * share) / sqrt(variance) if variance else Gap.NO_VARIATION


def _second_halves(matches: Iterable[TeamMatch]) -> dict[str, object]:
    """Shares of goals after half-time, told by the half-time scores."""
    known = [
        (match.own.goals, match.own.half_time_goals, match.other.goals, match.other.half_time_goals)
        for match in matches
        if match.own.half_time_goals is not None and match.other.half_time_goals is not None
    ]
    sums = np.array(known, dtype=np.int64).reshape(-1, 4).sum(axis=0).tolist()
    return {
        "n_matches_with_half_time": len(known),
        "second_half_goals_for_share": _second_half(*sums[:2]) if known else Gap.NO_HALF_TIME,
        "second_half_goals_against_share": _second_half(*sums[2:]) if known else Gap.NO_HALF_TIME,
    }


def _second_half(goals: int, before: int) -> float | Gap:
    return (goals - before) / goals if goals >= LEAST_GOALS else Gap.TOO_FEW
