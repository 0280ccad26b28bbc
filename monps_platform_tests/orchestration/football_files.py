"""Small files as football-data.co.uk publishes them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.sources.football_data.files import season_key

CLUBS = ("Arsenal", "Brentford", "Chelsea", "Derby")
MATCHES = 12
QUOTES_PER_MATCH = 4
QUOTES = MATCHES * QUOTES_PER_MATCH
RESULTS = "FTHG,FTAG,FTR,HTHG,HTAG,HTR,Referee"
PRICES = "B365H,B365D,B365A,PSCH,PSCD,PSCA,B365>2.5,B365<2.5,AHh,B365AHH,B365AHA"
CURRENT = Season.of(datetime.now(UTC).date())


def partition(code: str, season: str | Season) -> Partition:
    """A partition by its codes."""
    return Partition(league(code), season if isinstance(season, Season) else Season.parse(season))


def key_of(where: Partition) -> str:
    """The path of a partition's file."""
    return season_key(where.league, where.season)


def season_lines(where: Partition, *, clubs: Sequence[str] = CLUBS, home_price: str = "2.10") -> list[str]:
    """The data lines of a whole double round robin, one match a week, four quotes each."""
    lines = []
    for week, (home, away) in enumerate(itertools.permutations(clubs, 2)):
        day = where.season.first_day + timedelta(days=40 + 7 * week)
        prices = f"{home_price},3.40,3.60,2.05,3.50,3.70,1.90,2.00,-0.25,1.95,1.97"
        lines.append(f"{where.league.code},{day:%d/%m/%Y},15:00,{home},{away},2,1,H,1,0,H,M Dean,{prices}")
    return lines


def season_file(where: Partition, lines: Sequence[str] | None = None, *, home_price: str = "2.10") -> bytes:
    """The file of a partition, with these data lines or those of its whole season."""
    chosen = season_lines(where, home_price=home_price) if lines is None else lines
    header = f"Div,Date,Time,HomeTeam,AwayTeam,{RESULTS},{PRICES}"
    return "".join(f"{line}\r\n" for line in (header, *chosen)).encode()


def fixtures_file(*lines: str) -> bytes:
    """`fixtures.csv`: matches to come of any division, with the prices of now."""
    header = f"Div,Date,Time,HomeTeam,AwayTeam,{PRICES}"
    return "".join(f"{line}\r\n" for line in (header, *lines)).encode()


def fixture_line(code: str, home: str, away: str, *, day: str, home_price: str = "2.20") -> str:
    """A line of `fixtures.csv`."""
    return f"{code},{day},20:00,{home},{away},{home_price},3.30,3.50,,,,1.91,1.99,-0.25,1.93,1.99"
