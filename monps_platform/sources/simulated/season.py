"""A simulated season in football-data.co.uk's own bytes, so that the one parser reads them."""

from __future__ import annotations

from collections.abc import Iterable

from monps_platform.domain.goal_model.score_grid import outcome_probabilities, score_probabilities
from monps_platform.domain.leagues import League
from monps_platform.domain.seasons import Season
from monps_platform.sources.simulated.names import clubs
from monps_platform.sources.simulated.prices import (
    HANDICAP_BOOKS,
    MATCH_ODDS_BOOKS,
    TOTALS_BOOKS,
    Bookmaker,
    Quotes,
    aggregates,
    market_rates,
    quote,
)
from monps_platform.sources.simulated.randomness import Floats, Ints, Stream
from monps_platform.sources.simulated.results import Results, play
from monps_platform.sources.simulated.schedule import Fixtures, fixtures
from monps_platform.sources.simulated.scores import (
    LOW_SCORE_CORRELATION,
    expected_goals,
    main_lines,
    totals_probabilities,
)
from monps_platform.sources.simulated.strengths import strength_table

_PRE_MATCH, _CLOSING = "", "C"  # What football-data.co.uk puts between a bookmaker and a side.

_Columns = dict[str, list[str]]


def simulate_season(league: League, season: Season) -> bytes:
    """One season of a simulated league as football-data.co.uk's CSV of 2019-20 and later.

    n(n-1) rows in order of kick-off under one header row, CRLF, ASCII, days as dd/mm/yyyy and UK local
    times; the same bytes for the same league and season on every machine. The calendar is whole even when
    the season is not over. Raises NotSimulatedError (a ValueError) for a league that is not simulated,
    SeasonError for a season before the league's first.
    """
    plan = fixtures(league, season)
    rates = expected_goals(strength_table(league, season), plan.home, plan.away)
    results = play(league, season, plan, rates, score_probabilities(rates, LOW_SCORE_CORRELATION))
    pre_match, closing = market_rates(Stream(league, season, "market"), rates)
    columns = _match_columns(league, plan) | _result_columns(results)
    columns |= _price_columns(league, season, pre_match, _PRE_MATCH)
    columns |= _price_columns(league, season, closing, _CLOSING)
    rows = [columns, *zip(*columns.values(), strict=True)]
    return "".join(",".join(row) + "\r\n" for row in rows).encode("ascii")


def _match_columns(league: League, plan: Fixtures) -> _Columns:
    names = clubs(league)
    return {
        "Div": [league.code] * len(plan.days),
        "Date": [f"{day:%d/%m/%Y}" for day in plan.days],
        "Time": list(plan.times),
        "HomeTeam": [names[number] for number in plan.home.tolist()],
        "AwayTeam": [names[number] for number in plan.away.tolist()],
    }


def _result_columns(results: Results) -> _Columns:
    columns = _sides("FTHG", "FTAG", results.goals) | {"FTR": _letters(results.goals)}
    columns |= _sides("HTHG", "HTAG", results.half_time_goals) | {"HTR": _letters(results.half_time_goals)}
    columns |= {"Referee": list(results.referees)}
    columns |= _sides("HS", "AS", results.shots) | _sides("HST", "AST", results.shots_on_target)
    columns |= _sides("HF", "AF", results.fouls) | _sides("HC", "AC", results.corners)
    return columns | _sides("HY", "AY", results.yellows) | _sides("HR", "AR", results.reds)


def _sides(home: str, away: str, counts: Ints) -> _Columns:
    return {name: [str(count) for count in side] for name, side in zip((home, away), counts.T.tolist(), strict=True)}


def _letters(goals: Ints) -> list[str]:
    return ["H" if home > away else "A" if home < away else "D" for home, away in goals.tolist()]


def _price_columns(league: League, season: Season, rates: Floats, kind: str) -> _Columns:
    """All prices of one kind, for expected goals as the market sees them, shape (matches, 2)."""

    def quoted(market: str, fair: Floats, books: tuple[Bookmaker, ...], sides: tuple[str, ...]) -> _Columns:
        quotes = quote(Stream(league, season, f"{market}{kind}"), fair, books)
        return _quote_columns(quotes, kind, sides) | _quote_columns(aggregates(quotes), kind, sides)

    scores = score_probabilities(rates, LOW_SCORE_CORRELATION)
    lines, even = main_lines(scores)
    columns = quoted("1x2", outcome_probabilities(scores), MATCH_ODDS_BOOKS, ("H", "D", "A"))
    columns |= quoted("totals", totals_probabilities(scores), TOTALS_BOOKS, (">2.5", "<2.5"))
    columns |= {f"AH{kind}h": [str(line) for line in lines.tolist()]}
    return columns | quoted("handicap", even, HANDICAP_BOOKS, ("AHH", "AHA"))


def _quote_columns(quotes: Quotes, kind: str, sides: Iterable[str]) -> _Columns:
    """One column per bookmaker and side; blank on all sides where nothing was quoted."""
    return {
        f"{column}{kind}{side}": [
            str(price / 100) if quoted else ""
            for price, quoted in zip(
                quotes.cents[:, book, index].tolist(), quotes.quoted[:, book].tolist(), strict=True
            )
        ]
        for book, column in enumerate(quotes.columns)
        for index, side in enumerate(sides)
    }
