"""What the database refuses and accepts of picks, their corrections and their progress."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from monps_platform.domain.picks import NoClosingReason, PickPart, PickStep
from monps_platform_tests.db.models.rows import WHEN, Accepted, Refused

PICKS, CORRECTIONS, PROGRESS = "tracking_clv_picks", "ops.pick_corrections", "ops.pick_progress"
LATER = "2019-08-10 17:00+00"
OVER = {"market": "over_under", "side": "over", "line": "2.5"}
HANDICAP = {"market": "asian_handicap", "side": "home", "line": "-0.25"}
NO_BET = {"market": "draw_no_bet", "side": "away"}
CLOSING: dict[str, Any] = {
    "closing_price": "2",
    "closing_source": "sharp",
    "closing_bookmaker_id": 2,
    "clv_percentage": "5",
    "clv_no_vig_percentage": "2.5",
}
OWN_CLOSING = {**CLOSING, "closing_source": "same_bookmaker", "closing_bookmaker_id": 1}
ADJUSTED = {"clv_line_adjusted_percentage": "3.2", "clv_line_adjusted_method": "dixon_coles"}
MOVED = {**ADJUSTED, "no_closing_reason": "line_moved"}
LIVE: dict[str, Any] = {"origin": "live"}
WALK_FORWARD: dict[str, Any] = {"origin": "walk_forward", "taken_at": None}
BUILT_IN = "built_in"
"""An agent that has a live pick of the good row's side already."""
SIDES = {
    "1x2": "home draw away",
    "over_under": "over under",
    "asian_handicap": "home away",
    "btts": "yes no",
    "double_chance": "home_or_draw home_or_away draw_or_away",
    "draw_no_bet": "home away",
}
ALL_SIDES = {side for sides in SIDES.values() for side in sides.split()}
WITH_LINE = ("over_under", "asian_handicap")


def settled(result: str | None, profit: str | None) -> dict[str, Any]:
    """A settlement, by hand."""
    return {"result": result, "profit": profit, "settled_at": LATER}


def update_picks(connection: Connection, changes: dict[str, Any]) -> int:
    """Change all picks; returns how many."""
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    return connection.execute(text(f"UPDATE {PICKS} SET {assignments}"), changes).rowcount


def because(connection: Connection, why: str, who: str | None = None) -> None:
    """Say for the rest of the transaction why picks are corrected, and who does it."""
    for name, value in (("monps.why", why), ("monps.who", who)):
        if value is not None:
            connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": value})


def on(market: str, side: str) -> dict[str, Any]:
    """A pick of a side, at a line where the market has one."""
    return {"market": market, "side": side, "line": "2" if market in WITH_LINE else None}


# The good pick stakes 1 at 2.1.
PICKS_ACCEPTED: Accepted = [
    *((PICKS, on(market, side)) for market, sides in SIDES.items() for side in sides.split()),
    *((PICKS, {**HANDICAP, "line": line}) for line in ("0", "-1.75", "0.250")),
    (PICKS, {"model_probability": 0.5, "edge": 0.05, "hours_before_kickoff": "0", "strategy": "s"}),
    (PICKS, {"edge": -0.05}),
    (PICKS, CLOSING),
    (PICKS, {**CLOSING, "clv_no_vig_percentage": None}),
    # 2.1 / 1.9: 10.526315...
    (PICKS, {**CLOSING, "closing_price": "1.9", "clv_percentage": "10.5263"}),
    (PICKS, {**CLOSING, "closing_price": "1.9", "clv_percentage": "10.526315789473684211"}),
    (PICKS, {**CLOSING, "closing_captured_at": WHEN}),
    (PICKS, OWN_CLOSING),
    *(
        (PICKS, {**CLOSING, "closing_source": source, "closing_bookmaker_id": bookmaker})
        for source in ("sharp", "market_average", "stated")
        for bookmaker in (1, 2)
    ),
    *((PICKS, {"no_closing_reason": reason.value}) for reason in NoClosingReason),
    (PICKS, {**OVER, **MOVED}),
    (PICKS, LIVE),
    (PICKS, WALK_FORWARD),
    (PICKS, {**WALK_FORWARD, **OWN_CLOSING, **settled("win", "1.1")}),
    *(
        (PICKS, {**LIVE, "agent": BUILT_IN, **other})
        for other in ({"side": "away"}, {"match_id": 100}, {"market": "draw_no_bet"}, {"agent": "another"})
    ),
    (PICKS, {"agent": BUILT_IN, "taken_at": LATER}),
    *((PICKS, settled(result, profit)) for result, profit in (("win", "1.1"), ("loss", "-1"), ("void", "0"))),
    (PICKS, {**settled("win", "3.3"), "stake": "3"}),
    (PICKS, {**HANDICAP, **settled("half_win", "0.55")}),
    (PICKS, {**HANDICAP, **settled("half_loss", "-0.5")}),
    (PICKS, {**HANDICAP, **settled("half_loss", "-0.015"), "stake": "0.03"}),
    (PICKS, {**OVER, **settled("push", "0"), "line": "3"}),
    (PICKS, {**NO_BET, **settled("push", "0")}),
]
PICKS_REFUSED: Refused = [
    *(
        ("ck_tracking_clv_picks_side_of_market", PICKS, on(market, side))
        for market, sides in SIDES.items()
        for side in sorted(ALL_SIDES - set(sides.split()))
    ),
    *(
        ("ck_tracking_clv_picks_line_of_market", PICKS, {**on(market, sides.split()[0]), "line": line})
        for market, sides in SIDES.items()
        for line in [None if market in WITH_LINE else "0"]
    ),
    *(
        ("ck_tracking_clv_picks_quarter_line", PICKS, {**HANDICAP, "line": line})
        for line in ("0.1", "2.24", "NaN", "Infinity")
    ),
    *(("ck_tracking_clv_picks_price_above_one", PICKS, {"price_taken": price}) for price in ("1", "0", "-2")),
    ("ck_tracking_clv_picks_price_above_one", PICKS, {**CLOSING, "closing_price": "1", "clv_percentage": "110"}),
    *(("ck_tracking_clv_picks_finite", PICKS, {"price_taken": price}) for price in ("NaN", "Infinity")),
    *(("ck_tracking_clv_picks_finite", PICKS, {"stake": stake}) for stake in ("NaN", "Infinity")),
    ("ck_tracking_clv_picks_finite", PICKS, {"hours_before_kickoff": "NaN"}),
    ("ck_tracking_clv_picks_finite", PICKS, {**CLOSING, "clv_no_vig_percentage": "NaN"}),
    ("ck_tracking_clv_picks_finite", PICKS, {**OVER, **MOVED, "clv_line_adjusted_percentage": "Infinity"}),
    *(("ck_tracking_clv_picks_stake_positive", PICKS, {"stake": stake}) for stake in ("0", "-1")),
    *(
        ("ck_tracking_clv_picks_payout", PICKS, {"price_taken": price, "stake": stake})
        for price, stake in (("2", "500000.0001"), ("1000", "1000.0001"))
    ),
    *(("ck_tracking_clv_picks_edge_finite", PICKS, {"edge": edge}) for edge in ("NaN", "-Infinity")),
    *(("ck_tracking_clv_picks_model_probability", PICKS, {"model_probability": p}) for p in (0, 1, -0.1, "NaN")),
    ("ck_tracking_clv_picks_before_kickoff", PICKS, {"hours_before_kickoff": "-0.1"}),
    *(
        ("ck_tracking_clv_picks_whole_closing", PICKS, {**CLOSING, "clv_no_vig_percentage": None, name: None})
        for name in ("closing_price", "closing_source", "closing_bookmaker_id", "clv_percentage")
    ),
    *(
        ("ck_tracking_clv_picks_whole_closing", PICKS, {name: CLOSING[name]})
        for name in ("closing_price", "closing_source", "closing_bookmaker_id", "clv_percentage")
    ),
    ("ck_tracking_clv_picks_same_bookmaker_closed", PICKS, {**OWN_CLOSING, "closing_bookmaker_id": 2}),
    ("ck_tracking_clv_picks_same_bookmaker_closed", PICKS, {**OWN_CLOSING, "bookmaker_id": 2}),
    ("ck_tracking_clv_picks_captured_with_closing", PICKS, {"closing_captured_at": WHEN}),
    (
        "ck_tracking_clv_picks_captured_with_closing",
        PICKS,
        {"closing_captured_at": WHEN, "no_closing_reason": "bookmaker_gone"},
    ),
    *(
        ("ck_tracking_clv_picks_time_of_origin", PICKS, changes)
        for changes in ({"taken_at": None}, {**LIVE, "taken_at": None}, {**WALK_FORWARD, "taken_at": WHEN})
    ),
    *(
        ("uq_tracking_clv_picks_pick_of_built_in_agent", PICKS, {"agent": BUILT_IN, **again})
        for again in ({**LIVE, "taken_at": LATER}, {**LIVE, "bookmaker_id": 2}, WALK_FORWARD)
    ),
    ("ck_tracking_clv_picks_no_vig_with_closing", PICKS, {"clv_no_vig_percentage": "2"}),
    ("ck_tracking_clv_picks_closing_or_reason", PICKS, {**CLOSING, "no_closing_reason": "line_moved"}),
    # Upside down (2 / 2.1), as a fraction, of another price, rounded away, by the difference of the prices.
    *(
        ("ck_tracking_clv_picks_clv_from_prices", PICKS, {**CLOSING, "clv_percentage": wrong})
        for wrong in ("-4.7619", "0.05", "-5", "5.0001", "4.9999", "10", "NaN")
    ),
    (
        "ck_tracking_clv_picks_clv_from_prices",
        PICKS,
        {**CLOSING, "price_taken": "2.001", "closing_price": "2", "clv_percentage": "-0.04997501"},
    ),
    *(
        ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, {**OVER, **MOVED, name: None})
        for name in ("clv_line_adjusted_percentage", "clv_line_adjusted_method")
    ),
    ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, ADJUSTED),
    ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, {**OVER, **ADJUSTED}),
    ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, {**OVER, **ADJUSTED, **CLOSING}),
    *(
        ("ck_tracking_clv_picks_line_adjusted_with_method", PICKS, {**OVER, **ADJUSTED, "no_closing_reason": reason})
        for reason in NoClosingReason
        if reason not in (NoClosingReason.LINE_MOVED, NoClosingReason.LINE_NOT_QUOTED)
    ),
    *(
        ("ck_tracking_clv_picks_whole_settlement", PICKS, {**settled("void", "0"), name: None})
        for name in ("result", "profit", "settled_at")
    ),
    # Another result's profit, profit per bet, the stake counted in, a lost push.
    *(
        ("ck_tracking_clv_picks_profit_from_result", PICKS, {**HANDICAP, **settled(result, profit)})
        for result, profit in (
            *(("win", "1"), ("win", "2.1"), ("win", "-1"), ("win", "0.55"), ("win", "NaN")),
            *(("loss", "0"), ("loss", "1"), ("void", "-1"), ("half_win", "1.1"), ("half_loss", "-1")),
        )
    ),
    ("ck_tracking_clv_picks_profit_from_result", PICKS, {**settled("win", "1.1"), "stake": "2"}),
    ("ck_tracking_clv_picks_profit_from_result", PICKS, {**NO_BET, **settled("push", "-1")}),
    *(
        ("ck_tracking_clv_picks_half_result_on_quarter_line", PICKS, {**bet, **settled("half_loss", "-0.5")})
        for bet in ({}, NO_BET, OVER, {**HANDICAP, "line": "1"})
    ),
    *(
        ("ck_tracking_clv_picks_push_on_whole_line", PICKS, {**bet, **settled("push", "0")})
        for bet in ({}, OVER, HANDICAP, {"market": "btts", "side": "yes"})
    ),
    ("ck_tracking_clv_picks_settled_after_taken", PICKS, {**settled("void", "0"), "settled_at": "2019-08-10 13:00+00"}),
    ("fk_tracking_clv_picks_match_id_matches", PICKS, {"match_id": 99}),
    ("fk_tracking_clv_picks_bookmaker_id_bookmakers", PICKS, {"bookmaker_id": 99}),
    (
        "fk_tracking_clv_picks_closing_bookmaker_id_bookmakers",
        PICKS,
        {**CLOSING, "closing_bookmaker_id": 99},
    ),
]

PICK_WORK_ACCEPTED: Accepted = [
    *((CORRECTIONS, {"part": part.value}) for part in PickPart),
    (CORRECTIONS, {"was": "{}", "is_now": "{}"}),
    *((PROGRESS, {"step": step.value}) for step in PickStep),
    (PROGRESS, {"inputs_sha256": "0123456789abcdef" * 4, "picks": 10**9}),
]
PICK_WORK_REFUSED: Refused = [
    *(("ck_pick_corrections_who_and_why", CORRECTIONS, {name: ""}) for name in ("corrected_by", "reason")),
    ("fk_pick_corrections_pick_id_tracking_clv_picks", CORRECTIONS, {"pick_id": 99}),
    *(
        ("ck_pick_progress_inputs_sha256", PROGRESS, {"inputs_sha256": value})
        for value in ("", "0" * 63, "0" * 65, "A" * 64, "g" * 64, "0" * 63 + "\n")
    ),
    ("ck_pick_progress_picks", PROGRESS, {"picks": -1}),
    ("ck_pick_progress_lasting", PROGRESS, {"lasting": -1}),
    *(("ck_pick_progress_season_name", PROGRESS, {"season": season}) for season in ("2019", "2019/20", "")),
    ("fk_pick_progress_league_id_leagues", PROGRESS, {"league_id": 99}),
]

PICK_KEYS: dict[str, list[dict[str, Any]]] = {
    PICKS: [
        *({"agent": "other"}, {"match_id": 2}, {"side": "away"}, {"bookmaker_id": 2}, {"taken_at": LATER}),
        *(OVER, {**OVER, "line": "3.5"}, {**HANDICAP, "line": "2.5"}, {"market": "draw_no_bet"}),
    ],
    PROGRESS: [{"league_id": 2}, {"season": "2020-21"}, {"step": "close"}],
}
"""Changes of the good row, each of which makes it another one by its natural key."""
