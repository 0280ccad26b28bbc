"""A league with matches to come, and a server that quotes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg
from pydantic import SecretStr

from monps_platform.db.quality import odds_api as rules
from monps_platform.db.unit_of_work import UnitOfWork
from monps_platform.domain.leagues import league
from monps_platform.domain.matches import UK_TIME, Match
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.assets.football_data import matches
from monps_platform.orchestration.assets.odds_api import ASSETS, OddsSnapshotConfig
from monps_platform.orchestration.checks.check import as_steps
from monps_platform.orchestration.checks.rules import CHECKS
from monps_platform.orchestration.checks.schema import SCHEMA_CHECKS
from monps_platform.orchestration.fetching.landing import Landing
from monps_platform.orchestration.fetching.odds_api import OddsApiFetcher, Planner, Terms
from monps_platform.orchestration.jobs.odds_api import STEPS
from monps_platform.orchestration.loading.odds_api import OddsApiLoader
from monps_platform.orchestration.resources import OddsApiResource
from monps_platform.sources.http import HttpClient
from monps_platform.sources.odds_api.client import OddsApi
from monps_platform.sources.odds_api.files import Question
from monps_platform.sources.simulated.odds_api import Listed
from monps_platform.sources.simulated.odds_api_server import OddsApiServer
from monps_platform_tests.orchestration.platform import QUIET, Platform

KEY = "key-Heron4Basalt"
E0, SP1 = league("E0"), league("SP1")
SPORT, SPANISH = "soccer_epl", "soccer_spain_la_liga"
AHEAD = timedelta(hours=5)


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class World:
    """A platform with a league and a server, and a clock for both."""

    platform: Platform
    server: OddsApiServer
    clock: Clock
    client: HttpClient

    def unit(self) -> UnitOfWork:
        from monps_platform.db.connection.engine import session_factory

        return UnitOfWork(session_factory(self.platform.engine))

    def list_match(self, home: str, away: str, kickoff: datetime, code: str = "E0") -> None:
        """Put a match to come into our table, beside those that are there."""
        with self.unit() as unit:
            unit.leagues.ensure_all()
            day = kickoff.astimezone(UK_TIME).date()
            season, of = Season.of(day), league(code)
            match = Match(home, away, day, kickoff_at=kickoff)
            unit.matches.replace_partition("football-data", of, season, [match])
            unit.commit()

    def quote(self, *listed: Listed, sport: str = SPORT) -> None:
        """Let the server quote matches."""
        self.server.matches[sport] = listed

    def fetcher(self, quota: int = 500, reserve: int = 20, question: Question | None = None) -> OddsApiFetcher:
        terms = Terms(question or Question.of("eu,uk", "h2h,totals,spreads"), quota, reserve, 1)
        landing = Landing(self.unit, self.platform.store, self.client, self.server.url, self.clock)
        api = OddsApi(self.client, self.server.url, SecretStr(KEY))
        return OddsApiFetcher(landing, api, Planner(self.unit, terms, self.clock))

    def loader(self) -> OddsApiLoader:
        return OddsApiLoader(self.unit, self.platform.store, self.clock)

    def broken(self) -> set[str]:
        """The rules of The Odds API that do not hold."""
        with self.platform.engine.connect() as connection:
            return {rule.name for rule in rules.RULES if rule.find(connection, self.clock())}

    def run(self, config: OddsSnapshotConfig | None = None, *, checks: bool = False) -> dg.ExecuteInProcessResult:
        """Run both assets by Dagster, with the clock of the machine."""
        own = as_steps(each for each in (*CHECKS, *SCHEMA_CHECKS) if each.asset in STEPS) if checks else []
        resources = {**self.platform.resources(), "odds_api": OddsApiResource(base_url=self.server.url)}
        return dg.materialize(
            [matches, *ASSETS, *own],
            selection=dg.AssetSelection.assets(*STEPS),
            resources=resources,
            run_config=dg.RunConfig(ops={"raw_odds_api": config or OddsSnapshotConfig()}, loggers=QUIET["loggers"]),
            raise_on_error=False,
            instance=self.platform.instance,
        )
