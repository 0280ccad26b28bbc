"""The agents' picks on all real files: recomputed to the last pick, and the same when nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from monps_platform.db.connection.address import DatabaseAddress
from monps_platform.db.connection.engine import build_engine
from monps_platform.db.quality import RULES
from monps_platform.domain.agents import DEFAULT_AGENTS
from monps_platform.domain.leagues import league
from monps_platform.domain.partitions import Partition
from monps_platform.domain.seasons import Season
from monps_platform.orchestration.forecasting import Forecaster
from monps_platform.orchestration.outcomes import Outcome, Status
from monps_platform.orchestration.picks.ledger import Ledger
from monps_platform.sources.raw_store import RawStore
from monps_platform_tests.conftest import SHARED_DATA
from monps_platform_tests.orchestration.picks.recomputed import Key, Recomputed, recompute
from monps_platform_tests.orchestration.platform import fingerprint
from monps_platform_tests.orchestration.real_files import Held

# Not a check of what is installed: where the folder beside the checkout exists, the files must be there.
pytestmark = pytest.mark.skipif(not SHARED_DATA.exists(), reason="there are no real files beside this checkout")

FOLDER = SHARED_DATA / "football-data" / "mmz4281"
FORECAST = [Partition(league(code), Season(year)) for code in ("E0", "I1") for year in (2009, 2019)]
"""Where the goal model's agent has something to go by: forecasting all would take longer than all the rest."""
NOW = datetime(2022, 9, 5, tzinfo=UTC)
MATCH = "l.code, m.season, h.name, a.name"
OF_MATCH = """JOIN leagues l ON l.id = m.league_id JOIN teams h ON h.id = m.home_team_id
    JOIN teams a ON a.id = m.away_team_id"""


@dataclass(frozen=True)
class Picked:
    """The database with everything in it, and what the ledger said."""

    held: Held
    outcomes: Sequence[Outcome]

    def again(self) -> list[Outcome]:
        """Go through all picks once more."""
        ledger = Ledger(self.held.unit, DEFAULT_AGENTS, lambda: NOW)
        return list(ledger.work(ledger.partitions()))

    def picks(self) -> Mapping[Key, tuple[Any, ...]]:
        """What is held of each pick."""
        rows = self.held.rows(f"""SELECT p.agent, {MATCH}, p.side::text, b.key, p.price_taken::float8,
                p.closing_price::float8, p.closing_source::text, p.clv_percentage::float8,
                p.clv_no_vig_percentage::float8, p.result::text, p.profit::float8
            FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id {OF_MATCH}
            JOIN bookmakers b ON b.id = p.bookmaker_id""")
        return {tuple(row[:6]): row[6:] for row in rows}

    def model(self) -> Mapping[tuple[str, str, str, str], tuple[float, float, float]]:
        """The goal model's probabilities."""
        rows = self.held.rows(f"""SELECT {MATCH}, f.home_prob, f.draw_prob, f.away_prob
            FROM quantum.match_forecasts f JOIN matches m ON m.id = f.match_id {OF_MATCH}
            WHERE f.model = 'dixon_coles' AND f.gap IS NULL""")
        return {row[:4]: row[4:] for row in rows}


@pytest.fixture(scope="module")
def picked(module_database: DatabaseAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Picked]:
    engine = build_engine(module_database)
    held = Held(engine, RawStore(tmp_path_factory.mktemp("raw")))
    paths = sorted(FOLDER.glob("*/*.csv"))
    partitions = [Partition(league(path.stem), Season(2000 + int(path.parent.name[:2]))) for path in paths]
    held.land_football_data(partitions)
    held.load_football_data(partitions, odds=partitions)
    assert {outcome.status for outcome in Forecaster(held.unit).forecast(FORECAST)} == {Status.LOADED}
    ledger = Ledger(held.unit, DEFAULT_AGENTS, lambda: NOW)
    yield Picked(held, list(ledger.work(ledger.partitions())))
    engine.dispose()


@pytest.fixture(scope="module")
def recomputed(picked: Picked) -> Mapping[Key, Recomputed]:
    return recompute(FOLDER, picked.model())


def test_the_picks_are_those_that_the_files_give_and_no_other(
    picked: Picked, recomputed: Mapping[Key, Recomputed]
) -> None:
    assert [outcome.detail for outcome in picked.outcomes if outcome.status is Status.FAILED] == []
    assert len(picked.outcomes) == 95
    assert picked.picks().keys() == recomputed.keys()
    by_agent = {name: sum(key[0] == name for key in recomputed) for name in {key[0] for key in recomputed}}
    assert (by_agent["consensus_value"], by_agent["sharp_value"]) == (124, 537)
    assert by_agent["dixon_coles_value"] > 1000


def test_prices_closes_clv_and_profit_are_those_that_the_files_give(
    picked: Picked, recomputed: Mapping[Key, Recomputed]
) -> None:
    held = picked.picks()
    for key, pick in recomputed.items():
        book, price, closing, source, clv, clv_no_vig, result, profit = held[key]
        assert (book, price, closing, source, result) == (
            *(pick.book, pick.price, pick.closing, pick.source, pick.result),
        ), key
        assert profit == pytest.approx(pick.profit, rel=0, abs=1e-9), key
        if pick.clv is None or pick.clv_no_vig is None:
            assert (clv, clv_no_vig) == (None, None), key
        else:
            assert (clv, clv_no_vig) == pytest.approx((pick.clv, pick.clv_no_vig), rel=0, abs=1e-9), key
    assert sum(row[7] for row in held.values()) == pytest.approx(sum(pick.profit for pick in recomputed.values()))


def test_a_pick_without_a_closing_price_says_why(picked: Picked) -> None:
    """Pinnacle's closing prices begin with 2012-13."""
    rows = picked.held.rows("""SELECT p.no_closing_reason::text, m.season < '2012-13', count(*)
        FROM tracking_clv_picks p JOIN matches m ON m.id = p.match_id WHERE p.closing_price IS NULL GROUP BY 1, 2""")
    assert [row[:2] for row in rows] == [("not_captured_before_kickoff", True)]
    assert rows[0][2] > 500


def test_all_rules_of_picks_hold(picked: Picked) -> None:
    with picked.held.engine.connect() as connection:
        found = {rule.name: rule.find(connection, NOW) for rule in RULES if rule.asset == "tracking_clv_picks"}
    assert len(found) > 15
    assert {name: list(rows) for name, rows in found.items() if rows} == {}


def test_a_second_run_changes_no_row(picked: Picked) -> None:
    before = fingerprint(picked.held.engine)
    assert {outcome.status for outcome in picked.again()} == {Status.UNCHANGED}
    assert fingerprint(picked.held.engine) == before
