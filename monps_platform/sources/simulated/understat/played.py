"""What football-data.co.uk's simulated file says of a season, as the frame that Understat's must fit."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date

import numpy as np

from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import clubs
from monps_platform.sources.simulated.randomness import Floats, Ints
from monps_platform.sources.simulated.scores import true_probabilities
from monps_platform.sources.simulated.season import simulate_season

_Row = dict[str, str]


@dataclass(frozen=True, eq=False)
class Played:
    """The matches of a season by their sides: home sides in even rows, their opponents in the odd rows after them.

    ``days`` and ``kickoffs`` (as Understat writes them) are per match, all arrays per side, shape (sides,):
    club numbers, goals, goals at half-time, shots, shots on target, cards, and the true expected goals.
    """

    days: tuple[date, ...]
    kickoffs: tuple[str, ...]
    club: Ints
    goals: Ints
    half_time_goals: Ints
    shots: Ints
    shots_on_target: Ints
    yellows: Ints
    reds: Ints
    rates: Floats


def played(league: League, season: Season) -> Played:
    """Read the season's simulated file; raises as simulate_season does."""
    text = simulate_season(league, season).decode("ascii")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    truth = true_probabilities(league, season)
    matches = [truth[row["HomeTeam"], row["AwayTeam"]] for row in rows]
    numbers = {name: number for number, name in enumerate(clubs(league))}
    days = tuple(date.fromisoformat("-".join(reversed(row["Date"].split("/")))) for row in rows)
    return Played(
        days=days,
        kickoffs=tuple(f"{day} {row['Time']}:00" for day, row in zip(days, rows, strict=True)),
        club=np.array([numbers[row[side]] for row in rows for side in ("HomeTeam", "AwayTeam")]),
        goals=_counts(rows, "FTHG", "FTAG"),
        half_time_goals=_counts(rows, "HTHG", "HTAG"),
        shots=_counts(rows, "HS", "AS"),
        shots_on_target=_counts(rows, "HST", "AST"),
        yellows=_counts(rows, "HY", "AY"),
        reds=_counts(rows, "HR", "AR"),
        rates=np.array([rate for match in matches for rate in (match.home_goals, match.away_goals)]),
    )


def _counts(rows: list[_Row], *sides: str) -> Ints:
    return np.array([int(row[side]) for row in rows for side in sides])
