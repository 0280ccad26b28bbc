"""Schema public: shots and players' seasons, as Understat has them."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Double, ForeignKey, Identity, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monps_platform.db.models.base import Base, Timestamps, between, enum_type, finite, not_negative, season_name
from monps_platform.db.models.core import League, Match, Team
from monps_platform.domain.shots import BodyPart, ShotResult, ShotSituation

SITUATION = enum_type(ShotSituation, "shot_situation")
BODY_PART = enum_type(BodyPart, "shot_body_part")
SHOT_RESULT = enum_type(ShotResult, "shot_result")


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


def _count(comment: str) -> Mapped[int | None]:
    return mapped_column(SmallInteger, comment=comment)


def _expected(comment: str) -> Mapped[float | None]:
    return mapped_column(Double, comment=comment)


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
