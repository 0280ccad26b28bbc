"""The parser of files of picks: bytes in, picks and rejections out, each rejection with what is wrong in words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from monps_platform.domain import agents
from monps_platform.domain.bookmakers import spelled
from monps_platform.domain.leagues import LEAGUES
from monps_platform.domain.odds import Market
from monps_platform.domain.pick_lines import ParsedPicks, PickLine
from monps_platform.domain.picks import HIGHEST_PAYOUT, MARKETS_WITH_LINE, PICK_SIDES
from monps_platform.domain.rejections import Dataset, Reason, Rejection
from monps_platform.domain.spellings import near
from monps_platform.sources.errors import UnreadableFileError
from monps_platform.sources.picks.names import COLUMN_NAMES, COLUMNS, COMPUTED, REQUIRED, league_of, market_of, side_of

PARSER_VERSION = "picks-1"
"""Raise it when the same bytes give other picks."""
HIGHEST_PRICE = Decimal(1000)
_DECIMALS = 4
_MOST_GOALS = 30
_LONGEST_TEXT = 200
_FIRST_DAY, _LAST_DAY = date(1870, 1, 1), date(2100, 1, 1)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

Cells = Mapping[str, str]


class _Wrong(Exception):  # noqa: N818 - what is wrong with a line, not a defect
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def parse_picks(body: bytes, name: str) -> ParsedPicks:
    """Read a CSV file of picks, UTF-8 with a header; docs/picks.md says what its columns mean.

    Raises UnreadableFileError when the bytes are no such file; a bad line inside a good file is a rejection.
    """
    rows = _rows(body, name)
    header = next((row for row in rows if _says_anything(row[1])), None)
    if header is None:
        raise UnreadableFileError(f"{name} is empty: it needs a header with {', '.join(REQUIRED)}")
    columns = _columns(header[1], name)
    lines: list[PickLine] = []
    rejections: list[Rejection] = []
    for number, cells, text in rows:
        if _says_anything(cells):
            try:
                lines.append(_line(number, text, _cells(columns, cells)))
            except _Wrong as wrong:
                rejections.append(Rejection(Dataset.PICKS, number, wrong.reason, text, wrong.detail))
    ignored = [column for column in columns if column in COMPUTED]
    return ParsedPicks(lines, rejections, len(lines) + len(rejections), ignored)


def _rows(body: bytes, name: str) -> Iterator[tuple[int, list[str], str]]:
    """Line number, cells and text of each row, from the header on."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{name} is not UTF-8 (byte {error.start}): save it as CSV UTF-8") from error
    # Not str.splitlines, which holds more characters for the end of a line than a CSV file does.
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(lines, strict=True)
    done = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableFileError(f"{name}, line {done + 1}: {error}; look at its quotation marks") from error
        raw = "".join(lines[done : reader.line_num]).rstrip("\r\n")
        yield done + 1, cells, raw.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL keeps no NUL
        done = reader.line_num


def _says_anything(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _columns(header: Sequence[str], name: str) -> list[str]:
    """The columns that the header means."""
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        raise UnreadableFileError(f"{name}: the cells are not separated by commas: save it as CSV with commas")
    if nameless := [number for number, cell in enumerate(header, 1) if not cell.strip()]:
        raise UnreadableFileError(f"{name}: column {nameless[0]} of the header has no name: is there a comma too many?")
    known = {cell: COLUMN_NAMES.get(spelled(cell)) for cell in header}
    if unknown := [cell for cell, column in known.items() if column is None]:
        raise UnreadableFileError(f"{name}: unknown column {_suggesting(unknown[0], COLUMNS)}")
    columns = [column for cell in header if (column := known[cell]) is not None]
    if repeated := [column for column in COLUMNS if columns.count(column) > 1]:
        raise UnreadableFileError(f"{name}: the column {repeated[0]} stands in the header twice")
    if missing := [column for column in REQUIRED if column not in columns]:
        raise UnreadableFileError(f"{name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}")
    return columns


def _cells(columns: Sequence[str], cells: Sequence[str]) -> Cells:
    if len(cells) != len(columns):
        raise _Wrong(Reason.WRONG_NUMBER_OF_CELLS, f"{len(cells)} cells, the header has {len(columns)}")
    found = {column: cell.strip() for column, cell in zip(columns, cells, strict=True)}
    if unusable := [column for column in COLUMNS if _is_unusable(found.get(column, ""))]:
        detail = f"{unusable[0]} has a character of code 0, or more than {_LONGEST_TEXT} characters"
        raise _Wrong(Reason.UNUSABLE_TEXT, detail)
    if empty := [column for column in REQUIRED if not found[column]]:
        raise _Wrong(Reason.MISSING_VALUE, f"{', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty")
    return found


def _is_unusable(text: str) -> bool:
    return "\0" in text or len(text) > _LONGEST_TEXT


def _line(number: int, text: str, cells: Cells) -> PickLine:
    agent = cells["agent"]
    if agent.partition("(")[0].strip().casefold() in agents.NAMES:
        raise _Wrong(Reason.RESERVED_AGENT, f"{agent} is the name of a built-in agent: give your own picks another one")
    league = league_of(cells["league"])
    if league is None:
        codes, names = [item.code for item in LEAGUES], [item.name for item in LEAGUES]
        raise _Wrong(Reason.UNKNOWN_LEAGUE, f"no league is called {_suggesting(cells['league'], codes, *names)}")
    market = market_of(cells["market"])
    if market is None:
        raise _Wrong(Reason.UNKNOWN_MARKET, f"no market is called {_suggesting(cells['market'], list(Market))}")
    side = side_of(cells["side"], market, cells["home"], cells["away"])
    if side is None:
        sides = ", ".join(PICK_SIDES[market])
        raise _Wrong(Reason.SIDE_NOT_OF_MARKET, f"{cells['side']!r} is no side of {market}: it has {sides}")
    return PickLine(
        number=number,
        text=text,
        agent=agent,
        strategy=cells.get("strategy") or None,
        league=league,
        day=_day(cells["date"]),
        home=cells["home"],
        away=cells["away"],
        market=market,
        side=side,
        line=_goals(cells.get("line", ""), market),
        bookmaker=cells["bookmaker"],
        price=(price := _price(cells["price"])),
        stake=_stake(cells["stake"], price),
        taken_at=_instant(cells["taken_at"]),
        probability=_probability(cells.get("model_probability", "")),
    )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _Wrong(Reason.UNREADABLE_DATE, f"{text!r} is no day: write it as 2020-01-31") from None
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise _Wrong(Reason.UNREADABLE_DATE, f"no match was or is played on {text}")
    return day


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong(Reason.UNREADABLE_TIME, f"{text!r} is no time: write it as 2020-01-31T12:30+00:00") from None
    if found.tzinfo is None:
        raise _Wrong(Reason.UNREADABLE_TIME, f"{text!r} has no time zone: add Z for UTC, or an offset such as +01:00")
    if not _FIRST_DAY <= found.date() <= _LAST_DAY:
        raise _Wrong(Reason.UNREADABLE_TIME, f"no price was or is taken at {text}")
    return found


def _goals(text: str, market: Market) -> Decimal | None:
    if market not in MARKETS_WITH_LINE:
        if text:
            raise _Wrong(Reason.LINE_NOT_OF_MARKET, f"{market} has no line, but the line is {text!r}")
        return None
    if not text:
        raise _Wrong(Reason.LINE_NOT_OF_MARKET, f"{market} needs a line: goals, or the handicap of the home side")
    line = _number(text, "line")
    if abs(line) > _MOST_GOALS or (market is Market.OVER_UNDER and line < 0):
        raise _Wrong(Reason.LINE_OUT_OF_RANGE, f"{market} has no line of {text} goals")
    if line % Decimal("0.25"):
        raise _Wrong(Reason.LINE_NOT_QUARTER, f"a line is in quarters of a goal, not {text}")
    return line


def _price(text: str) -> Decimal:
    price = _number(text, "price")
    if price <= 1:
        raise _Wrong(Reason.PRICE_NOT_ABOVE_ONE, f"a price is decimal odds above 1, not {text}")
    if price > HIGHEST_PRICE:
        raise _Wrong(Reason.PRICE_OUT_OF_RANGE, f"a price of {text} is above {HIGHEST_PRICE}: is it in decimal odds?")
    if _decimals(text) > _DECIMALS:
        raise _Wrong(Reason.PRICE_TOO_PRECISE, f"a price has at most {_DECIMALS} decimals, not {text}")
    return price


def _stake(text: str, price: Decimal) -> Decimal:
    stake = _number(text, "stake")
    if stake <= 0:
        raise _Wrong(Reason.STAKE_NOT_POSITIVE, f"a stake is positive, not {text}")
    if _decimals(text) > _DECIMALS:
        raise _Wrong(Reason.STAKE_TOO_PRECISE, f"a stake has at most {_DECIMALS} decimals, not {text}")
    if stake * price > HIGHEST_PAYOUT:
        most = f"a pick may pay {HIGHEST_PAYOUT:,} units"
        raise _Wrong(Reason.STAKE_OUT_OF_RANGE, f"{text} at {price} is too much, {most}: count in larger units")
    return stake


def _probability(text: str) -> float | None:
    if not text:
        return None
    probability = float(_number(text, "model_probability"))
    if not 0 < probability < 1:
        raise _Wrong(Reason.PROBABILITY_OUT_OF_RANGE, f"a probability lies between 0 and 1, not {text}")
    return probability


def _number(text: str, column: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise _Wrong(Reason.NOT_A_NUMBER, f"{column} is {text!r}: write a number with a point, such as 2.05")
    return Decimal(text)


def _decimals(text: str) -> int:
    return len(text.partition(".")[2].rstrip("0"))


def _suggesting(text: str, known: Sequence[str], *others: str) -> str:
    """The text and the names that come near it, of all or of the ``known`` ones; those are listed where none does."""
    close = near(text, (*known, *others))
    return f"{text!r} (did you mean {' or '.join(close)}?)" if close else f"{text!r}: there is {', '.join(known)}"
