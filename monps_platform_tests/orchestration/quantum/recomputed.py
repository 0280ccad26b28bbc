"""The nine vectors of team DNA, recomputed from the files of football-data.co.uk and Understat by the csv and json
modules alone: no code of the platform, no numpy, no database. What a reader of docs/team-dna.md would write down.

Left out are intervals of the bootstrap, the expected goal difference (it needs a goal model) and what rests on tactical
profiles. A figure's name is the path to it in its vector: ``home.points``; an estimate's is that of its value.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from math import floor, sqrt
from pathlib import Path
from statistics import NormalDist, mean

FOLDERS = {"E0": "EPL", "SP1": "La_liga", "D1": "Bundesliga", "I1": "Serie_A", "F1": "Ligue_1"}
PERIODS = ("0-15", "16-30", "31-45", "46-60", "61-75", "76+")
ENDS = (15, 30, 45, 60, 75)
STATES = ("leading", "level", "trailing")
THIRDS = ("against_top", "against_middle", "against_bottom")
PRIOR_MATCHES = 140
"""How strongly the records of opponents are shrunk."""
Figure = float | None | list[int] | list[str]
Figures = dict[str, Figure]
Vectors = Mapping[str, Figures]


# What the files say


@dataclass(frozen=True)
class Shot:
    """A shot or own goal; ``side`` is its player's, 0 at home."""

    number: int
    side: int
    minute: int
    player: str
    result: str
    xg: float

    @property
    def is_own_goal(self) -> bool:
        """Nobody's shot."""
        return self.result == "OwnGoal"

    @property
    def scores_for(self) -> int | None:
        """The side that it is a goal for."""
        return self.side if self.result == "Goal" else 1 - self.side if self.is_own_goal else None


@dataclass(frozen=True)
class Match:
    """A match with the cells of its row; pairs are (home, away)."""

    day: date
    teams: tuple[str, str]
    goals: tuple[int, int]
    cells: Mapping[str, str]
    xg: tuple[float, float] = (0.0, 0.0)
    shots: tuple[Shot, ...] = ()

    @property
    def half(self) -> tuple[int, int]:
        """Goals at half-time; matches that were awarded have none."""
        return _pair(self.cells, "HT")

    def quote(self, *columns: str) -> list[float] | None:
        """Prices, if they are all there and their margin may be real."""
        try:
            prices = [float(self.cells[column]) for column in columns]
        except (KeyError, ValueError):
            return None
        margin = sum(1 / price for price in prices) - 1
        return prices if min(prices) > 1 and -0.05 <= margin <= 0.40 else None

    def average(self, time: str, *sides: str) -> list[float] | None:
        """The market's average prices; ``time`` is C at the close and empty before the match."""
        return self.quote(*(f"Avg{time}{side}" for side in sides)) or (
            None if time else self.quote(*(f"BbAv{side}" for side in sides))
        )

    @cached_property
    def fair(self) -> list[float] | None:
        """Home win, draw, away win as the market had them at the last, without its margin."""
        for time in ("C", ""):
            prices = self.quote(*(f"PS{time}{side}" for side in "HDA")) or self.average(time, *"HDA")
            if prices:
                return _without_margin(prices)
        return None

    @cached_property
    def course(self) -> list[tuple[Shot, float, int]]:
        """Shots in order of play, the time of each if it is a goal, and the home side's lead before it."""
        found, lead, goals = [], 0, 0
        for shot in _in_order(self.shots):
            goals += shot.scores_for is not None
            time = shot.minute + 0.5
            found.append((shot, min(time, 45.0) if goals <= sum(self.half) else time, lead))
            if shot.scores_for is not None:
                lead += 1 - 2 * shot.scores_for
        return found


def _without_margin(prices: Sequence[float]) -> list[float]:
    """The inverse prices to the power for which they sum to 1, found by halving."""
    inverse = [1 / price for price in prices]
    low, high = 0.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        if sum(share**middle for share in inverse) > 1:
            low = middle
        else:
            high = middle
    return [share**low for share in inverse]


def _in_order(shots: Iterable[Shot]) -> list[Shot]:
    """By id, unless minutes fall more than once: once they do from the stoppage time of the first half."""
    told = sorted(shots, key=lambda shot: shot.number)
    falls = sum(after.minute < before.minute for before, after in pairwise(told))
    return told if falls <= 1 else sorted(told, key=lambda shot: (shot.minute, shot.number))


def read_season(folder: Path, code: str, year: int) -> list[Match]:
    """A league's matches by football-data.co.uk, oldest first."""
    path = folder / "football-data" / "mmz4281" / f"{year % 100:02}{year % 100 + 1:02}" / f"{code}.csv"
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="latin-1")))
    found = [
        Match(_day(row["Date"]), (row["HomeTeam"], row["AwayTeam"]), _pair(row, "FT"), row)
        for row in rows
        if row["HomeTeam"] and row["FTHG"]
    ]
    return sorted(found, key=lambda match: match.day)


def _pair(row: Mapping[str, str], prefix: str) -> tuple[int, int]:
    return int(float(row[f"{prefix}HG"])), int(float(row[f"{prefix}AG"]))


def _day(written: str) -> date:
    day, month, year = (int(part) for part in written.split("/"))
    return date(year if year > 99 else 2000 + year, month, day)


@dataclass(frozen=True)
class Player:
    """What Understat's table of a season says of a player; several clubs are not told apart."""

    clubs: tuple[str, ...]
    minutes: int
    xg_chain: float


def with_shots(folder: Path, code: str, year: int, matches: Sequence[Match]) -> tuple[list[Match], list[Player]]:
    """The matches with their shots, and the players, with clubs as football-data.co.uk names them."""
    listed = json.loads((folder / "understat" / "getLeagueData" / FOLDERS[code] / str(year)).read_bytes())
    names = _names(matches, listed["dates"])
    of_teams = {(names[item["h"]["title"]], names[item["a"]["title"]]): item for item in listed["dates"]}
    found = []
    for match in matches:
        item = of_teams[match.teams]
        document = json.loads((folder / "understat" / "getMatchData" / item["id"]).read_bytes())["shots"]
        xg = float(item["xG"]["h"]), float(item["xG"]["a"])
        found.append(replace(match, xg=xg, shots=tuple(_shots(document))))
    players = [
        Player(tuple(names[club] for club in row["team_title"].split(",")), int(row["time"]), float(row["xGChain"]))
        for row in listed["players"]
    ]
    return found, players


def _shots(document: Mapping[str, Sequence[Mapping[str, str]]]) -> Iterator[Shot]:
    for side, letter in enumerate("ha"):
        for row in document[letter]:
            number, minute, xg = int(row["id"]), int(row["minute"]), float(row["xG"])
            yield Shot(number, side, minute, row["player_id"], row["result"], xg)


def _names(matches: Sequence[Match], listed: Sequence[Mapping[str, Mapping[str, str]]]) -> Mapping[str, str]:
    """The club that a spelling is seen with most often: on a side of a match, within a day, with that score."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for item in listed:
        day = datetime.fromisoformat(str(item["datetime"])).date()
        goals = int(item["goals"]["h"]), int(item["goals"]["a"])
        for match in matches:
            if match.goals == goals and abs((match.day - day).days) <= 1:
                seen[item["h"]["title"]][match.teams[0]] += 1
                seen[item["a"]["title"]][match.teams[1]] += 1
    names = {spelling: counted.most_common(1)[0][0] for spelling, counted in seen.items()}
    if len(set(names.values())) != len(names):
        raise ValueError(f"two spellings are one club: {names}")
    return names


# A match as one side sees it


@dataclass(frozen=True)
class Game:
    """A match and a side of it, 0 at home."""

    match: Match
    side: int

    @property
    def opponent(self) -> str:
        """The other side."""
        return self.match.teams[1 - self.side]

    @property
    def goals(self) -> tuple[int, int]:
        """For and against."""
        return self.match.goals[self.side], self.match.goals[1 - self.side]

    @property
    def half(self) -> tuple[int, int]:
        """For and against at half-time."""
        return self.match.half[self.side], self.match.half[1 - self.side]

    @property
    def margin(self) -> int:
        """Goals for less goals against."""
        return self.goals[0] - self.goals[1]

    @property
    def points(self) -> int:
        """3, 1 or 0."""
        return 3 if self.margin > 0 else 1 if self.margin == 0 else 0

    @property
    def fair(self) -> list[float] | None:
        """What the market thought of win, draw, defeat."""
        fair = self.match.fair
        return fair if fair is None or self.side == 0 else fair[::-1]

    def shots(self, other: int = 0) -> list[Shot]:
        """Of the side, or with 1 of the other one; no own goals."""
        side = abs(self.side - other)
        return [shot for shot in self.match.shots if shot.side == side and not shot.is_own_goal]

    def cell(self, column: str, other: int = 0) -> int:
        """A count such as F, fouls, of the side, or with 1 of the other one."""
        return int(self.match.cells["HA"[abs(self.side - other)] + column])


@dataclass(frozen=True)
class Season:
    """All of a league's season, and its matches of the seasons before; ids tell teams with equal records apart."""

    matches: Sequence[Match]
    earlier: Sequence[Match]
    players: Sequence[Player]
    ids: Mapping[str, int]

    def games(self, team: str, *, earlier: bool = False) -> list[Game]:
        """A team's, oldest first."""
        matches = [*self.earlier, *self.matches] if earlier else self.matches
        return [Game(match, match.teams.index(team)) for match in matches if team in match.teams]

    @cached_property
    def tables(self) -> Mapping[date, Mapping[str, str]]:
        """By day, the third that a team was in by the matches of earlier days."""
        table: dict[str, tuple[int, int, int, int]] = {}
        found = {}
        for day, of_day in groupby(self.matches, key=lambda match: match.day):
            order = sorted(table, key=lambda team: (*(-figure for figure in table[team][:3]), self.ids[team]))
            found[day] = {t: THIRDS[floor(3 * p / len(order))] for p, t in enumerate(order) if table[t][3] >= 5}
            for game in (Game(match, side) for match in of_day for side in (0, 1)):
                held, team = table.get(game.match.teams[game.side], (0, 0, 0, 0)), game.match.teams[game.side]
                table[team] = held[0] + game.points, held[1] + game.margin, held[2] + game.goals[0], held[3] + 1
        return found

    @cached_property
    def late_share(self) -> tuple[int, float]:
        """The league's goals, and the share of them after minute 75."""
        minutes = [shot.minute for match in self.matches for shot in match.shots if shot.scores_for is not None]
        return len(minutes), mean(minute > 75 for minute in minutes)


def recompute(folder: Path, code: str, years: Sequence[int], ids: Mapping[str, int]) -> Mapping[str, Vectors]:
    """The vectors of every team of a league in the last of the years, by team, as football-data.co.uk names it."""
    *before, last = years
    earlier = [match for year in before for match in read_season(folder, code, year)]
    matches, players = with_shots(folder, code, last, read_season(folder, code, last))
    season = Season(matches, earlier, players, ids)
    return {team: _vectors(season, team) for team in sorted({team for match in matches for team in match.teams})}


def _vectors(season: Season, team: str) -> Vectors:
    games = season.games(team)
    return {
        "market": _market(games),
        "context": _context(season, games),
        "risk": _risk(games),
        "temporal": _temporal(season, games),
        "nemesis": _nemesis(season, team),
        "psyche": _psyche(games),
        "roster": _roster(season, team),
        "physical": _physical(games),
        "luck": _luck(games),
    }


# Statistics


def _if(holds: bool, value: float) -> float | None:
    return value if holds else None


def _over(total: float, n: int, least: int) -> float | None:
    return total / n if n >= max(least, 1) else None


def _wilson(name: str, hits: int, n: int, least: int, scale: float = 1) -> Figures:
    """A proportion and the ends of its 95 % interval."""
    if n < least:
        return {name: None}
    z, share = NormalDist().inv_cdf(0.975), hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return {name: scale * share, f"{name}.low": scale * (centre - reach), f"{name}.high": scale * (centre + reach)}


def _mean(values: Sequence[float], least: int) -> float | None:
    """None of too few, and of values that are all alike: they have no interval."""
    return _if(len(values) >= least and len(set(values)) > 1, mean(values) if values else 0)


def _distribution(chances: Iterable[float]) -> list[float]:
    """Of the number of successes (Poisson binomial)."""
    found = [1.0]
    for chance in chances:
        grown = [*(share * (1 - chance) for share in found), 0.0]
        for number, share in enumerate(found, start=1):
            grown[number] += share * chance
        found = grown
    return found


def _prefixed(prefix: str, figures: Figures) -> Figures:
    return {f"{prefix}.{name}": figure for name, figure in figures.items()}


# Market


Bet = tuple[float, float | None]
"""Profit of one unit, and the CLV in per cent where the close has the same side and line."""


def _market(games: Sequence[Game]) -> Figures:
    at = [[game for game in games if game.side == side] for side in (0, 1)]
    bets: dict[str, list[Bet]] = {
        "home_win": [bet for game in at[0] for bet in _outcome(game, 0)],
        "away_win": [bet for game in at[1] for bet in _outcome(game, 2)],
        "draw": [bet for game in games for bet in _outcome(game, 1)],
        "over25": [bet for game in games for bet in _total(game, 0)],
        "under25": [bet for game in games for bet in _total(game, 1)],
        "handicap": [bet for game in games for bet in _handicap(game)],
    }
    return {name: figure for market, of in bets.items() for name, figure in _prefixed(market, _record(of)).items()}


def _record(bets: Sequence[Bet]) -> Figures:
    decided = [profit for profit, _ in bets if profit != 0]
    closed = [clv for _, clv in bets if clv is not None]
    return {
        "n_bets": len(bets),
        "n_decided": len(decided),
        **_wilson("hit_rate", sum(profit > 0 for profit in decided), len(decided), 10),
        "roi": _mean([profit for profit, _ in bets], 10),
        "n_closed": len(closed),
        "clv_percentage": _mean(closed, 10),
    }


def _bet(profit: float, before: Sequence[float], closing: Sequence[float] | None, side: int) -> Bet:
    return profit, 100 * (before[side] / closing[side] - 1) if closing else None


def _outcome(game: Game, column: int) -> Iterator[Bet]:
    before = game.match.average("", *"HDA")
    if before:
        home, away = game.match.goals
        won = column == (0 if home > away else 2 if away > home else 1)
        yield _bet(before[column] - 1 if won else -1, before, game.match.average("C", *"HDA"), column)


def _total(game: Game, column: int) -> Iterator[Bet]:
    before = game.match.average("", ">2.5", "<2.5")
    if before:
        won = column == (0 if sum(game.goals) > 2.5 else 1)
        yield _bet(before[column] - 1 if won else -1, before, game.match.average("C", ">2.5", "<2.5"), column)


def _handicap(game: Game) -> Iterator[Bet]:
    before, cells = game.match.average("", "AHH", "AHA"), game.match.cells
    written = cells.get("AHh") or cells.get("BbAHh")
    if before and written:
        line, sign = float(written), 1 - 2 * game.side
        lines = [line] if line * 2 == round(line * 2) else [line - 0.25, line + 0.25]
        results = [game.margin + sign * each for each in lines]
        price = before[game.side]
        profit = mean(price - 1 if result > 0 else -1 if result < 0 else 0 for result in results)
        is_same = bool(cells.get("AHCh")) and float(cells["AHCh"]) == line
        yield _bet(profit, before, game.match.average("C", "AHH", "AHA") if is_same else None, game.side)


# Context


def _context(season: Season, games: Sequence[Game]) -> Figures:
    home, away = ([game for game in games if game.side == side] for side in (0, 1))
    found = _prefixed("home", _means(home)) | _prefixed("away", _means(away))
    for third in THIRDS:
        own = [game for game in games if season.tables[game.match.day].get(game.opponent) == third]
        found |= _prefixed(third, _means(own))
    for name, of in (("points", lambda game: game.points), ("goals", lambda game: game.margin)):
        found[f"home_advantage_{name}"] = mean(map(of, home)) - mean(map(of, away))
    return found


def _means(games: Sequence[Game]) -> Figures:
    n = len(games)
    return {
        "n_matches": n,
        "n_matches_with_xg": n,
        "points": _over(sum(game.points for game in games), n, 5),
        "goals_for": _over(sum(game.goals[0] for game in games), n, 5),
        "goals_against": _over(sum(game.goals[1] for game in games), n, 5),
        "xg_for": _over(sum(game.match.xg[game.side] for game in games), n, 5),
        "xg_against": _over(sum(game.match.xg[1 - game.side] for game in games), n, 5),
    }


# Risk


def _risk(games: Sequence[Game]) -> Figures:
    known = [(game, fair) for game in games if (fair := game.fair)]
    favourite = [(game, fair) for game, fair in known if fair[0] > fair[2]]
    profits = [profit for game in games for profit, _ in _outcome(game, 2 * game.side)]
    running = [0.0, *accumulate(profits)]
    peaks = accumulate(running, max)
    n, m = len(known), len(favourite)
    return {
        "n_matches_as_favourite": m,
        **_wilson("upset_rate", sum(game.margin < 0 for game, _ in favourite), m, 10),
        "upset_rate_expected": _over(sum(fair[2] for _, fair in favourite), m, 10),
        "n_matches_with_market": n,
        **_wilson("draw_rate", sum(game.margin == 0 for game, _ in known), n, 10),
        "draw_rate_expected": _over(sum(fair[1] for _, fair in known), n, 10),
        "n_bets": len(profits),
        "max_drawdown": max(peak - held for peak, held in zip(peaks, running, strict=True)),
        "longest_losing_run": max(
            (len(list(run)) for lost, run in groupby(profits, lambda profit: profit < 0) if lost), default=0
        ),
    }


# Temporal


def _period(minute: int) -> int:
    return sum(minute > end for end in ENDS)


def _temporal(season: Season, games: Sequence[Game]) -> Figures:
    found: Figures = {"n_matches_with_shots": len(games), "n_matches_with_half_time": len(games)}
    for other, name in enumerate(("for", "against")):
        minutes = [shot.minute for game in games for shot in game.match.shots if _scored(game, shot, other)]
        shots = [(shot.minute, shot.xg) for game in games for shot in game.shots(other)]
        goals, full = len(minutes), sum(game.goals[other] for game in games)
        of_goals, of_xg = _by_period((minute, 1) for minute in minutes), _by_period(shots)
        xg = sum(of_xg)
        found |= {f"goals_{name}.n_goals": _if(goals >= 10, goals), f"xg_{name}.n_shots": len(shots)}
        found[f"xg_{name}.xg"] = xg
        for period, of_goal, of in zip(PERIODS, of_goals, of_xg, strict=True):
            found[f"goals_{name}.goals.{period}"] = _if(goals >= 10, of_goal)
            found[f"goals_{name}.shares.{period}"] = _over(of_goal, goals, 10)
            found[f"xg_{name}.shares.{period}"] = of / xg
        second = full - sum(game.half[other] for game in games)
        found[f"second_half_goals_{name}_share"] = _over(second, full, 10)
        found[f"second_half_xg_{name}_share"] = sum(of_xg[3:]) / xg
        found[f"late_goals_{name}_z"] = _if(goals >= 10, _late(season, goals, of_goals[-1]))
    return found


def _scored(game: Game, shot: Shot, other: int) -> bool:
    return shot.scores_for == abs(game.side - other)


def _by_period(values: Iterable[tuple[int, float]]) -> list[float]:
    found = [0.0] * len(PERIODS)
    for minute, value in values:
        found[_period(minute)] += value
    return found


def _late(season: Season, n: int, late: float) -> float:
    total, share = season.late_share
    return (late - n * share) / sqrt(n * share * (1 - share) * (total - n) / (total - 1))


# Nemesis


def _nemesis(season: Season, team: str) -> Figures:
    here = [game for game in season.games(team) if game.fair]
    met = [game for game in season.games(team, earlier=True) if game.fair]
    whole = _residual(here)
    found: Figures = {
        "n_meetings": len(met),
        "n_matches_with_market": len(here),
        "residual": whole["residual"],
        "residual_z": whole["z"],
    }
    records = {}
    for opponent in {game.opponent for game in met}:
        record = _residual([game for game in met if game.opponent == opponent])
        records[season.ids[opponent]] = record
        found |= _prefixed(f"by_opponent.{season.ids[opponent]}", dict(record))
    often = {number: record["shrunk"] for number, record in records.items() if record["n_matches"] >= 4}
    best = sorted((number for number in often if often[number] > 0), key=lambda number: -often[number])
    worst = sorted((number for number in often if often[number] < 0), key=lambda number: often[number])
    return found | {"best_opponents": best[:3] if often else None, "worst_opponents": worst[:3] if often else None}


def _residual(games: Sequence[Game]) -> Mapping[str, float]:
    n, points, expected, variance = len(games), 0, 0.0, 0.0
    for game in games:
        win, draw, _ = game.fair or (0.0, 0.0, 0.0)
        points += game.points
        expected += 3 * win + draw
        variance += 9 * win + draw - (3 * win + draw) ** 2
    residual = (points - expected) / n
    return {
        "n_matches": n,
        "points": points,
        "expected_points": expected,
        "residual": residual,
        "shrunk": residual * n / (n + PRIOR_MATCHES),
        "z": (points - expected) / sqrt(variance),
    }


# Psyche


def _state(game: Game, home_lead: int) -> str:
    lead = home_lead if game.side == 0 else -home_lead
    return "leading" if lead > 0 else "trailing" if lead < 0 else "level"


def _psyche(games: Sequence[Game]) -> Figures:
    minutes, xg = _played(games), _xg_by_state(games)
    found: Figures = {"n_matches_with_shots": len(games), "n_matches_with_half_time": len(games)}
    rates: dict[str, float | None] = {}
    for state in STATES:
        found[f"minutes_{state}"] = minutes[state]
        for other, name in enumerate(("for", "against")):
            rate = 90 * xg[other, state] / minutes[state] if minutes[state] >= 270 else None
            rates[f"xg_{name}_{state}"] = rate
    for name in ("for", "against"):
        for state in ("leading", "trailing"):
            above, below = rates[f"xg_{name}_{state}"], rates[f"xg_{name}_level"]
            found[f"xg_{name}_{state}_ratio"] = None if above is None or below is None else above / below
    return found | rates | _leads(games)


def _played(games: Sequence[Game]) -> Mapping[str, float]:
    """Minutes of the clock by state, 0 to 90."""
    found: dict[str, float] = dict.fromkeys(STATES, 0.0)
    for game in games:
        start, lead = 0.0, 0
        for shot, time, before in game.match.course:
            if shot.scores_for is not None:
                end = min(max(time, start), 90.0)
                found[_state(game, before)] += end - start
                start, lead = end, before + 1 - 2 * shot.scores_for
        found[_state(game, lead)] += 90 - start
    return found


def _xg_by_state(games: Sequence[Game]) -> Mapping[tuple[int, str], float]:
    """Of the side and of the other one, in minutes 0 to 89."""
    found: dict[tuple[int, str], float] = defaultdict(float)
    for game in games:
        for shot, _, lead in game.match.course:
            if shot.minute <= 89 and not shot.is_own_goal:
                found[abs(shot.side - game.side), _state(game, lead)] += shot.xg
    return found


def _leads(games: Sequence[Game]) -> Figures:
    led, trailed = ([game for game in games if state in _states_of(game)] for state in ("leading", "trailing"))
    ahead = [game for game in games if game.half[0] > game.half[1]]
    behind = [game for game in games if game.half[0] < game.half[1]]
    return {
        "matches_led": len(led),
        "points_dropped": 3 * len(led) - sum(game.points for game in led),
        "matches_trailed": len(trailed),
        "points_won_back": sum(game.points for game in trailed),
        "led_at_half_time": len(ahead),
        "collapses": sum(game.margin <= 0 for game in ahead),
        "trailed_at_half_time": len(behind),
        "comebacks": sum(game.margin >= 0 for game in behind),
        "comeback_wins": sum(game.margin > 0 for game in behind),
    }


def _states_of(game: Game) -> set[str]:
    leads = [lead for _, _, lead in game.match.course]
    return {_state(game, lead) for lead in (*leads, game.match.goals[0] - game.match.goals[1])}


# Roster


def _roster(season: Season, team: str) -> Figures:
    games = season.games(team)
    used = [player for player in season.players if team in player.clubs and player.minutes > 0]
    known = [player for player in used if len(player.clubs) == 1]
    coverage = sum(player.minutes for player in known) / (11 * 90 * len(games))
    chains = sorted((player.xg_chain for player in known), reverse=True)
    minutes, n = sorted(player.minutes for player in known), len(known)
    weighted = sum((2 * i - n - 1) * each for i, each in enumerate(minutes, start=1))
    is_enough = coverage >= 0.85
    return {
        "minutes_coverage": coverage,
        "players_used": len(used),
        "players_known": n,
        "top_player_share": _if(is_enough, chains[0] / sum(chains)),
        "top_three_share": _if(is_enough, sum(chains[:3]) / sum(chains)),
        "minutes_gini": _if(is_enough, weighted / (n * sum(minutes))),
        **_finishers(games),
    }


def _finishers(games: Sequence[Game]) -> Figures:
    of_player: dict[str, list[Shot]] = defaultdict(list)
    for shot in (shot for game in games for shot in game.shots()):
        of_player[shot.player].append(shot)
    tested = {player: shots for player, shots in of_player.items() if len(shots) >= 20}
    goals = {player: sum(shot.result == "Goal" for shot in shots) for player, shots in tested.items()}
    p_values = {
        player: sum(_distribution(shot.xg for shot in shots)[goals[player] :]) for player, shots in tested.items()
    }
    order, smallest, beyond = sorted(p_values, key=lambda player: p_values[player]), 1.0, 0
    for rank in range(len(order), 0, -1):
        smallest = min(smallest, p_values[order[rank - 1]] * len(order) / rank)
        beyond = max(beyond, rank if smallest <= 0.05 else 0)
    return {
        "n_finishers_tested": len(tested),
        "n_finishers_above_xg": sum(goals[player] > sum(shot.xg for shot in tested[player]) for player in tested),
        "finishers_beyond_chance": [int(player) for player in order[:beyond]],
    }


# Physical


def _physical(games: Sequence[Game]) -> Figures:
    n, balance = len(games), [0.0, 0.0]
    for game in games:
        for shot in game.match.shots:
            if shot.minute <= 89 and not shot.is_own_goal:
                balance[shot.minute > 75] += shot.xg if shot.side == game.side else -shot.xg
    early, late = 90 * balance[0] / (76 * n), 90 * balance[1] / (14 * n)
    found: Figures = {"xg_difference_to_75": early, "xg_difference_after_75": late, "late_change": late - early}
    for other, prefix in enumerate(("", "opponents_")):
        found[f"{prefix}fouls_per_match"] = sum(game.cell("F", other) for game in games) / n
        cards = sum(game.cell("Y", other) + game.cell("R", other) for game in games)
        found[f"{prefix}cards_per_match"] = cards / n
    counts = dict.fromkeys(("n_matches_with_shots", "n_matches_with_fouls", "n_matches_with_cards"), n)
    return found | counts | _by_rest(games)


def _by_rest(games: Sequence[Game]) -> Figures:
    points: dict[str, list[int]] = {"short": [], "normal": [], "long": []}
    for before, game in pairwise(games):
        days = (game.match.day - before.match.day).days
        points["short" if days <= 3 else "normal" if days <= 6 else "long"].append(game.points)
    return {f"n_{rest}_rest": len(of) for rest, of in points.items()} | {
        f"points_{rest}_rest": _over(sum(of), len(of), 5) for rest, of in points.items()
    }


# Luck


def _luck(games: Sequence[Game]) -> Figures:
    own, others = ([shot for game in games for shot in game.shots(other)] for other in (0, 1))
    goals, against = (sum(shot.result == "Goal" for shot in shots) for shots in (own, others))
    xg, xg_against = (sum(shot.xg for shot in shots) for shots in (own, others))
    on_target, faced = (sum(shot.result in {"Goal", "SavedShot"} for shot in shots) for shots in (own, others))
    points, moments = sum(game.points for game in games), [_expected(game) for game in games]
    expected = sum(mean_points for mean_points, _ in moments)
    return {
        "n_matches_with_shots": len(games),
        "goals": goals,
        "xg": xg,
        "goals_minus_xg": goals - xg,
        "goals_against": against,
        "xg_against": xg_against,
        "xg_against_minus_goals_against": xg_against - against,
        "points": points,
        "expected_points": expected,
        "points_minus_expected": points - expected,
        "points_z": (points - expected) / sqrt(sum(variance for _, variance in moments)),
        "shots_on_target": on_target,
        **_wilson("shooting_percentage", goals, on_target, 20, 100),
        "shots_on_target_against": faced,
        **_wilson("save_percentage", faced - against, faced, 20, 100),
    }


def _expected(game: Game) -> tuple[float, float]:
    """Mean and variance of the points by the shots of both sides."""
    own, others = (_distribution(shot.xg for shot in game.shots(other)) for other in (0, 1))
    win = sum(share * sum(others[:goals]) for goals, share in enumerate(own))
    draw = sum(a * b for a, b in zip(own, others, strict=False))
    return 3 * win + draw, 9 * win + draw - (3 * win + draw) ** 2
