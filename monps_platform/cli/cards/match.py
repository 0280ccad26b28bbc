"""`monps match`: the card of a match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from monps_platform.cli.cards.printing import club, heading, say, season_named, show, table_of
from monps_platform.cli.cards.team import short_name
from monps_platform.cli.failure import Failure
from monps_platform.cli.server import existing_database, open_database
from monps_platform.db.models import Match, QuantumFriction, Team
from monps_platform.db.repositories.cards import MatchRows, NoDnaError, Quoted
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.forecasts import ForecastModel
from monps_platform.domain.leagues import league
from monps_platform.domain.quantum.cards.outlook import MatchOutlook, NoOutlook, modelled
from monps_platform.domain.quantum.cards.rows import MISSING, matches
from monps_platform.domain.quantum.cards.scorers import SideScorers, scorers_of
from monps_platform.domain.quantum.scorers.match_card import MatchScorers
from monps_platform.domain.seasons import Season
from monps_platform.settings import Settings

_MARKET = {ForecastModel.MARKET_CLOSING: "market, closing", ForecastModel.MARKET_PRE_MATCH: "market, before"}
_WORTH = (
    "What it is worth: friction goes a little with the cards of the season after, not with goals or surprises; chaos "
    "potential with nothing that was measured (docs/friction.md)."
)
_COMPONENTS = {"style": 0.20, "tempo": 0.20, "physical": 0.20, "mental": 0.25, "tier": 0.15}


@dataclass(frozen=True)
class MatchCard:
    """What is known of a match, and the goal model's word on it."""

    home: Team
    away: Team
    rows: MatchRows
    outlook: MatchOutlook | NoOutlook


def show_match(settings: Settings, home: str, away: str, season: str | None) -> None:
    """Print the card of a match; raises Failure."""
    wanted = season_named(season)
    with (
        open_database(settings, existing_database(settings)) as database,
        database.unit_of_work(read_only=True) as unit,
    ):
        print_match(read_match(unit, (home, away), wanted, datetime.now(UTC).date()))


def read_match(unit: UnitOfWork, names: tuple[str, str], season: str | None, today: date) -> MatchCard:
    """What is known of a match of two teams; raises Failure."""
    home, away = (club(unit, name) for name in names)
    if home.id == away.id:
        raise Failure(f"{home.name} does not play itself: name two clubs", exit_code=2)
    try:
        rows = unit.cards.match(home, away, today, season=season)
    except NoDnaError as error:
        raise Failure(str(error)) from error
    return MatchCard(home, away, rows, _outlook(unit, rows))


def _outlook(unit: UnitOfWork, rows: MatchRows) -> MatchOutlook | NoOutlook:
    """The stored forecast of the fixture; without one, that of a goal model of the day that the friction knows."""
    if rows.fixture is not None:
        stored = rows.forecasts.get(ForecastModel.DIXON_COLES)
        return NoOutlook.NOT_FORECAST if stored is None else stored.outlook
    if rows.home.league != rows.away.league:
        return NoOutlook.TWO_LEAGUES
    season = Season.parse(rows.home.season)
    known = unit.forecasts.matches(league(rows.home.league), season)
    day = max(rows.home.as_of, rows.away.as_of) if rows.friction is None else rows.friction.as_of
    return modelled(known.history, season, rows.home.team_id, rows.away.team_id, day)


def print_match(card: MatchCard) -> None:
    """Print the card: forecast and market, friction and scenario, scorers."""
    rows = card.rows
    lines = [_fixture(rows.fixture)]
    for team, side in ((card.home, rows.home), (card.away, rows.away)):
        simulated = ", simulated" if league(side.league).is_simulated else ""
        where = f"{side.league_name} ({side.league}{simulated}) {side.season}"
        lines.append(f"{team.name}: {where}, {matches(side.n_matches)}, as of {side.as_of}")
    heading(f"{card.home.name} - {card.away.name}", *lines)
    _forecast(card.outlook, rows.forecasts, rows.fixture)
    _friction(rows.friction)
    _scorers(card)


def _fixture(fixture: Match | None) -> str:
    if fixture is None:
        return "No such match is scheduled: what follows is as if one were."
    kickoff = "" if fixture.kickoff_at is None else f", {fixture.kickoff_at.astimezone(UTC):%H:%M} UTC"
    return f"To be played on {fixture.match_date}{kickoff} ({fixture.season})"


def _forecast(
    outlook: MatchOutlook | NoOutlook, forecasts: Mapping[ForecastModel, Quoted], fixture: Match | None
) -> None:
    """The goal model's probabilities above the market's, where there are any; else why not."""
    told: dict[str, MatchOutlook | NoOutlook] = {"goal model": outlook}
    notes: list[str] = []
    for model, words in _MARKET.items():
        quoted = forecasts.get(model)
        if quoted is not None and isinstance(quoted.outlook, MatchOutlook):
            told[words] = quoted.outlook
            notes.append(f"{words}: {quoted.bookmaker}, margin taken out (power method).")
    if not notes:
        notes.append(f"Market: absent, for {NoOutlook.NO_FIXTURE if fixture is None else NoOutlook.NO_PRICES}.")
    shown = [_probabilities(words, found) for words, found in told.items() if isinstance(found, MatchOutlook)]
    columns = ("", "home", "draw", "away", "over 2.5", "both score", "goals")
    if shown:
        show("Forecast", table_of(columns, shown))
    say(_model_note(outlook))
    for note in notes:
        say(note)
    say()


def _probabilities(words: str, found: MatchOutlook) -> Sequence[str]:
    chances = (found.home, found.draw, found.away, found.over25, found.btts)
    goals = MISSING if found.goals is None else "{:.2f} - {:.2f}".format(*found.goals)
    return (words, *(MISSING if chance is None else f"{chance:.1%}" for chance in chances), goals)


def _model_note(outlook: MatchOutlook | NoOutlook) -> str:
    if isinstance(outlook, NoOutlook):
        return f"Forecast: absent, for {outlook}."
    n = "" if outlook.n_matches is None else f", fitted to {matches(outlook.n_matches)} of the league"
    return f"Goal model: Dixon-Coles{n}, as of {outlook.as_of}."


def _friction(found: QuantumFriction | None) -> None:
    """The score and what it is made of, chaos and scenario."""
    if found is None:
        say("Friction: not derived for these two (monps up)\n")
        return
    n = f"{found.n_home_matches} and {matches(found.n_away_matches)}"
    parts = [
        (f"  {name}", _score(getattr(found, f"{name}_friction")), f"weight {w:.2f}") for name, w in _COMPONENTS.items()
    ]
    rows = [
        ("friction", _score(found.friction_score), "weighted sum of the next five, the same at both venues"),
        *parts,
        ("chaos potential", _score(found.chaos_potential), "how erratic both teams' results have been"),
    ]
    title = f"Friction of {found.season}, 0 to 100: {n}, as of {found.as_of}"
    show(title, table_of(("", "score", "what it is"), rows, words=["what it is"]))
    if found.predicted_scenario is not None:
        scenario = found.predicted_scenario.replace("_", " ")
    else:
        scenario = f"none, for {'too little is known' if found.same_league else 'no goals are foretold across leagues'}"
    markets = ", ".join(found.recommended_markets) or "none has out-of-sample evidence"
    say(f"Scenario: {scenario}. Recommended markets: {markets}.")
    say(f"{_WORTH}\n")


def _score(value: float | None) -> str:
    return MISSING if value is None else f"{value:.1f}"


def _scorers(card: MatchCard) -> None:
    """The likeliest scorers of both sides; else why there are none."""
    rows = card.rows
    if isinstance(card.outlook, NoOutlook) or card.outlook.goals is None:
        say("Scorers: absent, for there is no forecast whose goals could be shared among them.")
        return
    lacking = [team.name for team, held in ((card.home, rows.home_scorers), (card.away, rows.away_scorers)) if not held]
    if lacking:
        say(f"Scorers: absent, for no shots are held of {' and '.join(lacking)} in {rows.home.season}.")
        return
    found = scorers_of(rows.home_scorers, rows.away_scorers, card.outlook.goals)
    if found is None:
        say("Scorers: absent, for no goal is expected of any player of one side.")
        return
    _chances(card, found)


def _chances(card: MatchCard, found: MatchScorers) -> None:
    title = f"Scorers: players of {card.rows.home.season}, as of {card.rows.scorers_as_of}"
    lines: list[Sequence[str]] = []
    for team, chances in ((card.home, found.home), (card.away, found.away)):
        side = SideScorers.of(chances)
        for chance in side.shown:
            figures = (f"{value:.1%}" for value in (chance.anytime, chance.first, chance.last))
            lines.append((short_name(chance.player_name, 28), team.name, *figures))
        others = (f"{side.others_first:.1%}", f"{side.others_last:.1%}")
        lines.append((f"{side.n_others} others", team.name, "", *others))
    lines.append(("own goal", "", "", f"{found.own_goal_first:.1%}", f"{found.own_goal_last:.1%}"))
    lines.append(("nobody: no goal", "", "", f"{found.nobody:.1%}", f"{found.nobody:.1%}"))
    lines.append(("sum", "", "", *(f"{total:.1%}" for total in _totals(found))))
    show(title, table_of(("", "team", "anytime", "first", "last"), lines, words=["team"]))
    say("Whole squads: who is sure not to play leaves his goals to the others.")


def _totals(found: MatchScorers) -> tuple[float, float]:
    """Of the first and of the last goal: 1, but for rounding of floats."""
    players = (*found.home, *found.away)
    first = sum(chance.first for chance in players) + found.own_goal_first + found.nobody
    last = sum(chance.last for chance in players) + found.own_goal_last + found.nobody
    return first, last
