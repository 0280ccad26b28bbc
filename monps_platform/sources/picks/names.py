"""What columns, markets and sides may be called. Names are compared by letters and digits, in any case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from monps_platform.domain.bookmakers import spelled
from monps_platform.domain.leagues import LEAGUES, League
from monps_platform.domain.odds import Market
from monps_platform.domain.picks import PickSide

REQUIRED = ("agent", "league", "date", "home", "away", "market", "side", "bookmaker", "price", "stake", "taken_at")
OPTIONAL = ("line", "strategy", "model_probability")
COLUMNS = (*REQUIRED, *OPTIONAL)
COMPUTED = (
    "pick_id",
    "origin",
    "season",
    "score",
    "edge",
    "hours_before_kickoff",
    "closing_price",
    "closing_source",
    "closing_bookmaker",
    "no_closing_reason",
    "clv_percentage",
    "clv_no_vig_percentage",
    "clv_line_adjusted_percentage",
    "clv_line_adjusted_method",
    "result",
    "profit",
    "settled_at",
    "data_version",
)
"""What an export has besides: an import takes no notice of it, for it follows from the tables."""


def _spellings(names: Mapping[str, str]) -> Mapping[str, str]:
    """By every spelling the name that it means."""
    every = ((spelled(spelling), name) for name, others in names.items() for spelling in (name, *others.split(", ")))
    return MappingProxyType({spelling: name for spelling, name in every if spelling})


COLUMN_NAMES = _spellings(
    {
        "agent": "tipster, picked by, who",
        "league": "division, div, competition",
        "date": "match date, day",
        "home": "home team, home side",
        "away": "away team, away side",
        "market": "bet type",
        "side": "selection, pick, outcome, backed",
        "line": "total, home handicap",
        "bookmaker": "book, bookie, sportsbook",
        "price": "odds, decimal odds, price taken, odds taken",
        "stake": "units, stake units",
        "taken_at": "placed at, placed, bet placed, time taken",
        "strategy": "system",
        "model_probability": "probability, model prob, prob",
        **dict.fromkeys(COMPUTED, ""),
    }
)

_MARKETS = _spellings(
    {
        Market.ONE_X_TWO: "match odds, match result, full time result, h2h, 3way",
        Market.OVER_UNDER: "over/under, ou, totals, total goals, goals",
        Market.ASIAN_HANDICAP: "ah, asian hcp, spreads",
        Market.BTTS: "both teams to score, gg",
        Market.DOUBLE_CHANCE: "dc",
        Market.DRAW_NO_BET: "dnb",
    }
)
_HOME_AWAY: Mapping[str, str] = MappingProxyType({PickSide.HOME: "1, h", PickSide.AWAY: "2, a"})
_SIDES: Mapping[Market, Mapping[str, str]] = MappingProxyType(
    {
        Market.ONE_X_TWO: _spellings({**_HOME_AWAY, PickSide.DRAW.value: "x, d, tie"}),
        Market.OVER_UNDER: _spellings({PickSide.OVER: "o", PickSide.UNDER: "u"}),
        Market.ASIAN_HANDICAP: _spellings(_HOME_AWAY),
        Market.BTTS: _spellings({PickSide.YES: "y", PickSide.NO: "n"}),
        Market.DOUBLE_CHANCE: _spellings(
            {PickSide.HOME_OR_DRAW: "1x", PickSide.HOME_OR_AWAY: "12", PickSide.DRAW_OR_AWAY: "x2"}
        ),
        Market.DRAW_NO_BET: _spellings(_HOME_AWAY),
    }
)


def _named_leagues() -> dict[str, list[League]]:
    found: dict[str, list[League]] = {}
    for item in LEAGUES:
        for name in {spelled(text) for text in (item.code, item.name, item.understat_name) if text}:
            found.setdefault(name, []).append(item)
    return found


_LEAGUES: Mapping[str, Sequence[League]] = MappingProxyType(_named_leagues())


def league_of(text: str) -> League | None:
    """The league of a code, of a name, or of Understat's name; None where there is none, or more than one."""
    found = _LEAGUES.get(spelled(text), ())
    return found[0] if len(found) == 1 else None


def market_of(text: str) -> Market | None:
    """The market of a name, None where there is none."""
    name = _MARKETS.get(spelled(text))
    return None if name is None else Market(name)


def side_of(text: str, market: Market, home: str, away: str) -> PickSide | None:
    """The side of a market by its name, or by that of the club that is backed; None where there is none."""
    sides, wanted = _SIDES[market], spelled(text)
    if PickSide.HOME in sides.values():
        clubs = {spelled(home): PickSide.HOME, spelled(away): PickSide.AWAY}
        if wanted in clubs and wanted not in sides:
            return clubs[wanted]
    name = sides.get(wanted)
    return None if name is None else PickSide(name)
