"""Schema public: leagues, clubs, bookmakers, matches and odds."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Numeric, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monps_platform.db.models.base import Base, Timestamps, enum_type, season_name
from monps_platform.domain.odds import Market, PriceKind

MARKET = enum_type(Market, "odds_market")
PRICE_KIND = enum_type(PriceKind, "odds_price_kind")


class League(Timestamps, Base):
    """A division of a country."""

    __tablename__ = "leagues"
    __table_args__ = (CheckConstraint("tier BETWEEN 1 AND 9", name="tier"), {"comment": "One row per league"})
    natural_key: ClassVar[tuple[str, ...]] = ("code",)

    id: Mapped[int] = mapped_column(SmallInteger, Identity(), primary_key=True, comment="never changes")
    code: Mapped[str] = mapped_column(Text, unique=True, comment="football-data.co.uk code, such as E0")
    name: Mapped[str] = mapped_column(Text, comment="name of the division")
    country: Mapped[str] = mapped_column(Text, comment="country whose sides play in it")
    tier: Mapped[int] = mapped_column(SmallInteger, comment="1 is the top division")
    understat_name: Mapped[str | None] = mapped_column(Text, comment="name in Understat's addresses")
    odds_api_key: Mapped[str | None] = mapped_column(Text, comment="sport key of The Odds API")
    is_simulated: Mapped[bool] = mapped_column(comment="made by the generator, no real football")


class Team(Timestamps, Base):
    """A club; its id never changes."""

    __tablename__ = "teams"
    __table_args__ = (
        Index("uq_teams_country_name", "country", "name", unique=True),
        {"comment": "One row per club"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("country", "name")

    id: Mapped[int] = mapped_column(Identity(), primary_key=True, comment="never changes")
    name: Mapped[str] = mapped_column(Text, comment="canonical name")
    country: Mapped[str] = mapped_column(Text, comment="country in whose leagues it plays")


class TeamAlias(Timestamps, Base):
    """How one source spells a club in one league; without a team it waits to be resolved."""

    __tablename__ = "team_aliases"
    __table_args__ = (
        Index("uq_team_aliases_source_league_id_spelling", "source", "league_id", "spelling", unique=True),
        Index("ix_team_aliases_team_id", "team_id"),
        CheckConstraint("(team_id IS NULL) = (method IS NULL)", name="resolved_with_method"),
        {"comment": "One row per source, league and spelling"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("source", "league_id", "spelling")

    id: Mapped[int] = mapped_column(Identity(), primary_key=True, comment="never changes")
    source: Mapped[str] = mapped_column(Text, comment="the source that spells it so")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league in which it is spelled so")
    spelling: Mapped[str] = mapped_column(Text, comment="the name as the source writes it")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), comment="NULL: not resolved yet")
    method: Mapped[str | None] = mapped_column(Text, comment="how the spelling was resolved")
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSONB, comment="what the resolution rests on")

    team: Mapped[Team | None] = relationship(lazy="raise")
    league: Mapped[League] = relationship(lazy="raise")


class Bookmaker(Timestamps, Base):
    """Who made a price: a book, an exchange, or an aggregate of the market."""

    __tablename__ = "bookmakers"
    __table_args__ = ({"comment": "One row per bookmaker or market aggregate"},)
    natural_key: ClassVar[tuple[str, ...]] = ("key",)

    id: Mapped[int] = mapped_column(SmallInteger, Identity(), primary_key=True, comment="never changes")
    key: Mapped[str] = mapped_column(Text, unique=True, comment="abbreviation, such as B365")
    name: Mapped[str] = mapped_column(Text, comment="name, or the key where none is known")
    is_aggregate: Mapped[bool] = mapped_column(comment="market maximum or average: nobody can bet there")
    is_sharp: Mapped[bool] = mapped_column(comment="low margin, high limits: its closing price is the reference")
    is_exchange: Mapped[bool] = mapped_column(comment="prices before commission")


def _count(comment: str) -> Mapped[int | None]:
    return mapped_column(SmallInteger, comment=comment)


class Match(Timestamps, Base):
    """A match; its id is a function of its natural key and never changes."""

    __tablename__ = "matches"
    __table_args__ = (
        Index(
            "uq_matches_league_id_season_home_team_id_away_team_id_meeting",
            *("league_id", "season", "home_team_id", "away_team_id", "meeting"),
            unique=True,
        ),
        Index("ix_matches_match_date", "match_date"),
        Index("ix_matches_league_id_match_date_id", "league_id", "match_date", "id"),
        Index("ix_matches_home_team_id", "home_team_id"),
        Index("ix_matches_away_team_id", "away_team_id"),
        season_name(),
        CheckConstraint("home_team_id <> away_team_id", name="two_teams"),
        CheckConstraint("meeting BETWEEN 1 AND 4", name="meeting"),
        CheckConstraint("(home_goals IS NULL) = (away_goals IS NULL)", name="whole_score"),
        CheckConstraint(
            "(half_time_home_goals IS NULL) = (half_time_away_goals IS NULL)", name="whole_half_time_score"
        ),
        CheckConstraint(
            "half_time_home_goals <= home_goals AND half_time_away_goals <= away_goals", name="half_time_goals"
        ),
        CheckConstraint(
            "least(home_goals, away_goals, half_time_home_goals, half_time_away_goals, home_shots, away_shots, "
            "home_shots_on_target, away_shots_on_target, home_corners, away_corners, home_fouls, away_fouls, "
            "home_yellow_cards, away_yellow_cards, home_red_cards, away_red_cards) >= 0",
            name="counts_not_negative",
        ),
        {"comment": "One row per match"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("league_id", "season", "home_team_id", "away_team_id", "meeting")

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, comment="from the natural key")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league it belongs to")
    season: Mapped[str] = mapped_column(Text, comment="such as 2019-20")
    home_team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="club playing at home")
    away_team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), comment="club playing away")
    meeting: Mapped[int] = mapped_column(
        SmallInteger,
        comment="nth time the home side hosts this opponent in the season; above 1 where sides meet more than twice",
    )
    match_date: Mapped[date] = mapped_column(comment="day of the match, UK time")
    kickoff_at: Mapped[datetime | None] = mapped_column(comment="UTC; NULL: the source gives the date only")
    home_goals: Mapped[int | None] = _count("full time; NULL: not played, or not known")
    away_goals: Mapped[int | None] = _count("full time; NULL: not played, or not known")
    half_time_home_goals: Mapped[int | None] = _count("at half-time")
    half_time_away_goals: Mapped[int | None] = _count("at half-time")
    home_shots: Mapped[int | None] = _count("shots by the home side")
    away_shots: Mapped[int | None] = _count("shots by the away side")
    home_shots_on_target: Mapped[int | None] = _count("shots on target by the home side")
    away_shots_on_target: Mapped[int | None] = _count("shots on target by the away side")
    home_corners: Mapped[int | None] = _count("corners of the home side")
    away_corners: Mapped[int | None] = _count("corners of the away side")
    home_fouls: Mapped[int | None] = _count("fouls by the home side")
    away_fouls: Mapped[int | None] = _count("fouls by the away side")
    home_yellow_cards: Mapped[int | None] = _count("yellow cards of the home side")
    away_yellow_cards: Mapped[int | None] = _count("yellow cards of the away side")
    home_red_cards: Mapped[int | None] = _count("red cards of the home side")
    away_red_cards: Mapped[int | None] = _count("red cards of the away side")
    referee: Mapped[str | None] = mapped_column(Text, comment="as the source writes the name")

    league: Mapped[League] = relationship(lazy="raise")
    home_team: Mapped[Team] = relationship(lazy="raise", foreign_keys=[home_team_id])
    away_team: Mapped[Team] = relationship(lazy="raise", foreign_keys=[away_team_id])


def _price(comment: str) -> Mapped[Decimal | None]:
    return mapped_column(Numeric, comment=comment)


# Which prices each market has: all of its own, none of another's.
_COMPLETE = """CASE market
    WHEN '1x2' THEN line IS NULL AND num_nonnulls(home_price, draw_price, away_price) = 3
        AND num_nonnulls(over_price, under_price) = 0
    WHEN 'over_under' THEN line IS NOT NULL AND num_nonnulls(over_price, under_price) = 2
        AND num_nonnulls(home_price, draw_price, away_price) = 0
    WHEN 'asian_handicap' THEN line IS NOT NULL AND num_nonnulls(home_price, away_price) = 2
        AND num_nonnulls(draw_price, over_price, under_price) = 0
    ELSE false END"""


class Odds(Timestamps, Base):
    """One complete quote: every side of a market at one bookmaker."""

    __tablename__ = "odds"
    __table_args__ = (
        Index(
            "uq_odds_quote",
            *("match_id", "bookmaker_id", "market", "line", "price_kind", "captured_at"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(_COMPLETE, name="complete_for_market"),
        CheckConstraint("least(home_price, draw_price, away_price, over_price, under_price) > 1", name="above_one"),
        # NaN counts as greater than every number, infinity among them.
        CheckConstraint(
            "greatest(home_price, draw_price, away_price, over_price, under_price, abs(line), abs(overround)) "
            "< 'Infinity'",
            name="finite",
        ),
        CheckConstraint("price_kind <> 'snapshot' OR captured_at IS NOT NULL", name="snapshot_has_time"),
        {"comment": "One row per match, bookmaker, market, line, price kind and capture time"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("match_id", "bookmaker_id", "market", "line", "price_kind", "captured_at")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), comment="match that is quoted")
    bookmaker_id: Mapped[int] = mapped_column(ForeignKey("bookmakers.id"), comment="who made the prices")
    market: Mapped[Market] = mapped_column(MARKET, comment="what is bet on")
    line: Mapped[Decimal | None] = mapped_column(Numeric, comment="goals; handicap of the home side; NULL for 1x2")
    price_kind: Mapped[PriceKind] = mapped_column(PRICE_KIND, comment="when the prices stood")
    captured_at: Mapped[datetime | None] = mapped_column(comment="UTC; NULL: the source does not say when")
    home_price: Mapped[Decimal | None] = _price("decimal odds, home side")
    draw_price: Mapped[Decimal | None] = _price("decimal odds, draw")
    away_price: Mapped[Decimal | None] = _price("decimal odds, away side")
    over_price: Mapped[Decimal | None] = _price("decimal odds, over the line")
    under_price: Mapped[Decimal | None] = _price("decimal odds, under the line")
    overround: Mapped[Decimal] = mapped_column(Numeric, comment="sum of 1/price less 1, four decimals")

    match: Mapped[Match] = relationship(lazy="raise")
    bookmaker: Mapped[Bookmaker] = relationship(lazy="raise")
