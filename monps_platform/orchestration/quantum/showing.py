"""What the quantum assets show besides a preview: a picture, figures that plot over time, and a sentence.

All of it is about the newest season of those derived in which there is something to see, of real leagues (of simulated
ones where there are no others); pictures of one league are of the first by code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import fmean
from typing import Any, Generic, TypeVar

import dagster as dg

from monps_platform.db.models import (
    ChessClassification,
    GoalscorerProfile,
    QuantumFriction,
    QuantumStrategy,
    TeamQuantumDna,
)
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.partitions import Partition
from monps_platform.domain.quantum.dna.team_dna import VECTORS, TeamDna
from monps_platform.domain.quantum.strategies.evaluate import StrategyRow
from monps_platform.domain.quantum.strategies.pooled import Pooled, pooled
from monps_platform.domain.quantum.strategies.summary import summary_markdown
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.pictures.canvas import embedded
from monps_platform.orchestration.pictures.dna import MOST_TEAMS, READING, dna_picture, portraits
from monps_platform.orchestration.pictures.friction import friction_picture
from monps_platform.orchestration.pictures.profiles import profiles_picture
from monps_platform.orchestration.pictures.scorers import MOST_PLAYERS, ScorerRate, scorers_picture
from monps_platform.orchestration.pictures.strategies import Returned, strategies_picture
from monps_platform.orchestration.quantum.derivation import Days
from monps_platform.orchestration.quantum.friction import one_day_a_season
from monps_platform.orchestration.quantum.strategies import Evaluation

Row = TypeVar("Row")
Shown = Mapping[str, Any]


@dataclass(frozen=True)
class _Newest(Generic[Row]):
    """The rows of a season's leagues as of their days, by league, and the first league by code that has something to
    show.
    """

    season: Season
    rows: Mapping[Partition, Sequence[Row]]
    league: Partition

    @property
    def all(self) -> list[Row]:
        """Of all leagues."""
        return [row for rows in self.rows.values() for row in rows]

    @property
    def first(self) -> tuple[Partition, Sequence[Row]]:
        """That league, and its rows."""
        return self.league, self.rows[self.league]


def show_profiles(unit: UnitOfWork, days: Days) -> Shown:
    """How many teams have which profile."""

    def read(partition: Partition, day: date) -> Iterable[ChessClassification]:
        return unit.tactical_profiles.stream(**_here(unit, partition, day))

    newest = _newest(days, read, lambda row: row.profile is not None)
    if newest is None:
        return {}
    counts = Counter(row.profile for row in newest.all)
    teams, without = counts.total(), counts[None]
    said = f"In {newest.season}, {teams - without} of {teams} teams have a profile."
    reasons = Counter(row.no_profile_reason for row in newest.all if row.profile is None)
    said += "".join(f" {count} have none: {reason}." for reason, count in reasons.most_common(3))
    drawn = profiles_picture(counts, f"How {teams} teams play, {newest.season}")
    return _shown(drawn, "how many teams have which profile", said, teams=teams, teams_with_profile=teams - without)


def show_dna(unit: UnitOfWork, days: Days) -> Shown:
    """Where the best teams of a league stand, by vector."""

    def read(partition: Partition, day: date) -> Iterable[TeamQuantumDna]:
        return unit.team_dna.stream(load=("team",), **_here(unit, partition, day))

    newest = _newest(days, read, lambda row: row.luck["xg"] is not None)
    if newest is None:
        return {}
    partition, rows = newest.first
    names = {row.team_id: row.team.name for row in rows}
    teams = {row.team_id: _dna(row) for row in rows}
    found = portraits(teams, names)
    best = by_strength(teams)[:MOST_TEAMS]
    title = f"Team DNA, {partition.league.name} {partition.season}: the best {len(best)} among {len(teams)} teams"
    with_shots = sum(row.luck["xg"] is not None for row in newest.all)
    drawn = dna_picture([found[team_id] for team_id in best], title)
    alt = f"where the best teams of {partition} stand by vector"
    return _shown(drawn, alt, READING, teams=len(newest.all), teams_with_shots=with_shots)


def show_friction(unit: UnitOfWork, days: Days) -> Shown:
    """How the teams of a league rub against each other."""

    def read(partition: Partition, day: date) -> Iterable[QuantumFriction]:
        here = _here(unit, partition, day)
        return unit.friction.stream(load=("home_team",), same_league=True, **here)

    newest = _newest(one_day_a_season(days), read, lambda row: row.friction_score is not None)
    if newest is None:
        return {}
    partition, rows = newest.first
    names = {row.home_team_id: row.home_team.name for row in rows}
    order = by_strength(unit.team_dna.known(partition, rows[0].as_of))
    scores = {(row.home_team_id, row.away_team_id): row.friction_score for row in rows}
    title = f"Friction, {partition.league.name} {partition.season}: 0 to 100, darker is more; best teams first"
    drawn = friction_picture({team_id: names[team_id] for team_id in order if team_id in names}, scores, title)
    figures = {
        f"mean_{name}": fmean(known)
        for name in ("friction_score", "chaos_potential")
        if (known := [value for row in newest.all if (value := getattr(row, name)) is not None])
    }
    return _shown(drawn, f"friction in {partition}", _friction_said(newest), pairs=len(newest.all), **figures)


def _friction_said(newest: _Newest[QuantumFriction]) -> str:
    known = sum(row.friction_score is not None for row in newest.all)
    return (
        f"In {newest.season}, {known:,} of {len(newest.all):,} ordered pairs of one league have a friction score, the "
        "same at both venues. What it foretells, and what it does not, stands at the check `friction_foretells`."
    )


def show_scorers(unit: UnitOfWork, days: Days) -> Shown:
    """How often the best scorers of a league score."""

    def read(partition: Partition, day: date) -> Iterable[GoalscorerProfile]:
        return unit.goalscorers.stream(load=("team",), **_here(unit, partition, day))

    newest = _newest(days, read, lambda row: row.rate_per_90 is not None)
    if newest is None:
        return {}
    partition, rows = newest.first
    rated = sorted((rate for row in rows if (rate := _rate(row))), key=lambda rate: (-rate.goals, rate.minutes))
    with_rate = sum(row.rate_per_90 is not None for row in newest.all)
    goals = sum(row.goals for row in newest.all)
    said = (
        f"In {newest.season}, {with_rate:,} of {len(newest.all):,} players have a rate; together they have scored "
        f"{goals:,} goals. Rates lie between what a player scored and what his chances and position let expect: the "
        "fewer his minutes, the nearer to the latter."
    )
    title = f"Most goals, {partition.league.name} {partition.season}"
    drawn = scorers_picture(rated[:MOST_PLAYERS], title)
    alt = f"rates of the best scorers of {partition}"
    return _shown(drawn, alt, said, players=len(newest.all), players_with_rate=with_rate, goals=goals)


def show_strategies(evaluation: Evaluation, unit: UnitOfWork, days: Days) -> Shown:
    """What strategies returned, and what is left of it once chance is thought of."""

    def read(partition: Partition, day: date) -> Iterable[QuantumStrategy]:
        return unit.strategies.stream(load=("team",), **_here(unit, partition, day))

    newest = _newest(days, read, lambda row: row.out_of_sample_bets > 0)
    if newest is None:
        return {}
    season, is_simulated = newest.season, newest.league.league.is_simulated
    judged = [row for rows in evaluation.judged(unit, season, is_simulated, days).values() for row in rows]
    tried = evaluation.all_trials(unit, season, is_simulated, days)
    over_all = pooled(tried)
    names = {row.team_id: row.team.name for row in newest.all}
    drawn = strategies_picture(
        [_over_all(each) for each in over_all],
        [_of_team(row, names) for row in sorted(judged, key=_lowest_p) if row.p_value is not None],
        f"Strategies in {season}, out of sample",
    )
    said = summary_markdown(judged, over_all, sorted({trial.season for trial in tried}))
    figures = {
        "tried": len(judged),
        "active": sum(row.is_active for row in judged),
        "bets": sum(row.out_of_sample_bets for row in judged),
        "pooled_survivors": sum(each.survives for each in over_all),
    }
    return _shown(drawn, f"returns of strategies in {season}", said, **figures)


def _over_all(each: Pooled) -> Returned:
    roi = each.roi
    note = "" if each.p_value is None else f"{_tested(each.p_value, each.q_value)}, CLV {_clv(each)}"
    ends = (_per_cent(roi.value), _per_cent(roi.low), _per_cent(roi.high))
    return Returned(each.strategy, roi.n, *ends, each.survives, note)


def _clv(each: Pooled) -> str:
    value = each.clv_no_vig_percentage.value
    return "-" if value is None else f"{value:+.1f}"


def _tested(p_value: float | None, q_value: float | None) -> str:
    return "" if p_value is None or q_value is None else f"p {p_value:.3f}, q {q_value:.2f}"


def _of_team(row: StrategyRow, names: Mapping[int, str]) -> Returned:
    name = f"{names.get(row.team_id, row.team_id)}: {row.strategy}, {row.market}"
    roi, low, high = (_per_cent(share) for share in (row.out_of_sample_roi, row.roi_low, row.roi_high))
    return Returned(name, row.out_of_sample_bets, roi, low, high, row.is_active, _tested(row.p_value, row.q_value))


def _lowest_p(row: StrategyRow) -> tuple[float, int, str]:
    return (1.0 if row.p_value is None else row.p_value, row.team_id, row.strategy)


def _per_cent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _rate(row: GoalscorerProfile) -> ScorerRate | None:
    rate, low, high = row.rate_per_90, row.rate_low, row.rate_high
    if rate is None or low is None or high is None or not row.minutes:
        return None
    return ScorerRate(row.player_name, row.team.name, row.goals, row.minutes, rate, low, high)


def by_strength(teams: Mapping[int, TeamDna]) -> list[int]:
    """Teams by points per match, the best first."""

    def points(team_id: int) -> float:
        parts = [part for part in (teams[team_id].context.home, teams[team_id].context.away) if part.points is not None]
        played = sum(part.n_matches for part in parts)
        return sum(part.n_matches * (part.points or 0) for part in parts) / played if played else 0.0

    return sorted(teams, key=lambda team_id: (-points(team_id), team_id))


def _dna(row: TeamQuantumDna) -> TeamDna:
    return TeamDna.of({name: getattr(row, name) for name in VECTORS})


def _here(unit: UnitOfWork, partition: Partition, day: date) -> dict[str, Any]:
    return {"league_id": unit.leagues.id_of(partition.league.code), "season": partition.season.name, "as_of": day}


def _newest(
    days: Days, read: Callable[[Partition, date], Iterable[Row]], is_telling: Callable[[Row], bool]
) -> _Newest[Row] | None:
    """The newest season with a telling row; else the newest with a row, None where there is none."""
    simulated = all(item.league.is_simulated for item in days)
    chosen = [item for item in days if item.league.is_simulated is simulated]
    silent: _Newest[Row] | None = None
    ordered = sorted(chosen, key=lambda item: (-item.season.start_year, item.league.code))
    for season, leagues in groupby(ordered, key=lambda item: item.season):
        rows = {item: found for item in leagues if (found := list(read(item, days[item])))}
        telling = [item for item, found in rows.items() if any(map(is_telling, found))]
        if telling:
            return _Newest(season, rows, telling[0])
        if rows and silent is None:
            silent = _Newest(season, rows, next(iter(rows)))
    return silent


def _shown(drawn: bytes | None, alt: str, said: str, **figures: float) -> Shown:
    picture = {} if drawn is None else {"picture": embedded(drawn, alt)}
    return {**picture, "reading": dg.MetadataValue.md(said), **figures}
