"""How often a strategy is active by chance: simulated leagues of twenty teams whose prices are worth nothing.

Each league plays two seasons at 1 / the true probability times ``--price`` (1: fair; 0.975: a margin of 2.5 %), and
every strategy is played through them, tried and judged as on real matches. With ``--looks`` a season is judged on so
many days, evenly spread, as by someone who looks again and again and remembers what was ever active.

    python -m benchmarks.strategy_discoveries --leagues 300
    python -m benchmarks.strategy_discoveries --leagues 60 --looks 38
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from monps_platform.domain.quantum.strategies.evaluate import StrategyRow, judge, trials
from monps_platform.domain.quantum.strategies.walk_forward import walk_forward
from monps_platform.domain.seasons import Season
from monps_platform.domain.strategies import StrategyName
from monps_platform_tests.domain.quantum.strategies.betting_leagues import simulated

SEASONS = (Season(2018), Season(2019))
TEAMS = 20
LAST = date(2021, 1, 1)
"""After all matches."""
FIRST_LOOK, WEEK = date(2019, 8, 11), timedelta(days=7)
LOW = 0.01


@dataclass
class Found:
    """Leagues whose table had an active strategy at the season's end, and ever; rows by strategy: that bet, that were
    tested, and whose p was 0.01 or less.
    """

    leagues: int = 0
    at_the_end: int = 0
    ever: int = 0
    rows: dict[StrategyName, list[int]] = field(default_factory=lambda: {name: [0, 0, 0] for name in StrategyName})

    def count(self, tables: Sequence[Sequence[StrategyRow]]) -> None:
        """Add a league, its table as of the last day being the last."""
        active = [any(row.is_active for row in table) for table in tables]
        self.leagues += 1
        self.at_the_end += active[-1]
        self.ever += any(active)
        for row in tables[-1]:
            of_row = (row.out_of_sample_bets > 0, row.p_value is not None, (row.p_value or 1) <= LOW)
            self.rows[row.strategy] = [sum(pair) for pair in zip(self.rows[row.strategy], of_row, strict=True)]


def measure(leagues: int, price: float = 1.0, looks: int = 0, seed: int = 0) -> Found:
    """Simulate so many leagues and judge each."""
    found = Found()
    days = [FIRST_LOOK + WEEK * (38 * look // looks) for look in range(1, looks)]
    for number in range(seed, seed + leagues):
        bets = walk_forward(simulated(number, SEASONS, TEAMS, price_factor=price))
        found.count([judge(trials(bets, range(1, TEAMS + 1), SEASONS[-1], day)) for day in (*days, LAST)])
    return found


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leagues", type=int, default=300, help="how many, each with a seed of its own")
    parser.add_argument("--price", type=float, default=1.0, help="price times true probability, on average")
    parser.add_argument("--looks", type=int, default=0, help="days on which a season is judged besides")
    given = parser.parse_args()
    found = measure(given.leagues, given.price, given.looks)
    print(f"{found.leagues} leagues at {given.price:g} of the fair price")
    print(f"an active strategy at the season's end: {found.at_the_end} ({found.at_the_end / found.leagues:.1%})")
    print(f"ever active, {max(1, given.looks)} looks: {found.ever} ({found.ever / found.leagues:.1%})")
    for name, (bet, tested, low) in found.rows.items():
        shares = ", ".join(f"{low / n:.2%} of {n:,} {what}" for n, what in ((bet, "that bet"), (tested, "tested")) if n)
        print(f"{name}: p <= {LOW:g} in {low}: {shares}")


if __name__ == "__main__":
    main()
