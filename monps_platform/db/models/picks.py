"""Picks, their closing prices and their settlement; what was corrected of them; how far the work on them is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from monps_platform.db.models.base import Base, Timestamps, enum_type, finite, season_name
from monps_platform.db.models.core import MARKET, Bookmaker, League, Match
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import (
    HIGHEST_PAYOUT,
    MARKETS_WITH_LINE,
    PICK_SIDES,
    ClosingSource,
    NoClosingReason,
    PickOrigin,
    PickPart,
    PickResult,
    PickSide,
    PickStep,
)

PICK_SIDE = enum_type(PickSide, "pick_side")
CLOSING_SOURCE = enum_type(ClosingSource, "closing_source")
NO_CLOSING_REASON = enum_type(NoClosingReason, "no_closing_reason")
PICK_RESULT = enum_type(PickResult, "pick_result")
PICK_ORIGIN = enum_type(PickOrigin, "pick_origin")
PICK_PART = enum_type(PickPart, "pick_part")
PICK_STEP = enum_type(PickStep, "pick_step")

_KEY = ("agent", "match_id", "market", "side", "line", "bookmaker_id", "taken_at")
IMMUTABLE = (
    "agent",
    "origin",
    "match_id",
    "market",
    "side",
    "line",
    "bookmaker_id",
    "price_taken",
    "taken_at",
    "stake",
)
"""What a pick was when it was taken; a trigger refuses every change of it."""
IMMUTABLE_TRIGGER = "tracking_clv_picks_immutable"
CLOSING = (
    "closing_price",
    "closing_source",
    "closing_bookmaker_id",
    "closing_captured_at",
    "no_closing_reason",
    "clv_percentage",
    "clv_no_vig_percentage",
    "clv_line_adjusted_percentage",
    "clv_line_adjusted_method",
)
"""What is known of the close, in the order of the domain's Closing; a correction of it is kept, with the reason."""
SETTLEMENT = ("result", "profit", "settled_at")
"""What came of a pick; a correction of it is kept, with the reason."""


@dataclass(frozen=True)
class Trigger:
    """A trigger for each row of a table, as ``info["triggers"]`` of the table declares it by name, and its function.

    The migration that makes it keeps its own copy; the live one is compared with this.
    """

    timing: str
    """When it fires, such as BEFORE UPDATE."""
    function: str
    """The schema and name of what it runs: a function in plpgsql."""
    body: str
    """The function's text, to the letter."""
    condition: str | None = None
    """What must hold of OLD and NEW for it to fire; None: nothing."""
    arguments: tuple[str, ...] = ()
    """What it hands to the function."""
    settings: tuple[str, ...] = ()
    """Settings that hold while the function runs, such as search_path=pg_catalog."""


def _changed(columns: tuple[str, ...]) -> str:
    old, new = (f"({', '.join(f'{row}.{column}' for column in columns)})" for row in ("OLD", "NEW"))
    return f"{old} IS DISTINCT FROM {new}"


_REFUSE_CHANGE = """
    DECLARE
        changed text;
    BEGIN
        SELECT string_agg(was.key, ', ' ORDER BY was.key) INTO changed
        FROM jsonb_each(to_jsonb(OLD)) AS was JOIN jsonb_each(to_jsonb(NEW)) AS is_now USING (key)
        WHERE was.key = ANY (TG_ARGV) AND was.value IS DISTINCT FROM is_now.value;
        RAISE EXCEPTION 'pick % of agent % stays what it was when it was taken: % cannot change', OLD.id, OLD.agent,
            changed
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            HINT = 'Closing price and settlement may be corrected. A pick entered wrongly: delete it, enter it anew.';
    END """
_IMMUTABLE = Trigger(
    timing="BEFORE UPDATE",
    condition=_changed(IMMUTABLE),
    function="public.refuse_change_of_pick",
    arguments=IMMUTABLE,
    settings=("search_path=pg_catalog",),
    body=_REFUSE_CHANGE,
)

WHO, WHY, BY_PLATFORM = "monps.who", "monps.why", "monps.by_platform"
"""Settings of a transaction: who corrects, for what reason, and whether it is the platform ('true') and no person."""
_KEEP_CORRECTION = """
    DECLARE
        was jsonb;
        is_now jsonb;
        why text := nullif(btrim(current_setting('monps.why', true)), '');
    BEGIN
        SELECT jsonb_object_agg(part.key, part.value) INTO was FROM jsonb_each(to_jsonb(OLD)) AS part
        WHERE part.key = ANY (TG_ARGV) AND part.value <> 'null';
        IF was IS NULL AND why IS NULL THEN
            RETURN NULL; -- entered for the first time
        END IF;
        IF why IS NULL THEN
            RAISE EXCEPTION 'the % of pick % of agent % is corrected without a reason', TG_ARGV[0], OLD.id, OLD.agent
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
                HINT = 'Corrections are kept with who and why: monps picks correct, or set monps.who and monps.why.';
        END IF;
        SELECT jsonb_object_agg(part.key, part.value) INTO is_now FROM jsonb_each(to_jsonb(NEW)) AS part
        WHERE part.key = ANY (TG_ARGV) AND part.value <> 'null';
        INSERT INTO ops.pick_corrections (pick_id, part, corrected_by, by_platform, reason, was, is_now)
        VALUES (OLD.id, TG_ARGV[0]::public.pick_part,
            coalesce(nullif(btrim(current_setting('monps.who', true)), ''), session_user),
            coalesce(current_setting('monps.by_platform', true), '') = 'true', why,
            coalesce(was, '{}'), coalesce(is_now, '{}'));
        RETURN NULL;
    END """


def _kept(part: PickPart, columns: tuple[str, ...]) -> Trigger:
    return Trigger(
        timing="AFTER UPDATE",
        condition=_changed(columns),
        function="public.keep_correction_of_pick",
        arguments=(part.value, *columns),
        settings=("search_path=pg_catalog",),
        body=_KEEP_CORRECTION,
    )


CORRECTIONS_TRIGGER = "pick_corrections_append_only"
_REFUSE_CHANGE_OF_CORRECTION = """
    BEGIN
        IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM public.tracking_clv_picks WHERE id = OLD.pick_id) THEN
            RETURN OLD; -- goes with its pick
        END IF;
        RAISE EXCEPTION 'correction % of pick % stays as it was made', OLD.id, OLD.pick_id
        USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME,
            HINT = 'What was corrected wrongly is corrected anew: monps picks correct.';
    END """
_CORRECTIONS_TRIGGERS = {
    CORRECTIONS_TRIGGER: Trigger(
        timing="BEFORE UPDATE OR DELETE",
        function="public.refuse_change_of_correction",
        settings=("search_path=pg_catalog",),
        body=_REFUSE_CHANGE_OF_CORRECTION,
    )
}
_TRIGGERS = {
    IMMUTABLE_TRIGGER: _IMMUTABLE,
    "tracking_clv_picks_closing_kept": _kept(PickPart.CLOSING, CLOSING),
    "tracking_clv_picks_settlement_kept": _kept(PickPart.SETTLEMENT, SETTLEMENT),
}


def _listed(labels: tuple[str, ...]) -> str:
    return ", ".join(f"'{label}'" for label in labels)


_SIDES = " ".join(f"WHEN '{market}' THEN side IN ({_listed(sides)})" for market, sides in PICK_SIDES.items())
_PROFIT = """profit = CASE result
    WHEN 'win' THEN stake * (price_taken - 1)
    WHEN 'half_win' THEN stake * (price_taken - 1) * 0.5
    WHEN 'half_loss' THEN stake * -0.5
    WHEN 'loss' THEN -stake
    ELSE 0 END"""


def _checks_of_bet() -> tuple[CheckConstraint, ...]:
    """What a pick backs, at which price, and when."""
    return (
        CheckConstraint(f"CASE market {_SIDES} ELSE false END", name="side_of_market"),
        CheckConstraint(f"(market IN ({_listed(MARKETS_WITH_LINE)})) = (line IS NOT NULL)", name="line_of_market"),
        CheckConstraint("mod(line, 0.25) = 0", name="quarter_line"),
        CheckConstraint("least(price_taken, closing_price) > 1", name="price_above_one"),
        CheckConstraint("stake > 0", name="stake_positive"),
        CheckConstraint(f"stake * price_taken <= {HIGHEST_PAYOUT}", name="payout"),
        finite(
            "price_taken",
            "stake",
            "hours_before_kickoff",
            "closing_price",
            "clv_no_vig_percentage",
            "clv_line_adjusted_percentage",
        ),
        CheckConstraint("abs(edge) < 'Infinity'", name="edge_finite"),
        CheckConstraint("model_probability > 0 AND model_probability < 1", name="model_probability"),
        CheckConstraint("hours_before_kickoff >= 0", name="before_kickoff"),
        CheckConstraint("(taken_at IS NULL) = (origin = 'walk_forward')", name="time_of_origin"),
    )


def _checks_of_close() -> tuple[CheckConstraint, ...]:
    """What a pick was worth at the close."""
    return (
        CheckConstraint(
            "num_nonnulls(closing_price, closing_source, closing_bookmaker_id, clv_percentage) IN (0, 4)",
            name="whole_closing",
        ),
        CheckConstraint(
            "closing_source <> 'same_bookmaker' OR closing_bookmaker_id = bookmaker_id", name="same_bookmaker_closed"
        ),
        CheckConstraint("closing_captured_at IS NULL OR closing_price IS NOT NULL", name="captured_with_closing"),
        CheckConstraint("clv_no_vig_percentage IS NULL OR closing_price IS NOT NULL", name="no_vig_with_closing"),
        CheckConstraint("closing_price IS NULL OR no_closing_reason IS NULL", name="closing_or_reason"),
        # A unit of the fourth decimal: leaves room for rounding, none for closing / taken.
        CheckConstraint(
            "abs(clv_percentage - (price_taken / nullif(closing_price, 0) - 1) * 100) < 0.0001", name="clv_from_prices"
        ),
        CheckConstraint(
            "num_nonnulls(clv_line_adjusted_percentage, clv_line_adjusted_method) IN (0, 2) "
            "AND (clv_line_adjusted_percentage IS NULL OR line IS NOT NULL "
            "AND coalesce(no_closing_reason::text IN ('line_moved', 'line_not_quoted'), false))",
            name="line_adjusted_with_method",
        ),
    )


def _checks_of_end() -> tuple[CheckConstraint, ...]:
    """What came of a pick."""
    return (
        CheckConstraint("num_nonnulls(result, profit, settled_at) IN (0, 3)", name="whole_settlement"),
        CheckConstraint(_PROFIT, name="profit_from_result"),
        CheckConstraint(
            "result NOT IN ('half_win', 'half_loss') OR coalesce(mod(line, 0.5) <> 0, false)",
            name="half_result_on_quarter_line",
        ),
        CheckConstraint(
            "result <> 'push' OR market = 'draw_no_bet' OR coalesce(mod(line, 1) = 0, false)",
            name="push_on_whole_line",
        ),
        CheckConstraint("settled_at > taken_at", name="settled_after_taken"),
    )


def _numeric(comment: str) -> Mapped[Decimal | None]:
    return mapped_column(Numeric, comment=comment)


class Pick(Timestamps, Base):
    """A bet of an agent: what it was when taken never changes, its closing price and settlement may be corrected."""

    __tablename__ = "tracking_clv_picks"
    __table_args__ = (
        Index("uq_tracking_clv_picks_pick", *_KEY, unique=True, postgresql_nulls_not_distinct=True),
        Index(
            "uq_tracking_clv_picks_pick_of_built_in_agent",
            "agent",
            "match_id",
            "market",
            "side",
            unique=True,
            postgresql_where=text("origin <> 'own'"),
        ),
        Index("ix_tracking_clv_picks_agent_taken_at", "agent", "taken_at"),
        Index("ix_tracking_clv_picks_taken_at", "taken_at"),
        Index("ix_tracking_clv_picks_match_id", "match_id"),
        Index("ix_tracking_clv_picks_bookmaker_id", "bookmaker_id"),
        Index("ix_tracking_clv_picks_closing_bookmaker_id", "closing_bookmaker_id"),
        Index("ix_tracking_clv_picks_unsettled", "match_id", postgresql_where=text("result IS NULL")),
        *_checks_of_bet(),
        *_checks_of_close(),
        *_checks_of_end(),
        {"comment": "One row per pick", "info": {"triggers": _TRIGGERS}},
    )
    natural_key: ClassVar[tuple[str, ...]] = _KEY

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    agent: Mapped[str] = mapped_column(Text, comment="who picked: a built-in agent, or a name of the user's own")
    origin: Mapped[PickOrigin] = mapped_column(
        PICK_ORIGIN,
        server_default=text("'own'"),
        comment="a person's own; or a built-in agent's, over history or before the match",
    )
    strategy: Mapped[str | None] = mapped_column(Text, comment="the agent's strategy; NULL: it names none")
    match_id: Mapped[int] = mapped_column(ForeignKey("matches.id"), comment="match that is bet on")
    market: Mapped[Market] = mapped_column(MARKET, comment="what is bet on")
    side: Mapped[PickSide] = mapped_column(PICK_SIDE, comment="what is backed")
    line: Mapped[Decimal | None] = mapped_column(
        Numeric, comment="goals; handicap of the home side; NULL: the market has none"
    )
    bookmaker_id: Mapped[int] = mapped_column(ForeignKey("bookmakers.id"), comment="who took the bet")
    price_taken: Mapped[Decimal] = mapped_column(Numeric, comment="decimal odds; never changes")
    taken_at: Mapped[datetime | None] = mapped_column(
        comment="when the price was taken, UTC; NULL: over history, of prices whose time the source does not tell"
    )
    stake: Mapped[Decimal] = mapped_column(Numeric, comment="units staked; never changes")
    model_probability: Mapped[float | None] = mapped_column(Double, comment="the agent's probability of the side")
    edge: Mapped[float | None] = mapped_column(Double, comment="expected profit per unit staked, as the agent saw it")
    hours_before_kickoff: Mapped[Decimal | None] = _numeric("from taken_at to kickoff; NULL: kickoff not known")
    closing_price: Mapped[Decimal | None] = _numeric("last price before kickoff of the same market, line and side")
    closing_source: Mapped[ClosingSource | None] = mapped_column(
        CLOSING_SOURCE, comment="whose closing price it is: its quality"
    )
    closing_bookmaker_id: Mapped[int | None] = mapped_column(
        ForeignKey("bookmakers.id"), comment="who made the closing price"
    )
    closing_captured_at: Mapped[datetime | None] = mapped_column(
        comment="when the closing price stood, UTC; NULL: the source does not say"
    )
    no_closing_reason: Mapped[NoClosingReason | None] = mapped_column(
        NO_CLOSING_REASON, comment="why there is no closing price; NULL also while it is not due yet"
    )
    clv_percentage: Mapped[Decimal | None] = _numeric("(price taken / closing price - 1) * 100")
    clv_no_vig_percentage: Mapped[Decimal | None] = _numeric(
        "(price taken * no-vig closing probability - 1) * 100; NULL: not every side closed"
    )
    clv_line_adjusted_percentage: Mapped[Decimal | None] = _numeric(
        "value of the pick's own line at the close, where only other lines closed; never the same-line CLV"
    )
    clv_line_adjusted_method: Mapped[str | None] = mapped_column(Text, comment="how the line was adjusted for")
    result: Mapped[PickResult | None] = mapped_column(PICK_RESULT, comment="NULL: not settled")
    profit: Mapped[Decimal | None] = _numeric("units won; negative: lost")
    settled_at: Mapped[datetime | None] = mapped_column(comment="when it was settled, UTC")
    data_version: Mapped[str] = mapped_column(Text, comment="version of the data and code it was made from")

    match: Mapped[Match] = relationship(lazy="raise")
    bookmaker: Mapped[Bookmaker] = relationship(lazy="raise", foreign_keys=[bookmaker_id])
    closing_bookmaker: Mapped[Bookmaker | None] = relationship(lazy="raise", foreign_keys=[closing_bookmaker_id])


class PickCorrection(Base):
    """What a pick's closing price or settlement was before it was corrected, by whom and why; a trigger writes it,
    another one refuses that it changes, or goes without its pick.
    """

    __tablename__ = "pick_corrections"
    __table_args__ = (
        Index("ix_pick_corrections_pick_id", "pick_id"),
        CheckConstraint("btrim(reason) <> '' AND btrim(corrected_by) <> ''", name="who_and_why"),
        {
            "schema": "ops",
            "comment": "One row per correction of a pick's closing price or settlement",
            "info": {"triggers": _CORRECTIONS_TRIGGERS},
        },
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    pick_id: Mapped[int] = mapped_column(
        ForeignKey("tracking_clv_picks.id", ondelete="CASCADE"), comment="pick that was corrected"
    )
    part: Mapped[PickPart] = mapped_column(PICK_PART, comment="what of it")
    corrected_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), comment="when, by the server's clock, UTC"
    )
    corrected_by: Mapped[str] = mapped_column(Text, comment="who: a person, or monps, which follows its sources")
    by_platform: Mapped[bool] = mapped_column(
        server_default=false(), comment="whether the platform followed its sources; false: a person corrected"
    )
    reason: Mapped[str] = mapped_column(Text, comment="why")
    was: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="the part as it was; what is left out was NULL")
    is_now: Mapped[dict[str, Any]] = mapped_column(JSONB, comment="the part as it was made; what is left out is NULL")

    pick: Mapped[Pick] = relationship(lazy="raise")


class PickProgress(Timestamps, Base):
    """How far the picks of a league's season are: of which data a step was last done."""

    __tablename__ = "pick_progress"
    __table_args__ = (
        Index("uq_pick_progress_league_id_season_step", "league_id", "season", "step", unique=True),
        CheckConstraint("inputs_sha256 ~ '^[0-9a-f]{64}$'", name="inputs_sha256"),
        CheckConstraint("picks >= 0", name="picks"),
        CheckConstraint("lasting >= 0", name="lasting"),
        season_name(),
        {"schema": "ops", "comment": "One row per league, season and step"},
    )
    natural_key: ClassVar[tuple[str, ...]] = ("league_id", "season", "step")

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True, comment="never changes")
    league_id: Mapped[int] = mapped_column(ForeignKey("leagues.id"), comment="league of the matches")
    season: Mapped[str] = mapped_column(Text, comment="such as 2019-20")
    step: Mapped[PickStep] = mapped_column(PICK_STEP, comment="what was done")
    inputs_sha256: Mapped[str] = mapped_column(
        Text, comment="of all that it saw: while that is equal, nothing is to do"
    )
    picks: Mapped[int] = mapped_column(comment="picks held when it was done")
    lasting: Mapped[int] = mapped_column(
        server_default=text("0"), comment="most picks that somebody took (own, live) ever held by then, deleted or not"
    )

    league: Mapped[League] = relationship(lazy="raise")
