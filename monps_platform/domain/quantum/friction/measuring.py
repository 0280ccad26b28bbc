"""Traits of the teams of a league's season, from their DNA and, where that has no such figure, from their matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from monps_platform.domain.quantum.dna.risk import RiskVector
from monps_platform.domain.quantum.dna.team_dna import TeamDna
from monps_platform.domain.quantum.dna.temporal import TemporalVector
from monps_platform.domain.quantum.friction.surprise import excess_surprise
from monps_platform.domain.quantum.friction.traits import Traits
from monps_platform.domain.quantum.periods import Period
from monps_platform.domain.quantum.profiles.dispersion import count_dispersion
from monps_platform.domain.quantum.profiles.features import features
from monps_platform.domain.quantum.profiles.measures import LEAST_MATCHES, LEAST_SHOTS, both, mean
from monps_platform.domain.quantum.profiles.tallies import Column, tallies
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform.domain.quantum.season import LeagueSeason, Side, TeamMatch, points


def season_traits(season: LeagueSeason, dna: Mapping[int, TeamDna]) -> list[Traits]:
    """Traits of every team that has DNA, by team id.

    Raises ValueError for a team that has not played, and for DNA of another day: it may know of later matches.
    """
    for team_id, known in dna.items():
        days = {vector.as_of for vector in (known.risk, known.temporal, known.psyche, known.physical)}
        if days != {season.as_of}:
            raise ValueError(f"team {team_id}: DNA as of {sorted(map(str, days))}, matches as of {season.as_of}")
    return [_traits(season, team_id, dna[team_id]) for team_id in sorted(dna)]


def _traits(season: LeagueSeason, team_id: int, dna: TeamDna) -> Traits:
    matches = season.played_by(team_id)
    style, tally = season.once(features)[team_id], season.once(tallies)[team_id]
    psyche, physical = dna.psyche, dna.physical
    reaction = psyche.xg_for_trailing_ratio
    return Traits(
        team_id=team_id,
        partition=season.partition,
        n_matches=len(matches),
        shot_share=style[Feature.SHOT_SHARE],
        corners_per_shot=style[Feature.CORNERS_PER_SHOT],
        shot_accuracy=_accuracy([match.own for match in matches]),
        shot_accuracy_against=_accuracy([match.other for match in matches]),
        cross_share=style[Feature.CROSS_SHARE],
        aerial_share=style[Feature.AERIAL_SHARE],
        shot_distance=style[Feature.SHOT_DISTANCE],
        ppda=style[Feature.PPDA],
        shots_of_both=style[Feature.TEMPO],
        corners_of_both=mean(both(Column.CORNERS))(tally),
        goals_of_both=mean(both(Column.GOALS))(tally),
        xg_of_both=mean(both(Column.XG))(tally),
        fouls=physical.fouls_per_match,
        fouls_against=physical.opponents_fouls_per_match,
        cards=physical.cards_per_match,
        cards_against=physical.opponents_cards_per_match,
        collapses=_per_match(psyche.collapses, psyche.n_matches_with_half_time),
        comebacks=_per_match(psyche.comebacks, psyche.n_matches_with_half_time),
        half_time_changes=_mean(map(_changed_after_half_time, matches)),
        points_dropped=_per_match(psyche.points_dropped, psyche.n_matches_with_shots),
        points_won_back=_per_match(psyche.points_won_back, psyche.n_matches_with_shots),
        trailing_reaction=None if reaction is None else reaction.value,
        points=_mean(match.points for match in matches),
        expected_points=_mean(match.expected_points for match in matches),
        goal_difference_spread=_spread(dna.risk),
        surprise=_mean(excess_surprise(match.match) for match in matches),
        goals_dispersion=count_dispersion(both(Column.GOALS))(tally),
        red_cards_of_both=_mean(map(_red_cards, matches)),
        late_goals_of_both=_late_goals(dna.temporal),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    """Of those that are known, None where they are too few."""
    held = [value for value in values if value is not None]
    return fmean(held) if len(held) >= LEAST_MATCHES else None


def _per_match(count: int | None, n_matches: int) -> float | None:
    """A count of the DNA, which is None where it rests on too little."""
    return None if count is None else count / n_matches


def _accuracy(sides: Sequence[Side]) -> float | None:
    """Shots on target by shots, over the matches that have both."""
    known = [(side.shots_on_target, side.shots) for side in sides]
    held = [(on_target, shots) for on_target, shots in known if on_target is not None and shots is not None]
    taken = sum(shots for _, shots in held)
    return sum(on_target for on_target, _ in held) / taken if taken >= LEAST_SHOTS else None


def _changed_after_half_time(match: TeamMatch) -> bool | None:
    own, other = match.own.half_time_goals, match.other.half_time_goals
    return None if own is None or other is None else points(own - other) != match.points


def _red_cards(match: TeamMatch) -> int | None:
    own, other = match.own.red_cards, match.other.red_cards
    return None if own is None or other is None else own + other


def _spread(risk: RiskVector) -> float | None:
    if risk.goal_difference_sd is None or risk.goal_difference_sd_expected is None:
        return None
    return risk.goal_difference_sd / risk.goal_difference_sd_expected


def _late_goals(temporal: TemporalVector) -> float | None:
    """Per match, of both sides; None where there were too few goals of either to tell when they fall."""
    own, other = temporal.goals_for, temporal.goals_against
    if own is None or other is None:
        return None
    return (own.goals[Period.FROM_76] + other.goals[Period.FROM_76]) / temporal.n_matches_with_shots
