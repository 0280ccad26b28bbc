"""Forecasts of matches, the fitted goal models behind them, and what both are made from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import Select, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from monps_platform.db import models
from monps_platform.db.bulk.merge import Changes
from monps_platform.db.locks import lock
from monps_platform.db.models import Bookmaker, GoalModelFit, GoalModelStrength, Match, MatchForecast, Odds
from monps_platform.db.repositories.base import Repository
from monps_platform.db.repositories.operation import SessionT, operation
from monps_platform.db.repositories.teams import LeagueRepository
from monps_platform.domain.forecasts import Forecast, ForecastModel
from monps_platform.domain.goal_model.dixon_coles import MODEL_VERSION, Fit
from monps_platform.domain.goal_model.history import Fixtures, Matches
from monps_platform.domain.judgement import VERSIONS, ForecastTable
from monps_platform.domain.leagues import League
from monps_platform.domain.market_forecasts import MarketQuote
from monps_platform.domain.odds import SIDES, Market, PriceKind
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season

_FORECAST = tuple(item.name for item in fields(Forecast))
_PARAMETERS = ("intercept", "home_advantage", "rho", "newcomer_attack", "newcomer_defence")
_STRENGTHS = ("attack", "attack_se", "defence", "defence_se")
_RANK = case((Bookmaker.is_sharp, 0), (Bookmaker.key == "Avg", 1), (Bookmaker.key == "BbAv", 2))
"""Whose prices speak for the market: a sharp book's, else the average of many."""
_KINDS = {PriceKind.PRE_MATCH: ForecastModel.MARKET_PRE_MATCH, PriceKind.CLOSING: ForecastModel.MARKET_CLOSING}


@dataclass(frozen=True)
class KnownFit:
    """A fit that is kept: its id, and the fingerprint of what it saw."""

    id: int
    inputs_sha256: str


class GoalModelRepository(Repository[GoalModelFit, SessionT]):
    """Fitted goal models by league and day."""

    model = GoalModelFit

    @operation
    def known(self, session: Session, league: League) -> Mapping[date, KnownFit]:
        """The fits of this version of the model, by the day before which they looked."""
        league_id = LeagueRepository(session).id_of(league.code)
        found = select(GoalModelFit.as_of, GoalModelFit.id, GoalModelFit.inputs_sha256)
        rows = session.execute(
            found.where(GoalModelFit.league_id == league_id, GoalModelFit.model_version == MODEL_VERSION)
        )
        return {row[0]: KnownFit(*row[1:]) for row in rows}

    @operation
    def save(self, session: Session, league: League, fits: Mapping[str, Fit]) -> Changes:
        """Keep fits, given by the fingerprint of their inputs, in place of earlier ones of the same days."""
        lock(session, "goal_models", league.code)
        league_id = LeagueRepository(session).id_of(league.code)
        mine = GoalModelRepository(session)
        changes = mine.upsert_many([_fit_row(league_id, sha256, fit) for sha256, fit in fits.items()])
        ids = {day: known.id for day, known in mine.known(league).items()}
        strengths = GoalModelStrengthRepository(session)
        chosen = [ids[date.fromordinal(fit.day)] for fit in fits.values()]
        rows = (row for fit_id, fit in zip(chosen, fits.values(), strict=True) for row in _strength_rows(fit_id, fit))
        return changes + strengths.replace_fits(chosen, rows)


class GoalModelStrengthRepository(Repository[GoalModelStrength, SessionT]):
    """Strengths of teams in the fits."""

    model = GoalModelStrength

    @operation
    def replace_fits(self, session: Session, fit_ids: Sequence[int], rows: Iterable[Sequence[Any]]) -> Changes:
        """Bring the strengths of some fits to the given rows."""
        columns = ("fit_id", "team_id", "n_matches", "is_newcomer", *_STRENGTHS)
        return self._replace(session, columns, rows, GoalModelStrength.fit_id.in_(fit_ids))


@dataclass(frozen=True)
class LeagueMatches:
    """The matches of a league: those played as a goal model looks back on them, those of one season to be forecast."""

    history: Matches
    fixtures: Fixtures


class ForecastRepository(Repository[MatchForecast, SessionT]):
    """Forecasts by league and season."""

    model = MatchForecast

    @operation
    def matches(self, session: Session, league: League, season: Season) -> LeagueMatches:
        """Every played match of a league, and all of a season without a word on their results."""
        columns = (Match.id, Match.match_date, Match.season, Match.home_team_id, Match.away_team_id)
        league_id = LeagueRepository(session).id_of(league.code)
        found = select(*columns, Match.home_goals, Match.away_goals).where(Match.league_id == league_id)
        rows: list[list[Any]] = [
            [match_id, day.toordinal(), Season.parse(name).start_year, *rest]
            for match_id, day, name, *rest in session.execute(found.order_by(Match.match_date, Match.id))
        ]
        played = [row for row in rows if row[5] is not None]
        of_season = [row[:5] for row in rows if row[2] == season.start_year]
        results = _columns(played, 7)
        return LeagueMatches(
            Matches.of(Fixtures(*results[:5]), results[5], results[6]), Fixtures(*_columns(of_season, 5))
        )

    @operation
    def market_quotes(self, session: Session, league: League, season: Season) -> Sequence[MarketQuote]:
        """The quotes of a league's season that may speak for the market."""
        league_id = LeagueRepository(session).id_of(league.code)
        columns = (Odds.match_id, Odds.price_kind, Odds.market, Odds.line, Odds.bookmaker_id, _RANK)
        prices = [getattr(Odds, f"{side}_price") for side in ("home", "draw", "away", "over", "under")]
        found = select(*columns, *prices).join(Odds.match).join(Odds.bookmaker)
        rows = session.execute(
            found.where(
                Match.league_id == league_id,
                Match.season == season.name,
                Odds.price_kind.in_(_KINDS),
                _RANK.is_not(None),
            ).order_by(Odds.id)
        )
        return [_quote(*row) for row in rows]

    @operation
    def fitted(self, session: Session, league: League, season: Season) -> Mapping[int, int]:
        """The fit behind the goal model's forecast of each match of a league's season, for this version."""
        league_id = LeagueRepository(session).id_of(league.code)
        found = select(MatchForecast.match_id, MatchForecast.fit_id).join(MatchForecast.match)
        rows = session.execute(
            found.where(
                Match.league_id == league_id,
                Match.season == season.name,
                MatchForecast.model_version == MODEL_VERSION,
                MatchForecast.fit_id.is_not(None),
            )
        )
        return {row[0]: row[1] for row in rows}

    @operation
    def of_goal_model(self, session: Session, league: League, season: Season) -> Mapping[int, Forecast]:
        """The goal model's forecasts of a league's season by this version, by match; those without are left out."""
        league_id = LeagueRepository(session).id_of(league.code)
        columns = [getattr(MatchForecast, name) for name in _FORECAST]
        rows = session.execute(
            select(*columns)
            .join(MatchForecast.match)
            .where(
                Match.league_id == league_id,
                Match.season == season.name,
                MatchForecast.model_version == MODEL_VERSION,
                MatchForecast.gap.is_(None),
            )
        )
        return {row.match_id: Forecast(*row) for row in rows}

    @operation
    def judged(self, session: Session, partitions: Collection[Partition] | None = None) -> ForecastTable:
        """The forecasts of played matches by the versions of the models in force, by match id; of all partitions
        unless some are named.
        """
        rows = session.execute(_judged(partitions)).all()
        known = np.array([row[4:] for row in rows], dtype=np.float64).reshape(-1, len(VERSIONS), 3)
        return ForecastTable(
            match_id=np.array([row[0] for row in rows], dtype=np.int64),
            league=np.array([row[1] for row in rows], dtype=np.str_),
            season=np.array([Season.parse(row[2]).start_year for row in rows], dtype=np.int64),
            outcome=np.array([row[3] for row in rows], dtype=np.int64),
            probabilities={model: known[:, at] for at, model in enumerate(VERSIONS)},
        )

    @operation
    def save(
        self, session: Session, league: League, season: Season, forecasts: Sequence[Forecast], fits: Mapping[date, int]
    ) -> Changes:
        """Keep forecasts, in place of earlier ones of the same matches, models and versions; ``fits`` are the ids of
        the goal models by day.
        """
        lock(session, "match_forecasts", league.code, season.name)
        return ForecastRepository(session).upsert_many([_forecast_row(forecast, fits) for forecast in forecasts])


def _judged(partitions: Collection[Partition] | None) -> Select[Any]:
    """Match id, league, season and outcome, then three probabilities of each model in the order of VERSIONS."""
    in_force = [
        (MatchForecast.model == model) & (MatchForecast.model_version == version) for model, version in VERSIONS.items()
    ]
    probabilities = (MatchForecast.home_prob, MatchForecast.draw_prob, MatchForecast.away_prob)
    outcome = case((Match.home_goals > Match.away_goals, 0), (Match.home_goals == Match.away_goals, 1), else_=2)
    found = (
        select(
            Match.id,
            models.League.code,
            Match.season,
            outcome,
            *(func.max(item).filter(MatchForecast.model == model) for model in VERSIONS for item in probabilities),
        )
        .join_from(MatchForecast, Match)
        .join(Match.league)
        .where(or_(*in_force), Match.home_goals.is_not(None))
        .group_by(Match.id, models.League.id)
        .order_by(Match.id)
    )
    if partitions is None:
        return found
    named = [(partition.league.code, partition.season.name) for partition in partitions]
    return found.where(tuple_(models.League.code, Match.season).in_(named))


def _columns(rows: Sequence[Sequence[int]], count: int) -> list[Any]:
    return [np.array([row[at] for row in rows], dtype=np.int64) for at in range(count)]


def _quote(
    match_id: int, kind: PriceKind, market: Market, line: Any, bookmaker_id: int, rank: int, *prices: Any
) -> MarketQuote:
    by_side = dict(zip(("home", "draw", "away", "over", "under"), prices, strict=True))
    given = tuple(float(by_side[side]) for side in SIDES[market])
    return MarketQuote(match_id, _KINDS[kind], market, None if line is None else float(line), bookmaker_id, rank, given)


def _fit_row(league_id: int, inputs_sha256: str, fit: Fit) -> dict[str, Any]:
    estimates = {name: getattr(fit, name) for name in _PARAMETERS}
    return {
        "league_id": league_id,
        "as_of": date.fromordinal(fit.day),
        "model_version": MODEL_VERSION,
        "inputs_sha256": inputs_sha256,
        "n_matches": fit.matches,
        "home_goals": fit.home_goals,
        "away_goals": fit.away_goals,
        "first_match_date": date.fromordinal(fit.first_day),
        "last_match_date": date.fromordinal(fit.last_day),
        "half_life_days": fit.options.half_life_days,
        **{name: estimate.value for name, estimate in estimates.items()},
        **{f"{name}_se": estimate.standard_error for name, estimate in estimates.items()},
        "log_likelihood": fit.log_likelihood,
    }


def _strength_rows(fit_id: int, fit: Fit) -> Iterable[Sequence[Any]]:
    columns = [getattr(fit, name).tolist() for name in ("teams", "matches_played", "is_newcomer", *_STRENGTHS)]
    return ((fit_id, *row) for row in zip(*columns, strict=True))


def _forecast_row(forecast: Forecast, fits: Mapping[date, int]) -> dict[str, Any]:
    row = {name: getattr(forecast, name) for name in _FORECAST}
    fitted = forecast.model is ForecastModel.DIXON_COLES and forecast.gap is None
    return {**row, "fit_id": fits[forecast.as_of] if fitted and forecast.as_of else None}
