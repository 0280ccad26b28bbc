"""`monps odds`: snapshot, plan, alias."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console

from monps_platform.cli.failure import Failure
from monps_platform.cli.server import existing_database, open_database
from monps_platform.db.repositories.teams import AmbiguousTeamError, UnknownLeagueCodeError, UnknownTeamError
from monps_platform.domain.leagues import League, UnknownLeagueError, league, parse_leagues
from monps_platform.settings import Settings
from monps_platform.sources.errors import SourceError
from monps_platform.sources.http import HttpClient
from monps_platform.sources.odds_api.client import OddsApi
from monps_platform.sources.odds_api.files import SOURCE
from monps_platform.sources.raw_store import RawStore

if TYPE_CHECKING:
    from monps_platform.db.database import Database
    from monps_platform.orchestration.fetching.odds_api import OddsApiFetcher, Plan, Planner
    from monps_platform.orchestration.outcomes import Outcome

out = Console(highlight=False, markup=False, emoji=False)


def run_snapshot(settings: Settings, leagues: str | None, *, force: bool) -> None:
    """Ask for the leagues whose turn it is, load the answers and tell what became of them. Raises Failure."""
    from monps_platform.orchestration.loading.odds_api import OddsApiLoader
    from monps_platform.orchestration.outcomes import Status

    chosen = _leagues(leagues)
    with open_database(settings, existing_database(settings)) as database:
        with _fetcher(settings, database) as fetcher:
            try:
                plan, fetched = fetcher.fetch(chosen, force=force)
            except SourceError as error:
                raise Failure(str(error)) from error
            _show(plan, fetcher.planner)
        loaded = OddsApiLoader(database.unit_of_work, RawStore(settings.raw_dir)).load()
    outcomes = [*fetched, *loaded]
    for outcome in outcomes:
        out.print(_line(outcome), soft_wrap=True)
    if any(outcome.status is Status.FAILED for outcome in outcomes):
        raise Failure("not all could be asked for or loaded; what was kept before stays")


def run_plan(settings: Settings, leagues: str | None) -> None:
    """Show which leagues would be asked now, and why the others would not; nothing is sent."""
    chosen = _leagues(leagues)
    with open_database(settings, existing_database(settings)) as database:
        planner = _planner(settings, database)
        _show(planner.plan(chosen), planner)


def run_alias(settings: Settings, spelling: str, club: str, code: str) -> None:
    """Keep which club a spelling of The Odds API means. Raises Failure."""
    try:
        item = league(code.upper())
    except UnknownLeagueError as error:
        raise Failure(str(error), exit_code=2) from error
    if not spelling.strip():
        raise Failure("the spelling is blank: give what The Odds API calls the club", exit_code=2)
    with open_database(settings, existing_database(settings)) as database, database.unit_of_work() as unit:
        try:
            team = unit.teams.get_by_name(club, league=item.code)
        except (UnknownLeagueCodeError, UnknownTeamError, AmbiguousTeamError) as error:
            raise Failure(str(error)) from error
        unit.aliases.settle(SOURCE, item, spelling, team.id)
        name = team.name
        unit.commit()
    out.print(
        f"To The Odds API {spelling!r} is {name} ({item.code}). The next snapshot loads what waited for it.",
        soft_wrap=True,
    )


def _leagues(codes: str | None) -> tuple[League, ...]:
    from monps_platform.orchestration.fetching.odds_api import offered

    try:
        return offered(() if codes is None else parse_leagues(codes))
    except ValueError as error:
        raise Failure(str(error), exit_code=2) from error


def _planner(settings: Settings, database: Database) -> Planner:
    from monps_platform.orchestration.fetching.odds_api import Planner, Terms

    return Planner(database.unit_of_work, Terms.of(settings), lambda: datetime.now(UTC))


@contextmanager
def _fetcher(settings: Settings, database: Database) -> Iterator[OddsApiFetcher]:
    from monps_platform.orchestration.fetching.landing import Landing
    from monps_platform.orchestration.fetching.odds_api import NO_KEY, OddsApiFetcher

    if settings.odds_api_key is None:
        raise Failure(NO_KEY)
    client = HttpClient(timeout=settings.fetch_timeout, retries=0, interval=settings.fetch_interval)
    landing = Landing(database.unit_of_work, RawStore(settings.raw_dir), client, str(settings.odds_api_url))
    try:
        yield OddsApiFetcher(
            landing, OddsApi(client, landing.base_url, settings.odds_api_key), _planner(settings, database)
        )
    finally:
        client.close()


def _show(plan: Plan, planner: Planner) -> None:
    purse, question = plan.purse, planner.terms.question
    for choice in plan.choices:
        kickoff = "" if choice.kickoff is None else f"{choice.kickoff.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        asked = "ask now" if choice.ask else "not now"
        out.print(f"{choice.league.code:<5}{asked:<9}{kickoff:<22}{choice.why}", soft_wrap=True)
    out.print(
        f"{purse.left} credits left, {purse.reserve} of them kept; a call costs {question.cost} "
        f"({len(question.markets)} markets x {len(question.regions)} regions); renewed on {purse.renewed_at:%Y-%m-%d}",
        soft_wrap=True,
    )


def _line(outcome: Outcome) -> str:
    said = "; ".join(part for part in (outcome.detail, outcome.warning) if part)
    rows = f"{outcome.changes.inserted} new rows of {outcome.counts.loaded}" if outcome.changes.total else ""
    return "  ".join(part for part in (str(outcome.partition), outcome.status.value, rows, said) if part)
