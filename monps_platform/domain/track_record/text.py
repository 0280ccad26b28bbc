"""Track records in words: sentences that a person reads, and tables of the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from monps_platform.domain.grids import Grid, markdown_table
from monps_platform.domain.intervals import Rate
from monps_platform.domain.track_record.figures import (
    FEWEST_MATCHES,
    AgentRecord,
    Relation,
    Spread,
    TrackRecord,
)
from monps_platform.domain.track_record.table import PickTable

NOTHING = "There are no picks yet."
NOTES = (
    "In brackets: 95 % intervals, by resampling whole matches. Raw CLV compares the price taken with the closing price "
    "of the same market, line and side; no-vig CLV with the closing probability without the margin: 0 is a fair price. "
    "ROI is profit by stake; a void pick was no bet, and its stake does not count. The longest losing run is in "
    "matches, the drawdown in units; their intervals come from the matches drawn anew, with replacement and in any "
    "order.",
    "A pick without a closing price stays in every figure but CLV. Of twenty intervals one misses by chance: the more "
    "groups are looked at, the more of them look good. What an agent picked before matches stands apart as (live); its "
    "other record then holds only what it did not pick live.",
)
"""What a reader of the tables should know."""
TITLES: Mapping[str, str] = {
    "league": "By league",
    "market": "By market",
    "bookmaker": "By bookmaker",
    "season": "By season",
}
WORTH = ("picks", "closed %", "CLV %", "no-vig CLV %", "line-adjusted CLV %", "beat close %")
"""Columns about the close."""
CAME_TO = ("ROI %", "profit", "hit rate %", "losing run", "drawdown", "evidence")
"""Columns about what the picks won and lost."""
ALL = (*WORTH, *CAME_TO)
SHORT = ("picks", "closed %", "no-vig CLV %", "ROI %", "profit", "evidence")
"""The columns that fit a terminal."""
_MISSING = "-"
_WHY = {
    "line_moved": "the line had moved",
    "bookmaker_gone": "only other bookmakers closed it",
    "not_captured_before_kickoff": "no closing prices of the match",
    "market_not_quoted": "no closing prices of the market",
    "match_not_played": "the match was not played",
    "implausible_price": "implausible closing prices",
    "line_not_quoted": "nobody quoted the line, before the match or at the close",
}
_WHOSE = {
    "same_bookmaker": "the pick's own bookmaker",
    "sharp": "a sharp bookmaker",
    "market_average": "the market's average",
    "stated": "stated by hand",
}


def conclusions(records: Sequence[AgentRecord]) -> list[str]:
    """A few plain sentences about each agent."""
    return [conclusion(record) for record in records]


def conclusion(record: AgentRecord) -> str:
    """What an agent's picks came to, what they were worth at the close, and whether that may be chance."""
    overall = record.overall
    sentences = [
        f"{record.agent}: {_count(overall.picks, 'pick')} on {_count(overall.matches, 'match', 'matches')}, "
        f"{_closed(overall)}.",
        _return(overall),
        _worth(overall),
    ]
    if record.relation is not None:
        sentences.append(_foretold(record.relation))
    return " ".join(sentences)


def agents_grid(records: Sequence[AgentRecord], columns: Sequence[str] = ALL) -> Grid:
    """A row per agent."""
    return _grid("agent", {record.agent: record.overall for record in records}, columns)


def breakdown_grid(record: AgentRecord, dimension: str, columns: Sequence[str] = ALL) -> Grid:
    """A row per value of a dimension."""
    return _grid(dimension, record.by[dimension], columns)


def coverage_grid(record: AgentRecord) -> Grid:
    """How many picks are closed by whose price, and why the others are not."""
    overall = record.overall
    told = [(f"closed: {_WHOSE.get(name, name)}", count) for name, count in sorted(overall.sources.items())]
    told += [(f"not closed: {_WHY.get(name, name)}", count) for name, count in sorted(overall.reasons.items())]
    if open_picks := overall.picks - overall.due:
        told.append(("not due yet", open_picks))
    return Grid(
        ("closing price", "picks", "share %"),
        [(name, f"{count:,}", f"{100 * count / overall.picks:.1f}") for name, count in told],
    )


def coverage_by_season_grid(table: PickTable) -> Grid:
    """A row per league and season: how many of its picks are closed, and the commonest reason why others are not."""
    rows = []
    for league, season in sorted(set(zip(table.league.tolist(), table.season.tolist(), strict=True))):
        own = table.where((table.league == league) & (table.season == season))
        due, closed = int(own.due.sum()), int(own.closed.sum())
        reasons = Counter(reason for reason in own.reason.tolist() if reason)
        reason = _WHY.get(reasons.most_common(1)[0][0], _MISSING) if reasons else _MISSING
        share = f"{100 * closed / due:.1f}" if due else _MISSING
        rows.append((f"{league} {season}", f"{len(own):,}", f"{due:,}", f"{closed:,}", share, reason))
    return Grid(("league and season", "picks", "due", "closed", "closed %", "commonest reason"), rows)


def relation_grid(relation: Relation) -> Grid:
    """A row per fifth of the picks by no-vig CLV."""
    rows = [
        (
            f"{_number(item.low, 1, '+')} to {_number(item.high, 1, '+')}",
            f"{item.roi.n:,}",
            _number(item.clv_no_vig, 2, "+"),
            _percent(item.roi, "+"),
        )
        for item in relation.bins
    ]
    return Grid(("no-vig CLV %", "picks", "mean CLV %", "ROI %"), rows)


def markdown(records: Sequence[AgentRecord], *, simulated: bool = False) -> str:
    """All of it: sentences, the agents side by side, then each agent broken down."""
    if not records:
        return NOTHING
    parts = ["Simulated leagues, no real football."] if simulated else []
    parts += ["\n".join(f"- {sentence}" for sentence in conclusions(records)), markdown_table(agents_grid(records))]
    parts += NOTES
    for record in records:
        parts += [f"### {record.agent}", markdown_table(coverage_grid(record))]
        if record.relation is not None:
            parts += ["#### CLV and return", markdown_table(relation_grid(record.relation))]
        for dimension in record.by:
            parts += [f"#### {TITLES[dimension]}", markdown_table(breakdown_grid(record, dimension))]
    return "\n\n".join(parts)


def evidence(record: TrackRecord) -> str:
    """Whether the return can be told from 0; where not, how many matches that would take."""
    roi = record.roi
    if roi.value is None:
        return "nothing settled" if not record.settled else "all void"
    if roi.clusters < FEWEST_MATCHES:
        return f"too thin: {_count(roi.clusters, 'match', 'matches')}"
    if record.is_thin:
        needed = record.matches_needed
        return "too thin" if needed is None else f"too thin: ~{_round(needed):,} matches needed"
    return "a profit" if roi.value > 0 else "a loss"


def _grid(name: str, records: Mapping[str, TrackRecord], columns: Sequence[str]) -> Grid:
    rows = [(label, *(_COLUMNS[column](record) for column in columns)) for label, record in records.items()]
    return Grid((name, *columns), rows)


def _closed(record: TrackRecord) -> str:
    if not record.due:
        return "none closed yet"
    whose = "them" if record.due == record.picks else f"the {record.due:,} whose close is due"
    return f"{_share(record.coverage)} % of {whose} with a closing price"


def _return(record: TrackRecord) -> str:
    roi = record.roi
    if roi.value is None:
        return "All that are settled are void." if record.settled else "None is settled yet."
    told = f"Return on stake {_percent(roi, '+')} %"
    if roi.clusters < FEWEST_MATCHES:
        return f"{told}: {_count(roi.clusters, 'match says', 'matches say')} next to nothing."
    if not record.is_thin:
        return f"{told}: {'a profit' if roi.value > 0 else 'a loss'} beyond chance."
    needed = record.matches_needed
    more = "" if needed is None else f"; to tell a return of this size from 0 takes about {_round(needed):,} matches"
    return f"{told}: the evidence is too thin to tell it from 0{more}."


def _worth(record: TrackRecord) -> str:
    clv = record.clv_no_vig
    if clv.value is None:
        return "What the picks were worth at the close is not known."
    told = f"No-vig CLV {_interval(clv, 2, '+')} %"
    if clv.low is None or clv.high is None or clv.clusters < FEWEST_MATCHES:
        return f"{told} over {_count(clv.clusters, 'match', 'matches')}, too few to go by."
    if clv.low > 0:
        return f"{told}: the prices taken were better than what the close holds to be fair."
    if clv.high < 0:
        return f"{told}: the prices taken were worse than what the close holds to be fair."
    return f"{told}: the prices taken were about what the close holds to be fair."


def _foretold(relation: Relation) -> str:
    slope = relation.slope
    if slope.value is None or slope.low is None or slope.high is None:
        return "Whether CLV foretold the return cannot be said."
    told = f"A point of no-vig CLV came with {_interval(slope, 2)} points of return"
    if slope.low > 0:
        return f"{told}: CLV foretold the return."
    if slope.high < 0:
        return f"{told}: the better the CLV, the worse the return."
    return f"{told}: too wide to say that CLV foretold the return."


def _interval(figure: Rate | Spread, digits: int, signed: str = "", *, scale: int = 1) -> str:
    """A figure with its interval, to so many decimals."""
    if figure.value is None:
        return _MISSING
    value = _number(figure.value * scale, digits, signed)
    if figure.low is None or figure.high is None:
        return value
    return f"{value} ({_number(figure.low * scale, digits)} to {_number(figure.high * scale, digits)})"


def _percent(rate: Rate, signed: str = "") -> str:
    """A share in per cent with its interval."""
    return _interval(rate, 1, signed, scale=100)


def _number(value: float, digits: int, signed: str = "") -> str:
    """To so many decimals; what is rounded to nothing has no minus."""
    return f"{round(value, digits) + 0.0:{signed},.{digits}f}"


def _share(rate: Rate) -> str:
    return _MISSING if rate.value is None else f"{100 * rate.value:.1f}"


def _count(number: int, one: str, several: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _round(number: int) -> int:
    """To two digits: an estimate is no more exact than that."""
    return int(float(f"{number:.1e}"))


_COLUMNS: Mapping[str, Callable[[TrackRecord], str]] = MappingProxyType(
    {
        "picks": lambda record: f"{record.picks:,}",
        "closed %": lambda record: _share(record.coverage),
        "CLV %": lambda record: _interval(record.clv, 2, "+"),
        "no-vig CLV %": lambda record: _interval(record.clv_no_vig, 2, "+"),
        "line-adjusted CLV %": lambda record: _interval(record.clv_line_adjusted, 2, "+"),
        "beat close %": lambda record: _percent(record.beat_close),
        "ROI %": lambda record: _percent(record.roi, "+"),
        "profit": lambda record: _number(record.profit, 1, "+") if record.settled else _MISSING,
        "hit rate %": lambda record: _percent(record.hit_rate),
        "losing run": lambda record: _interval(record.longest_losing_run, 0),
        "drawdown": lambda record: _interval(record.drawdown, 1),
        "evidence": evidence,
    }
)
"""What a table may show of a record."""
