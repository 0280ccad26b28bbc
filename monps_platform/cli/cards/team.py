"""`monps team`: one team's card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from monps_platform.cli.cards.printing import (
    club,
    heading,
    known_as,
    say,
    season_named,
    sections_table,
    show,
    table_of,
)
from monps_platform.cli.failure import Failure
from monps_platform.cli.server import existing_database, open_database
from monps_platform.db.models import ChessClassification, GoalscorerProfile, QuantumStrategy
from monps_platform.db.repositories.cards import NoDnaError, TeamRows
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.odds import Market
from monps_platform.domain.quantum.cards.dna import dna_sections
from monps_platform.domain.quantum.cards.rows import MISSING, counted, matches, span
from monps_platform.domain.quantum.dna.nemesis import LEAST_MEETINGS, NemesisVector, OpponentResidual
from monps_platform.settings import Settings

SCORERS = 8
_NO_BOGEY_TEAMS = (
    "Differences of this size are no surprise among so many opponents: no bogey teams were found that the market does "
    "not know of (docs/team-dna.md)."
)
_MARKETS = {Market.ONE_X_TWO: "1x2", Market.OVER_UNDER: "totals", Market.ASIAN_HANDICAP: "handicap"}


def show_team(settings: Settings, name: str, season: str | None, as_of: date | None) -> None:
    """Print a team's card; raises Failure."""
    wanted = season_named(season)
    with (
        open_database(settings, existing_database(settings)) as database,
        database.unit_of_work(read_only=True) as unit,
    ):
        print_team(read_team(unit, name, wanted, as_of))


def read_team(unit: UnitOfWork, name: str, season: str | None, as_of: date | None) -> TeamRows:
    """What is known of a team; raises Failure."""
    try:
        return unit.cards.team(club(unit, name), season=season, as_of=as_of)
    except NoDnaError as error:
        raise Failure(str(error)) from error


def print_team(rows: TeamRows) -> None:
    """Print the card: how the team plays, its DNA, opponents, strategies and scorers."""
    row = rows.row
    league = f"{row.league.name} ({row.league.code}), {row.league.country}, {row.season}"
    simulated = "; a simulated league, no real football" if row.league.is_simulated else ""
    heading(row.team.name, f"{league}: {matches(row.n_matches)}, as of {row.as_of}{simulated}")
    _profile(rows.profile, row.as_of)
    show("DNA", sections_table(dna_sections(rows.dna)))
    _opponents(rows.dna.nemesis, rows.opponents)
    _strategies(rows.strategies, row.as_of)
    _scorers(rows.scorers, row.as_of)


def _profile(found: ChessClassification | None, day: date) -> None:
    if found is None:
        say("Tactical profile: not classified yet (monps up)\n")
        return
    n = f"{matches(found.n_matches)}{known_as(found.as_of, day)}"
    if found.profile is None or found.score is None:
        say(f"Tactical profile: none, for {found.no_profile_reason}; {n}\n")
        return
    second = "no other could be judged"
    if found.runner_up is not None and found.margin is not None:
        second = f"{found.margin:.1f} ahead of {found.runner_up}"
    say(f"Tactical profile: {found.profile}, score {found.score:.1f} of 100, {second}; {n}\n")


def _opponents(nemesis: NemesisVector, names: Mapping[int, str]) -> None:
    """Whom the team does better and worse against than the market expected."""
    found = [("best", nemesis.best_opponents, "best_opponents"), ("worst", nemesis.worst_opponents, "worst_opponents")]
    rows = [_opponent(kind, item, names) for kind, items, _ in found for item in items or ()]
    title = f"Opponents: points beyond the market's, all seasons, at least {LEAST_MEETINGS} meetings"
    columns = ("", "kind", "n", "points", "expected", "per match", "shrunk", "z")
    if rows:
        show(title, table_of(columns, rows, words=["kind"]))
        say(f"{_NO_BOGEY_TEAMS}\n")
    else:
        say(title, "bold")
    for kind, items, field in found:
        if not items:
            why = nemesis.gaps.get(field, f"none of those met so often did {'better' if kind == 'best' else 'worse'}")
            say(f"No {kind} opponent: {why}.\n")


def _opponent(kind: str, item: OpponentResidual, names: Mapping[int, str]) -> Sequence[str]:
    figures = (f"{item.points}", f"{item.expected_points:.1f}", f"{item.residual:+.2f}", f"{item.shrunk:+.2f}")
    return (names[item.opponent_id], kind, f"{item.n_matches}", *figures, f"{item.z:+.1f}")


def _strategies(found: Sequence[QuantumStrategy], day: date) -> None:
    """The active strategies; else how many were tested, and that none survives."""
    if not found:
        say("Strategies: not evaluated yet (monps up)\n")
        return
    title = f"Strategies{known_as(found[0].as_of, day)}"
    active = [row for row in found if row.is_active]
    tested = sum(row.q_value is not None for row in found)
    bet = sum(row.out_of_sample_bets > 0 for row in found)
    shown = active or [row for row in found if row.q_value is not None]
    survivors = f"{len(active)} active" if active else "none survives"
    told = f"{survivors}: {tested} tested, of {bet} that bet this season and {len(found)} in all"
    if shown:
        columns = ("", "bets", "ROI", "95 % interval", "CLV %", "n", "q", "stake")
        show(f"{title}: {told}", table_of(columns, [_strategy(row) for row in shown]))
        say("CLV: mean by closing prices without margin, over the n bets that have one.\n")
    else:
        say(f"{title}: {told}\n")


def _strategy(row: QuantumStrategy) -> Sequence[str]:
    interval = MISSING if row.roi_low is None or row.roi_high is None else span(row.roi_low, row.roi_high, "+.0%")
    figures = (f"{row.out_of_sample_bets}", _number(row.out_of_sample_roi, "+.0%"), interval)
    clv = (_number(row.mean_clv_no_vig_percentage, "+.2f"), f"{row.closed_bets}")
    evidence = (_number(row.q_value, ".3f"), f"{row.stake_multiplier:.2f}")
    return (f"{row.strategy} {_MARKETS[row.market]}", *figures, *clv, *evidence)


def _scorers(found: Sequence[GoalscorerProfile], day: date) -> None:
    """Those with most goals."""
    if not found:
        say("Scorers: none, for no shots are held of this season up to this day\n")
        return
    shown = [row for row in found if row.goals or row.anytime_prob][:SCORERS]
    title = f"Scorers{known_as(found[0].as_of, day)}: {len(shown)} of {counted(len(found), 'player')}"
    columns = ("", "minutes", "goals", "xG", "per 90", "95 % interval", "anytime")
    show(title, table_of(columns, [_scorer(row) for row in shown]))
    say(
        "Anytime: probability of a goal in a match against an average opponent; over past seasons about a tenth too "
        "high (docs/goalscorers.md)."
    )


def _scorer(row: GoalscorerProfile) -> Sequence[str]:
    interval = MISSING if row.rate_low is None or row.rate_high is None else span(row.rate_low, row.rate_high, ".2f")
    counts = (_number(row.minutes, ",d"), f"{row.goals}", _number(row.xg, ".1f"))
    rates = (_number(row.rate_per_90, ".2f"), interval, _number(row.anytime_prob, ".0%"))
    return (short_name(row.player_name), *counts, *rates)


def short_name(name: str, width: int = 22) -> str:
    """A name that fits its column: its end is cut where it does not."""
    return name if len(name) <= width else f"{name[: width - 1]}…"


def _number(value: float | None, form: str) -> str:
    return MISSING if value is None else f"{value:{form}}"
