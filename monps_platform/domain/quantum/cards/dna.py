"""The most telling figures of a team's nine vectors; the documents in the database hold the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from monps_platform.domain.quantum.cards.rows import (
    CardRow,
    Section,
    counted,
    estimate_row,
    figure_row,
    lacking_together,
    matches,
    missing_row,
    share_row,
)
from monps_platform.domain.quantum.dna.context import ContextVector
from monps_platform.domain.quantum.dna.evidence import proportion
from monps_platform.domain.quantum.dna.luck import LuckVector
from monps_platform.domain.quantum.dna.market import MarketVector, TeamMarket
from monps_platform.domain.quantum.dna.nemesis import NemesisVector
from monps_platform.domain.quantum.dna.physical import PhysicalVector
from monps_platform.domain.quantum.dna.psyche import PsycheVector
from monps_platform.domain.quantum.dna.risk import RiskVector
from monps_platform.domain.quantum.dna.roster import RosterVector
from monps_platform.domain.quantum.dna.team_dna import TeamDna
from monps_platform.domain.quantum.dna.temporal import TemporalVector
from monps_platform.domain.quantum.periods import Period

MARKETS: Mapping[TeamMarket, str] = MappingProxyType(
    {
        TeamMarket.HOME_WIN: "home win",
        TeamMarket.AWAY_WIN: "away win",
        TeamMarket.DRAW: "draw",
        TeamMarket.OVER25: "over 2.5",
        TeamMarket.UNDER25: "under 2.5",
        TeamMarket.HANDICAP: "handicap",
    }
)
"""The markets in words."""


def dna_sections(dna: TeamDna) -> tuple[Section, ...]:
    """A section of each vector, in the order of the table's columns; where several figures of one lack shots or
    players, one row says so.
    """
    found: Mapping[str, Iterator[CardRow]] = {
        "market (profit per unit)": _market(dna.market),
        "context (per match)": _context(dna.context),
        "risk": _risk(dna.risk),
        "temporal (shares of goals)": _temporal(dna.temporal, dna.context),
        "nemesis (beyond the market)": _nemesis(dna.nemesis),
        "psyche": _psyche(dna.psyche),
        "roster": _roster(dna.roster),
        "physical": _physical(dna.physical),
        "luck (beyond the shots)": _luck(dna.luck),
    }
    return tuple(Section(title, lacking_together(rows)) for title, rows in found.items())


def _market(vector: MarketVector) -> Iterator[CardRow]:
    for market, words in MARKETS.items():
        record = getattr(vector, market)
        if record is None:
            yield missing_row(words, vector.gaps[market])
        else:
            yield figure_row(words, record, "roi", "+.0%", counted(record.n_bets, "bet"))
    if vector.best_market is None:
        yield missing_row("best market", vector.gaps["best_market"])
    else:
        yield CardRow("best market", MARKETS[vector.best_market], "", "interval above 0")


def _context(vector: ContextVector) -> Iterator[CardRow]:
    parts = {
        "home": "at home",
        "away": "away",
        "against_top": "against top third",
        "against_middle": "against middle third",
        "against_bottom": "against bottom third",
    }
    for name, words in parts.items():
        part = getattr(vector, name)
        yield figure_row(f"points {words}", part, "points", ".2f", matches(part.n_matches))
    for name in ("home", "away"):
        part = getattr(vector, name)
        n = matches(part.n_matches_with_xg)
        yield figure_row(f"xG for {parts[name]}", part, "xg_for", ".2f", n)
        yield figure_row(f"xG against {parts[name]}", part, "xg_against", ".2f", n)
    n = matches(vector.n_matches)
    yield figure_row("home advantage, points", vector, "home_advantage_points", "+.2f", n)


def _risk(vector: RiskVector) -> Iterator[CardRow]:
    n, spread = vector.n_matches_with_expected_goals, vector.goal_difference_sd_expected
    yield figure_row("spread of goal difference", vector, "goal_difference_sd", ".2f", _against(n, spread, ".2f"))
    expected = _against(vector.n_matches_as_favourite, vector.upset_rate_expected, ".0%")
    yield figure_row("lost as favourite", vector, "upset_rate", ".0%", expected)
    expected = _against(vector.n_matches_with_market, vector.draw_rate_expected, ".0%")
    yield figure_row("drawn", vector, "draw_rate", ".0%", expected)
    bets = counted(vector.n_bets, "bet")
    yield figure_row("deepest drawdown, units", vector, "max_drawdown", ".1f", bets)
    yield figure_row("longest losing run", vector, "longest_losing_run", "d", bets)


def _against(n: int, expected: float | None, form: str) -> str:
    """What a figure rests on, and what the market expected of it."""
    return matches(n) if expected is None else f"{matches(n)}; {expected:{form}} expected"


def _temporal(vector: TemporalVector, context: ContextVector) -> Iterator[CardRow]:
    for words, name, period in (
        ("scored in minutes 0 to 15", "goals_for", Period.TO_15),
        ("scored from minute 76", "goals_for", Period.FROM_76),
        ("conceded in minutes 0 to 15", "goals_against", Period.TO_15),
        ("conceded from minute 76", "goals_against", Period.FROM_76),
    ):
        goals = getattr(vector, name)
        if goals is None:
            yield missing_row(words, vector.gaps[name])
        else:
            share = proportion(goals.goals[period], goals.n_goals)
            yield estimate_row(words, share, ".0%", counted(goals.n_goals, "goal"))
    for words, name, side in (
        ("scored after half-time", "second_half_goals_for_share", "goals_for"),
        ("conceded after half-time", "second_half_goals_against_share", "goals_against"),
    ):
        share, goals = getattr(vector, name), _goals(context, side)
        if share is None or not goals or vector.n_matches_with_half_time != vector.n_matches:
            yield figure_row(words, vector, name, ".0%", matches(vector.n_matches_with_half_time))
        else:
            yield estimate_row(words, proportion(round(share * goals), goals), ".0%", counted(goals, "goal"))


def _goals(context: ContextVector, side: str) -> int | None:
    """Goals of all matches, from their means at home and away; None where one of these is missing."""
    parts = (context.home, context.away)
    means: list[float | None] = [getattr(part, side) for part in parts]
    if None in means:
        return None
    return round(sum(part.n_matches * (mean or 0.0) for part, mean in zip(parts, means, strict=True)))


def _nemesis(vector: NemesisVector) -> Iterator[CardRow]:
    n = matches(vector.n_matches_with_market)
    yield figure_row("points per match", vector, "residual", "+.2f", n)
    yield figure_row("z", vector, "residual_z", "+.1f", n)


def _psyche(vector: PsycheVector) -> Iterator[CardRow]:
    behind = _minutes(vector.minutes_trailing, "behind")
    ahead = _minutes(vector.minutes_leading, "ahead")
    yield figure_row("xG behind / level", vector, "xg_for_trailing_ratio", ".2f", behind)
    yield figure_row("xG against ahead / level", vector, "xg_against_leading_ratio", ".2f", ahead)
    led, trailed = (_of(count, "match", "matches") for count in (vector.matches_led, vector.matches_trailed))
    yield figure_row("points dropped after leading", vector, "points_dropped", "d", f"{led} led")
    yield figure_row("points won after trailing", vector, "points_won_back", "d", f"{trailed} behind")
    led, trailed = (_of(count, "match", "matches") for count in (vector.led_at_half_time, vector.trailed_at_half_time))
    of_led, of_trailed = vector.led_at_half_time, vector.trailed_at_half_time
    yield share_row("collapses from half-time", vector, "collapses", of_led, f"{led} led")
    yield share_row("comebacks from half-time", vector, "comebacks", of_trailed, f"{trailed} behind")


def _minutes(minutes: float | None, state: str) -> str:
    return "" if minutes is None else f"{counted(minutes, 'minute')} {state}"


def _of(count: int | None, one: str, many: str) -> str:
    return "" if count is None else counted(count, one, many)


def _roster(vector: RosterVector) -> Iterator[CardRow]:
    known = _of(vector.players_known, "player", "players")
    yield figure_row("xGChain of the top player", vector, "top_player_share", ".0%", vector.top_player or "")
    yield figure_row("xGChain of the top three", vector, "top_three_share", ".0%", known)
    yield figure_row("Gini of minutes", vector, "minutes_gini", ".2f", known)
    yield figure_row("players used", vector, "players_used", "d", matches(vector.n_matches))
    finishers = vector.finishers_beyond_chance
    if finishers is None:
        yield missing_row("finishers beyond chance", vector.gaps["finishers_beyond_chance"])
        return
    names = "".join(f"; {item.player}" for item in finishers)
    tested = _of(vector.n_finishers_tested, "tested", "tested")
    yield CardRow("finishers beyond chance", f"{len(finishers)}", "", f"{tested}{names}")


def _physical(vector: PhysicalVector) -> Iterator[CardRow]:
    n = matches(vector.n_matches_with_shots)
    yield figure_row("xG difference, late change", vector, "late_change", "+.2f", n)
    yield figure_row("fouls per match", vector, "fouls_per_match", ".1f", matches(vector.n_matches_with_fouls))
    yield figure_row("cards per match", vector, "cards_per_match", ".1f", matches(vector.n_matches_with_cards))
    yield figure_row("points, up to 3 days' rest", vector, "points_short_rest", ".2f", matches(vector.n_short_rest))
    yield figure_row("points, 4 to 6 days' rest", vector, "points_normal_rest", ".2f", matches(vector.n_normal_rest))
    yield figure_row("points, 7 days' rest or more", vector, "points_long_rest", ".2f", matches(vector.n_long_rest))


def _luck(vector: LuckVector) -> Iterator[CardRow]:
    n = matches(vector.n_matches_with_shots)
    yield figure_row("goals less xG, for", vector, "goals_minus_xg", "+.1f", n)
    yield figure_row("xG less goals, against", vector, "xg_against_minus_goals_against", "+.1f", n)
    yield figure_row("points less expected", vector, "points_minus_expected", "+.1f", n)
    yield figure_row("z of points", vector, "points_z", "+.1f", n)
    shots, faced = (_of(count, "shot", "shots") for count in (vector.shots_on_target, vector.shots_on_target_against))
    yield figure_row("goals / shots on target, %", vector, "shooting_percentage", ".0f", shots)
    yield figure_row("saves / shots on target, %", vector, "save_percentage", ".0f", faced)
