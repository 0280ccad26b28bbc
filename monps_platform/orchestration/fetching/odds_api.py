"""The Odds API's prices: which leagues to ask now, within the credits there are, and how their answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monps_platform.db import errors
from monps_platform.db.repositories.api_requests import Account
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import LEAGUES, League
from monps_platform.domain.partitions import Partition
from monps_platform.domain.snapshot_pace import HORIZON, Choice, Credits, Prospect, choose, chosen, renewal
from monps_platform.orchestration.fetching.landing import ONE_FILE, Download, Landing
from monps_platform.orchestration.outcomes import Outcome, Status, timed
from monps_platform.settings import Settings
from monps_platform.sources.errors import FetchError, SourceError, TransientFetchError, UnreadableFileError
from monps_platform.sources.http import Response, without_credentials
from monps_platform.sources.odds_api.client import OddsApi, OddsApiRefusedError, Usage
from monps_platform.sources.odds_api.files import SOURCE, Question, odds_key, odds_path
from monps_platform.sources.odds_api.parser import parse_snapshot
from monps_platform.sources.raw_store import sha256_of

OFFERED = tuple(item for item in LEAGUES if item.odds_api_key is not None)
"""The leagues that The Odds API has."""


def offered(named: Sequence[League]) -> tuple[League, ...]:
    """The leagues that are named, or all that The Odds API has; raises ValueError for one that it does not have."""
    if lacking := [item.code for item in named if item not in OFFERED]:
        has = ", ".join(item.code for item in OFFERED)
        raise ValueError(f"The Odds API has no league {', '.join(lacking)}; it has {has}")
    return tuple(named) or OFFERED


NO_KEY = (
    "MONPS_ODDS_API_KEY is not set, so The Odds API is not asked. Get a key at https://the-odds-api.com, and set it in "
    "the environment or in .env"
)


@dataclass(frozen=True)
class Terms:
    """What is asked, and what may be spent on it."""

    question: Question
    quota: int
    reserve: int
    reset_day: int

    @classmethod
    def of(cls, settings: Settings) -> Terms:
        """As the settings say."""
        question = Question.of(settings.odds_api_regions, settings.odds_api_markets)
        return cls(question, settings.odds_api_monthly_quota, settings.odds_api_reserve, settings.odds_api_reset_day)


@dataclass(frozen=True)
class Plan:
    """What was decided of each league, and what may be spent."""

    choices: Sequence[Choice]
    purse: Credits

    @property
    def leagues(self) -> list[League]:
        """Those to ask now."""
        return chosen(self.choices)


@dataclass(frozen=True)
class Planner:
    """Decides which leagues to ask. ``now`` tells the time."""

    units: Callable[[], UnitOfWork]
    terms: Terms
    now: Callable[[], datetime]

    def plan(self, leagues: Sequence[League] = OFFERED, *, force: bool = False) -> Plan:
        """Decide of each of the leagues; nothing is entered or sent."""
        now = self.now()
        with self.units() as unit:
            account = self.account(unit, now)
            kickoffs = unit.matches.kickoffs(now, now + HORIZON)
        purse = self._purse(account, now)
        prospects = [
            Prospect(item, tuple(kickoffs.get(item.code, ())), account.asked_at.get(item.code)) for item in leagues
        ]
        return Plan(choose(prospects, purse, now, force=force), purse)

    def account(self, unit: UnitOfWork, now: datetime) -> Account:
        """How the account stands; nobody else changes it until the transaction ends."""
        renewed_at, _ = renewal(now, self.terms.reset_day)
        return unit.api_requests.account(SOURCE, renewed_at, now, self.terms.quota)

    def _purse(self, account: Account, now: datetime) -> Credits:
        _, renewed_at = renewal(now, self.terms.reset_day)
        return Credits(account.left, self.terms.reserve, account.spent_in_a_day, self.terms.question.cost, renewed_at)


@dataclass(frozen=True)
class OddsApiFetcher:
    """Asks for the leagues whose turn it is. Each request is entered before it is sent, at the most that it may cost,
    and only if that leaves the reserve: a crash can lose an answer, never count.
    """

    landing: Landing
    api: OddsApi
    planner: Planner

    def fetch(self, leagues: Sequence[League] = OFFERED, *, force: bool = False) -> tuple[Plan, list[Outcome]]:
        """Plan and ask; a failure is the league's outcome, what was kept before stays, and after a refusal or a fault
        of the server nobody else is asked.
        """
        plan = self.planner.plan(leagues, force=force)
        if not plan.leagues:
            return plan, []
        self._ask_what_is_left()
        plan = self.planner.plan(leagues, force=force)
        outcomes: list[Outcome] = []
        for league in plan.leagues:
            outcome, goes_on = self._fetch(league)
            outcomes.append(outcome)
            if not goes_on:
                break
        return plan, outcomes

    def _ask_what_is_left(self) -> None:
        """The list of sports is free, and tells the credits that are left even if somebody else spends them, too."""
        now = self.planner.now()
        request = self._enter(None, 0, now)
        try:
            usage = self.api.usage()
        except FetchError as error:
            self._answer(request, error.status, Usage.of(error.headers), str(error))
            raise
        self._answer(request, 200, usage)

    def _fetch(self, league: League) -> tuple[Outcome, bool]:
        """The outcome of a league, and whether others may be asked after it."""
        goes_on = [True]
        partition = Partition(league, self.landing.current_season)

        def work() -> Outcome:
            try:
                return self._ask(partition)
            except (OddsApiRefusedError, TransientFetchError):
                goes_on[0] = False
                raise

        return timed(partition, work, (SourceError, *errors.FAILURES, OSError)), goes_on[0]

    def _ask(self, partition: Partition) -> Outcome:
        question, now = self.planner.terms.question, self.planner.now()
        request = self._enter(partition.league, question.cost, now)
        if request is None:
            return Outcome.nothing(partition, "another run asked meanwhile, or too few credits are left")
        try:
            response = self.api.odds(partition.league, question, now, now + HORIZON)
        except FetchError as error:
            # What the server charged for an answer that did not come is known only if it says so.
            self._answer(request, error.status, Usage.of(error.headers), str(error))
            raise
        self._answer(request, 200, Usage.of(response.headers))
        return self._keep(partition, question, response)

    def _keep(self, partition: Partition, question: Question, response: Response) -> Outcome:
        """Keep the bytes that were paid for, whatever is in them; raises UnreadableFileError, which says where they
        are, when that is no list of events.
        """
        url = without_credentials(self.api.url(odds_path(partition.league)))
        download = Download(partition, SOURCE, odds_key(partition.league, question), url, response)
        is_new = self.landing.keep(download, may_shrink=True)
        try:
            parsed = parse_snapshot(response.body, self.landing.now(), download.name)
        except UnreadableFileError as error:
            kept = f"The answer is kept in raw/ with the sha256 {sha256_of(response.body)}"
            raise UnreadableFileError(f"{error}. {kept}") from error
        detail = f"{len(parsed.events)} matches, {parsed.quotes_read} quotes"
        return Outcome(partition, Status.LOADED if is_new else Status.UNCHANGED, ONE_FILE, detail=detail)

    def _enter(self, league: League | None, cost: int, now: datetime) -> int | None:
        """Enter a request; None if it may not be sent: somebody asked for the league within the last minute, or it
        might touch the reserve.
        """
        with self.planner.units() as unit:
            account = self.planner.account(unit, now)
            if league is not None:
                asked_at = account.asked_at.get(league.code)
                if account.left - cost < self.planner.terms.reserve or _is_just(asked_at, now):
                    return None
            request = unit.api_requests.enter(SOURCE, league.code if league else None, cost, now)
            unit.commit()
        return request

    def _answer(self, request: int | None, status: int | None, usage: Usage, error: str | None = None) -> None:
        if request is None:
            return
        with self.planner.units() as unit:
            unit.api_requests.answer(
                request,
                self.planner.now(),
                status=status,
                cost=usage.cost,
                remaining=usage.remaining,
                used=usage.used,
                error=error,
            )
            unit.commit()


def _is_just(asked_at: datetime | None, now: datetime) -> bool:
    return asked_at is not None and now - asked_at < timedelta(minutes=1)
