"""Bytes of the form that The Odds API sends, for matches and prices that are given or drawn."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from types import MappingProxyType
from typing import Any

MARGINS = MappingProxyType(
    {"pinnacle": 0.025, "williamhill": 0.06, "onexbet": 0.04, "betfair_ex_uk": 0.005, "unibet_uk": 0.065}
)
"""The books that quote every event, each with the margin that it adds to fair prices."""
_TITLES = MappingProxyType(
    {
        "pinnacle": "Pinnacle",
        "williamhill": "William Hill",
        "onexbet": "1xBet",
        "betfair_ex_uk": "Betfair",
        "unibet_uk": "Unibet (UK)",
    }
)
_EXCHANGES = frozenset({"betfair_ex_uk"})
_FEWEST_SECONDS, _MOST_SECONDS = 5, 55


@dataclass(frozen=True)
class Listed:
    """A match as the service lists it."""

    home: str
    away: str
    commences_at: datetime


def simulate_answer(
    sport: str, listed: Sequence[Listed], now: datetime, markets: Sequence[str] = ("h2h", "totals", "spreads")
) -> bytes:
    """The answer for a league at an instant: the same for the same arguments, and other prices a while later."""
    return json.dumps([_event(sport, match, now, markets) for match in listed]).encode()


def _event(sport: str, match: Listed, now: datetime, markets: Sequence[str]) -> dict[str, Any]:
    name = f"{sport} {match.home} {match.away}"
    return {
        "id": hashlib.sha256(name.encode()).hexdigest()[:32],
        "sport_key": sport,
        "sport_title": sport,
        "commence_time": _iso(match.commences_at),
        "home_team": match.home,
        "away_team": match.away,
        "bookmakers": [_book(name, match, book, now, markets) for book in MARGINS],
    }


def _book(name: str, match: Listed, book: str, now: datetime, markets: Sequence[str]) -> dict[str, Any]:
    chance = Random(f"{name} {book} {now.isoformat()}")  # noqa: S311 - prices of a simulation, no secret
    fair = Random(name)  # noqa: S311 - as above
    updated = _iso(now - timedelta(seconds=chance.randint(_FEWEST_SECONDS, _MOST_SECONDS)))
    home = fair.uniform(0.3, 0.55) + chance.uniform(-0.02, 0.02)
    draw = fair.uniform(0.22, 0.3)
    over = fair.uniform(0.42, 0.6) + chance.uniform(-0.02, 0.02)
    margin = MARGINS[book]
    quoted = {
        "h2h": _sides((match.home, match.away, "Draw"), (home, 1 - home - draw, draw), margin),
        "totals": _sides(("Over", "Under"), (over, 1 - over), margin, (2.5, 2.5)),
        "spreads": _sides((match.home, match.away), (0.5, 0.5), margin, (-0.25, 0.25)),
    }
    found = {key: quoted[key] for key in markets if key in quoted}
    if book in _EXCHANGES and "h2h" in found:
        found["h2h_lay"] = _sides((match.home, match.away, "Draw"), (home, 1 - home - draw, draw), -margin)
    return {
        "key": book,
        "title": _TITLES[book],
        "last_update": updated,
        "markets": [{"key": key, "last_update": updated, "outcomes": sides} for key, sides in found.items()],
    }


def _sides(
    names: Sequence[str], chances: Sequence[float], margin: float, points: Sequence[float] | None = None
) -> list[Mapping[str, Any]]:
    prices = [max(1.01, round(1 / (chance * (1 + margin)), 2)) for chance in chances]
    rows: list[dict[str, Any]] = [{"name": name, "price": price} for name, price in zip(names, prices, strict=True)]
    for row, point in zip(rows, points or (), strict=False):
        row["point"] = point
    return list(rows)


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
