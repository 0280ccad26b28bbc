"""The assets that The Odds API feeds: kept answers, and snapshots of prices."""

from functools import partial
from typing import Any

import dagster as dg
from pydantic import Field

from monps_platform.db.models import Odds, RawFile
from monps_platform.domain.leagues import League, parse_leagues
from monps_platform.domain.snapshots import Movement, biggest
from monps_platform.orchestration.assets.football_data import matches
from monps_platform.orchestration.assets.tables import table_asset
from monps_platform.orchestration.fetching.odds_api import NO_KEY, Plan, offered
from monps_platform.orchestration.loading.odds_api import OddsApiLoader
from monps_platform.orchestration.reporting import report_whole, table
from monps_platform.orchestration.resources import DatabaseResource, OddsApiResource, RawStoreResource
from monps_platform.sources.errors import SourceError
from monps_platform.sources.odds_api.parser import PARSER_VERSION

_asset = partial(
    table_asset,
    code_version=PARSER_VERSION,
    links={"docs": "docs/odds-api.md", "the source": "https://the-odds-api.com/liveapi/guides/v4/"},
    by_league_season=False,
)
MOST_MOVES = 20


class OddsSnapshotConfig(dg.Config):
    """Which leagues are asked for, and whether before their turn."""

    leagues: str = Field(
        default="", description="leagues by code, comma-separated, as in E0,SP1; empty: all that The Odds API has"
    )
    force: bool = Field(
        default=False,
        description="ask for them even if their turn has not come; matches more than 72 hours away are not asked for, "
        "and the reserve of credits is kept, all the same",
    )

    def chosen_leagues(self) -> tuple[League, ...]:
        """The leagues; raises UnknownLeagueError, or ValueError for one that The Odds API does not have."""
        return offered(parse_leagues(self.leagues) if self.leagues else ())


@_asset(RawFile, group="raw", kinds={"json", "postgres"}, deps=[matches])
def raw_odds_api(
    context: dg.AssetExecutionContext,
    config: OddsSnapshotConfig,
    database: DatabaseResource,
    raw_store: RawStoreResource,
    odds_api: OddsApiResource,
) -> dg.MaterializeResult[None]:
    """The Odds API's answers, byte for byte: the prices of many bookmakers at an instant, one file per league and call.

    A league is asked the more often the nearer its next kickoff is, and never so that fewer credits than the reserve
    are left; each request is entered in `ops.api_requests` before it is sent. Without a key nothing is asked.
    """
    leagues = config.chosen_leagues()
    with odds_api.fetcher(database, raw_store) as fetcher:
        if fetcher is None:
            context.log.warning(NO_KEY)
            return report_whole(context, database.engine, [], {"skipped": NO_KEY})
        try:
            plan, outcomes = fetcher.fetch(leagues, force=config.force)
        except SourceError as error:
            raise dg.Failure(f"nothing was asked for: {error}", allow_retries=False) from None
        after = fetcher.planner.plan(leagues)
    shown = {"credits_left": after.purse.left, "credits_spent_in_a_day": after.purse.spent_in_a_day}
    return report_whole(context, database.engine, outcomes, {**shown, "leagues": table(_choices(plan))})


@_asset(Odds, group="core", kinds={"postgres", "table"}, deps=[raw_odds_api, matches])
def odds_snapshots(
    context: dg.AssetExecutionContext, database: DatabaseResource, raw_store: RawStoreResource
) -> dg.MaterializeResult[None]:
    """Prices with the instant at which they stood: rows of `odds` with the price kind `snapshot`, added and never
    changed.

    An event is a match of ours by its day and both names, or waits for a person; what cannot be loaded is kept in
    `ops.rejected_rows`. The instant is the one at which the API last saw the price at the bookmaker. Shows the biggest
    moves since the snapshot before.
    """
    loader = OddsApiLoader(database.unit_of_work, raw_store.store())
    outcomes = loader.load()
    moves = biggest(loader.movements(), MOST_MOVES)
    shown = {"files": len(outcomes), "matches": len(loader.touched), "biggest_moves": table([_move(*m) for m in moves])}
    return report_whole(context, database.engine, outcomes, shown)


def _choices(plan: Plan) -> list[dict[str, Any]]:
    return [
        {"league": each.league.code, "asked": each.ask, "why": each.why, "next_kickoff": each.kickoff}
        for each in plan.choices
    ]


def _move(name: str, move: Movement) -> dict[str, Any]:
    return {
        "match": name,
        "bookmaker": move.bookmaker,
        "line": move.line,
        "side": move.side,
        "snapshots": move.snapshots,
        "open": move.open,
        "low": move.low,
        "high": move.high,
        "before": move.before,
        "latest": move.latest,
        "at": move.latest_at,
        "change_points": round(move.change, 2),
        "since_open_points": round(move.change_since_open, 2),
    }


ASSETS = [raw_odds_api, odds_snapshots]
