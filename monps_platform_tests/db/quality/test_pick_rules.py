"""The rules of picks: each is seen passing on good data and failing on bad, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine

from monps_platform.db.quality import LOOK_BACK_DAYS, picks
from monps_platform.domain.odds import Market, is_plausible
from monps_platform.domain.picks import ClosingSource, NoClosingReason, PickOrigin, PickResult
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.db.quality.cases import BY_NAME, Case, Cases, Harmless, assert_finds, find, spoil
from monps_platform_tests.db.quality.picked_league import BY_HAND, LOCAL, NOW, OWN, VOID, load_good_data

RULES = {rule.name for rule in picks.RULES}
PICKS, PROGRESS, FILES = "tracking_clv_picks", "ops.pick_progress", "ops.raw_files"
OF_FINISHED = "season = '2017-18'"
HERE, THERE = {"league": "SIM2", "season": "2019-20"}, {"league": "SIM1", "season": "2017-18"}
FREE = f"ALTER TABLE {PICKS} DISABLE TRIGGER USER"
"""Lets a statement change what a pick was, and correct it without a word on who and why."""
RETAKE = "ALTER TABLE odds DISABLE TRIGGER USER"
REWRITE = "ALTER TABLE ops.pick_corrections DISABLE TRIGGER USER"
BY_PLATFORM = f"{REWRITE}; UPDATE ops.pick_corrections SET by_platform = true"
REAL = "UPDATE leagues SET is_simulated = false"
NONE = (
    "closing_price = NULL, closing_source = NULL, closing_bookmaker_id = NULL, closing_captured_at = NULL, "
    "clv_percentage = NULL, clv_no_vig_percentage = NULL"
)
AS_BEFORE = "clv_line_adjusted_percentage = NULL, clv_line_adjusted_method = NULL"
OPEN = "result = NULL, profit = NULL, settled_at = NULL"


def one(condition: str) -> str:
    """The first pick of those that a condition describes."""
    return f"id = (SELECT min(p.id) FROM {PICKS} p JOIN matches m ON m.id = p.match_id WHERE {condition})"


def change(which: str, assignments: str) -> str:
    """Statements that change picks, whatever the triggers say."""
    return f"{FREE}; UPDATE {PICKS} SET {assignments} WHERE {which}"


def quote(which: str, book: str = "closing_bookmaker_id", kind: str = "closing", of: str = "home") -> str:
    """The price of a side in the quote of a pick's match, market and line by one of its bookmakers."""
    return f"(SELECT {of}_price FROM odds WHERE {of_pick(which, book, kind)})"


def of_pick(which: str, book: str = "closing_bookmaker_id", kind: str = "closing") -> str:
    """The quote of a pick's match, market and line by one of its bookmakers."""
    return f"""id = (SELECT o.id FROM odds o JOIN {PICKS} p ON p.match_id = o.match_id AND p.market = o.market
        AND p.line IS NOT DISTINCT FROM o.line AND p.{book} = o.bookmaker_id
        WHERE o.price_kind = '{kind}' AND p.{which})"""


def at(price: str) -> str:
    """The closing price as another one, with the CLV that it makes."""
    return f"closing_price = {price}, clv_percentage = (price_taken / {price} - 1) * 100"


def by(key: str) -> str:
    """A bookmaker's id."""
    return f"(SELECT id FROM bookmakers WHERE key = '{key}')"


def settle(which: str, result: str) -> str:
    """Statements that settle picks with a result."""
    return change(which, f"result = '{result}', settled_at = coalesce(settled_at, now()), profit = {WON[result]}")


WON = {
    "win": "stake * (price_taken - 1)",
    "half_win": "stake * (price_taken - 1) / 2",
    "push": "0",
    "void": "0",
    "half_loss": "-stake / 2",
    "loss": "-stake",
}

HOME = one(f"agent = '{OWN}' AND market = '1x2' AND side = 'home' AND closing_source = 'same_bookmaker'")
OVER = one(f"agent = '{OWN}' AND market = 'over_under' AND side = 'over' AND closing_source = 'same_bookmaker'")
HANDICAP = one(f"agent = '{OWN}' AND market = 'asian_handicap' AND side = 'home' AND closing_source = 'same_bookmaker'")
SHARP = one(f"agent = '{OWN}' AND market = '1x2' AND side = 'home' AND closing_source = 'sharp'")
AVERAGE = one(f"agent = '{LOCAL}' AND closing_source = 'market_average'")
SNAPSHOT = one(f"agent = '{LOCAL}' AND closing_captured_at IS NOT NULL")
MOVED = one("no_closing_reason = 'line_moved' AND market = 'asian_handicap'")
NOT_QUOTED = one("no_closing_reason = 'line_not_quoted'")
MOVED_TOTAL = one("no_closing_reason = 'line_moved' AND market = 'over_under'")
OF_MOVED, LINE_OF_MOVED = (f"(SELECT {name} FROM {PICKS} WHERE {MOVED})" for name in ("match_id", "line"))
REASON_BY_HAND = change(f"agent = '{BY_HAND}' AND side = 'home'", f"{NONE}, no_closing_reason = 'line_moved'")
BTTS = one(f"agent = '{OWN}' AND market = 'btts'")
WALKED = one("p.origin = 'walk_forward' AND market = '1x2' AND side = 'home' AND starts_with(agent, 'dixon')")
WALKED_AT_LINE = one("p.origin = 'walk_forward' AND market = 'asian_handicap'")
LIVE = one("p.origin = 'live' AND agent = 'sharp_value' AND result IS NOT NULL")
TO_COME = one("p.origin = 'live' AND result IS NULL")
BACKED = ((HOME, "1x2", "home"), (OVER, "over_under", "over"), (HANDICAP, "asian_handicap", "home"))
OTHER_SIDE = {"home": "away", "over": "under"}


def match_of(which: str) -> str:
    """The match of a pick."""
    return f"id = (SELECT match_id FROM {PICKS} WHERE {which})"


def fair(which: str, probability: str) -> str:
    """Statements that make a probability that of a pick at the close."""
    return change(which, f"clv_no_vig_percentage = (price_taken * {probability} - 1) * 100")


def inverse(which: str, of: str) -> str:
    """The inverse of a closing price."""
    return f"(1 / {quote(which, of=of)})"


def begun(which: str) -> str:
    """The minute after a pick's match began."""
    return f"(SELECT kickoff_at + interval '1 minute' FROM matches WHERE {match_of(which)})"


OVERROUND = f"({' + '.join(inverse(HOME, side) for side in ('home', 'draw', 'away'))})"
COPIED = """INSERT INTO odds (match_id, bookmaker_id, market, line, price_kind, captured_at, home_price, draw_price,
    away_price, over_price, under_price, overround) SELECT {match}, {book}, market, {line}, {kind}, {at}, {home},
    draw_price, away_price, over_price, under_price, overround FROM odds WHERE {which}"""


def copied(which: str, **changes: str) -> str:
    """A statement that inserts a quote again, as another one."""
    own = {"match": "match_id", "book": "bookmaker_id", "line": "line", "kind": "price_kind", "at": "captured_at"}
    return COPIED.format(which=which, **({**own, "home": "home_price"} | changes))


def closed_by_own_book(home: str = "home_price") -> str:
    """Statements that let the bookmaker of the pick that a sharp one closes close it as well."""
    return (
        f"DELETE FROM odds WHERE {of_pick(SHARP, 'bookmaker_id')}; {copied(of_pick(SHARP), book=by('B365'), home=home)}"
    )


WRONG_RESULTS = (
    ("1x2", "win", "loss"),
    ("1x2", "loss", "win"),
    ("over_under", "win", "loss"),
    ("over_under", "half_win", "win"),
    ("over_under", "half_win", "half_loss"),
    ("over_under", "push", "loss"),
    ("over_under", "push", "win"),
    ("over_under", "half_loss", "loss"),
    ("over_under", "loss", "half_loss"),
    ("asian_handicap", "win", "half_win"),
    ("asian_handicap", "half_win", "half_loss"),
    ("asian_handicap", "push", "loss"),
    ("asian_handicap", "half_loss", "loss"),
    ("asian_handicap", "loss", "win"),
    ("btts", "win", "loss"),
    ("btts", "loss", "win"),
    ("double_chance", "win", "loss"),
    ("double_chance", "loss", "win"),
    ("draw_no_bet", "win", "push"),
    ("draw_no_bet", "push", "loss"),
    ("draw_no_bet", "loss", "push"),
)
"""A market, how a pick ended, and how it is said to have ended: among them every push that was lost."""


def ended(market: str, result: str, said: str) -> str:
    """A person's pick that ended so; one at a quarter line where the result that is said needs one."""
    quarter = "mod(line, 0.5) <> 0" if said.startswith("half") else "line IS NOT DISTINCT FROM line"
    quarter = "mod(line, 1) = 0" if said == "push" and market != "draw_no_bet" else quarter
    return one(f"agent = '{OWN}' AND market = '{market}' AND result = '{result}' AND {quarter}")


def file(key: str, digit: str, *rejections: tuple[int, str]) -> str:
    """Statements that enter a file of picks that was not imported, with what is wrong in it."""
    entered = f"""INSERT INTO {FILES} (source, key, url, sha256, bytes, fetched_at)
        VALUES ('picks', '{key}', 'file:{key}', '{digit * 64}', 10, '2020-03-01Z')"""
    wrong = [
        f"""INSERT INTO ops.rejected_rows (raw_file_id, dataset, line_number, reason, raw_text, detail)
        SELECT max(id), 'picks', {line}, '{reason}', 'a,b', 'what is wrong' FROM {FILES}"""
        for line, reason in rejections
    ]
    return "; ".join((entered, *wrong))


def spent(days: int) -> str:
    """Statements that make the league a real one whose picks were last worked on so many days ago."""
    return f"{REAL}; UPDATE {PROGRESS} SET updated_at = '{NOW - timedelta(days=days)}'"


CASES: Cases = {
    "clv_recomputes_from_odds": [
        *(
            Case(f"UPDATE odds SET {side}_price = {side}_price + 0.01 WHERE {of_pick(which)}", {"side": side}, rows=0)
            for which, _, side in BACKED
        ),
        *(
            Case(f"DELETE FROM odds WHERE {of_pick(which)}", {"quoted": None, "side": side}, 0)
            for which, _, side in BACKED
        ),
        # The swapped side, with the CLV that it makes.
        *(
            Case(change(which, at(quote(which, of=OTHER_SIDE[side]))), {"agent": OWN, "market": market, "side": side})
            for which, market, side in BACKED
        ),
        # Another line: the quote is no longer at the pick's.
        *(
            Case(f"UPDATE odds SET line = line + 0.25 WHERE {of_pick(which)}", {"quoted": None, "side": side}, rows=0)
            for which, _, side in BACKED[1:]
        ),
        Case(change(HOME, at("1.64")), {"agent": OWN, "side": "home"}),
        Case(change(HOME, at(quote(HOME, kind="pre_match"))), {"agent": OWN, "side": "home"}),
        # Another match of the same market.
        Case(change(HOME, at(quote(WALKED))), {"agent": OWN, "side": "home"}),
        # Another bookmaker's price under the name of the pick's own, and the other way round.
        Case(change(HOME, at(f"(SELECT home_price FROM odds WHERE {of_pick(SHARP)})")), {"agent": OWN, "side": "home"}),
        Case(
            change(HOME, f"closing_source = 'sharp', closing_bookmaker_id = {by('XY')}"),
            {"agent": OWN, "quoted": None},
        ),
        # Within what the table lets pass for rounding.
        Case(change(HOME, "clv_percentage = clv_percentage + 0.00005"), {"agent": OWN, "side": "home"}),
        Case(change(HOME, "clv_percentage = round(clv_percentage, 4)"), {"agent": OWN, "side": "home"}),
        # A snapshot that is another one than the pick names, or none.
        Case(
            change(SNAPSHOT, "closing_captured_at = closing_captured_at - interval '1 second'"),
            {"agent": LOCAL, "quoted": None},
        ),
        Case(change(SNAPSHOT, "closing_captured_at = NULL"), {"agent": LOCAL, "quoted": None}),
        Case(
            f"{RETAKE}; UPDATE odds SET price_kind = 'pre_match' WHERE {of_pick(SNAPSHOT, kind='snapshot')}",
            {"agent": LOCAL, "quoted": None},
        ),
        Case(BY_PLATFORM, {"agent": BY_HAND, "side": "away"}),
    ],
    "no_vig_clv_recomputes_from_odds": [
        *(
            Case(f"UPDATE odds SET {side}_price = {side}_price + 0.01 WHERE {of_pick(HOME)}", {"agent": OWN}, rows=0)
            for side in ("home", "draw", "away")
        ),
        *(
            Case(
                f"UPDATE odds SET {OTHER_SIDE[side]}_price = {OTHER_SIDE[side]}_price + 0.01 WHERE {of_pick(which)}",
                {"agent": OWN, "market": market},
                rows=0,
            )
            for which, market, side in BACKED[1:]
        ),
        Case(change(HOME, "clv_no_vig_percentage = clv_no_vig_percentage + 0.0001"), {"agent": OWN, "side": "home"}),
        *(
            Case(change(which, "clv_no_vig_percentage = NULL"), {"market": market, "clv_no_vig_percentage": None})
            for which, market in ((HOME, "1x2"), (OVER, "over_under"), (HANDICAP, "asian_handicap"), (SHARP, "1x2"))
        ),
        Case(change(SNAPSHOT, "clv_no_vig_percentage = NULL"), {"agent": LOCAL, "clv_no_vig_percentage": None}),
        # The margin left in, taken out by division, by equal shares; another side's probability; the raw CLV.
        Case(fair(HOME, inverse(HOME, "home")), {"agent": OWN, "side": "home"}),
        Case(fair(HOME, f"{inverse(HOME, 'home')} / {OVERROUND}"), {"agent": OWN, "side": "home"}),
        Case(fair(HOME, f"({inverse(HOME, 'home')} - ({OVERROUND} - 1) / 3)"), {"agent": OWN, "side": "home"}),
        Case(fair(HOME, f"{inverse(HOME, 'away')} / {OVERROUND}"), {"agent": OWN, "side": "home"}),
        Case(change(HOME, "clv_no_vig_percentage = clv_percentage"), {"agent": OWN, "side": "home"}),
        *(
            Case(fair(which, inverse(which, side)), {"agent": OWN, "market": market})
            for which, market, side in BACKED[1:]
        ),
        Case(BY_PLATFORM, {"agent": BY_HAND, "side": "away"}),
    ],
    "closing_sources_say_whose_price_it_is": [
        *(
            Case(
                change(which, f"closing_source = '{said}', closing_bookmaker_id = {by(key)}"),
                {"held": said, "bookmaker": key, "due": due},
            )
            for which in (HOME, OVER, HANDICAP, SHARP)
            for said, key, due in (
                ("sharp", "Max", None),
                ("sharp", "XY", None),
                ("sharp", "Avg", "market_average"),
                ("market_average", "Max", None),
                ("market_average", "PS", "sharp"),
                ("sharp", "B365", "same_bookmaker"),
            )
        ),
        Case(change(HOME, "closing_source = 'market_average'"), {"held": "market_average", "due": "same_bookmaker"}),
        # The quote of another one, with all that follows from it.
        Case(
            f"{copied(of_pick(HOME), book=by('XY'))}; "
            + change(HOME, f"closing_source = 'sharp', closing_bookmaker_id = {by('XY')}"),
            {"agent": OWN, "held": "sharp", "bookmaker": "XY", "due": None},
        ),
        Case("UPDATE bookmakers SET is_sharp = false WHERE key = 'PS'", {"bookmaker": "PS", "due": None}, rows=0),
    ],
    "reasons_for_no_closing_price_hold": [
        *(
            Case(change(which, f"{NONE}, {AS_BEFORE}, no_closing_reason = '{said}'"), {"reason": said, "due": due})
            for which, due in (
                *((HOME, None), (SNAPSHOT, None), (BTTS, "market_not_quoted")),
                *((MOVED, "line_moved"), (NOT_QUOTED, "line_not_quoted")),
            )
            for said in NoClosingReason
            if said != due
        ),
        Case(
            change(f"agent = '{VOID}'", "no_closing_reason = 'not_captured_before_kickoff'"),
            {"agent": VOID, "due": "match_not_played"},
        ),
        # Of a match that is to come, with and without a close.
        *(
            Case(change(TO_COME, f"no_closing_reason = '{said}'"), {"reason": said, "due": None})
            for said in ("match_not_played", "not_captured_before_kickoff")
        ),
        # What the sources say is other than it was.
        Case(f"DELETE FROM odds WHERE match_id = {OF_MOVED}", {"due": "not_captured_before_kickoff"}, rows=0),
        Case(
            f"DELETE FROM odds WHERE match_id = {OF_MOVED} AND market = 'asian_handicap'",
            {"reason": "line_moved", "due": "market_not_quoted"},
            rows=0,
        ),
        Case(
            copied(of_pick(HANDICAP), book=by("XY"), match=OF_MOVED, line=LINE_OF_MOVED),
            {"reason": "line_moved", "due": "bookmaker_gone"},
            rows=0,
        ),
        Case(
            f"{copied(of_pick(HANDICAP), book=by('PS'), match=OF_MOVED, line=LINE_OF_MOVED, home='1.01')}",
            {"reason": "line_moved", "due": "implausible_price"},
            rows=0,
        ),
        Case(f"{BY_PLATFORM}; {REASON_BY_HAND}", {"agent": BY_HAND}),
    ],
    "line_adjusted_clv_recomputes_from_odds": [
        *(
            Case(change(which, f"clv_line_adjusted_percentage = {said}"), {"market": market})
            for which, market in ((MOVED, "asian_handicap"), (MOVED_TOTAL, "over_under"))
            for said in (
                *("900", "-100", "0", "-clv_line_adjusted_percentage - 0.1"),
                *("clv_line_adjusted_percentage + 0.00001", "round(clv_line_adjusted_percentage, 4) + 0.0001"),
            )
        ),
        Case(change(MOVED, "clv_line_adjusted_method = 'half-point table'"), {"method": "half-point table"}),
        Case(
            change(MOVED, "clv_line_adjusted_percentage = NULL, clv_line_adjusted_method = NULL"),
            {"adjusted": None, "method": None},
        ),
        # The prices that it comes from.
        *(
            Case(
                f"UPDATE odds SET {side}_price = {side}_price + 0.01 WHERE price_kind = 'closing' "
                f"AND market = '{market}' AND match_id = (SELECT match_id FROM {PICKS} WHERE {which})",
                {"market": of},
                rows=0,
            )
            for market, side, which, of in (
                *(("1x2", side, MOVED, "asian_handicap") for side in ("home", "draw", "away")),
                *(("over_under", side, MOVED_TOTAL, "over_under") for side in ("over", "under")),
            )
        ),
        Case(
            f"DELETE FROM odds WHERE market = '1x2' AND match_id = {OF_MOVED}",
            {"due": None, "due_method": None},
            rows=0,
        ),
    ],
    "edges_recompute_from_probabilities": [
        *(
            Case(change(which, said), {"agent": agent})
            for which, agent in ((WALKED, "dixon_coles_value"), (LIVE, "sharp_value"))
            for said in (
                *("edge = edge + 0.00001", "edge = -edge", "edge = NULL", "model_probability = NULL"),
                *("edge = NULL, model_probability = NULL", "model_probability = model_probability / 2"),
                "edge = model_probability * price_taken",
            )
        ),
        Case(change(HOME, "model_probability = 0.5, edge = 0.05"), {"agent": OWN}),
        Case(change(HOME, "model_probability = 0.5"), {"agent": OWN, "edge": None}),
        Case(change(HOME, "edge = 0.025"), {"agent": OWN, "model_probability": None}),
    ],
    "picks_are_taken_before_kickoff": [
        *(
            Case(change(which, said), {"agent": agent})
            for which, agent in ((HOME, OWN), (LIVE, "sharp_value"))
            for said in (
                *("hours_before_kickoff = hours_before_kickoff + 0.001", "hours_before_kickoff = 0"),
                *("hours_before_kickoff = 999", "taken_at = taken_at - interval '1 second'"),
            )
        ),
        Case(change(WALKED, "hours_before_kickoff = 24"), {"taken_at": None}),
        Case(change(HOME, f"taken_at = {begun(HOME)}, hours_before_kickoff = NULL"), {"agent": OWN}),
        *(
            Case(f"UPDATE matches SET kickoff_at = {to} WHERE {match_of(HOME)}", {"agent": OWN}, rows=0)
            for to in ("kickoff_at + interval '1 day'", "kickoff_at - interval '1 day'")
        ),
    ],
    "closing_prices_are_of_the_best_source": [
        # A worse source than there is; none at all where there is one.
        *(
            Case(
                change(which, f"closing_source = '{source}', closing_bookmaker_id = {by(key)}"),
                {"agent": OWN, "market": market, "held": source, "available": 0},
            )
            for which, market, _ in BACKED
            for source, key in (("sharp", "PS"), ("market_average", "Avg"))
        ),
        Case(
            change(SHARP, f"closing_source = 'market_average', closing_bookmaker_id = {by('Avg')}"),
            {"agent": OWN, "held": "market_average", "available": 1},
        ),
        *(
            Case(
                change(which, f"{NONE}, no_closing_reason = '{reason}'"),
                {"agent": OWN, "market": market, "held": None, "reason": reason, "available": 0},
            )
            for which, market, _ in BACKED
            for reason in ("bookmaker_gone", "market_not_quoted")
        ),
        Case(
            change(SHARP, f"{NONE}, no_closing_reason = 'implausible_price'"),
            {"agent": OWN, "reason": "implausible_price", "available": 1},
        ),
        Case(
            change(AVERAGE, f"{NONE}, no_closing_reason = 'bookmaker_gone'"),
            {"agent": LOCAL, "held": None, "available": 2},
        ),
        # A better one has come since; a line that had moved has not.
        Case(closed_by_own_book(), {"agent": OWN, "held": "sharp", "available": 0}, rows=0),
        Case(
            copied(
                of_pick(HANDICAP),
                book=by("PS"),
                match=OF_MOVED,
                line=f"(SELECT line FROM {PICKS} WHERE {MOVED})",
            ),
            {"reason": "line_moved"},
            rows=0,
        ),
        Case(BY_PLATFORM, {"agent": BY_HAND, "held": "stated"}),
    ],
    "closing_prices_are_of_the_same_line": [
        Case(f"UPDATE odds SET line = line {step} WHERE {of_pick(which)}", {"agent": OWN, "market": market}, rows=0)
        for which, market, _ in BACKED[1:]
        for step in ("+ 0.25", "- 0.25", "+ 1", "* -1 - 0.25")
    ],
    "closing_prices_stood_before_kickoff": [
        *(
            Case(
                f"{FREE}; UPDATE {PICKS} p SET closing_captured_at = kickoff_at + interval '{late}' FROM matches m "
                f"WHERE m.id = match_id AND p.{SNAPSHOT}",
                {"agent": LOCAL},
            )
            for late in ("0", "1 second", "2 days")
        ),
        Case(
            f"UPDATE matches SET kickoff_at = kickoff_at - interval '30 minutes' WHERE {match_of(SNAPSHOT)}",
            {"agent": LOCAL},
        ),
        Case(f"UPDATE matches SET kickoff_at = '{NOW + timedelta(hours=25)}' WHERE {match_of(WALKED)}", {}, rows=0),
        Case(
            f"UPDATE matches SET kickoff_at = NULL, match_date = '{NOW.date() + timedelta(days=2)}' "
            f"WHERE {match_of(WALKED)}",
            {"kickoff_at": None},
            rows=0,
        ),
    ],
    "closing_prices_are_plausible": [
        *(
            Case(
                f"UPDATE odds SET {OTHER_SIDE[side]}_price = {price} WHERE {of_pick(which)}", {"market": market}, rows=0
            )
            for which, market, side in BACKED
            for price in (1.05, 500)
        ),
        Case(
            f"{RETAKE}; UPDATE odds SET away_price = 1.05 WHERE {of_pick(SNAPSHOT, kind='snapshot')}", {"agent": LOCAL}
        ),
    ],
    "settled_picks_have_results": [
        Case(
            f"UPDATE matches SET home_goals = NULL, away_goals = NULL, half_time_home_goals = NULL, "
            f"half_time_away_goals = NULL WHERE {match_of(WALKED)}",
            {"home_goals": None},
            rows=0,
        ),
        Case(
            f"UPDATE matches SET home_goals = 1, away_goals = 0 WHERE {match_of(one(f'agent = {VOID!r}'))}",
            {"agent": VOID, "result": "void"},
        ),
        Case(settle(HOME, "void"), {"agent": OWN, "result": "void"}),
        Case(settle(TO_COME, "loss"), {"result": "loss", "home_goals": None}),
        Case(BY_PLATFORM, {"agent": BY_HAND, "result": "void"}),
    ],
    "results_recompute_from_scores": [
        *(
            Case(
                settle(ended(market, was, said), said),
                {"agent": OWN, "market": market, "result": said, "due_result": was},
            )
            for market, was, said in WRONG_RESULTS
        ),
        *(
            Case(f"UPDATE matches SET {side}_goals = {side}_goals + 5 WHERE {match_of(which)}", {"agent": OWN}, rows=0)
            for which, _, _ in BACKED
            for side in ("home", "away")
        ),
        Case(BY_PLATFORM, {"agent": BY_HAND, "side": "away"}),
    ],
    "profits_reconcile": [
        *(Case(settle(ended(market, was, said), said), {"agent": OWN}) for market, was, said in WRONG_RESULTS),
        *(
            Case(
                f"ALTER TABLE {PICKS} DROP CONSTRAINT ck_tracking_clv_picks_profit_from_result; "
                + change(HOME, f"profit = profit {off}"),
                {"agent": OWN},
            )
            for off in ("+ 0.00001", "- 0.00001", "* -1")
        ),
        # Twice the profit of a half win, half the loss of a loss.
        *(
            Case(
                f"ALTER TABLE {PICKS} DROP CONSTRAINT ck_tracking_clv_picks_profit_from_result; "
                + change(one(f"agent = '{OWN}' AND result = '{result}'"), f"profit = profit * {factor}"),
                {"agent": OWN},
            )
            for result, factor in (("half_win", 2), ("half_loss", 2), ("loss", 0), ("win", 0.5))
        ),
        Case(BY_PLATFORM, {"agent": BY_HAND}),
    ],
    "aggregates_are_no_bookmakers": [
        Case("UPDATE bookmakers SET is_aggregate = true WHERE key = 'XY'", {"agent": LOCAL, "bookmaker": "XY"}, rows=3),
        *(
            Case(change(one("market = 'btts'"), f"bookmaker_id = {by(key)}"), {"agent": OWN, "bookmaker": key})
            for key in ("Max", "Avg")
        ),
    ],
    "agents_took_prices_that_stood": [
        Case(
            f"UPDATE odds SET home_price = home_price + 0.01 WHERE {of_pick(WALKED, 'bookmaker_id', 'pre_match')}",
            {"side": "home"},
            rows=0,
        ),
        Case(f"DELETE FROM odds WHERE {of_pick(WALKED, 'bookmaker_id', 'pre_match')}", {"side": "home"}, rows=0),
        # At its close alone.
        Case(
            f"DELETE FROM odds WHERE {of_pick(WALKED, 'bookmaker_id', 'closing')}; "
            f"UPDATE odds SET price_kind = 'closing' WHERE {of_pick(WALKED, 'bookmaker_id', 'pre_match')}",
            {"side": "home"},
            rows=0,
        ),
        Case(
            change(
                WALKED, f"price_taken = price_taken + 0.01, profit = NULL, result = NULL, settled_at = NULL, {NONE}"
            ),
            {"side": "home"},
        ),
        # Another side, another line, another bookmaker, another match.
        Case(change(WALKED, "side = 'draw', " + f"{OPEN}, {NONE}"), {"side": "draw"}),
        Case(
            f"UPDATE odds SET line = line + 0.25 WHERE {of_pick(WALKED_AT_LINE, 'bookmaker_id', 'pre_match')}",
            {"market": "asian_handicap"},
            rows=0,
        ),
        Case(change(WALKED, f"bookmaker_id = {by('XY')}, {NONE}"), {"side": "home"}),
        # A snapshot from after the bet.
        Case(
            f"{RETAKE}; UPDATE odds SET captured_at = captured_at + interval '2 hours' WHERE price_kind = 'snapshot' "
            f"AND match_id = (SELECT match_id FROM {PICKS} WHERE {LIVE}); "
            f"DELETE FROM odds WHERE {of_pick(LIVE, 'bookmaker_id', 'pre_match')}",
            {"agent": "sharp_value", "side": "home"},
            rows=0,
        ),
    ],
    "picks_of_played_matches_are_settled": [
        Case(change(HOME, OPEN), {**THERE, "agent": OWN, "picks": 1}),
        Case(change(HOME, NONE), {**THERE, "agent": OWN, "picks": 1}),
        Case(
            change(
                MOVED, "no_closing_reason = NULL, clv_line_adjusted_percentage = NULL, clv_line_adjusted_method = NULL"
            ),
            {"picks": 1},
        ),
        Case(change(f"agent = '{OWN}'", OPEN), {**THERE, "agent": OWN, "picks": 1024}),
        Case(f"UPDATE matches SET home_goals = 1, away_goals = 1 WHERE {match_of(TO_COME)}", HERE, rows=0),
    ],
    "closing_coverage_is_high": [
        Case(
            change(
                f"market = '{market}' AND closing_source = 'same_bookmaker' AND mod(id, 3) = 0 AND origin <> 'own'",
                f"{NONE}, no_closing_reason = 'bookmaker_gone'",
            ),
            {**HERE, "market": market, "commonest_reason": "bookmaker_gone"},
        )
        for market in ("1x2", "over_under", "asian_handicap")
    ],
    "pick_files_are_imported": [
        Case(file("yours.csv", "2"), {"file": "yours.csv", "rejected": 0}),
        Case(file("yours.csv", "2", (2, "not_a_number"), (3, "duplicate_pick")), {"file": "yours.csv", "rejected": 2}),
        # A newer version of a file that was imported once.
        Case(file("mine.csv", "2", (2, "missing_value")), {"file": "mine.csv", "rejected": 1}),
    ],
    "pick_names_are_resolved": [
        *(
            Case(file("yours.csv", "2", (7, reason)), {"file": "yours.csv", "line_number": 7, "reason": reason})
            for reason in ("unresolved_team", "ambiguous_team", "unknown_league", "unknown_bookmaker")
        ),
        # Also where the other lines of the file were imported.
        Case(
            f"{file('yours.csv', '2', (2, 'unresolved_team'))}; UPDATE {FILES} SET rows_read = 2, rows_loaded = 1, "
            "rows_rejected = 1, rows_loader = 'picks-1' WHERE key = 'yours.csv'",
            {"file": "yours.csv", "detail": "what is wrong"},
        ),
    ],
    "picks_have_a_match": [
        Case(file("yours.csv", "2", (9, "no_such_match")), {"file": "yours.csv", "line_number": 9, "raw_text": "a,b"}),
    ],
    "picks_did_not_shrink": [
        Case(f"DELETE FROM {PICKS} WHERE {HOME}", {**THERE, "before": 1088, "held": 1087}),
        Case(
            f"DELETE FROM {PICKS} WHERE match_id IN (SELECT id FROM matches WHERE season = '2019-20')",
            {**HERE, "held": 0},
        ),
        Case(f"UPDATE {PROGRESS} SET picks = picks + 1 WHERE step = 'settle'", HERE, rows=2),
        # Whatever the last step saw: what somebody took is not withdrawn.
        Case(f"UPDATE {PROGRESS} SET lasting = lasting + 1 WHERE step = 'take' AND {OF_FINISHED}", THERE),
        Case(
            f"DELETE FROM {PICKS} WHERE {HOME}; UPDATE {PROGRESS} SET picks = 0",
            {**THERE, "before": 0, "lasting_before": 1030, "lasting": 1029},
        ),
    ],
    "picks_are_fresh": [
        Case(spent(LOOK_BACK_DAYS + 1), HERE),
        Case(f"{REAL}; DELETE FROM {PROGRESS}", {**HERE, "last_worked_on": None}),
    ],
}
WARNINGS = {
    *("agents_took_prices_that_stood", "picks_of_played_matches_are_settled", "closing_coverage_is_high"),
    *("pick_files_are_imported", "pick_names_are_resolved", "picks_have_a_match"),
    *("picks_did_not_shrink", "picks_are_fresh", "picks_are_taken_before_kickoff"),
}
HARMLESS: Harmless = {
    "a close that a person stated": (
        "clv_recomputes_from_odds",
        change(HOME, f"closing_source = 'stated', {at('1.64')}"),
    ),
    "a close of no known fair price, as a person stated it": (
        "no_vig_clv_recomputes_from_odds",
        change(HOME, "closing_source = 'stated', clv_no_vig_percentage = NULL"),
    ),
    "the last digits of a line-adjusted percentage": (
        "line_adjusted_clv_recomputes_from_odds",
        change(MOVED, "clv_line_adjusted_percentage = clv_line_adjusted_percentage + 1e-9"),
    ),
    "a person's reason for no closing price": (
        "reasons_for_no_closing_price_hold",
        change(f"agent = '{BY_HAND}'", f"{NONE}, no_closing_reason = 'bookmaker_gone'"),
    ),
    "a person's pick with a probability": (
        "edges_recompute_from_probabilities",
        change(HOME, "model_probability = 0.5, edge = 0.025"),
    ),
    "a rounding of hours": (
        "picks_are_taken_before_kickoff",
        change(HOME, "hours_before_kickoff = hours_before_kickoff + 0.00005"),
    ),
    "a match of which only the day is known": (
        "picks_are_taken_before_kickoff",
        f"UPDATE matches SET kickoff_at = NULL WHERE {match_of(HOME)}",
    ),
    "a kickoff that was not known when the price was taken": (
        "picks_are_taken_before_kickoff",
        change(HOME, "hours_before_kickoff = NULL"),
    ),
    "the last digits of a percentage": (
        "clv_recomputes_from_odds",
        change(HOME, "clv_percentage = clv_percentage + 1e-11"),
    ),
    "the last digits of a fair percentage": (
        "no_vig_clv_recomputes_from_odds",
        change(HOME, "clv_no_vig_percentage = clv_no_vig_percentage + 1e-9"),
    ),
    "a better source whose prices nobody can mean": (
        "closing_prices_are_of_the_best_source",
        closed_by_own_book(home="500"),
    ),
    "a pick whose close is not due yet": (
        "closing_prices_are_of_the_best_source",
        copied(of_pick(TO_COME, "bookmaker_id", "pre_match"), kind="'closing'"),
    ),
    "a match that was quoted at the close and never played": (
        "closing_prices_are_of_the_best_source",
        copied(of_pick(f"agent = '{VOID}'", "bookmaker_id", "pre_match"), kind="'closing'"),
    ),
    "a closing quote that was captured when the match had begun": (
        "closing_prices_are_of_the_best_source",
        copied(
            of_pick(SHARP),
            book=f"(SELECT bookmaker_id FROM {PICKS} WHERE {SNAPSHOT})",
            kind="'closing'",
            at=begun(SHARP),
        ),
    ),
    "another closing quote of the same book, captured when the match had begun": (
        "clv_recomputes_from_odds",
        f"{copied(of_pick(HOME), at=begun(HOME))}; UPDATE odds SET home_price = 1.5 "
        "WHERE price_kind = 'closing' AND captured_at IS NOT NULL",
    ),
    "a closing quote at the line that the same bookmaker closed anew at another": (
        "closing_prices_are_of_the_best_source",
        f"""UPDATE odds SET captured_at = kickoff_at - interval '5 minutes' FROM matches m WHERE m.id = match_id
            AND market = 'asian_handicap' AND price_kind = 'closing' AND bookmaker_id = {by("PS")}
            AND match_id = {OF_MOVED}; """
        + copied(
            of_pick(HANDICAP),
            book=by("PS"),
            match=OF_MOVED,
            line=f"(SELECT line FROM {PICKS} WHERE {MOVED})",
            at=f"(SELECT kickoff_at - interval '1 hour' FROM matches WHERE id = {OF_MOVED})",
        ),
    ),
    "a quote whose bookmaker closed another line as well": (
        "closing_prices_are_of_the_same_line",
        copied(of_pick(OVER), line="line + 1"),
    ),
    "a moved line": (
        "closing_prices_are_of_the_same_line",
        f"DELETE FROM {PICKS} WHERE id NOT IN (SELECT id FROM {PICKS} WHERE no_closing_reason = 'line_moved')",
    ),
    "a snapshot of the minute before kickoff": (
        "closing_prices_stood_before_kickoff",
        f"{FREE}; UPDATE {PICKS} p SET closing_captured_at = kickoff_at - interval '1 minute' FROM matches m "
        f"WHERE m.id = match_id AND p.{SNAPSHOT}",
    ),
    "a match of today": (
        "closing_prices_stood_before_kickoff",
        f"UPDATE matches SET kickoff_at = '{NOW + timedelta(hours=23)}' WHERE {match_of(WALKED)}",
    ),
    "a match whose kickoff is not known": (
        "closing_prices_stood_before_kickoff",
        f"UPDATE matches SET kickoff_at = NULL WHERE {match_of(WALKED)}",
    ),
    "an implausible quote that no pick is compared with": (
        "closing_prices_are_plausible",
        f"UPDATE odds SET away_price = 1.05 WHERE {of_pick(WALKED, 'bookmaker_id', 'pre_match')}",
    ),
    "a void pick's profit": ("profits_reconcile", settle(HOME, "void")),
    "a rounding of profits": (
        "profits_reconcile",
        f"ALTER TABLE {PICKS} DROP CONSTRAINT ck_tracking_clv_picks_profit_from_result; "
        + change(HOME, "profit = profit + 1e-8"),
    ),
    "a price without time that moved when it was taken": (
        "agents_took_prices_that_stood",
        change(LIVE, "price_taken = price_taken + 0.01, " + f"{OPEN}, {NONE}")
        + f"; DELETE FROM odds WHERE {of_pick(LIVE, 'bookmaker_id', 'snapshot')}",
    ),
    "a person's price that nobody quoted": (
        "agents_took_prices_that_stood",
        change(f"agent = '{OWN}'", "price_taken = 2.06, " + f"{OPEN}, {NONE}"),
    ),
    "the pick of a match to come": ("picks_of_played_matches_are_settled", change(TO_COME, f"{OPEN}, {NONE}")),
    "lines that moved": (
        "closing_coverage_is_high",
        change(
            "market = 'over_under' AND closing_source IS NOT NULL AND mod(id, 3) = 0",
            f"{NONE}, no_closing_reason = 'line_moved'",
        ),
    ),
    "a fifth without a closing price": (
        "closing_coverage_is_high",
        change(
            "market = '1x2' AND closing_source IS NOT NULL AND mod(id, 6) = 0",
            f"{NONE}, no_closing_reason = 'bookmaker_gone'",
        ),
    ),
    "a market that has no closing prices": (
        "closing_coverage_is_high",
        f"DELETE FROM odds WHERE price_kind = 'closing'; {change('true', f'{NONE}, {{}}')}".format(
            "no_closing_reason = 'not_captured_before_kickoff', clv_line_adjusted_percentage = NULL, "
            "clv_line_adjusted_method = NULL"
        ),
    ),
    "too few picks to speak of a share": (
        "closing_coverage_is_high",
        f"DELETE FROM {PICKS} WHERE market <> 'over_under' OR closing_source IS NULL; "
        f"DELETE FROM {PICKS} WHERE id NOT IN (SELECT id FROM {PICKS} WHERE origin <> 'own' ORDER BY id LIMIT 19); "
        + change("true", f"{NONE}, no_closing_reason = 'bookmaker_gone'"),
    ),
    "a file that was refused and then corrected": (
        "pick_files_are_imported",
        f"{file('yours.csv', '2', (2, 'not_a_number'))}; {file('yours.csv', '3')}; UPDATE {FILES} SET rows_read = 0, "
        "rows_loaded = 0, rows_rejected = 0, rows_loader = 'picks-1' WHERE id = (SELECT max(id) FROM ops.raw_files)",
    ),
    "what else may be wrong with a line": (
        "pick_names_are_resolved",
        file("yours.csv", "2", (2, "not_a_number"), (3, "no_such_match"), (4, "aggregate_bookmaker")),
    ),
    "names that are not known, of a match that may be held": (
        "picks_have_a_match",
        file("yours.csv", "2", (2, "unresolved_team"), (3, "unknown_league")),
    ),
    "a step of long ago that saw more": (
        "picks_did_not_shrink",
        f"UPDATE {PROGRESS} SET picks = picks + 9, updated_at = updated_at - interval '1 day' WHERE step <> 'settle'",
    ),
    "more picks than before": ("picks_did_not_shrink", f"UPDATE {PROGRESS} SET picks = picks - 1, lasting = 0"),
    "a pick over history that was withdrawn": (
        "picks_did_not_shrink",
        f"DELETE FROM {PICKS} WHERE {WALKED}; UPDATE {PROGRESS} SET picks = picks - 1",
    ),
    "work of the last weeks": ("picks_are_fresh", spent(LOOK_BACK_DAYS - 1)),
    "matches without prices": ("picks_are_fresh", f"{spent(LOOK_BACK_DAYS + 1)}; DELETE FROM odds"),
    "matches of long ago": (
        "picks_are_fresh",
        f"{spent(LOOK_BACK_DAYS + 1)}; UPDATE matches SET match_date = match_date - 60, kickoff_at = NULL",
    ),
    "a simulated league": ("picks_are_fresh", f"DELETE FROM {PROGRESS}"),
}


@pytest.fixture(scope="module")
def loaded(shared_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The module's database with picks of every kind."""
    load_good_data(shared_engine, RawStore(tmp_path_factory.mktemp("raw")))
    return shared_engine


@pytest.fixture
def connection(loaded: Engine) -> Iterator[Connection]:
    """A connection to the good data; whatever a test spoils is rolled back."""
    with loaded.connect() as opened:
        yield opened


def test_good_data_hold_picks_of_every_origin_market_result_and_source(connection: Connection) -> None:
    def held(column: str, where: str = "true") -> set[str | None]:
        return set(connection.exec_driver_sql(f"SELECT DISTINCT {column}::text FROM {PICKS} WHERE {where}").scalars())

    assert held("origin") == set(PickOrigin)
    assert held("market") == set(Market)
    assert held("result") == {*PickResult, None}
    assert held("closing_source") == {*ClosingSource, None}
    quoted = {Market.ONE_X_TWO, Market.OVER_UNDER, Market.ASIAN_HANDICAP}
    assert held("market", "origin = 'walk_forward' AND starts_with(agent, 'sharp')") == quoted
    assert held("market", "origin = 'walk_forward' AND starts_with(agent, 'dixon')") == quoted
    assert held("market", "origin = 'walk_forward' AND starts_with(agent, 'consensus')") >= {"1x2", "over_under"}
    assert held("no_closing_reason") >= {
        NoClosingReason.LINE_MOVED,
        NoClosingReason.LINE_NOT_QUOTED,
        NoClosingReason.MARKET_NOT_QUOTED,
        NoClosingReason.MATCH_NOT_PLAYED,
    }


@pytest.mark.parametrize("rule", sorted(RULES))
def test_good_data_break_no_rule(connection: Connection, rule: str) -> None:
    assert find(connection, rule, NOW) == []


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_finds_the_rows_that_break_it(loaded: Engine, rule: str) -> None:
    assert_finds(loaded, rule, CASES[rule], NOW)


@pytest.mark.parametrize("case", sorted(HARMLESS))
def test_what_is_unusual_but_right_breaks_no_rule(connection: Connection, case: str) -> None:
    rule, changed = HARMLESS[case]
    spoil(connection, changed)
    assert find(connection, rule, NOW) == []


def test_every_case_belongs_to_a_rule() -> None:
    assert set(CASES) == RULES
    assert {rule for rule, _ in HARMLESS.values()} <= RULES


def test_what_makes_figures_wrong_blocks_and_what_a_reader_should_know_warns() -> None:
    assert {name for name in RULES if not BY_NAME[name].blocks} == WARNINGS


@pytest.mark.parametrize("percentage", ["-100", "-150", "1e9"])
def test_a_no_vig_clv_that_no_probability_makes_is_found(connection: Connection, percentage: str) -> None:
    spoil(connection, change(HOME, f"clv_no_vig_percentage = {percentage}"))
    (found,) = find(connection, "no_vig_clv_recomputes_from_odds", NOW)
    assert (found["agent"], found["side"]) == (OWN, "home")


def test_the_power_of_a_fair_market_is_one(connection: Connection) -> None:
    """A quote without a margin: its inverse prices are the probabilities."""
    closed = f"home_price = 2, draw_price = 4, away_price = 4 WHERE {of_pick(HOME)}"
    others = f"DELETE FROM {PICKS} WHERE NOT {HOME}"
    spoil(connection, f"UPDATE odds SET {closed}; {change(HOME, at('2'))}; {fair(HOME, '0.5')}; {others}")
    for rule in ("clv_recomputes_from_odds", "no_vig_clv_recomputes_from_odds", "closing_prices_are_plausible"):
        assert find(connection, rule, NOW) == []


def test_a_rule_that_recomputes_leaves_out_what_a_person_corrected_and_that_alone(connection: Connection) -> None:
    """The close of one pick, the end of another: the other part of each is recomputed all the same."""
    home, away = (one(f"agent = '{BY_HAND}' AND side = '{side}'") for side in ("home", "away"))
    spoil(connection, REWRITE)
    for part, which in (("settlement", away), ("closing", home)):
        of_it = f"part = '{part}' AND pick_id = (SELECT id FROM {PICKS} WHERE {which})"
        spoil(connection, f"DELETE FROM ops.pick_corrections WHERE {of_it}")
    assert [row["side"] for row in find(connection, "results_recompute_from_scores", NOW)] == ["away"]
    assert [row["side"] for row in find(connection, "closing_prices_are_of_the_best_source", NOW)] == ["home"]
    assert find(connection, "settled_picks_have_results", NOW) == []
    assert find(connection, "clv_recomputes_from_odds", NOW) == []


def test_what_is_plausible_is_the_same_for_the_rule_and_for_the_close(connection: Connection) -> None:
    """A quote of an overround of -5 %, give or take the last bit of a sum."""
    prices = {"home": 4.0, "draw": 5.0, "away": 2.0}
    reason = "no_closing_reason = " + ("NULL" if is_plausible(list(prices.values())) else "'implausible_price'")
    quoted = ", ".join(f"{side}_price = {price}" for side, price in prices.items())
    spoil(connection, f"DELETE FROM {PICKS} WHERE NOT {HOME}")
    spoil(connection, f"UPDATE odds SET {quoted} WHERE {of_pick(HOME)}")
    others = f"market = '1x2' AND price_kind = 'closing' AND bookmaker_id <> {by('B365')}"
    spoil(connection, f"DELETE FROM odds WHERE {others}; {change(HOME, f'{NONE}, {reason}')}")
    assert find(connection, "closing_prices_are_of_the_best_source", NOW) == []
