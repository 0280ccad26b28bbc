"""Match forecasts of a league's season: the goal model walked forward, base rates, the market without its margin."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from monps_platform.db import errors
from monps_platform.db.bulk.merge import Changes
from monps_platform.db.repositories.forecasts import KnownFit, LeagueMatches
from monps_platform.db.repositories.raw_files import RowCounts
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.forecasts import Forecast
from monps_platform.domain.goal_model.dixon_coles import Fit, FitError, fit
from monps_platform.domain.goal_model.forecasts import base_rate_forecasts, model_forecasts, model_gaps
from monps_platform.domain.goal_model.walk_forward import Week, weeks
from monps_platform.domain.market_forecasts import market_forecasts
from monps_platform.domain.partitions import Partition
from monps_platform.orchestration.outcomes import Outcome, timed

FAILURES = (*errors.FAILURES, FitError, ValueError, OSError)
"""ValueError: expected goals of which no probabilities can be made."""


@dataclass
class Forecaster:
    """Forecasts partitions from what the tables hold."""

    units: Callable[[], UnitOfWork]

    def forecast(self, partitions: Sequence[Partition]) -> Iterator[Outcome]:
        """One partition after another; a week whose matches and history are unchanged is not fitted again."""
        return (timed(item, partial(self._forecast, item), FAILURES) for item in partitions)

    def _forecast(self, partition: Partition) -> Outcome:
        league, season = partition.league, partition.season
        with self.units() as unit:
            if not unit.leagues.exists(code=league.code):
                return _nothing(partition)
            matches = unit.forecasts.matches(league, season)
            quotes = unit.forecasts.market_quotes(league, season)
            known = unit.goal_models.known(league)
            fitted = unit.forecasts.fitted(league, season)
        if not len(matches.fixtures):
            return _nothing(partition)
        planned = weeks(matches.history, matches.fixtures)
        todo = [week.inputs for week in planned if week.inputs and not _is_done(week, matches, known, fitted)]
        fits = {inputs.fingerprint: fit(inputs) for inputs in todo}
        forecasts = [
            *market_forecasts(matches.fixtures.match_id.tolist(), quotes),
            *_by_goals(planned, matches, fits),
        ]
        changes = self._save(partition, fits, forecasts)
        # Every match gets a row of each model, be it the reason why there is no forecast.
        counts = RowCounts(len(matches.fixtures), len(matches.fixtures))
        return Outcome.of_load(partition, counts, changes, detail=f"{len(fits)} fits" if fits else "")

    def _save(self, partition: Partition, fits: Mapping[str, Fit], forecasts: Sequence[Forecast]) -> Changes:
        league, season = partition.league, partition.season
        with self.units() as unit:
            changes = unit.goal_models.save(league, fits) if fits else Changes()
            ids = {day: known.id for day, known in unit.goal_models.known(league).items()}
            changes += unit.forecasts.save(league, season, forecasts, ids)
            unit.commit()
        return changes


def _nothing(partition: Partition) -> Outcome:
    return Outcome.nothing(partition, "no matches are loaded to forecast")


def _is_done(week: Week, matches: LeagueMatches, known: Mapping[date, KnownFit], fitted: Mapping[int, int]) -> bool:
    """Whether a week's matches are forecast by a fit that saw what one of now would see."""
    fit_of_day = known.get(date.fromordinal(week.day))
    if week.inputs is None or fit_of_day is None or fit_of_day.inputs_sha256 != week.inputs.fingerprint:
        return False
    return all(fitted.get(match) == fit_of_day.id for match in matches.fixtures.match_id[week.chosen].tolist())


def _by_goals(planned: Sequence[Week], matches: LeagueMatches, fits: Mapping[str, Fit]) -> Iterator[Forecast]:
    """Forecasts from goals alone; those of weeks that were not fitted again stay as they are."""
    for week in planned:
        fixtures = matches.fixtures.where(week.chosen)
        if week.inputs is None:
            yield from model_gaps(week.day, fixtures)
        elif (fitted := fits.get(week.inputs.fingerprint)) is not None:
            yield from model_forecasts(fitted, fixtures)
        yield from base_rate_forecasts(matches.history, week.day, fixtures)
