"""Schema quantum: what is derived about teams, pairs of teams, strategies and scorers, each as it stood at a day."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Date, Double, ForeignKey, Identity, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monps_platform.db.models.base import Base, Timestamps, between, enum_type, finite, not_negative, season_name
from monps_platform.db.models.core import MARKET, League, Team
from monps_platform.domain.odds import Market
from monps_platform.domain.strategies import StrategyName
from monps_platform.domain.tactics import MatchScenario, TacticalProfile

TACTICAL_PROFILE = enum_type(TacticalProfile, "tactical_profile")
MATCH_SCENARIO = enum_type(MatchScenario, "match_scenario")
STRATEGY_NAME = enum_type(StrategyName, "strategy_name")


class AsOf:
    """The season that a row is about, and the day up to which it knows."""

    season: Mapped[str] = mapped_column(Text, comment="such as 2019-20")
    as_of: Mapped[date] = mapped_column(Date, comment="nothing known only on or after this day was used")
    data_version: Mapped[str] = mapped_column(Text, comment="version of the code and of the data it was made from")


def _vector(comment: str) -> Mapped[dict[str, Any]]:
    return mapped_column(JSONB, comment=comment)


def _double(comment: str) -> Mapped[float | None]:
    return mapped_column(Double, comment=comment)


def _count(comment: str) -> Mapped[int]:
    return mapped_column(SmallInteger, comment=comment)


def _count_if_known(comment: str) -> Mapped[int | None]:
    return mapped_column(SmallInteger, comment=comment)


_VECTORS = ("market", "context", "risk", "temporal", "nemesis", "psyche", "roster", "physical", "luck")


class TeamQuantumDna(AsOf, Timestamps, Base):
    """A team described by nine vectors; a field without enough data is null in its vector."""

    __tablename__ = "team_quantum_dna"
    __table_args__ = (
        Index("uq_team_quantum_dna_team_id_season_as_of", "team_id", "season", "as_of", unique=True),
        Index("ix_team_quantum_dna_league_id_season", "league_id", "season"),
        season_name(),
        CheckConstraint("n_matches > 0", name="n_matches"),
        CheckConstraint(
            " AND ".join(f"jsonb_typeof({name}) = 'object'" for name in _VECTORS), name="vectors_are_objects"
        ),
        {"schema": "quantum", "comment": "One row per team, season and day"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("team_id", "season", "as_of")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="team it describes")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league of the team in the season")
    n_matches: Mapped[int] = _count("matches it rests on")
    market: Mapped[dict[str, Any]] = _vector("per market: hit rate, return and closing-line value")
    context: Mapped[dict[str, Any]] = _vector("points, goals and xG home, away and by strength of the opponent")
    risk: Mapped[dict[str, Any]] = _vector("spread around the market's expectation, upsets, drawdown")
    temporal: Mapped[dict[str, Any]] = _vector("goals and xG by period of the match")
    nemesis: Mapped[dict[str, Any]] = _vector("residual points by opponent and by the opponent's profile")
    psyche: Mapped[dict[str, Any]] = _vector("xG leading, level and trailing; points dropped and won back")
    roster: Mapped[dict[str, Any]] = _vector("how much hangs on few players")
    physical: Mapped[dict[str, Any]] = _vector("late against early xG, fouls, cards, days of rest")
    luck: Mapped[dict[str, Any]] = _vector("goals and points against those expected from shots")

    team: Mapped[Team] = relationship(lazy="raise")
    league: Mapped[League] = relationship(lazy="raise")


class ChessClassification(AsOf, Timestamps, Base):
    """The tactical profile of a team, or the reason why it has none."""

    __tablename__ = "chess_classifications"
    __table_args__ = (
        Index("uq_chess_classifications_team_id_season_as_of", "team_id", "season", "as_of", unique=True),
        Index("uq_chess_classifications_current", "team_id", unique=True, postgresql_where=text("is_current")),
        Index("ix_chess_classifications_league_id_season", "league_id", "season"),
        season_name(),
        CheckConstraint("n_matches > 0", name="n_matches"),
        CheckConstraint("(profile IS NULL) = (no_profile_reason IS NOT NULL)", name="profile_or_reason"),
        CheckConstraint("(profile IS NULL) = (score IS NULL)", name="profile_with_score"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        CheckConstraint(
            "num_nonnulls(runner_up, margin) IN (0, 2) AND (runner_up IS NULL OR profile IS NOT NULL)",
            name="runner_up_with_margin",
        ),
        CheckConstraint("runner_up <> profile", name="two_profiles"),
        CheckConstraint("margin BETWEEN 0 AND score", name="margin"),
        CheckConstraint("jsonb_typeof(features) = 'object'", name="features_are_object"),
        {"schema": "quantum", "comment": "One row per team, season and day"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("team_id", "season", "as_of")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="team it describes")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league of the team in the season")
    n_matches: Mapped[int] = _count("matches it rests on")
    profile: Mapped[TacticalProfile | None] = mapped_column(TACTICAL_PROFILE, comment="NULL: none could be given")
    no_profile_reason: Mapped[str | None] = mapped_column(Text, comment="why none could be given")
    score: Mapped[float | None] = _double("how well the profile's rules hold, 0 to 100")
    runner_up: Mapped[TacticalProfile | None] = mapped_column(
        TACTICAL_PROFILE, comment="second best; NULL: no other could be judged"
    )
    margin: Mapped[float | None] = _double("score less the runner-up's")
    features: Mapped[dict[str, Any]] = _vector("percentiles within league and season that the rules read")
    is_current: Mapped[bool] = mapped_column(server_default=text("false"), comment="the newest of the team")

    team: Mapped[Team] = relationship(lazy="raise")
    league: Mapped[League] = relationship(lazy="raise")


_COMPONENTS = "style_friction, tempo_friction, physical_friction, mental_friction, tier_friction"
_WEIGHTED = (
    ".20 * style_friction + .20 * tempo_friction + .20 * physical_friction + .25 * mental_friction "
    "+ .15 * tier_friction"
)


class QuantumFriction(AsOf, Timestamps, Base):
    """How two teams rub against each other at one venue; the friction score is the same at both."""

    __tablename__ = "quantum_friction_matrix"
    __table_args__ = (
        Index("uq_quantum_friction_matrix_pair", "home_team_id", "away_team_id", "season", "as_of", unique=True),
        Index("ix_quantum_friction_matrix_away_team_id", "away_team_id"),
        Index("ix_quantum_friction_matrix_friction_score", "friction_score"),
        Index("ix_quantum_friction_matrix_league_id_season", "league_id", "season"),
        season_name(),
        CheckConstraint("home_team_id <> away_team_id", name="two_teams"),
        CheckConstraint("least(n_home_matches, n_away_matches) > 0", name="n_matches"),
        between("scores", 0, 100, "friction_score", *_COMPONENTS.split(", "), "chaos_potential"),
        CheckConstraint(
            f"(num_nulls({_COMPONENTS}) = 0) = (friction_score IS NOT NULL) "
            f"AND (friction_score IS NULL OR abs(friction_score - ({_WEIGHTED})) <= 0.01)",
            name="weighted_sum",
        ),
        between("probabilities", 0, 1, "predicted_btts_prob", "predicted_over25_prob"),
        CheckConstraint("predicted_total_goals >= 0 AND predicted_total_goals < 'Infinity'", name="total_goals"),
        CheckConstraint("jsonb_typeof(recommended_markets) = 'array'", name="markets_are_array"),
        {"schema": "quantum", "comment": "One row per ordered pair of teams, season and day"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("home_team_id", "away_team_id", "season", "as_of")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    home_team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="team playing at home")
    away_team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="team playing away")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league of the home team in the season")
    same_league: Mapped[bool] = mapped_column(comment="both play in one league in the season")
    n_home_matches: Mapped[int] = _count("matches of the home team it rests on")
    n_away_matches: Mapped[int] = _count("matches of the away team it rests on")
    friction_score: Mapped[float | None] = _double(
        "weighted sum of the five components, 0 to 100; NULL: one is missing"
    )
    style_friction: Mapped[float | None] = _double("0 to 100, weight .20; NULL: not enough data")
    tempo_friction: Mapped[float | None] = _double("0 to 100, weight .20; NULL: not enough data")
    physical_friction: Mapped[float | None] = _double("0 to 100, weight .20; NULL: not enough data")
    mental_friction: Mapped[float | None] = _double("0 to 100, weight .25; NULL: not enough data")
    tier_friction: Mapped[float | None] = _double("0 to 100, weight .15; NULL: not enough data")
    chaos_potential: Mapped[float | None] = _double("how unpredictable, 0 to 100; NULL: not enough data")
    predicted_scenario: Mapped[MatchScenario | None] = mapped_column(
        MATCH_SCENARIO, comment="how the match is expected to go; NULL: not enough data"
    )
    predicted_btts_prob: Mapped[float | None] = _double("probability that both score at this venue, goal model")
    predicted_over25_prob: Mapped[float | None] = _double("probability of three goals or more, goal model")
    predicted_total_goals: Mapped[float | None] = _double("expected goals of both sides, goal model")
    recommended_markets: Mapped[list[Any]] = mapped_column(
        JSONB, comment="markets with out-of-sample evidence; empty: none"
    )

    home_team: Mapped[Team] = relationship(lazy="raise", foreign_keys=[home_team_id])
    away_team: Mapped[Team] = relationship(lazy="raise", foreign_keys=[away_team_id])


_STRATEGY_CHECKS = (
    not_negative("bets_not_negative", "in_sample_bets", "out_of_sample_bets"),
    CheckConstraint(
        "(in_sample_bets = 0) = (in_sample_roi IS NULL) AND (out_of_sample_bets = 0) = (out_of_sample_roi IS NULL)",
        name="roi_with_bets",
    ),
    CheckConstraint("least(in_sample_roi, out_of_sample_roi, roi_low) >= -1", name="roi_not_below_stake"),
    CheckConstraint(
        "num_nonnulls(roi_low, roi_high) IN (0, 2) AND (roi_low IS NULL OR out_of_sample_roi IS NOT NULL)",
        name="whole_interval",
    ),
    CheckConstraint("roi_low <= out_of_sample_roi AND out_of_sample_roi <= roi_high", name="roi_in_interval"),
    CheckConstraint("closed_bets BETWEEN 0 AND out_of_sample_bets", name="closed_bets_are_bets"),
    CheckConstraint("(closed_bets = 0) = (mean_clv_no_vig_percentage IS NULL)", name="clv_with_closed_bets"),
    CheckConstraint(
        "num_nonnulls(clv_no_vig_low, clv_no_vig_high) IN (0, 2) "
        "AND (clv_no_vig_low IS NULL OR mean_clv_no_vig_percentage IS NOT NULL)",
        name="whole_clv_interval",
    ),
    CheckConstraint(
        "clv_no_vig_low <= mean_clv_no_vig_percentage AND mean_clv_no_vig_percentage <= clv_no_vig_high",
        name="clv_in_interval",
    ),
    finite("in_sample_roi", "out_of_sample_roi", "roi_low", "roi_high", "mean_clv_percentage", "min_edge"),
    finite("mean_clv_no_vig_percentage", "clv_no_vig_low", "clv_no_vig_high", name="clv_finite"),
    between("shares", 0, 1, "p_value", "q_value", "stake_multiplier", "min_confidence"),
    CheckConstraint("(p_value IS NULL) = (q_value IS NULL) AND coalesce(q_value >= p_value, true)", name="q_value"),
    CheckConstraint(
        "NOT is_active OR coalesce(out_of_sample_bets > 0 AND q_value IS NOT NULL AND roi_low > 0, false)",
        name="active_on_evidence",
    ),
    CheckConstraint("is_active OR stake_multiplier = 0", name="stake_only_when_active"),
    CheckConstraint("jsonb_typeof(context_filters) = 'object'", name="filters_are_object"),
)


class QuantumStrategy(AsOf, Timestamps, Base):
    """What a strategy on a team's matches was worth, in sample and out of sample apart."""

    __tablename__ = "quantum_strategies"
    __table_args__ = (
        Index(
            "uq_quantum_strategies_team_id_strategy_market_season_as_of",
            *("team_id", "strategy", "market", "season", "as_of"),
            unique=True,
        ),
        Index("ix_quantum_strategies_market_is_active", "market", "is_active"),
        Index("ix_quantum_strategies_league_id_season", "league_id", "season"),
        season_name(),
        *_STRATEGY_CHECKS,
        {"schema": "quantum", "comment": "One row per team, strategy, market, season and day"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("team_id", "strategy", "market", "season", "as_of")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="team whose matches are bet on")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league of the team in the season")
    strategy: Mapped[StrategyName] = mapped_column(STRATEGY_NAME, comment="by which rule")
    market: Mapped[Market] = mapped_column(MARKET, comment="what is bet on")
    in_sample_bets: Mapped[int] = mapped_column(comment="bets on the matches it was chosen by")
    in_sample_roi: Mapped[float | None] = _double("profit / stake, a fraction; no evidence; NULL: no bet")
    out_of_sample_bets: Mapped[int] = mapped_column(comment="bets on matches that had no part in choosing it")
    out_of_sample_roi: Mapped[float | None] = _double("profit / stake, a fraction; NULL: no bet")
    roi_low: Mapped[float | None] = _double("lower end of the 95 % interval of the out-of-sample ROI")
    roi_high: Mapped[float | None] = _double("upper end of the 95 % interval of the out-of-sample ROI")
    mean_clv_percentage: Mapped[float | None] = _double("mean CLV of the out-of-sample bets; NULL: no closing price")
    mean_clv_no_vig_percentage: Mapped[float | None] = _double("mean CLV by closing prices without margin; NULL: none")
    clv_no_vig_low: Mapped[float | None] = _double("lower end of its 95 % interval; NULL: too few, or all alike")
    clv_no_vig_high: Mapped[float | None] = _double("upper end of its 95 % interval; NULL: too few, or all alike")
    closed_bets: Mapped[int] = mapped_column(comment="out-of-sample bets with a CLV without margin")
    p_value: Mapped[float | None] = _double("of an out-of-sample ROI of at most 0; NULL: not testable")
    q_value: Mapped[float | None] = _double("p-value after Benjamini-Hochberg over all strategies tested")
    stake_multiplier: Mapped[float] = mapped_column(Double, comment="share of the unit stake; 0 without evidence")
    min_confidence: Mapped[float | None] = _double("least probability of the side to bet; NULL: any")
    min_edge: Mapped[float | None] = _double("least expected profit per unit staked to bet; NULL: any")
    context_filters: Mapped[dict[str, Any]] = _vector("conditions that a match must meet")
    is_active: Mapped[bool] = mapped_column(comment="survives on out-of-sample evidence")

    team: Mapped[Team] = relationship(lazy="raise")


class GoalscorerProfile(AsOf, Timestamps, Base):
    """How often, when and where a player scores for a team."""

    __tablename__ = "goalscorer_profiles"
    __table_args__ = (
        Index(
            "uq_goalscorer_profiles_player_id_team_id_season_as_of",
            *("player_id", "team_id", "season", "as_of"),
            unique=True,
        ),
        Index("ix_goalscorer_profiles_team_id_season", "team_id", "season"),
        Index("ix_goalscorer_profiles_league_id_season", "league_id", "season"),
        season_name(),
        not_negative(
            "counts_not_negative",
            *("appearances", "minutes", "goals", "home_goals", "away_goals", "penalty_goals"),
        ),
        CheckConstraint("goals = home_goals + away_goals", name="goals_by_venue"),
        CheckConstraint("penalty_goals <= goals", name="penalty_goals"),
        not_negative("rates_not_negative", "xg", "rate_low"),
        CheckConstraint("num_nonnulls(rate_per_90, rate_low, rate_high) IN (0, 3)", name="rate_with_interval"),
        CheckConstraint("rate_low <= rate_per_90 AND rate_per_90 <= rate_high", name="rate_in_interval"),
        finite("xg", "rate_per_90", "rate_low", "rate_high"),
        CheckConstraint("expected_minutes BETWEEN 0 AND 120", name="expected_minutes"),
        between("shares", 0, 1, "anytime_prob", "first_scorer_share", "last_scorer_share"),
        CheckConstraint("jsonb_typeof(goal_periods) = 'object'", name="periods_are_object"),
        {"schema": "quantum", "comment": "One row per player, team, season and day"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("player_id", "team_id", "season", "as_of")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    player_id: Mapped[int] = mapped_column(BigInteger, comment="Understat's id of the player")
    player_name: Mapped[str] = mapped_column(Text, comment="name as the source writes it")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="team he scores for")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league of the team in the season")
    position: Mapped[str | None] = mapped_column(Text, comment="letters of the source; NULL: not known")
    appearances: Mapped[int | None] = _count_if_known("matches in which he played; NULL: not told per club")
    minutes: Mapped[int | None] = _count_if_known("minutes played; NULL: not told per club")
    goals: Mapped[int] = _count("goals for the team; own goals never")
    home_goals: Mapped[int] = _count("goals at home")
    away_goals: Mapped[int] = _count("goals away")
    penalty_goals: Mapped[int] = _count("goals from penalties, among the goals")
    xg: Mapped[float | None] = _double("expected goals of his shots; NULL: not known")
    rate_per_90: Mapped[float | None] = _double("goals per 90 minutes, mean of the posterior; NULL: minutes unknown")
    rate_low: Mapped[float | None] = _double("lower end of its 95 % interval")
    rate_high: Mapped[float | None] = _double("upper end of its 95 % interval")
    expected_minutes: Mapped[float | None] = _double("minutes expected in the next match; NULL: not known")
    anytime_prob: Mapped[float | None] = _double("probability of a goal in a match against an average opponent")
    first_scorer_share: Mapped[float | None] = _double("share of the team's first goals expected of him")
    last_scorer_share: Mapped[float | None] = _double("share of the team's last goals expected of him")
    goal_periods: Mapped[dict[str, Any]] = _vector("goals by period of the match, with n")

    team: Mapped[Team] = relationship(lazy="raise")
