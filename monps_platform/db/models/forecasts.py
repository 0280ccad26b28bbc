"""Schema quantum: forecasts of matches, and the fitted goal models behind them."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Date, Double, ForeignKey, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monps_platform.db.models.base import Base, Timestamps, between, enum_type, finite, not_negative
from monps_platform.db.models.core import Bookmaker, League, Match, Team
from monps_platform.domain.forecasts import ForecastGap, ForecastModel

FORECAST_MODEL = enum_type(ForecastModel, "forecast_model")
FORECAST_GAP = enum_type(ForecastGap, "forecast_gap")
_PARAMETERS = ("intercept", "home_advantage", "rho", "newcomer_attack", "newcomer_defence")
_ERRORS = tuple(f"{name}_se" for name in _PARAMETERS)


def _parameter(comment: str) -> Mapped[float]:
    return mapped_column(Double, comment=comment)


def _probability(comment: str) -> Mapped[float | None]:
    return mapped_column(Double, comment=comment)


class GoalModelFit(Timestamps, Base):
    """A goal model of a league, fitted to the matches before a day."""

    __tablename__ = "goal_model_fits"
    __table_args__ = (
        Index(
            "uq_goal_model_fits_league_id_as_of_model_version",
            *("league_id", "as_of", "model_version"),
            unique=True,
        ),
        CheckConstraint("inputs_sha256 ~ '^[0-9a-f]{64}$'", name="inputs_sha256"),
        CheckConstraint("n_matches > 0", name="n_matches"),
        not_negative("goals_not_negative", "home_goals", "away_goals"),
        CheckConstraint("first_match_date <= last_match_date AND last_match_date < as_of", name="only_matches_before"),
        CheckConstraint(f"least({', '.join(_ERRORS)}) > 0", name="standard_errors"),
        finite("half_life_days", *_PARAMETERS, *_ERRORS, "log_likelihood"),
        {"schema": "quantum", "comment": "One row per league, day and version of the model"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("league_id", "as_of", "model_version")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league that it describes")
    as_of: Mapped[date] = mapped_column(Date, comment="only matches before this day were used")
    model_version: Mapped[str] = mapped_column(Text, comment="model and version of the code")
    inputs_sha256: Mapped[str] = mapped_column(Text, comment="of everything that the fit saw: equal inputs, equal fit")
    n_matches: Mapped[int] = mapped_column(comment="matches it was fitted to")
    home_goals: Mapped[int] = mapped_column(comment="goals of the home sides in them")
    away_goals: Mapped[int] = mapped_column(comment="goals of the away sides in them")
    first_match_date: Mapped[date] = mapped_column(Date, comment="day of the oldest of them")
    last_match_date: Mapped[date] = mapped_column(Date, comment="day of the newest of them")
    half_life_days: Mapped[float] = _parameter("days after which a match counts half")
    intercept: Mapped[float] = _parameter("log goals of an average side away at an average side")
    intercept_se: Mapped[float] = _parameter("standard error")
    home_advantage: Mapped[float] = _parameter("added to the log of the home side's expected goals")
    home_advantage_se: Mapped[float] = _parameter("standard error")
    rho: Mapped[float] = _parameter("Dixon and Coles' dependence of low scores")
    rho_se: Mapped[float] = _parameter("standard error")
    newcomer_attack: Mapped[float] = _parameter("attack of a side new to the league against one that stayed, log goals")
    newcomer_attack_se: Mapped[float] = _parameter("standard error")
    newcomer_defence: Mapped[float] = _parameter("its defence likewise; negative: it lets in more")
    newcomer_defence_se: Mapped[float] = _parameter("standard error")
    log_likelihood: Mapped[float] = _parameter("of the matches, weighted by age")

    league: Mapped[League] = relationship(lazy="raise")


class GoalModelStrength(Timestamps, Base):
    """A team's strength in a fit."""

    __tablename__ = "goal_model_strengths"
    __table_args__ = (
        Index("uq_goal_model_strengths_fit_id_team_id", "fit_id", "team_id", unique=True),
        Index("ix_goal_model_strengths_team_id", "team_id"),
        CheckConstraint("n_matches >= 0", name="n_matches"),
        CheckConstraint("least(attack_se, defence_se) > 0", name="standard_errors"),
        finite("attack", "attack_se", "defence", "defence_se"),
        {"schema": "quantum", "comment": "One row per fit and team"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("fit_id", "team_id")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    fit_id: Mapped[int] = mapped_column(ForeignKey("quantum.goal_model_fits.id"), comment="fit it belongs to")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="team it describes")
    n_matches: Mapped[int] = mapped_column(comment="matches of the team among those of the fit")
    is_newcomer: Mapped[bool] = mapped_column(comment="it was not in the league the season before")
    attack: Mapped[float] = _parameter("added to the log of its expected goals")
    attack_se: Mapped[float] = _parameter("standard error")
    defence: Mapped[float] = _parameter("taken from the log of its opponents' expected goals")
    defence_se: Mapped[float] = _parameter("standard error")

    fit: Mapped[GoalModelFit] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")


_ONE_X_TWO = ("home_prob", "draw_prob", "away_prob")
_OVERS = ("over15_prob", "over25_prob", "over35_prob")
_GOALS = ("home_goals_expected", "away_goals_expected")
_FORECAST = ", ".join((*_ONE_X_TWO, *_OVERS, "btts_prob", *_GOALS, "handicaps"))


class MatchForecast(Timestamps, Base):
    """What a model, or the market without its margin, expects of a match; or why there is no forecast."""

    __tablename__ = "match_forecasts"
    __table_args__ = (
        Index("uq_match_forecasts_match_id_model_model_version", "match_id", "model", "model_version", unique=True),
        Index("ix_match_forecasts_fit_id", "fit_id"),
        between("probabilities", 0, 1, *_ONE_X_TWO, *_OVERS, "btts_prob"),
        CheckConstraint(f"num_nonnulls({', '.join(_ONE_X_TWO)}) IN (0, 3)", name="whole_1x2"),
        CheckConstraint("abs(home_prob + draw_prob + away_prob - 1) < 0.000001", name="sums_to_one"),
        CheckConstraint("over15_prob >= over25_prob AND over25_prob >= over35_prob", name="fewer_goals_likelier"),
        CheckConstraint(f"num_nonnulls({', '.join(_GOALS)}) IN (0, 2)", name="goals_of_both"),
        CheckConstraint(f"least({', '.join(_GOALS)}) >= 0", name="goals_not_negative"),
        finite(*_GOALS),
        CheckConstraint("jsonb_typeof(handicaps) = 'object'", name="handicaps_are_object"),
        CheckConstraint(f"(gap IS NOT NULL) = (num_nonnulls({_FORECAST}) = 0)", name="forecast_or_gap"),
        CheckConstraint("(fit_id IS NOT NULL) = (model = 'dixon_coles' AND gap IS NULL)", name="fit_of_model"),
        CheckConstraint("(as_of IS NULL) = (model IN ('market_pre_match', 'market_closing'))", name="as_of_model"),
        {"schema": "quantum", "comment": "One row per match, model and version of the model"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("match_id", "model", "model_version")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), comment="match that is forecast")
    model: Mapped[ForecastModel] = mapped_column(FORECAST_MODEL, comment="where the probabilities come from")
    model_version: Mapped[str] = mapped_column(Text, comment="method and version of the code")
    as_of: Mapped[date | None] = mapped_column(
        Date, comment="only matches before this day were used; NULL: the market's prices speak for themselves"
    )
    gap: Mapped[ForecastGap | None] = mapped_column(FORECAST_GAP, comment="why there is no forecast")
    home_prob: Mapped[float | None] = _probability("home win")
    draw_prob: Mapped[float | None] = _probability("draw")
    away_prob: Mapped[float | None] = _probability("away win")
    over15_prob: Mapped[float | None] = _probability("more than 1.5 goals")
    over25_prob: Mapped[float | None] = _probability("more than 2.5 goals")
    over35_prob: Mapped[float | None] = _probability("more than 3.5 goals")
    btts_prob: Mapped[float | None] = _probability("both sides score")
    home_goals_expected: Mapped[float | None] = mapped_column(Double, comment="expected goals of the home side")
    away_goals_expected: Mapped[float | None] = mapped_column(Double, comment="expected goals of the away side")
    handicaps: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB(none_as_null=True),
        comment="home side's fair probability (1 / fair price) by Asian handicap line of the home side",
    )
    fit_id: Mapped[int | None] = mapped_column(
        ForeignKey("quantum.goal_model_fits.id"), comment="fit that it comes from"
    )
    one_x_two_bookmaker_id: Mapped[int | None] = mapped_column(ForeignKey("bookmakers.id"), comment="whose 1x2 prices")
    over_under_bookmaker_id: Mapped[int | None] = mapped_column(
        ForeignKey("bookmakers.id"), comment="whose over/under prices"
    )
    asian_handicap_bookmaker_id: Mapped[int | None] = mapped_column(
        ForeignKey("bookmakers.id"), comment="whose handicap prices"
    )

    match: Mapped[Match] = relationship(lazy="raise")
    fit: Mapped[GoalModelFit | None] = relationship(lazy="raise")
    one_x_two_bookmaker: Mapped[Bookmaker | None] = relationship(lazy="raise", foreign_keys=[one_x_two_bookmaker_id])
    over_under_bookmaker: Mapped[Bookmaker | None] = relationship(lazy="raise", foreign_keys=[over_under_bookmaker_id])
    asian_handicap_bookmaker: Mapped[Bookmaker | None] = relationship(
        lazy="raise", foreign_keys=[asian_handicap_bookmaker_id]
    )
