"""The picks of the built-in agents, their CLV and their profit, recomputed from the files of football-data.co.uk by the
csv module alone: no code of the platform, no numpy, no database. What a reader of the definitions would write down.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

BOOKS = ("B365", "BS", "BW", "GB", "IW", "LB", "PS", "SB", "SJ", "SO", "SY", "VC", "WH")
"""Where one can bet, in alphabetical order; of equal prices the first one's is taken. Max, Avg, BbMx, BbAv are none."""
SIDES = "HDA"
LETTERS = {"H": "home", "D": "draw", "A": "away"}
Key = tuple[str, str, str, str, str, str]
"""Agent, league, season, home and away side, side backed."""
Probabilities = Mapping[tuple[str, str, str, str], tuple[float, float, float]]
"""A goal model's, by league, season, home and away side."""
Prices = tuple[str, str, str]


@dataclass(frozen=True)
class Recomputed:
    """A pick: whose price was taken, and what became of it."""

    book: str
    price: float
    closing: float | None
    source: str | None
    clv: float | None
    clv_no_vig: float | None
    result: str
    profit: float


def recompute(folder: Path, model: Probabilities) -> dict[Key, Recomputed]:
    """Every pick of the three agents in the files ``season/league.csv`` of a folder."""
    found: dict[Key, Recomputed] = {}
    for path in sorted(folder.glob("*/*.csv")):
        season = f"20{path.parent.name[:2]}-{path.parent.name[2:]}"
        for row in _rows(path):
            match = path.stem, season, row["HomeTeam"], row["AwayTeam"]
            for agent, side, book, price in _picked(row, model.get(match)):
                found[agent, *match, LETTERS[SIDES[side]]] = _followed(row, side, book, price)
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            cells = {name: cell.strip() for name, cell in row.items() if name and isinstance(cell, str)}
            if cells.get("HomeTeam") and cells.get("FTHG"):
                yield cells


def _picked(row: Mapping[str, str], model: tuple[float, ...] | None) -> Iterator[tuple[str, int, str, str]]:
    """Agent, side, bookmaker and price of each pick in a match."""
    quotes = {book: prices for book in BOOKS if (prices := _quote(row, book))}
    for side in range(3):
        of_side = {book: prices[side] for book, prices in quotes.items()}
        if not of_side:
            return
        best = max(of_side, key=lambda book: float(of_side[book]))
        price = of_side[best]
        if len(of_side) >= 4 and _beats_consensus(price, list(of_side.values())):
            yield "consensus_value", side, best, price
        # A fair probability is below the inverse price: no value where the soft price is not above the sharp one.
        soft, sharp = float(of_side.get("B365", 0)), float(of_side.get("PS", 1000))
        if soft > sharp and soft * _fair(quotes["PS"])[side] > 1.02:
            yield "sharp_value", side, "B365", of_side["B365"]
        if model is not None and float(price) * model[side] > 1.05:
            yield "dixon_coles_value", side, best, price


def _beats_consensus(price: str, prices: list[str]) -> bool:
    """Exactly: round prices often meet the bound."""
    if float(price) * (len(prices) / sum(map(float, prices)) - 0.05) < 0.999:
        return False
    consensus = len(prices) / sum(map(Fraction, prices))
    return Fraction(price) * (consensus - Fraction("0.05")) > 1


def _followed(row: Mapping[str, str], side: int, book: str, price: str) -> Recomputed:
    taken = float(price)
    result, profit = ("win", taken - 1) if _outcome(row) == SIDES[side] else ("loss", -1.0)
    for maker, source in ((book, "same_bookmaker"), ("PS", "sharp"), ("Avg", "market_average")):
        prices = _quote(row, f"{maker}C")
        if prices:
            closing = float(prices[side])
            clv, no_vig = (taken / closing - 1) * 100, (taken * _fair(prices)[side] - 1) * 100
            return Recomputed(book, taken, closing, source, clv, no_vig, result, profit)
    return Recomputed(book, taken, None, None, None, None, result, profit)


def _outcome(row: Mapping[str, str]) -> str:
    home, away = float(row["FTHG"]), float(row["FTAG"])
    return "H" if home > away else "A" if home < away else "D"


def _quote(row: Mapping[str, str], prefix: str) -> Prices | None:
    """The three prices of a book, if there are three above 1 whose margin may be real."""
    home, draw, away = (row.get(prefix + side, "") for side in SIDES)
    try:
        margin = sum(1 / float(price) for price in (home, draw, away)) - 1
    except (ValueError, ZeroDivisionError):
        return None
    if min(map(float, (home, draw, away))) <= 1 or not -0.05 <= margin <= 0.40:
        return None
    return home, draw, away


def _fair(prices: Prices) -> list[float]:
    """Probabilities without the margin: the inverse prices to the power for which they sum to 1, found by halving."""
    inverse = [1 / float(price) for price in prices]
    low, high = 0.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        if sum(share**middle for share in inverse) > 1:
            low = middle
        else:
            high = middle
    return [share**low for share in inverse]
