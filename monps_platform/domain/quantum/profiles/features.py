"""Features of a league's teams, as they are and as percentiles within the league's season."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy

from monps_platform.domain.quantum.documents import Gap, Source
from monps_platform.domain.quantum.profiles.definitions import DEFINITIONS
from monps_platform.domain.quantum.profiles.tallies import Column, Tally, tallies
from monps_platform.domain.quantum.profiles.vocabulary import Feature
from monps_platform.domain.quantum.season import LeagueSeason

Figures = Mapping[Feature, float | None]

LEAST_TEAMS = 8
"""Teams that have a feature, for percentiles of it: a quarter of fewer is less than two teams."""
_HELD_BY: Mapping[Source, tuple[Column, Gap]] = {
    Source.SHOTS: (Column.OPEN_PLAY, Gap.NO_SHOTS),
    Source.STATISTICS: (Column.SHOTS, Gap.NO_STATISTICS),
    Source.TEAM_HISTORY: (Column.PPDA, Gap.NO_TEAM_HISTORY),
}
"""By source: a column that is held where the source is, and the gap where it is not."""


def features(season: LeagueSeason) -> dict[int, Figures]:
    """Every feature of every team, by team id; None where it rests on too little."""
    return of_tallies(season.once(tallies))


def of_tallies(teams: Mapping[int, Tally]) -> dict[int, Figures]:
    """The same from the teams' tallies."""
    return {
        team_id: {feature: definition.measure(tally) for feature, definition in DEFINITIONS.items()}
        for team_id, tally in teams.items()
    }


def percentiles(values: Mapping[int, Figures]) -> dict[int, Figures]:
    """Where each team stands among those that have the feature: 100 * (rank - 1/2) / n, equal values at their mean
    rank, so that a league's percentiles of a feature have the mean 50. None where the team does not have it, fewer than
    LEAST_TEAMS have it, or all that have it are equal.
    """
    columns = {feature: _column([figures[feature] for figures in values.values()]) for feature in Feature}
    return {team_id: {feature: column[at] for feature, column in columns.items()} for at, team_id in enumerate(values)}


def _column(values: list[float | None]) -> list[float | None]:
    """Percentiles of one feature, in the order of the teams."""
    held = [value for value in values if value is not None]
    if len(held) < LEAST_TEAMS or min(held) == max(held):
        return [None] * len(values)
    ranks = iter((100 * (scipy.stats.rankdata(np.array(held)) - 0.5) / len(held)).tolist())
    return [None if value is None else next(ranks) for value in values]


def gaps(
    teams: Mapping[int, Tally], values: Mapping[int, Figures], standing: Mapping[int, Figures]
) -> dict[int, dict[Feature, Gap]]:
    """Why a team has no percentile of a feature, for those that it has none of."""
    n_held = {feature: sum(figures[feature] is not None for figures in values.values()) for feature in Feature}
    found: dict[int, dict[Feature, Gap]] = {}
    for team_id, tally in teams.items():
        unheld = {source: gap for source, (column, gap) in _HELD_BY.items() if np.isnan(tally.own[:, column]).all()}
        found[team_id] = {
            feature: Gap.NO_VARIATION
            if values[team_id][feature] is not None and n_held[feature] >= LEAST_TEAMS
            else unheld.get(DEFINITIONS[feature].source, Gap.TOO_FEW)
            for feature, percentile in standing[team_id].items()
            if percentile is None
        }
    return found
