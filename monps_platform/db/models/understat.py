"""Schema public: listed matches, shots, line-ups and players' seasons, as Understat has them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Double, ForeignKey, Identity, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monps_platform.db.models.base import Base, Timestamps, between, enum_type, finite, not_negative, season_name
from monps_platform.db.models.core import League, Match, Team
from monps_platform.domain.match_joins import UnmatchedReason
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation

SITUATION = enum_type(ShotSituation, "shot_situation")
BODY_PART = enum_type(BodyPart, "shot_body_part")
SHOT_RESULT = enum_type(ShotResult, "shot_result")
UNMATCHED_REASON = enum_type(UnmatchedReason, "unmatched_reason")


def _count(comment: str) -> Mapped[int | None]:
    return mapped_column(SmallInteger, comment=comment)


def _expected(comment: str) -> Mapped[float | None]:
    return mapped_column(Double, comment=comment)


class UnderstatMatch(Timestamps, Base):
    """A match as Understat lists it, joined to ours, or with the reason why it is none of ours."""

    __tablename__ = "understat_matches"
    __table_args__ = (
        Index("uq_understat_matches_match_id", "match_id", unique=True),
        Index("ix_understat_matches_league_id_season", "league_id", "season"),
        season_name(),
        CheckConstraint("home_team <> away_team", name="two_teams"),
        CheckConstraint("(match_id IS NULL) = (unmatched_reason IS NOT NULL)", name="match_or_reason"),
        CheckConstraint("num_nonnulls(home_goals, away_goals, home_xg, away_xg) IN (0, 4)", name="whole_result"),
        not_negative(
            "not_negative",
            "home_goals",
            "away_goals",
            "home_xg",
            "away_xg",
            "home_ppda",
            "away_ppda",
            "home_deep",
            "away_deep",
        ),
        finite("home_xg", "away_xg", "home_ppda", "away_ppda"),
        {"comment": "One row per match of Understat"},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, comment="Understat's id")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league it is listed in")
    season: Mapped[str] = mapped_column(Text, comment="such as 2019-20")
    match_id: Mapped[int | None] = mapped_column(ForeignKey("matches.id"), comment="our match; NULL: none is proved")
    unmatched_reason: Mapped[UnmatchedReason | None] = mapped_column(UNMATCHED_REASON, comment="why none is")
    shown_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=False), comment="kickoff as the site shows it, in a time zone that it does not name"
    )
    home_team: Mapped[str] = mapped_column(Text, comment="as the source writes it")
    away_team: Mapped[str] = mapped_column(Text, comment="as the source writes it")
    home_goals: Mapped[int | None] = _count("full time; NULL: not played")
    away_goals: Mapped[int | None] = _count("full time; NULL: not played")
    home_xg: Mapped[float | None] = _expected("expected goals; NULL: not played")
    away_xg: Mapped[float | None] = _expected("expected goals; NULL: not played")
    home_ppda: Mapped[float | None] = _expected("passes allowed per defensive action; NULL: not told")
    away_ppda: Mapped[float | None] = _expected("passes allowed per defensive action; NULL: not told")
    home_deep: Mapped[int | None] = _count("passes completed within 20 yards of the goal; NULL: not told")
    away_deep: Mapped[int | None] = _count("passes completed within 20 yards of the goal; NULL: not told")

    match: Mapped[Match | None] = relationship(lazy="raise")
    league: Mapped[League] = relationship(lazy="raise")


class Shot(Timestamps, Base):
    """A shot, an own goal among them, with the chance that it had."""

    __tablename__ = "shots"
    __table_args__ = (
        Index("ix_shots_match_id", "match_id"),
        Index("ix_shots_player_id", "player_id"),
        Index("ix_shots_team_id", "team_id"),
        CheckConstraint("minute BETWEEN 0 AND 150", name="minute"),
        between("shares", 0, 1, "x", "y", "xg"),
        {"comment": "One row per shot"},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, comment="Understat's id")
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), comment="match in which it was taken")
    team_id: Mapped[int] = mapped_column(
        ForeignKey("teams.id"), comment="side of the player; an own goal counts for the other side"
    )
    minute: Mapped[int] = mapped_column(SmallInteger, comment="minutes played, stoppage time counted on")
    player_id: Mapped[int] = mapped_column(BigInteger, comment="Understat's id of the player")
    player: Mapped[str] = mapped_column(Text, comment="name as the source writes it")
    assisted_by: Mapped[str | None] = mapped_column(Text, comment="who set it up; NULL: nobody")
    situation: Mapped[ShotSituation] = mapped_column(SITUATION, comment="how it came about")
    body_part: Mapped[BodyPart] = mapped_column(BODY_PART, comment="what the ball was struck with")
    result: Mapped[ShotResult] = mapped_column(SHOT_RESULT, comment="what became of it")
    last_action: Mapped[str | None] = mapped_column(Text, comment="what came before it, as the source names it")
    x: Mapped[float] = mapped_column(Double, comment="share of the pitch's length; 1 is the opponents' goal line")
    y: Mapped[float] = mapped_column(Double, comment="share of the pitch's width")
    xg: Mapped[float] = mapped_column(Double, comment="probability of a goal")

    match: Mapped[Match] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")


def _tally(comment: str) -> Mapped[int]:
    return mapped_column(SmallInteger, comment=comment)


def _sum(comment: str) -> Mapped[float]:
    return mapped_column(Double, comment=comment)


class PlayerMatch(Timestamps, Base):
    """What a player did in a match; there where the source's match files have line-ups."""

    __tablename__ = "player_matches"
    __table_args__ = (
        Index("uq_player_matches_match_id_player_id", "match_id", "player_id", unique=True),
        Index("ix_player_matches_player_id", "player_id"),
        Index("ix_player_matches_team_id", "team_id"),
        CheckConstraint("minutes BETWEEN 0 AND 150", name="minutes"),
        not_negative(
            "counts_not_negative",
            *("goals", "own_goals", "assists", "shots", "key_passes", "yellow_cards", "red_cards"),
        ),
        not_negative("expected_not_negative", "xg", "xa", "xg_chain", "xg_buildup"),
        finite("xg", "xa", "xg_chain", "xg_buildup"),
        {"comment": "One row per player and match"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("match_id", "player_id")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), comment="match in which he played")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="club that he played for")
    player_id: Mapped[int] = mapped_column(BigInteger, comment="Understat's id of the player")
    player: Mapped[str] = mapped_column(Text, comment="name as the source writes it")
    position: Mapped[str] = mapped_column(Text, comment="such as GK, DC, AMR; Sub for a substitute")
    minutes: Mapped[int] = _tally("minutes played")
    goals: Mapped[int] = _tally("goals, penalties among them; own goals never")
    own_goals: Mapped[int] = _tally("own goals")
    assists: Mapped[int] = _tally("assists")
    shots: Mapped[int] = _tally("shots")
    key_passes: Mapped[int] = _tally("passes that led to a shot")
    yellow_cards: Mapped[int] = _tally("yellow cards")
    red_cards: Mapped[int] = _tally("red cards")
    xg: Mapped[float] = _sum("expected goals")
    xa: Mapped[float] = _sum("expected assists")
    xg_chain: Mapped[float] = _sum("xG of the attacks he took part in")
    xg_buildup: Mapped[float] = _sum("xG chain less shots and key passes")

    match: Mapped[Match] = relationship(lazy="raise")
    team: Mapped[Team] = relationship(lazy="raise")


class PlayerSeason(Timestamps, Base):
    """What a player did for one club in a season. The source adds up the clubs of a player who moved: what cannot be
    told apart from it is NULL.
    """

    __tablename__ = "player_seasons"
    __table_args__ = (
        Index("uq_player_seasons_player_id_team_id_season", "player_id", "team_id", "season", unique=True),
        Index("ix_player_seasons_team_id_season", "team_id", "season"),
        Index("ix_player_seasons_league_id_season", "league_id", "season"),
        season_name(),
        not_negative(
            "counts_not_negative",
            *("appearances", "minutes", "goals", "non_penalty_goals", "assists", "shots", "key_passes"),
            *("yellow_cards", "red_cards"),
        ),
        CheckConstraint("non_penalty_goals <= goals", name="non_penalty_goals"),
        not_negative("expected_not_negative", "xg", "non_penalty_xg", "xa", "xg_chain", "xg_buildup"),
        finite("xg", "non_penalty_xg", "xa", "xg_chain", "xg_buildup"),
        {"comment": "One row per player, team and season"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("player_id", "team_id", "season")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    player_id: Mapped[int] = mapped_column(BigInteger, comment="Understat's id of the player")
    player: Mapped[str] = mapped_column(Text, comment="name as the source writes it")
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="club that he played for")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league of the club")
    season: Mapped[str] = mapped_column(Text, comment="such as 2019-20")
    position: Mapped[str] = mapped_column(Text, comment="letters of the source: GK, D, M, F, and S for substitute")
    is_shared: Mapped[bool] = mapped_column(comment="the source adds up several clubs of the player in this season")
    appearances: Mapped[int | None] = _count("matches in which he played; NULL: not told per club")
    minutes: Mapped[int | None] = _count("minutes played; NULL: not told per club")
    goals: Mapped[int | None] = _count("goals, penalties among them; own goals never; NULL: not told per club")
    non_penalty_goals: Mapped[int | None] = _count("goals less penalties; NULL: not told per club")
    assists: Mapped[int | None] = _count("assists; NULL: not told per club")
    shots: Mapped[int | None] = _count("shots; NULL: not told per club")
    key_passes: Mapped[int | None] = _count("passes that led to a shot; NULL: not told per club")
    yellow_cards: Mapped[int | None] = _count("yellow cards; NULL: not told per club")
    red_cards: Mapped[int | None] = _count("red cards; NULL: not told per club")
    xg: Mapped[float | None] = _expected("expected goals; NULL: not told per club")
    non_penalty_xg: Mapped[float | None] = _expected("expected goals less penalties; NULL: not told per club")
    xa: Mapped[float | None] = _expected("expected assists; NULL: not told per club")
    xg_chain: Mapped[float | None] = _expected("xG of the attacks he took part in; NULL: not told per club")
    xg_buildup: Mapped[float | None] = _expected("xG chain less shots and key passes; NULL: not told per club")

    team: Mapped[Team] = relationship(lazy="raise")
    league: Mapped[League] = relationship(lazy="raise")
